"""The table of kinds: every file of it is read, and what is broken is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes.effects import rows
from aurora.cluster import workloads
from aurora.errors import TableError
from aurora.kinds import paths, table
from aurora.kinds.entry import Form
from aurora.model.json_value import JsonValue


def write(folder: Path, text: str, name: str = "kinds.yaml") -> Path:
    path = folder / "example.com" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_file_of_the_table_is_read() -> None:
    kinds = table.every()
    assert len(kinds) >= 180
    assert {(kind.group, kind.name) for kind in kinds if kind.pods} >= {("", "Pod"), ("ray.io", "RayJob")}


def test_every_place_of_pods_is_written_once() -> None:
    for kind in table.every():
        places = [place.at for place in kind.pods]
        assert len(set(places)) == len(places), kind.name


def test_counts_name_pods_of_their_kind() -> None:
    for kind in table.every():
        places = {place.at for place in kind.pods}
        for count in kind.replicas:
            assert count.of is None or count.of in places, kind.name


def test_the_groups_of_autoscalers_are_those_of_the_table() -> None:
    assert {kind.group for kind in table.every() if kind.scaler} == set(workloads.SCALER_GROUPS)


def test_a_kind_that_nobody_wrote_down_is_unknown() -> None:
    assert table.find("example.com", "Widget") is None
    assert table.find("../core", "Pod") is None
    assert not table.is_builtin_group("example.com")


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ("Widget: {scope: Everywhere}", "3:12", "`scope` is `Everywhere`, which is unknown"),
        ("Widget: {scoop: Cluster}", "3:12", "unknown key `scoop` (nearest: `scope`)"),
        ("Widget: {wave: 1}", "3:3", "`scope` is missing"),
        ("widget: {scope: Cluster}", "3:3", "`widget` is no kind"),
        ('Widget: {scope: Cluster, pods: [{at: "spec..template"}]}', "3:36", "is no path"),
        ("Widget: {scope: Cluster, pods: [{at: spec, form: sphere}]}", "3:46", "`form` is `sphere`"),
        ("Widget: {scope: Cluster, pods: [{at: spec}, {at: spec}]}", "3:47", "this stands here twice"),
        ("Widget: {scope: Cluster, replicas: [{default: 2}]}", "3:39", "either `at` or `always`"),
        ("Widget: {scope: Cluster, references: [{at: spec.a, verb: names}]}", "3:41", "nothing says the kind"),
        ("Widget: {scope: Cluster, references: [{at: a, to: s/, verb: names}]}", "3:49", "`s/` is no kind"),
        ("Widget: {scope: Cluster, references: [{at: a, to: S, says: [who], verb: b}]}", "3:63", "`who` says nothing"),
        ("Widget: {scope: Cluster, names: {longest: 40}}", "3:28", "`because` is missing"),
    ],
)
def test_a_broken_entry_is_an_error_at_its_place(tmp_path: Path, entry: str, place: str, message: str) -> None:
    path = write(tmp_path, f"# a project\nkinds:\n  {entry}\n")
    with pytest.raises(TableError) as raised:
        table.group("example.com", tmp_path)
    assert f"{path}:{place}: " in str(raised.value)
    assert message in str(raised.value)


def test_a_kind_in_two_files_is_an_error_that_names_both(tmp_path: Path) -> None:
    first = write(tmp_path, "kinds: {Widget: {scope: Cluster}}\n", "kinds-a.yaml")
    second = write(tmp_path, "kinds: {Widget: {scope: Cluster}}\n", "kinds-b.yaml")
    with pytest.raises(TableError) as raised:
        table.group("example.com", tmp_path)
    assert str(raised.value) == f"{second}:1:9: `Widget` stands in {first} too: give it one entry"


def test_a_kind_that_stands_twice_in_a_file_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "kinds:\n  Widget: {scope: Cluster}\n  Widget: {scope: Cluster}\n")
    with pytest.raises(TableError) as raised:
        table.group("example.com", tmp_path)
    assert str(raised.value).startswith(f"{path}:3:3: ")


def test_a_file_without_kinds_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "builtin: true\n")
    with pytest.raises(TableError) as raised:
        table.group("example.com", tmp_path)
    assert f"{path}:1:1: `kinds` is missing" in str(raised.value)


BODY: dict[str, JsonValue] = {
    "spec": {
        "roles": {"a": {"n": 1}, "b": {"n": 2}},
        "list": [{"n": 3}, {"n": None}],
        "aSecretRef": "s",
        "n": 4,
        "named": [{"name": "b", "n": 5}, {"name": "a", "n": 6}],
    }
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("spec", "n"), {("spec", "n"): 4}),
        (("spec", "roles", "*", "n"), {("spec", "roles", "a", "n"): 1, ("spec", "roles", "b", "n"): 2}),
        (("spec", "list", "*", "n"), {("spec", "list", 0, "n"): 3}),
        (("spec", "*SecretRef"), {("spec", "aSecretRef"): "s"}),
        (("spec", "roles", "**", "n"), {("spec", "roles", "a", "n"): 1, ("spec", "roles", "b", "n"): 2}),
        (("spec", "missing", "*"), {}),
        (("spec", "named", "*name=a", "n"), {("spec", "named", 1, "n"): 6}),
        (("spec", "named", "0", "n"), {("spec", "named", 0, "n"): 5}),
        (("spec", "named", "2", "n"), {}),
        (("spec", "n", "deeper"), {}),
    ],
)
def test_a_path_leads_to_every_field_that_it_means(path: paths.Path, found: dict[tuple[str | int, ...], int]) -> None:
    assert dict(paths.follow(BODY, path)) == found


def test_the_forms_of_pods_are_those_that_are_written() -> None:
    assert {place.form for kind in table.every() for place in kind.pods} == set(Form)


def test_auroras_own_kinds_are_known_in_the_group_that_an_environment_gives_them() -> None:
    assert table.find("ml.example.org", "MLTrainingJob") == table.find(table.OWN, "MLTrainingJob") is not None
    assert table.find("batch", "MLTrainingJob") is None
    assert table.find("ml.example.org", "TrainJob") is None
    assert rows.of_kind(("ml.example.org", "MLTrainingJob")) == rows.of_kind((table.OWN, "MLTrainingJob"))
