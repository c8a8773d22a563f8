"""What a sound environment becomes."""

from __future__ import annotations

import datetime
import json
import os
import sys
from pathlib import Path

from aurora.environment.load import load
from aurora.model.finding import Finding
from aurora.tools.runner import Command, run
from aurora_constructs.catalogue import BY_NAME
from environment.toys import HEAD, KINDS, SERVING, STORE, ServingSpec, StoreSpec, findings, load_toy, repository

WAIVERS = """\
waivers:
  - {rule: policy/require-labels, kind: Deployment, namespace: aurora, name: a, reason: old, expires: "2026-12-31"}
  - rule: policy/no-latest
    kind: Pod
    name: b
    reason: older
    expires: "2026-01-31"
"""


def test_components_are_given_by_name_with_their_kind_specification_and_place(tmp_path: Path) -> None:
    environment = load_toy(repository(tmp_path, {"prod.yaml": HEAD + SERVING}))
    inference, store = environment.components
    assert (inference.name, inference.kind, str(inference.place)) == (
        "inference",
        KINDS["Serving"],
        "environments/prod.yaml:9:3",
    )
    assert isinstance(inference.spec, ServingSpec)
    assert inference.spec.stable.version == "v1"
    assert (store.name, str(store.place)) == ("store", "environments/prod.yaml:8:3")
    assert isinstance(store.spec, StoreSpec)


def test_the_platform_has_the_facts_images_and_components(tmp_path: Path) -> None:
    environment = load_toy(repository(tmp_path, {"prod.yaml": HEAD + SERVING}))
    platform = environment.platform
    assert (environment.name, environment.path) == ("prod", "environments/prod.yaml")
    assert (platform.environment, platform.cluster.provider, platform.kubernetes, platform.domain) == (
        "prod",
        "bare-metal",
        "1.35",
        "ml.example.com",
    )
    assert platform.api_server_cidrs == ("10.0.0.10/32",)
    assert platform.image("server") == f"registry.example.com/server:v1@sha256:{'0' * 64}"
    assert platform.component("store", StoreSpec).size == "10Gi"
    assert list(platform.of_kind(ServingSpec)) == ["inference"]


def test_waivers_have_their_places(tmp_path: Path) -> None:
    environment = load_toy(repository(tmp_path, {"prod.yaml": HEAD + STORE + WAIVERS}))
    assert [(loaded.waiver.name, str(loaded.place)) for loaded in environment.waivers] == [
        ("a", "environments/prod.yaml:10:5"),
        ("b", "environments/prod.yaml:11:5"),
    ]
    assert environment.waivers[1].waiver.expires == datetime.date(2026, 1, 31)


def test_the_order_of_components_in_the_file_does_not_matter(tmp_path: Path) -> None:
    head = HEAD + "components:\n"
    one, two = "  a: {kind: Store, size: 1Gi}\n", "  b: {kind: Store, size: 2Gi}\n"
    first = load_toy(repository(tmp_path / "1", {"prod.yaml": head + one + two}))
    second = load_toy(repository(tmp_path / "2", {"prod.yaml": head + two + one}))
    assert [loaded.spec for loaded in first.components] == [loaded.spec for loaded in second.components]


def test_json_is_yaml_and_so_is_an_environment(tmp_path: Path) -> None:
    paths = repository(tmp_path, {"prod.yaml": HEAD + SERVING})
    values = load_toy(paths).spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    again = load_toy(repository(tmp_path / "json", {"prod.yaml": json.dumps(values, indent=2)}))
    assert again.spec == load_toy(paths).spec


def test_an_alias_stands_for_its_value(tmp_path: Path) -> None:
    text = "components:\n  a: &store {kind: Store, size: 1Gi}\n  b: *store\n"
    environment = load_toy(repository(tmp_path, {"prod.yaml": HEAD + text}))
    assert [str(loaded.place) for loaded in environment.components] == [
        "environments/prod.yaml:8:3",
        "environments/prod.yaml:9:3",
    ]


def test_an_error_in_an_aliased_value_stands_where_it_was_written_or_where_it_is_used(tmp_path: Path) -> None:
    text = "components:\n  a: &store {kind: Store, sise: 1Gi}\n  b: *store\n"
    places = [str(finding.place) for finding in found(tmp_path, text)]
    assert places == ["environments/prod.yaml:8:27", "environments/prod.yaml:9:3"]


def found(root: Path, text: str) -> tuple[Finding, ...]:
    return findings(repository(root, {"prod.yaml": HEAD + text}))


def test_findings_name_the_environment_and_the_pointer(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, SERVING + '    labels: {"a/b~c": 3}\n')
    assert (finding.environment, finding.pointer) == ("prod", "/components/inference/labels/a~1b~0c")
    assert finding.message.startswith("`/components/inference/labels/a~1b~0c` is `3`")


def test_a_default_that_names_nothing_stands_at_the_component(tmp_path: Path) -> None:
    (finding,) = findings(
        repository(tmp_path, {"prod.yaml": HEAD.replace("images: {server", "images: {other") + SERVING})
    )
    assert str(finding.place) == "environments/prod.yaml:9:3"
    assert finding.message == "`components.inference.image` names by default `server`, which `images` does not list"


def test_the_file_and_the_environment_have_one_name(tmp_path: Path) -> None:
    (finding,) = findings(repository(tmp_path, {"dev.yaml": HEAD + STORE}), "dev")
    assert (finding.rule, str(finding.place)) == ("environment/name", "environments/dev.yaml:3:18")
    assert finding.message == '`metadata.name` is `"prod"`, must be `dev` like the file'


def test_references_of_a_component_with_other_errors_are_checked_too(tmp_path: Path) -> None:
    rules = {
        finding.rule
        for finding in found(tmp_path, SERVING.replace("model: housing", "storage2: x") + "    image: no\n")
    }
    assert rules >= {"environment/unknown-key", "environment/missing-key"}
    assert {finding.rule for finding in found(tmp_path, SERVING + "    image: lost\n    debug: 3\n")} == {
        "environment/unknown-image",
        "environment/invalid-value",
    }


def test_a_reference_to_a_component_of_an_unknown_kind_is_one_error(tmp_path: Path) -> None:
    assert [finding.rule for finding in found(tmp_path, SERVING.replace("kind: Store", "kind: Shop"))] == [
        "environment/unknown-kind"
    ]


def test_the_built_in_kinds_are_the_default(tmp_path: Path) -> None:
    text = "components:\n  namespaces: {kind: Namespaces, namespaces: {aurora: {enforce: restricted}}}\n"
    environment = load(repository(tmp_path, {"prod.yaml": HEAD + text}), "prod")
    assert environment.components[0].kind is BY_NAME["Namespaces"]


def test_loading_starts_no_node(tmp_path: Path) -> None:
    text = "components:\n  namespaces: {kind: Namespaces, namespaces: {aurora: {enforce: restricted}}}\n"
    repository(tmp_path, {"prod.yaml": HEAD + text})
    program = """
import pathlib, sys
from aurora.environment import provenance, schema, waivers
from aurora.environment.load import load
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import BY_NAME
paths = RepositoryPaths(pathlib.Path.cwd())
assert load(paths, "prod").components
assert provenance.explain(paths, "prod", "")
assert schema.editor_schema(BY_NAME)["$defs"]
print(sorted({name.partition(".")[0] for name in sys.modules} & {"cdk8s", "cdk8s_plus_35", "constructs", "jsii"}))
"""
    command = Command(
        args=(sys.executable, "-c", program),
        cwd=tmp_path,
        timeout=60,
        environment={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run(command).stdout == "[]\n"
