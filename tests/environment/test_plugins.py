"""Plugins: only allowed entry points are imported, and what they give must be a component kind of that name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from aurora.environment.plugins import GROUP, component_kinds
from aurora.errors import InputError
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from environment.toys import KINDS, kind, repository

MODULE = """\
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.spec import ComponentSpec

class FeatureStoreSpec(ComponentSpec):
    size: int

KIND = ComponentKind("FeatureStore", "features", FeatureStoreSpec, "nowhere:Chart", wave=0)
NO_SPEC = ComponentKind("NoSpec", "nothing", int, "nowhere:Chart", wave=0)
TEXT = "FeatureStore"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that a plugin's package would hold; its name is this test's own."""
    name = f"toy_plugin_{abs(hash(tmp_path.as_posix())):x}"
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / f"{name}.py").write_text(MODULE)
    (folder / f"{name}_broken.py").write_text("import nothing_of_this_name\n")
    (folder / f"{name}_wrong.py").write_text("def (\n")
    monkeypatch.syspath_prepend(str(folder))
    return name


def allowing(root: Path, *names: str) -> RepositoryPaths:
    paths = repository(root, {})
    listed = ", ".join(f'"{name}"' for name in names)
    (root / "pyproject.toml").write_text(f"[tool.aurora]\ncomponents = [{listed}]\n")
    return paths


@contextmanager
def refusing(message: str) -> Iterator[list[Finding]]:
    """Expect one finding with a place in the settings, and give it."""
    found: list[Finding] = []
    with pytest.raises(InputError) as refused:
        yield found
    found.extend(refused.value.findings)
    assert [(entry.rule, str(entry.place)) for entry in found] == [("settings/invalid", "pyproject.toml:2:15")]
    assert message in found[0].message


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_an_allowed_plugin_is_a_kind_beside_the_built_in_ones(tmp_path: Path, module: str) -> None:
    paths = allowing(tmp_path, "FeatureStore")
    kinds = component_kinds(paths, builtin=KINDS, installed=[point("FeatureStore", f"{module}:KIND")])
    assert sorted(kinds) == ["FeatureStore", "Serving", "Store"]
    assert kinds["FeatureStore"].summary == "features"


def test_a_plugin_that_is_not_allowed_is_not_even_imported(tmp_path: Path, module: str) -> None:
    for paths in (repository(tmp_path, {}), allowing(tmp_path)):
        kinds = component_kinds(paths, builtin=KINDS, installed=[point("FeatureStore", f"{module}:KIND")])
        assert kinds == dict(KINDS)
    others = [point("FeatureStore", f"{module}:KIND"), point("Other", f"{module}_broken:KIND")]
    assert "Other" not in component_kinds(allowing(tmp_path, "FeatureStore"), builtin=KINDS, installed=others)
    assert f"{module}_broken" not in sys.modules


def test_without_a_list_of_entry_points_those_of_this_python_count(tmp_path: Path) -> None:
    with refusing("names `NotInstalled`, which no installed package provides"):
        component_kinds(allowing(tmp_path, "NotInstalled"), builtin=KINDS)


def test_the_entry_points_of_installed_packages_are_found(tmp_path: Path, module: str) -> None:
    folder = tmp_path / "site" / f"{module}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{GROUP}]\nFeatureStore = {module}:KIND\nOther = {module}:TEXT\n")
    assert "FeatureStore" in component_kinds(allowing(tmp_path, "FeatureStore"), builtin=KINDS)
    with refusing(f"the entry point `Other` of `{module}` is no `ComponentKind`"):
        component_kinds(allowing(tmp_path, "Other"), builtin=KINDS)


def test_an_entry_point_of_another_group_is_no_plugin(tmp_path: Path, module: str) -> None:
    other = EntryPoint(name="FeatureStore", value=f"{module}:KIND", group="console_scripts")
    with refusing("which no installed package provides"):
        component_kinds(allowing(tmp_path, "FeatureStore"), builtin=KINDS, installed=[other])


def test_an_allowed_plugin_that_is_missing_is_an_error_with_the_nearest_name(tmp_path: Path, module: str) -> None:
    with refusing("") as caught:
        component_kinds(
            allowing(tmp_path, "FeatureStroe"), builtin=KINDS, installed=[point("FeatureStore", f"{module}:KIND")]
        )
    assert caught[0].message == ("`[tool.aurora] components` names `FeatureStroe`, which no installed package provides")
    assert caught[0].hint == "did you mean `FeatureStore`?"


def test_a_plugin_cannot_take_the_name_of_a_built_in_kind(tmp_path: Path, module: str) -> None:
    with refusing("names `Store`, which is a built-in kind"):
        component_kinds(allowing(tmp_path, "Store"), builtin=KINDS, installed=[point("Store", f"{module}:KIND")])


def test_two_packages_cannot_provide_one_kind(tmp_path: Path, module: str) -> None:
    points = [point("FeatureStore", f"{module}:KIND"), point("FeatureStore", f"{module}_broken:KIND")]
    with refusing("more than one package provides") as caught:
        component_kinds(allowing(tmp_path, "FeatureStore"), builtin=KINDS, installed=points)
    assert f"`{module}` and `{module}_broken`" in caught[0].message


WRONG = {
    "{}_broken:KIND": "cannot be imported: No module named 'nothing_of_this_name'",
    "{}_absent:KIND": "cannot be imported: No module named",
    "{}_wrong:KIND": "cannot be imported: ",
    "{}:NOTHING": "cannot be imported: module",
    "{}:TEXT": "is no `ComponentKind` but of type `str`",
    "{}:NO_SPEC": "is no `ComponentSpec`",
}


@pytest.mark.parametrize("value", WRONG)
def test_a_plugin_that_gives_no_kind_is_an_error(value: str, tmp_path: Path, module: str) -> None:
    with refusing("") as caught:
        component_kinds(
            allowing(tmp_path, "FeatureStore"),
            builtin=KINDS,
            installed=[point("FeatureStore", value.format(module))],
        )
    assert WRONG[value] in caught[0].message
    assert caught[0].hint


def test_an_entry_point_has_the_name_of_its_kind(tmp_path: Path, module: str) -> None:
    with refusing("is the kind `FeatureStore`, and must have its name"):
        component_kinds(allowing(tmp_path, "Shop"), builtin=KINDS, installed=[point("Shop", f"{module}:KIND")])


@pytest.mark.parametrize(
    "text",
    [
        '[tool.aurora]\ncomponents = "FeatureStore"\n',
        "[tool.aurora]\ncomponents = [3]\n",
        '[tool.aurora]\ncomponents = [""]\n',
        "[tool]\naurora = 3\n",
        "tool = [\n",
        "a = '\\xff'\x00",
    ],
)
def test_a_setting_that_cannot_be_read_is_an_error(text: str, tmp_path: Path) -> None:
    paths = repository(tmp_path, {})
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(InputError) as refused:
        component_kinds(paths, builtin=KINDS)
    assert [entry.rule for entry in refused.value.findings] == ["settings/invalid"]


def test_a_repository_without_settings_has_the_built_in_kinds(tmp_path: Path) -> None:
    paths = repository(tmp_path, {})
    assert component_kinds(paths, builtin=KINDS) == dict(KINDS)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert component_kinds(paths, builtin={"One": kind("One", KINDS["Store"].spec)}).keys() == {"One"}
