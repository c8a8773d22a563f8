from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aurora.changes import consequences, staying
from aurora.changes.consequences import texts, totals
from aurora.changes.pairs import Pair, Scene
from aurora.changes.sides import Side
from aurora.model.examples import stream
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.place import steps
from aurora.yamlio import writing
from checks.inventory_cases import VALUES, nodes, read, replaced, resolves
from checks.random_objects import random_objects

KINDS = sorted(
    {
        (manifest.id.api_version, manifest.id.kind)
        for text in texts.every().values()
        for manifest in read(stream(text.example.before, text.example.after))
    }
    | {("ray.io/v1", "RayCluster"), ("kubeflow.org/v2beta1", "MPIJob"), ("jobset.x-k8s.io/v1alpha2", "JobSet")}
    | {("trainer.kubeflow.org/v1alpha1", "TrainJob"), ("serving.kserve.io/v1alpha1", "LLMInferenceService")}
)


def side(found: list[Manifest]) -> Side:
    files = {f"{number}.yaml": writing.dump(manifest.body).encode() for number, manifest in enumerate(found)}
    return Side("random", files)


def scene(before: list[Manifest], after: list[Manifest]) -> Scene:
    old, new = ({manifest.id.identity: manifest for manifest in found} for found in (before, after))
    pairs = [Pair(before=old.get(key), after=new.get(key)) for key in dict.fromkeys([*old, *new])]
    changed = tuple(pair for pair in pairs if pair.before != pair.after)
    return Scene(before=side(before), after=side(after), pairs=changed)


@st.composite
def mutated(draw: st.DrawFn, stream: str) -> list[Manifest]:
    found: dict[tuple[str, str, str, str], Manifest] = {}
    for manifest in read(stream):
        body = manifest.body
        for _ in range(draw(st.integers(0, 3))):
            path = draw(st.sampled_from(nodes(body)))
            if path and path[0] not in ("apiVersion", "kind") and path not in [("metadata",), ("metadata", "name")]:
                body = replaced(body, path, draw(VALUES))
        entry = Manifest(id=identify(body), body=body, text=writing.dump(body), source=Source("random.yaml"))
        found[entry.id.identity] = entry
    return list(found.values())


@st.composite
def mutated_examples(draw: st.DrawFn) -> Scene:
    text = draw(st.sampled_from(list(texts.every().values())))
    example = draw(st.sampled_from([text.example, text.counter]))
    return scene(draw(mutated(example.before)), draw(mutated(example.after)))


def assert_told_well(given_scene: Scene) -> None:
    known = {row.id: row for row in consequences.ROWS}
    found = list(consequences.follow(given_scene))
    assert found == list(consequences.follow(given_scene))
    for pair, entry in found:
        assert any(pair is one for one in given_scene.pairs)
        assert entry.message and entry.impacts == known[entry.rule].impacts
        if entry.pointer is not None:
            assert resolves(pair.subject.body, typed(pair, entry.pointer)), (entry.rule, entry.pointer)


def typed(pair: Pair, pointer: str) -> tuple[str | int, ...]:
    path: list[str | int] = []
    value: object = pair.subject.body
    for step in steps(pointer):
        key: str | int = int(step) if isinstance(value, list) else step
        path.append(key)
        value = value[key]  # type: ignore[index]
    return tuple(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_examples())
def test_mutated_examples_are_told_and_never_raise(given_scene: Scene) -> None:
    assert_told_well(given_scene)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_objects(KINDS), random_objects(KINDS))
def test_random_objects_are_told_and_never_raise(before: Inventory, after: Inventory) -> None:
    assert_told_well(scene(list(before.manifests), list(after.manifests)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_examples())
def test_a_movement_is_the_totals_of_both_sides(given_scene: Scene) -> None:
    moved = totals.movement(given_scene)
    assert moved.before == totals.totals(given_scene.before)
    assume(not history_counts(given_scene))
    assert moved.after == totals.totals(given_scene.after)


def history_counts(given_scene: Scene) -> bool:
    """Tell whether the cluster has what the manifests alone do not say: what stays, and what an autoscaler set."""
    scalers = ("HorizontalPodAutoscaler", "ScaledObject")
    scaled = any(pair.resource.kind in scalers for pair in given_scene.pairs)
    return scaled or any(pair.stays for pair in staying.marked(given_scene))


def test_a_change_back_and_forth_moves_nothing() -> None:
    seen = 0
    for text in texts.every().values():
        there = scene(list(read(text.example.before)), list(read(text.example.after)))
        home = scene(list(read(text.example.after)), list(read(text.example.before)))
        if not history_counts(there) and not history_counts(home):
            seen += 1
            forth, back = totals.movement(there), totals.movement(home)
            assert (forth.before, forth.after) == (back.after, back.before)
    assert seen > len(consequences.ROWS) // 2
