"""What is committed under `environments/` loads, is in sync with `generated/`, and passes every check.

The only tests of what people edit: a failure here says that `make synth` has to be run, or an environment to be
mended, never that the product is broken.
"""

from __future__ import annotations

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
