"""A rename is told only where the new object plainly is the old one, and takes no consequence away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.changes import consequences
from aurora.changes.pairing import pair
from aurora.changes.pairs import Pair, Scene
from aurora.changes.sides import Side
from aurora.model.change import Impact

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: %(name)s, namespace: ml, labels: {app: %(app)s}}
spec:
  replicas: 2
  selector: {matchLabels: {app: %(app)s, run: %(name)s}}
  template:
    metadata: {labels: {app: %(app)s, run: %(name)s, aurora.example.com/model: %(model)s}}
    spec:
      containers: [{name: serve, image: "r.example.com/%(image)s"}]
      volumes: [{name: models, persistentVolumeClaim: {claimName: %(claim)s}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: %(name)s, namespace: ml}
spec: {selector: {app: %(app)s}, ports: [{port: 80}]}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %(name)s, namespace: ml}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: %(name)s, namespace: ml}
data: {a: %(app)s, b: "2"}
"""
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: %(name)s, namespace: ml}
"""
SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: %(name)s, namespace: ml}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template: {metadata: {labels: {app: store}}, spec: {containers: [{name: store, image: "r.example.com/store:1"}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]
"""
PLAIN = {"name": "one", "app": "serving", "model": "housing", "image": "serve:1", "claim": "models"}


def made(template: str, **values: str) -> str:
    return template % {**PLAIN, **values}


def side(files: Mapping[str, str]) -> Side:
    """Make a side of an environment; the keys are `component/file`."""
    return Side(
        "dev", {f"generated/dev/{path.replace('/', '/ml/')}.yaml": text.encode() for path, text in files.items()}
    )


def scene(before: Mapping[str, str], after: Mapping[str, str]) -> Scene:
    sides = side(before), side(after)
    return Scene(before=sides[0], after=sides[1], pairs=pair(*sides).pairs)


def renamed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [str(entry.resource) for entry in scene(before, after).pairs if entry.renamed]


def followed(given_scene: Scene) -> Counter[tuple[str, str, tuple[Impact, ...]]]:
    return Counter((entry.rule, entry.message, entry.impacts) for _, entry in consequences.follow(given_scene))


def apart(entry: Pair) -> tuple[Pair, ...]:
    return (Pair(before=entry.before, after=None), Pair(before=None, after=entry.after)) if entry.renamed else (entry,)


def without_renames(given_scene: Scene) -> Scene:
    return replace(given_scene, pairs=tuple(half for entry in given_scene.pairs for half in apart(entry)))


STABLE = {"housing/stable": made(DEPLOYMENT, name="stable"), "housing/service": made(SERVICE)}
CANARY = {**STABLE, "housing/canary": made(DEPLOYMENT, name="canary", image="serve:2")}


@pytest.mark.parametrize("component", ["housing", "prices"])
@pytest.mark.parametrize("model", ["housing", "prices"])
def test_a_canary_that_goes_is_a_risk_whatever_comes_beside_it(component: str, model: str) -> None:
    other = made(DEPLOYMENT, name="prices", app="prices", model=model, image="serve:2")
    after = {**STABLE, f"{component}/prices": other}
    found = [entry for _, entry in consequences.follow(scene(CANARY, after)) if Impact.DOWNTIME_RISK in entry.impacts]
    assert [entry.rule for entry in found] == ["downtime/fewer-behind"]
    assert bool(renamed(CANARY, after)) == (component == model == "housing")


def test_what_is_said_of_the_former_object_names_it() -> None:
    before, after = made(DEPLOYMENT, name="canary"), made(DEPLOYMENT, name="canary-2")
    found = list(consequences.follow(scene({"a/x": before}, {"a/x": after})))
    assert {str(entry.resource) for _, entry in found if entry.resource} == {"Deployment ml/canary"}
    assert {str(entry.resource) for entry, _ in found} == {"Deployment ml/canary-2"}


@pytest.mark.parametrize(
    "changes",
    [{"model": "prices"}, {"image": "other:1"}, {"image": "r.example.com/serve:1"}, {"claim": "other"}],
    ids=str,
)
def test_another_model_image_or_claim_is_another_object(changes: dict[str, str]) -> None:
    assert not renamed({"a/x": made(DEPLOYMENT)}, {"a/x": made(DEPLOYMENT, name="two", **changes)})


@pytest.mark.parametrize("image", ["serve:1", "serve:2", "serve@sha256:aa", "serve:3@sha256:bb"])
def test_a_version_of_the_image_is_no_other_object(image: str) -> None:
    after = made(DEPLOYMENT, name="two", image=image).replace("replicas: 2", "replicas: 5")
    assert renamed({"a/x": made(DEPLOYMENT)}, {"a/y": after}) == ["Deployment ml/two"]


def test_another_component_is_another_object() -> None:
    assert not renamed({"a/x": made(DEPLOYMENT)}, {"b/x": made(DEPLOYMENT, name="two")})


def test_several_that_look_alike_are_no_rename() -> None:
    two, three = ({f"a/{name}": made(DEPLOYMENT, name=name)} for name in ("two", "three"))
    assert not renamed({"a/x": made(DEPLOYMENT)}, two | three)
    assert not renamed(two | three, {"a/x": made(DEPLOYMENT)})
    assert not renamed(two | three, {"a/x": made(DEPLOYMENT), "a/y": made(DEPLOYMENT, name="four")})


@pytest.mark.parametrize("template", [ACCOUNT, CLAIM, SET])
def test_objects_that_nothing_but_their_name_tells_apart_are_never_renamed(template: str) -> None:
    assert not renamed({"a/x": made(template)}, {"a/x": made(template, name="two")})


def test_other_objects_are_renamed_where_they_say_the_same() -> None:
    assert renamed({"a/x": made(CONFIG)}, {"a/y": made(CONFIG, name="two")}) == ["ConfigMap ml/two"]
    assert not renamed({"a/x": made(CONFIG)}, {"a/y": made(CONFIG, name="two", app="other")})


def test_a_hash_at_the_end_of_a_name_is_no_other_name() -> None:
    before, after = made(CONFIG, name="app-7d9f8b6c5d"), made(CONFIG, name="app-5f6d7c8b9a", app="other")
    assert renamed({"a/x": before}, {"a/y": after}) == ["ConfigMap ml/app-5f6d7c8b9a"]
    assert not renamed({"a/x": before}, {"a/y": after.replace("app-5f6d7c8b9a", "web-5f6d7c8b9a")})
    assert not renamed({"a/x": before}, {"a/y": after.replace("app-5f6d7c8b9a", "app-settings")})


def test_in_a_foreign_folder_a_workload_has_to_say_the_same() -> None:
    def found(after: str) -> list[bool]:
        sides = (Side(None, {"a.yaml": text.encode()}) for text in (made(DEPLOYMENT, name="first"), after))
        return [entry.renamed for entry in pair(*sides).pairs]

    assert found(made(DEPLOYMENT, name="second")) == [True]
    assert found(made(DEPLOYMENT, name="second", image="serve:2")) == [False, False]


bodies = st.fixed_dictionaries(
    {
        "component": st.sampled_from(["a", "b"]),
        "template": st.sampled_from([DEPLOYMENT, SERVICE, CLAIM, CONFIG, ACCOUNT, SET]),
        "name": st.sampled_from(["models", "first", "second"]),
        "app": st.sampled_from(["serving", "store"]),
        "image": st.sampled_from(["serve:1", "serve:2", "other:1"]),
    }
)
trees = st.lists(bodies, min_size=1, max_size=5)
edits = st.lists(st.sampled_from([{}, None, {"name": "third"}, {"image": "serve:3"}]), min_size=5, max_size=5)


def files(tree: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found = {(entry["template"], entry["name"]): entry for entry in tree}.values()
    return {f"{entry['component']}/{number}": made(**entry) for number, entry in enumerate(found)}


@given(trees, edits, st.lists(bodies, max_size=2))
def test_what_follows_from_two_trees_follows_under_renames_as_well(
    tree: list[dict[str, str]], changes: list[dict[str, str] | None], more: list[dict[str, str]]
) -> None:
    kept = [{**entry, **change} for entry, change in zip(tree, changes, strict=False) if change is not None]
    given_scene = scene(files(tree), files([*kept, *more]))
    assert followed(given_scene) == followed(without_renames(given_scene))
