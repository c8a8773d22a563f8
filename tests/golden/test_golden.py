"""Every component kind compiles to exactly the committed files, which people review as YAML.

A case says in `proves.yaml` what it proves. Where it varies another one, it holds only the files that differ: all
others must be byte for byte those of the other.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from aurora import pipeline
from aurora.model.json_value import dig, text
from aurora.paths import RepositoryPaths
from aurora.render import files
from aurora.yamlio import reading
from aurora_constructs.catalogue import KINDS, ComponentKind
from charts import packed

FOLDER = Path(__file__).parent
ARGOCD = "argocd"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a case proves; one that varies another holds only the files that differ from the other's.

    `without` are patterns of the other's files that this case does not have.
    """

    proves: str
    varies: str | None = None
    without: tuple[str, ...] = ()


def claim(case: Path) -> Claim:
    stated: Any = reading.parse((case / "proves.yaml").read_text(encoding="utf-8")).value
    assert stated.keys() <= {"proves", "varies", "without"}, case
    return Claim(text(stated["proves"]), stated.get("varies"), tuple(stated.get("without", ())))


def held(case: Path) -> dict[str, bytes]:
    """Give the files that lie in a case's folder."""
    expected = case / "expected"
    return {path.relative_to(expected).as_posix(): path.read_bytes() for path in expected.rglob("*") if path.is_file()}


def inherited(case: Path) -> dict[str, bytes]:
    """Give the files that a case has in common with the one that it varies."""
    stated = claim(case)
    if stated.varies is None:
        return {}
    base = case.parent / stated.varies
    assert claim(base).varies is None, f"{base} varies another case: name that one"
    files = held(base)
    for pattern in stated.without:
        gone = [path for path in files if fnmatchcase(path, pattern)]
        assert gone, f"`{pattern}` is no file of `{stated.varies}`"
        files = {path: content for path, content in files.items() if path not in gone}
    return files


# A case comes after the one that it varies, which is rewritten first.
CASES = sorted(
    (path.parent for path in FOLDER.glob("*/*/environment.yaml")), key=lambda case: (claim(case).varies or "", case)
)


def folder_of(kind: ComponentKind) -> str:
    return kind.spec.__module__.split(".")[2]


def compiled(case: Path, root: Path, repository: RepositoryPaths) -> dict[str, bytes]:
    """Compile a case in a repository of its own; give the files of the components that the case is about."""
    source = (case / "environment.yaml").read_bytes()
    name = text(dig(reading.parse(reading.decode(source)).value, "metadata", "name"))
    paths = RepositoryPaths(root)
    paths.environments.mkdir()
    paths.environment(name).write_bytes(source)
    shutil.copytree(repository.policies, paths.policies)
    shutil.copytree(repository.tracing_policies, paths.tracing_policies)
    if (case / "components").is_dir():
        shutil.copytree(case / "components", paths.components)
    if (case / "chart").is_dir():
        packed.vendor(paths.charts, packed.of_folder(case / "chart"))
    (environment,) = pipeline.load_environments(paths, [name])
    subject = case.parent.name
    about = {entry.name for entry in environment.components if folder_of(entry.kind) == subject}
    about |= {ARGOCD} if subject == ARGOCD else set()
    found = files(pipeline.compile_environment(environment, pipeline.Clock()).manifests)
    prefix = f"generated/{name}/"
    kept = {path.removeprefix(prefix): content for path, content in found.items()}
    return {path: content for path, content in kept.items() if path.split("/")[0] in about}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case.parent.name}-{case.name}",
            marks=[pytest.mark.real_tools] if case.parent.name == "kustomization" else [],
        )
        for case in CASES
    ],
)
def test_a_case_compiles_to_its_expected_files(
    case: Path, tmp_path: Path, repository: RepositoryPaths, request: pytest.FixtureRequest
) -> None:
    found, base, expected = compiled(case, tmp_path, repository), inherited(case), case / "expected"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in found.items():
            if base.get(path) != content:
                (expected / path).parent.mkdir(parents=True, exist_ok=True)
                (expected / path).write_bytes(content)
    own = held(case)
    assert own, "nothing is expected yet: run `make golden` and review what it writes"
    assert [path for path in own if own[path] == base.get(path)] == [], "these are the same in the case that it varies"
    assert found.keys() == {**base, **own}.keys()
    for path, content in found.items():
        assert content.decode() == {**base, **own}[path].decode(), path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_case_with_all_its_files(kind: ComponentKind) -> None:
    assert [case for case in CASES if case.parent.name == folder_of(kind) and claim(case).varies is None]


def test_every_case_proves_something_else() -> None:
    proved = [claim(case).proves for case in CASES]
    assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in proved)
    assert len(set(proved)) == len(proved)


def test_every_case_belongs_to_a_kind() -> None:
    assert {case.parent.name for case in CASES} <= {folder_of(kind) for kind in KINDS} | {ARGOCD}
