"""Objects become files of their own, or nothing is compiled at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.environment.load import load
from aurora.environment.model import Environment
from aurora.errors import BuildError, CollisionError
from aurora.model.json_value import JsonObject
from aurora.model.resource import ResourceId
from aurora.normalise import normalise
from aurora.paths import RepositoryPaths
from aurora.render import files, object_path, render
from aurora.synth import SynthesisedObject
from commands.command_line import ENVIRONMENT, CommandLine


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "example.yaml").write_text(ENVIRONMENT)
    return load(RepositoryPaths(tmp_path), "example")


def made(name: str, *, component: str = "network", version: str = "v1", emitted: bool = True) -> SynthesisedObject:
    body: JsonObject = {"apiVersion": version, "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}}
    return SynthesisedObject(body, component, f"{component}/{name}-{version}", emitted)


def test_two_constructs_that_make_one_object_are_both_named() -> None:
    with pytest.raises(CollisionError) as caught:
        normalise([made("a"), made("a", component="namespaces")])
    assert caught.value.exit_code == 2
    assert "`namespaces/a-v1` and `network/a-v1` both make ConfigMap x/a" in caught.value.message


def test_another_version_of_an_object_is_the_same_object() -> None:
    with pytest.raises(CollisionError):
        normalise([made("a"), made("a", version="v2")])


def test_a_template_may_look_like_an_object_that_is_written() -> None:
    assert len(normalise([made("a"), made("a", emitted=False)])) == 2


def test_two_files_that_differ_in_case_only_are_refused(environment: Environment) -> None:
    with pytest.raises(CollisionError, match="ConfigMap x/A and ConfigMap x/a"):
        render(environment, [made("A"), made("a")])


def test_a_template_is_no_file(environment: Environment) -> None:
    manifests = render(environment, [made("a"), made("a", emitted=False)])
    assert len(manifests) == 2
    assert list(files(manifests)) == ["generated/example/network/x/configmap.a.yaml"]


def test_a_colon_is_escaped_in_a_file_name() -> None:
    role = ResourceId("rbac.authorization.k8s.io/v1", "ClusterRole", None, "system:reader")
    assert object_path("e", "c", role) == "generated/e/c/_cluster/clusterrole.system%3Areader.yaml"


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a\\b", "a\nb", "a..b", "-a", "é", "a b", "a" * 300])
def test_a_name_that_is_no_file_is_refused(name: str) -> None:
    with pytest.raises(BuildError):
        object_path("e", "c", ResourceId("v1", "ConfigMap", "x", name))
    with pytest.raises(BuildError):
        object_path("e", "c", ResourceId("v1", name or "/", "x", "a"))


def test_a_namespace_that_is_no_folder_is_refused() -> None:
    with pytest.raises(BuildError):
        object_path("e", "c", ResourceId("v1", "ConfigMap", "../x", "a"))


def test_what_is_broken_in_a_committed_environment_is_found(aurora: CommandLine) -> None:
    aurora("synth", "--only", "references")
    folder = aurora.folder / "generated" / "example" / "network" / "team"
    (folder / "copy.yaml").write_bytes((folder / "networkpolicy.default-deny.yaml").read_bytes())
    (folder / "broken.yaml").write_text("a: [\n")
    outcome = aurora("validate", "example", "--only", "references", "--format", "json")
    assert outcome.code == 1
    assert {"yaml/broken", "yaml/duplicate-object"} <= set(outcome.rules())
    assert {entry["environment"] for entry in outcome.json["findings"]} == {"example"}
