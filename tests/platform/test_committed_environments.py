"""What is committed under `environments/` loads, is in sync with `generated/`, and passes every check.

The only tests of what people edit: a failure here says that `make synth` has to be run, or an environment to be
mended, never that the product is broken.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aurora import differ, pipeline
from aurora.paths import RepositoryPaths
from aurora.render import files
from aurora.tools import pins
from commands.command_line import CommandLine


def test_what_is_committed_is_what_is_compiled(repository: RepositoryPaths) -> None:
    environments = pipeline.load_environments(repository, [])
    clock = pipeline.Clock()
    rendered = {one.name: files(pipeline.compile_environment(one, clock).manifests) for one in environments}
    assert list(differ.against_committed(repository, rendered, complete=True)) == []


def test_the_build_for_each_clusters_kubernetes_is_made_in_ci(repository: RepositoryPaths) -> None:
    makefile = (repository.root / "Makefile").read_text()
    for environment in pipeline.load_environments(repository, []):
        server = pins.SERVERS.get(environment.spec.cluster.kubernetes)
        assert server is not None
        assert f"{server.install}\n" in makefile if server.release is None else server.install in makefile


@pytest.mark.real_tools
def test_what_is_committed_passes_every_check(
    repository: RepositoryPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_toolbox: object,
) -> None:
    outcome = CommandLine(repository.root, monkeypatch, capsys)("validate", "--format", "json")
    report = outcome.json
    assert [finding for finding in report["findings"] if finding["severity"] != "note"] == []
    assert outcome.code == 0
    counts = {check["name"]: (check["planted"], check["caught"]) for check in report["checks"]}
    assert all(planted == caught for planted, caught in counts.values())
    assert all(counts[name][0] > 0 for name in ("schema", "server", "pod-security", "policy"))


SEED = {
    "bases/versions-aws.yaml": "bases/versions-seed-aws.yaml",
    "bases/versions-azure.yaml, bases/azure.yaml": "bases/versions-seed-azure.yaml, bases/azure-seed.yaml",
}
"""The layers of the older profile in the place of the current one's."""


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_the_environments_in_clouds_pass_under_the_older_profile(
    repository: RepositoryPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "environments").mkdir()
    for file in repository.environments.glob("*.yaml"):
        text = file.read_text()
        for current, seed in SEED.items():
            if current in text:
                (tmp_path / "environments" / file.name).write_text(text.replace(current, seed))
    shutil.copytree(repository.environments / "bases", tmp_path / "environments/bases")
    for folder in (repository.policies, repository.schemas, repository.tracing_policies):
        shutil.copytree(folder, tmp_path / folder.name)
    outcome = CommandLine(tmp_path.resolve(), monkeypatch, capsys)("synth", "--format", "json")
    found = {finding["rule"] for finding in outcome.json["findings"] if finding["severity"] != "note"}
    assert found == set()
    assert outcome.code == 0
    assert len(list(tmp_path.glob("generated/*/policies/_cluster/clusterpolicy.*.yaml"))) == 5 * 4
