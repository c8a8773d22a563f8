"""One environment for several equal clusters: each Application generated for every one of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aurora import fleets, manifests, pipeline
from aurora.cluster.application_sets import expand
from aurora.environment.spec import GitOps
from aurora.paths import RepositoryPaths
from aurora.synth import SynthesisedObject
from aurora.yamlio.writing import dump
from commands.command_line import CommandLine
from reference.platform import reference

FLEET = '  fleet:\n    berlin: {name: berlin}\n    paris: {server: "https://paris.example.com:6443"}\n'
CHECKS = ("--only", "gitops", "--only", "references", "--format", "json")
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "argocd" / "fleet" / "environment.yaml"


def applications(paths: RepositoryPaths) -> dict[str, Any]:
    (environment,) = pipeline.load_environments(paths, ["aurora-prod"])
    inventory = pipeline.compile_environment(environment, pipeline.Clock()).inventory
    return {entry.id.name: entry for entry in inventory.of_kind("Application", group="argoproj.io")}


def test_what_is_generated_is_what_one_cluster_has_but_for_its_name_and_destination(
    tmp_path: Path,
) -> None:
    shutil.copytree(reference().root, tmp_path / "fleet", ignore=shutil.ignore_patterns("generated"))
    paths = RepositoryPaths(tmp_path / "fleet")
    one = applications(paths)
    file = paths.environment("aurora-prod")
    file.write_text(file.read_text().replace("  production: true\n", f"  production: true\n{FLEET}"))
    many = applications(paths)
    kept = {"aurora-prod", "aurora-prod-platform"}
    assert many.keys() == kept | {f"{name}-berlin" for name in one.keys() - kept}
    for name in one.keys() - kept:
        made, single = many[f"{name}-berlin"], one[name]
        assert made.get("spec", "destination", "name") == "berlin"
        assert {**made.body["spec"], "destination": None} == {**single.body["spec"], "destination": None}
        assert made.annotations == single.annotations
        assert not made.emitted


@pytest.fixture
def fleet(aurora: CommandLine) -> CommandLine:
    settings = (
        "externals:\n  argocd-settings: {kind: ConfigMap, namespace: argocd, name: argocd-cm, reason: it is there}\n"
    )
    written = GOLDEN.read_text().replace("name: golden", "name: fleet").replace("externals:\n", settings)
    aurora.write("environments/fleet.yaml", written)
    assert aurora("synth", "fleet", *CHECKS).rules() == []
    return aurora


def test_braces_in_the_values_of_charts_stay_as_they_are(fleet: CommandLine) -> None:
    (environment,) = pipeline.load_environments(RepositoryPaths(fleet.folder), ["fleet"])
    values = {"note": "{{ $labels.pod }} of {{.x}} and {{`{{`}}", "{{ key }}": ["}}", "{{"]}
    spec = {"project": "fleet", "sources": [{"chart": "web", "helm": {"valuesObject": values}}], "destination": {}}
    metadata = {"name": "fleet-web", "namespace": "argocd"}
    body: Any = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}
    (made,) = fleets.applied(environment, [SynthesisedObject(body, "platform", "web")])
    (written,) = manifests.read(dump(made.body).encode(), "generated/set.yaml").manifests
    (first,) = fleets.generated([written])
    assert first.get("spec", "sources") == spec["sources"]


def test_every_cluster_has_to_be_permitted(fleet: CommandLine) -> None:
    file = fleet.folder / "generated/fleet/argocd/argocd/appproject.fleet.yaml"
    file.write_text(file.read_text().replace("https://paris.example.com:6443", "https://rome.example.com:6443"))
    outcome = fleet("validate", "fleet", *CHECKS)
    assert outcome.rules() == ["gitops/project-destination"]
    assert "paris.example.com" in outcome.json["findings"][0]["message"]


def test_objects_that_no_set_syncs_are_found(fleet: CommandLine) -> None:
    (fleet.folder / "generated/fleet/argocd/argocd/applicationset.fleet-network.yaml").unlink()
    assert "gitops/unsynced" in fleet("validate", "fleet", *CHECKS).rules()


def test_the_order_of_a_fresh_cluster_is_that_of_the_first_one(fleet: CommandLine) -> None:
    outcome = fleet("bring-up", "fleet")
    assert outcome.code == 0, outcome.err
    assert outcome.out.index("fleet-namespaces-berlin") < outcome.out.index("fleet-network-berlin")
    assert "paris" not in outcome.out


def test_a_set_makes_an_application_for_each_cluster(fleet: CommandLine) -> None:
    (environment,) = pipeline.load_environments(RepositoryPaths(fleet.folder), ["fleet"])
    compiled = pipeline.compile_environment(environment, pipeline.Clock())
    (made,) = [entry for entry in compiled.manifests if entry.id.name == "fleet-network"]
    assert made.id.kind == fleets.SET
    bodies = [draft.body() for draft in expand(made, ()).drafts.values()]
    assert [body["spec"]["destination"] for body in bodies] == [  # type: ignore[index, call-overload]
        {"name": "berlin", "server": "", "namespace": "aurora"},
        {"name": "", "server": "https://paris.example.com:6443", "namespace": "aurora"},
    ]


@pytest.mark.parametrize(
    ("clusters", "words"),
    [
        ({"a": {"name": "a", "server": "https://a.example.com"}}, "say either `name` or `server`"),
        ({"a": {}}, "say either `name` or `server`"),
        ({"a": {"name": "same"}, "b": {"name": "same"}}, "are one cluster"),
        ({"a": {"server": "https://a.example.com"}, "b": {"server": "https://a.example.com/"}}, "are one cluster"),
        ({"a": {"name": "a", "region": "eu"}}, "region"),
        ({"A_b": {"name": "a"}}, "fleet"),
    ],
)
def test_a_cluster_of_a_fleet_is_said_once(clusters: dict[str, dict[str, str]], words: str) -> None:
    body = {"repository": "https://git.example.com/a.git", "revision": "v1.4.0", "fleet": clusters}
    with pytest.raises(ValidationError, match=words):
        GitOps.model_validate(body)


def test_in_a_fleet_nothing_gives_up() -> None:
    body = {
        "repository": "https://git.example.com/a.git",
        "revision": "v1",
        "fleet": {"a": {"name": "a"}},
        "retries": 3,
    }
    with pytest.raises(ValidationError, match="without `retries`"):
        GitOps.model_validate({**body, "retries": 3})
