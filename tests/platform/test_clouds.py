"""A web service with shared storage, a secret and a route on EKS and AKS: what it compiles to, and that it passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aurora import pipeline
from aurora.paths import RepositoryPaths
from aurora.render import files
from commands.command_line import CommandLine
from reference.platform import ROOT, SHARED

HERE = Path(__file__).parent
NAMES = ("aks", "eks")
NOT_OURS = ("argocd/", "platform/", "policies/")
"""What other tests hold to their expected files: Argo CD's objects, charts, policies."""


@pytest.fixture
def clouds(tmp_path: Path) -> RepositoryPaths:
    shutil.copytree(HERE / "environments", tmp_path / "environments")
    for name in SHARED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return RepositoryPaths(tmp_path.resolve())


@pytest.mark.parametrize("name", NAMES)
def test_a_cloud_compiles_to_its_expected_files(
    name: str, clouds: RepositoryPaths, request: pytest.FixtureRequest
) -> None:
    (environment,) = pipeline.load_environments(clouds, [name])
    compiled = files(pipeline.compile_environment(environment, pipeline.Clock()).manifests)
    own = {path.removeprefix(f"generated/{name}/"): content for path, content in compiled.items()}
    found = {path: content.decode() for path, content in own.items() if not path.startswith(NOT_OURS)}
    expected = HERE / "expected" / name
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in found.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_text(text)
    committed = {
        path.relative_to(expected).as_posix(): path.read_text() for path in expected.rglob("*") if path.is_file()
    }
    assert found.keys() == committed.keys()
    assert [path for path, text in found.items() if committed[path] != text] == []


def test_no_name_of_auroras_own_is_left_where_the_environment_has_others(clouds: RepositoryPaths) -> None:
    for environment in pipeline.load_environments(clouds, []):
        for manifest in pipeline.compile_environment(environment, pipeline.Clock()).manifests:
            assert not manifest.id.name.startswith("aurora-")
            assert not [key for key in manifest.labels if key.startswith("aurora.example.com/")]


@pytest.mark.real_tools
def test_both_clouds_pass_every_check(
    clouds: RepositoryPaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], real_toolbox: object
) -> None:
    outcome = CommandLine(clouds.root, monkeypatch, capsys)("synth", "--format", "json")
    assert outcome.json["findings"] == []
    assert outcome.code == 0
    examined = {check["name"]: check["examined"] for check in outcome.json["checks"]}
    assert all(count > 0 for count in examined.values())
