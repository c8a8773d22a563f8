"""`aurora bootstrap` prints what is applied by hand, and refuses a revision that would lead production elsewhere."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, run
from aurora.yamlio import reading
from charts import packed
from commands.command_line import CommandLine
from reference.platform import reference


def git(folder: Path, *args: str) -> None:
    home = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    words = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args)
    run(Command(args=words, cwd=folder, timeout=60, environment=home, output=folder.parent / "out"))


@pytest.fixture
def aurora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The reference platform, whose production follows the tag v1.4.0."""
    folder = tmp_path / "repository"
    shutil.copytree(reference().root, folder)
    git(folder, "init", "-q")
    git(folder, "add", "environments", "generated")
    git(folder, "commit", "-q", "-m", "begin")
    return CommandLine(folder, monkeypatch, capsys)


def kinds(text: str) -> list[tuple[str, str]]:
    bodies = [reading.parse(part).value for part in text.split("---\n")]
    return [(str(body["kind"]), str(body["metadata"]["name"])) for body in bodies if isinstance(body, dict)]  # type: ignore[call-overload, index]


def test_projects_come_before_the_root_and_nothing_else_is_printed(aurora: CommandLine) -> None:
    git(aurora.folder, "tag", "v1.4.0")
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 0, outcome.err
    assert kinds(outcome.out) == [
        ("AppProject", "aurora-prod-platform"),
        ("AppProject", "aurora-prod-root"),
        ("AppProject", "aurora-prod"),
        ("Application", "aurora-prod"),
    ]


def test_an_environment_that_follows_a_branch_needs_no_tag(aurora: CommandLine) -> None:
    assert aurora("bootstrap", "aurora-dev", "--without-argocd").code == 0


def test_a_revision_of_production_must_be_there(aurora: CommandLine) -> None:
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 2 and "no Git revision `v1.4.0`" in outcome.err and outcome.out == ""


def test_a_tag_whose_own_root_follows_another_one_is_refused(aurora: CommandLine) -> None:
    root = aurora.folder / "generated/aurora-prod/argocd/argocd/application.aurora-prod.yaml"
    before = root.read_text()
    assert "targetRevision: v1.4.0" in before
    root.write_text(before.replace("targetRevision: v1.4.0", "targetRevision: v1.3.0"))
    git(aurora.folder, "commit", "-q", "-a", "-m", "tagged too early")
    git(aurora.folder, "tag", "v1.4.0")
    root.write_text(before)
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 2 and "does not follow `v1.4.0`" in outcome.err and "`revision: v1.4.0`" in outcome.err


def release(aurora: CommandLine, tag: str, *, revision: str = "v1.4.0") -> None:
    """Commit production as it is compiled with `releases: v1.*`, and tag that."""
    environment = aurora.folder / "environments/aurora-prod.yaml"
    written = environment.read_text().replace("  releases: v1.*\n", "")
    environment.write_text(written.replace("  revision: v1.4.0\n", "  revision: v1.4.0\n  releases: v1.*\n"))
    for file in (aurora.folder / "generated/aurora-prod/argocd/argocd").glob("application.*.yaml"):
        follows = "v1.*" if file.name == "application.aurora-prod.yaml" else revision
        file.write_text(re.sub(r"targetRevision: \S+", f"targetRevision: {follows}", file.read_text()))
    git(aurora.folder, "commit", "-q", "-a", "-m", f"release {tag}")
    git(aurora.folder, "tag", tag)


def test_a_root_that_follows_tags_is_applied_once(aurora: CommandLine) -> None:
    release(aurora, "v1.4.0")
    git(aurora.folder, "tag", "v1.5.0-rc.1")
    git(aurora.folder, "tag", "v2.0.0")
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 0, outcome.err
    assert 'targetRevision: "v1.*"' in outcome.out


def test_a_tag_whose_applications_follow_the_one_before_is_no_release(aurora: CommandLine) -> None:
    release(aurora, "v1.4.0", revision="v1.3.0")
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 2 and "that `v1.4.0` holds follows `v1.3.0`" in outcome.err


def test_a_tag_that_argo_cd_does_not_follow_any_more_is_refused(aurora: CommandLine) -> None:
    release(aurora, "v1.4.0")
    git(aurora.folder, "tag", "v1.10.0")
    outcome = aurora("bootstrap", "aurora-prod", "--without-argocd")
    assert outcome.code == 2 and "the newest, `v1.10.0`" in outcome.err


def test_argo_cds_own_chart_needs_its_archive(aurora: CommandLine) -> None:
    git(aurora.folder, "tag", "v1.4.0")
    outcome = aurora("bootstrap", "aurora-prod")
    assert outcome.code == 2 and "has no archive" in outcome.err and "--without-argocd" in outcome.err


def test_an_environment_that_was_never_compiled_is_told(aurora: CommandLine) -> None:
    shutil.rmtree(aurora.folder / "generated" / "aurora-dev")
    outcome = aurora("bootstrap", "aurora-dev")
    assert outcome.code == 2 and "aurora synth" in outcome.err


CHART = {
    "Chart.yaml": "{apiVersion: v2, name: argo-cd, version: 10.1.1}",
    "templates/a.yaml": "{apiVersion: apps/v1, kind: Deployment, metadata: {name: server}, spec: {}}",
    "templates/b.yaml": "{apiVersion: v1, kind: ServiceAccount, metadata: {name: server}}",
}


@pytest.mark.real_tools
def test_argo_cd_comes_first_with_its_namespace(aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("chart-renderer")
    packed.vendor(aurora.folder / "charts", CHART, "argo-cd", "10.1.1")
    git(aurora.folder, "tag", "v1.4.0")
    outcome = aurora("bootstrap", "aurora-prod")
    assert outcome.code == 0, outcome.err
    found = kinds(outcome.out)
    assert found[:3] == [("Namespace", "argocd"), ("ServiceAccount", "server"), ("Deployment", "server")]
    assert found[-1] == ("Application", "aurora-prod")
    deployment = next(part for part in outcome.out.split("---\n") if "kind: Deployment" in part)
    assert "namespace: argocd" in deployment
