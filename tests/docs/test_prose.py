"""Commands, paths and YAML in the documentation exist."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from aurora.app import app
from aurora.checks.table import all_rules
from aurora.environment.load import load
from aurora.model.json_value import dig, text
from aurora.paths import RepositoryPaths
from aurora.yamlio import reading

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "generated", ".git", "node_modules"} & set(path.relative_to(ROOT).parts)
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_exist(page: Path) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    for words in re.findall(r"`(?:\.venv/bin/)?aurora ([a-z][a-z -]*)", page.read_text()):
        first, *rest = words.split()
        assert first in known, f"aurora {words}"
        below = getattr(known[first], "commands", None)
        if below and rest:
            assert rest[0] in below, f"aurora {words}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)$", page.read_text(), re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_paths_exist(page: Path) -> None:
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link
    for path in re.findall(r"`((?:cli|constructs|docs|environments|policies|schemas|tests|tools)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_modules_and_functions_exist(page: Path) -> None:
    for dotted in set(re.findall(r"`(aurora\.(?!toml`|example\.com`)[a-z_.]+[A-Za-z_]*)`", page.read_text())):
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            try:
                found: object = importlib.import_module(".".join(parts[:cut]))
            except ModuleNotFoundError:
                continue
            for attribute in parts[cut:]:
                found = getattr(found, attribute)
            break


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_rules_exist(page: Path) -> None:
    rules = {rule.id for rule in all_rules()}
    checks = {rule.split("/")[0] for rule in rules} - {"policy"}
    mentioned = re.findall(rf"`((?:{'|'.join(sorted(checks))})/[a-z0-9-]+)`", page.read_text())
    folders = {path.name for path in ROOT.iterdir()}
    assert {rule for rule in mentioned if rule.split("/")[0] not in folders} <= rules


def test_the_environment_of_the_readme_loads(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    paths = RepositoryPaths(tmp_path)
    paths.environments.mkdir()
    environment = text(dig(reading.parse(block).value, "metadata", "name"))
    paths.environment(environment).write_text(block)
    assert [component.name for component in load(paths, environment).components] == ["namespaces", "network"]


def test_the_example_of_the_constructs_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "constructs" / "README.md").read_text(), re.DOTALL)
    scope: dict[str, object] = {}
    exec(block, scope)  # noqa: S102 - the documentation's own example
    assert len(scope["app"].charts) == 1  # type: ignore[attr-defined]


def test_every_top_level_folder_has_a_readme() -> None:
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    assert [
        path.name
        for path in folders
        if path.name not in {"build", "docs", "generated"} and not (path / "README.md").exists()
    ] == []


def test_the_changelog_has_an_unreleased_head() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(entry for group in project["optional-dependencies"].values() for entry in group),
    ]
    declared = [entry.split("==")[0] for entry in wanted]
    page = (ROOT / "docs" / "dependencies.md").read_text()
    assert [package for package in declared if package not in page.lower() and not package.startswith("types-")] == []
