"""An environment whose cluster is not the one that Argo CD runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.command_line import CommandLine

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "argocd" / "other-cluster" / "environment.yaml"
CHECKS = ("--only", "gitops", "--only", "references", "--format", "json")


@pytest.fixture
def other(aurora: CommandLine) -> CommandLine:
    settings = (
        "externals:\n  argocd-settings: {kind: ConfigMap, namespace: argocd, name: argocd-cm, reason: it is there}\n"
    )
    written = GOLDEN.read_text().replace("name: golden", "name: other").replace("externals:\n", settings)
    aurora.write("environments/other.yaml", written)
    assert aurora("synth", "other", *CHECKS).rules() == []
    return aurora


def test_projects_permit_what_its_applications_name(other: CommandLine) -> None:
    file = other.folder / "generated/other/argocd/argocd/appproject.other.yaml"
    file.write_text(file.read_text().replace("name: berlin", "name: paris"))
    found = other("validate", "other", *CHECKS)
    assert {"gitops/project-destination", "gitops/project-namespace"} <= set(found.rules())


def test_the_namespaces_that_its_applications_write_to_must_exist_in_it(other: CommandLine) -> None:
    file = other.folder / "generated/other/argocd/argocd/application.other-network.yaml"
    file.write_text(file.read_text().replace("namespace: aurora\n", "namespace: nowhere\n"))
    assert "references/namespace" in other("validate", "other", *CHECKS).rules()
