"""A component is taken from memory exactly when building it again would give the same."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from aurora import gitops, pipeline, synthesis
from aurora.environment.model import Environment
from aurora.memory import digests
from aurora.memory.observation import ObservedPlatform, answer
from aurora.memory.store import FileMemory, Forgetful, Memory
from aurora.paths import RepositoryPaths
from aurora.synth import SynthesisedObject, synthesise
from aurora.tools.runner import Command, run
from aurora_constructs.components.edge.spec import EdgeSpec, RoutedSpec
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.node_pools.spec import NodePoolsSpec
from aurora_constructs.names import Names
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Image
from aurora_constructs.versions import Definitions
from reference.platform import reference

IMAGE = Image(repository="registry.example.com/a", tag="v1", digest="sha256:" + "a" * 64)
OTHER_IMAGE = Image(repository="registry.example.com/a", tag="v2", digest="sha256:" + "b" * 64)
SERVING = ModelServingSpec.model_validate_json(
    '{"kind": "ModelServing", "namespace": "a", "model": "m", "edge": "edge",'
    '"stable": {"version": "v20260901-120000", "replicas": 3}}'
)
EDGE = EdgeSpec.model_validate_json(
    '{"kind": "Edge", "namespace": "e", "profile": "nginx", "acme": {"email": "a@example.com", "server": "staging"},'
    '"loadBalancers": ["198.51.100.0/29"]}'
)
NODES = NodePoolsSpec.model_validate_json(
    '{"kind": "NodePools", "ami": "al2023@v20261106", "role": "nodes", "pools": '
    '{"gpu": {"families": ["g5"], "limits": {"cpu": "8", "memory": "8Gi", "gpus": 1}}}}'
)
PLATFORM = Platform(
    environment="example",
    images={"a": IMAGE, "b": IMAGE},
    components={"edge": EDGE, "serving": SERVING},
    policies={"p": {"spec": 1}, "q": {"spec": 2}},
    tracing_policies={"t": {"spec": 1}},
)
HOST = SERVING.model_copy(update={"host": "a.example.com"})
OTHERS: Mapping[str, Platform] = {
    "environment": replace(PLATFORM, environment="another"),
    "cluster": replace(PLATFORM, cluster=PLATFORM.cluster.model_copy(update={"domain": "another.example.com"})),
    "names": replace(PLATFORM, names=Names(prefix="ml-")),
    "argocd_namespace": replace(PLATFORM, argocd_namespace="gitops"),
    "retries": replace(PLATFORM, retries=5),
    "images": replace(PLATFORM, images={"a": OTHER_IMAGE, "b": IMAGE}),
    "components": replace(PLATFORM, components={"edge": EDGE, "serving": HOST}),
    "policies": replace(PLATFORM, policies={"p": {"spec": 3}, "q": {"spec": 2}}),
    "tracing_policies": replace(PLATFORM, tracing_policies={}),
    "definitions": replace(PLATFORM, definitions={"current": Definitions(lacking=("keda.sh/ScaledObject",))}),
    "published": replace(PLATFORM, published=("m/v20260901-120000",)),
}
QUESTIONS: Mapping[str, Callable[[Platform], object]] = {
    "environment": lambda platform: platform.environment,
    "cluster": lambda platform: platform.domain,
    "names": lambda platform: platform.names.track,
    "argocd_namespace": lambda platform: platform.argocd_namespace,
    "retries": lambda platform: platform.retries,
    "images": lambda platform: platform.image("a"),
    "components": lambda platform: platform.component("serving", ModelServingSpec),
    "policies": lambda platform: platform.policies["p"],
    "tracing_policies": lambda platform: "t" in platform.tracing_policies,
    "definitions": lambda platform: platform.definitions,
    "published": lambda platform: platform.published,
}


def asked(question: Callable[[Platform], object]) -> ObservedPlatform:
    observed = ObservedPlatform(PLATFORM)
    assert question(observed) == question(PLATFORM)
    assert isinstance(observed, Platform)
    return observed


def differs(observed: ObservedPlatform, other: Platform) -> bool:
    return any(answer(PLATFORM, question) != answer(other, question) for question in observed.questions)


def test_the_tables_of_this_test_name_every_field() -> None:
    fields = {field.name for field in dataclasses.fields(Platform) if field.init}
    assert fields - {"tables"} == OTHERS.keys() == QUESTIONS.keys()


def test_a_table_is_no_question_since_it_changes_with_the_code_alone() -> None:
    platform = replace(PLATFORM, tables=lambda name: {"name": name})
    observed = ObservedPlatform(platform)
    assert observed.tables("a/b") == {"name": "a/b"}
    assert observed.questions == ()


@pytest.mark.parametrize("field", QUESTIONS)
def test_what_a_component_asked_decides_and_nothing_else(field: str) -> None:
    observed = asked(QUESTIONS[field])
    assert {name for name, other in OTHERS.items() if differs(observed, other)} == {field}


@pytest.mark.parametrize(
    ("question", "noticed"),
    [
        (lambda platform: platform.of_kind(ModelServingSpec), True),
        (lambda platform: platform.of_kind(RoutedSpec), True),
        (lambda platform: platform.of_kind(EdgeSpec), False),
        (lambda platform: platform.component("edge", EdgeSpec), False),
        (lambda platform: sorted(platform.components), True),
        (lambda platform: platform.components.get("edge"), True),
        (repr, True),
        (lambda platform: platform == PLATFORM, True),
        (lambda platform: platform.images, False),
    ],
)
def test_a_change_of_another_component_counts_for_those_who_look_at_it(
    question: Callable[[Platform], object], noticed: bool
) -> None:
    assert differs(asked(question), OTHERS["components"]) is noticed


@pytest.mark.parametrize(
    "question", [lambda platform: platform.of_kind(RoutedSpec), lambda platform: "new" in platform.components]
)
def test_a_new_component_counts_for_those_who_would_see_it(question: Callable[[Platform], object]) -> None:
    more = replace(PLATFORM, components={**PLATFORM.components, "new": SERVING})
    assert differs(asked(question), more)


def test_who_claims_a_host_counts_and_no_other_component_does() -> None:
    observed = asked(lambda platform: platform.claimant(f"host {SERVING.hostname(PLATFORM.domain)}"))
    other = SERVING.model_copy(update={"host": "other.example.com"})
    for added, noticed in ((other, False), (SERVING, True)):
        assert differs(observed, replace(PLATFORM, components={"a": added, **PLATFORM.components})) is noticed


def test_of_the_node_pools_only_they_count() -> None:
    observed = asked(lambda platform: list(platform.pool_problems("gpu", "pool")))
    assert not differs(observed, OTHERS["components"])
    assert differs(observed, replace(PLATFORM, components={**PLATFORM.components, "nodes": NODES}))


@pytest.mark.parametrize("name", ["image", "component"])
def test_what_is_not_there_is_noted_too(name: str) -> None:
    observed = ObservedPlatform(PLATFORM)
    with pytest.raises(KeyError):
        observed.image("new") if name == "image" else observed.component("new", EdgeSpec)
    more = replace(
        PLATFORM,
        images={**PLATFORM.images, "new": IMAGE},
        components={**PLATFORM.components, "new": EDGE},
    )
    assert differs(observed, more)


def test_fields_that_were_written_differ_from_defaults() -> None:
    written = SERVING.model_copy()
    written.__pydantic_fields_set__.add("image")
    assert digests.of_value(written) != digests.of_value(SERVING)


def test_a_changed_copy_has_asked_for_everything() -> None:
    observed = ObservedPlatform(PLATFORM)
    assert replace(observed, environment="b") == replace(PLATFORM, environment="b")
    assert {question[1] for question in observed.questions} == QUESTIONS.keys() - {"environment"}


@dataclass
class Builder:
    """Counts what is built, by the real thing."""

    built: list[str]

    def __call__(self, environment: Environment, *, only: frozenset[str] | None = None) -> tuple[Any, ...]:
        self.built.extend(sorted(only or {"everything"}))
        return synthesise(environment, only=only)


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    found = Builder([])
    monkeypatch.setattr(synthesis, "synthesise", found)
    return found


@pytest.fixture(scope="module", params=["aurora-dev", "aurora-prod"])
def environment(request: pytest.FixtureRequest) -> Environment:
    (found,) = pipeline.load_environments(reference(), [request.param])
    return found


def whole(environment: Environment, memory: Memory) -> tuple[SynthesisedObject, ...]:
    objects = synthesis.components(environment, memory)
    spec = gitops.derive(environment, objects)
    return (*objects, *synthesis.whole("argocd", spec, memory, lambda: gitops.synthesise_argocd(spec)))


def edited(environment: Environment, name: str, **values: object) -> Environment:
    """Give an environment with other values in one component's specification, as loading would."""
    components = tuple(
        replace(entry, spec=entry.spec.model_copy(update=values)) if entry.name == name else entry
        for entry in environment.components
    )
    specs = {entry.name: entry.spec for entry in components}
    return replace(environment, components=components, platform=replace(environment.platform, components=specs))


def test_what_is_recalled_is_what_would_be_built(environment: Environment, tmp_path: Path, builder: Builder) -> None:
    built = whole(environment, Forgetful())
    assert builder.built == ["everything"]
    assert whole(environment, FileMemory(tmp_path)) == built
    builder.built.clear()
    assert whole(environment, FileMemory(tmp_path)) == built
    assert builder.built == []


def edits(environment: Environment) -> Iterator[tuple[Environment, set[str]]]:
    """Yield edits with the components that must be built again: the edited one, and those that look at it."""
    serving = environment.platform.component("inference", ModelServingSpec)
    stable = serving.stable.model_copy(update={"replicas": 7})
    lookers = {"edge", "edge-proxy", "monitoring", "operator"}
    yield edited(environment, "inference", stable=stable), {"inference", *lookers}
    yield edited(environment, "inference", host="a.example.com"), {"inference", *lookers}
    yield edited(environment, "network", namespaces=["aurora"]), {"network"}
    images = {**environment.platform.images, "operator": OTHER_IMAGE}
    if "operator" in environment.platform.images:
        yield replace(environment, platform=replace(environment.platform, images=images)), {"operator"}


def test_an_edit_builds_what_it_concerns_and_gives_what_building_all_gives(
    environment: Environment, tmp_path: Path, builder: Builder
) -> None:
    whole(environment, FileMemory(tmp_path))
    for changed, concerned in edits(environment):
        builder.built.clear()
        found = synthesis.components(changed, FileMemory(tmp_path))
        assert set(builder.built) <= concerned
        assert builder.built
        assert found == synthesise(changed)


def test_another_code_knows_nothing(
    environment: Environment, tmp_path: Path, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesis.components(environment, FileMemory(tmp_path))
    builder.built.clear()
    monkeypatch.setattr(digests, "code", lambda: "another")
    synthesis.components(environment, FileMemory(tmp_path))
    assert builder.built == sorted(entry.name for entry in environment.components)
    builder.built.clear()
    monkeypatch.setattr(digests, "code", lambda: None)
    synthesis.components(environment, FileMemory(tmp_path))
    assert builder.built == ["everything"]


RECALLING = """
import sys
from pathlib import Path
from aurora import pipeline
from aurora.memory.store import FileMemory
from aurora.model.clock import Clock
from aurora.paths import RepositoryPaths
for environment in pipeline.load_environments(RepositoryPaths(Path(sys.argv[1])), ["aurora-dev"]):
    found = pipeline.compile_environment(environment, Clock(), memory=FileMemory(Path(sys.argv[2])))
print(len(found.manifests), "jsii" in sys.modules)
"""


def test_node_does_not_start_when_nothing_is_left_to_build(repository: RepositoryPaths, tmp_path: Path) -> None:
    for name in ("cli", "constructs", "tools", "schemas"):
        shutil.copytree(repository.root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    paths = {"PYTHONPATH": f"{tmp_path / 'cli'}:{tmp_path / 'constructs'}"}
    command = Command(
        args=(sys.executable, "-c", RECALLING, str(reference().root), str(tmp_path / "cache")),
        cwd=tmp_path,
        timeout=120,
        environment=paths,
    )
    first, second = (run(command).stdout.split() for _ in range(2))
    assert first[1] == "True"
    assert second == [first[0], "False"]


def test_an_edit_of_a_served_model_builds_no_other_served_model(
    environment: Environment, tmp_path: Path, builder: Builder
) -> None:
    store = environment.platform.component("model-store", ModelStoreSpec)
    (first,) = (entry for entry in environment.components if entry.name == "inference")
    second = replace(
        first, name="second", spec=first.spec.model_copy(update={"model": "wine", "host": "wine.example.com"})
    )
    more = replace(environment, components=(*environment.components, second))
    more = replace(more, platform=replace(more.platform, published=None))
    both = edited(more, "model-store", models=[*store.models, "wine"])
    synthesis.components(both, FileMemory(tmp_path))
    assert "second" in builder.built
    builder.built.clear()
    serving = environment.platform.component("inference", ModelServingSpec)
    changed = edited(both, "inference", stable=serving.stable.model_copy(update={"replicas": 7}))
    assert synthesis.components(changed, FileMemory(tmp_path)) == synthesise(changed)
    assert "inference" in builder.built
    assert "second" not in builder.built
