"""Every component kind compiles to exactly the committed files, which people review as YAML."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aurora import pipeline
from aurora.model.json_value import dig, text
from aurora.paths import RepositoryPaths
from aurora.render import files
from aurora.yamlio import reading
from aurora_constructs.catalogue import KINDS, ComponentKind

FOLDER = Path(__file__).parent
CASES = sorted(path.parent for path in FOLDER.glob("*/*/environment.yaml"))
ARGOCD = "argocd"


def folder_of(kind: ComponentKind) -> str:
    return kind.chart.split(".")[2]


def compiled(case: Path, root: Path, repository: RepositoryPaths) -> dict[str, bytes]:
    """Compile a case in a repository of its own; give the files of the components that the case is about."""
    source = (case / "environment.yaml").read_bytes()
    name = text(dig(reading.parse(reading.decode(source)).value, "metadata", "name"))
    paths = RepositoryPaths(root)
    paths.environments.mkdir()
    paths.environment(name).write_bytes(source)
    shutil.copytree(repository.policies, paths.policies)
    shutil.copytree(repository.tracing_policies, paths.tracing_policies)
    (environment,) = pipeline.load_environments(paths, [name])
    subject = case.parent.name
    about = {entry.name for entry in environment.components if folder_of(entry.kind) == subject}
    about |= {ARGOCD} if subject == ARGOCD else set()
    found = files(pipeline.compile_environment(environment, pipeline.Clock()).manifests)
    prefix = f"generated/{name}/"
    kept = {path.removeprefix(prefix): content for path, content in found.items()}
    return {path: content for path, content in kept.items() if path.split("/")[0] in about}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_case_compiles_to_its_expected_files(
    case: Path, tmp_path: Path, repository: RepositoryPaths, request: pytest.FixtureRequest
) -> None:
    found = compiled(case, tmp_path, repository)
    expected = case / "expected"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in found.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(content)
    assert expected.is_dir(), "nothing is expected yet: run `make golden` and review what it writes"
    committed = {
        path.relative_to(expected).as_posix(): path.read_bytes() for path in expected.rglob("*") if path.is_file()
    }
    assert found.keys() == committed.keys()
    for path, content in found.items():
        assert content.decode() == committed[path].decode(), path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_case(kind: ComponentKind) -> None:
    assert [case for case in CASES if case.parent.name == folder_of(kind)]


def test_every_case_belongs_to_a_kind() -> None:
    assert {case.parent.name for case in CASES} <= {folder_of(kind) for kind in KINDS} | {ARGOCD}
