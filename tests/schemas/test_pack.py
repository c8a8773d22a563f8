"""Building, reading and distrusting the schema pack."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aurora.errors import InputError, StorageError, UsageError
from aurora.schemas import lock, pack
from schemas.crd_cases import FOLDER

WANTED = ("plumbing.example.com/Pipe", "plumbing.example.com/Valve", "garden.example.com/Plot")
LICENCE = "The text of the licence.\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    shutil.copytree(FOLDER, folder)
    (folder / "LICENSE-Apache-2.0.txt").write_text(LICENCE)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_pack_holds_the_wanted_kinds_their_lock_licence_and_notice(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "schemas"
    made = pack.build(source, target, WANTED)
    assert [(crd.kind, crd.component, crd.version, crd.served, crd.unserved) for crd in made.crds] == [
        ("Pipe", "plumbing", "1.2.0", ("v1",), ("v1alpha1",)),
        ("Plot", "garden", "0.3.1", ("v1",), ()),
        ("Valve", "plumbing", "1.2.0", ("v1", "v2"), ()),
    ]
    assert content(target).keys() == {
        "LICENSE",
        "NOTICE",
        "lock.yaml",
        "pipes.plumbing.example.com.json",
        "plots.garden.example.com.json",
        "valves.plumbing.example.com.json",
    }
    assert (target / "LICENSE").read_text() == LICENCE
    assert pack.load(target).lock == made


def test_the_notice_names_every_component_and_hands_on_the_notices_of_those_only(source: Path, tmp_path: Path) -> None:
    pack.build(source, tmp_path / "both", WANTED)
    notice = (tmp_path / "both" / "NOTICE").read_text()
    assert "plumbing 1.2.0: example/plumbing, tag v1.2.0, Apache-2.0" in notice
    assert "Copyright 2026 The Garden Authors" in notice
    assert "Unused" not in notice
    pack.build(source, tmp_path / "pipes", WANTED[:1])
    assert "Garden" not in (tmp_path / "pipes" / "NOTICE").read_text()


def test_two_builds_are_byte_equal_whatever_the_order_of_names(source: Path, tmp_path: Path) -> None:
    pack.build(source, tmp_path / "one", WANTED)
    pack.build(source, tmp_path / "two", [*reversed(WANTED), *WANTED])
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_files_are_sorted_json_with_unix_lines(source: Path, tmp_path: Path) -> None:
    pack.build(source, tmp_path / "schemas", WANTED)
    text = (tmp_path / "schemas" / "pipes.plumbing.example.com.json").read_bytes()
    assert text.endswith(b"}\n")
    assert b"\r" not in text
    assert b"prose" not in text
    body = json.loads(text)
    assert list(body) == sorted(body)


def test_the_same_kind_of_two_groups_can_both_be_packed(source: Path, tmp_path: Path) -> None:
    made = pack.build(source, tmp_path / "schemas", ["plumbing.example.com/Valve", "garden.example.com/Valve"])
    assert [crd.file for crd in made.crds] == ["valves.garden.example.com.json", "valves.plumbing.example.com.json"]


def test_all_kinds_of_a_source_are_told(source: Path) -> None:
    assert pack.all_kinds(source) == (
        "garden.example.com/Plot",
        "garden.example.com/Valve",
        "plumbing.example.com/Pipe",
        "plumbing.example.com/Valve",
    )


def test_missing_kinds_are_named_with_their_neighbours(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        pack.build(source, tmp_path / "schemas", ["plumbing.example.com/Pip", "example.com/Plot", *WANTED])
    assert "`plumbing.example.com/Pip` (nearest: `plumbing.example.com/Pipe`" in caught.value.message
    assert "`example.com/Plot` (nearest: `garden.example.com/Plot`)" in caught.value.message
    assert not (tmp_path / "schemas").exists()


def test_a_kind_defined_twice_is_an_error_that_names_both_files(source: Path, tmp_path: Path) -> None:
    shutil.copytree(source / "plumbing-1.2.0", source / "plumbing-1.3.0")
    with pytest.raises(UsageError, match=r"defined twice: in `plumbing-1\.2\.0/.* and in `plumbing-1\.3\.0/"):
        pack.build(source, tmp_path / "schemas", WANTED)


INTRUDERS = {
    "config.yaml": ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "schema/not-a-crd"),
    "empty.yaml": ("# nothing\n", "schema/not-a-crd"),
    "broken.yaml": ("a: [\n", "yaml/broken"),
    "old.json": (
        '{"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition", "metadata": {"name": "a"}}',
        "schema/broken-crd",
    ),
}


@pytest.mark.parametrize("name", INTRUDERS)
def test_what_is_no_definition_is_a_finding_with_its_place(source: Path, tmp_path: Path, name: str) -> None:
    text, rule = INTRUDERS[name]
    (source / "plumbing-1.2.0" / name).write_text(text)
    with pytest.raises(InputError) as caught:
        pack.build(source, tmp_path / "schemas", WANTED)
    assert {finding.rule for finding in caught.value.findings} == {rule}
    assert all(finding.place and finding.place.path.endswith(name) for finding in caught.value.findings)


def test_a_kind_of_unknown_origin_is_not_packed(source: Path, tmp_path: Path) -> None:
    (source / "plumbing-1.2.0").rename(source / "plumbing-9.9.9")
    with pytest.raises(UsageError, match=r"lies in no folder `<component>-<version>` that `README\.md` lists"):
        pack.build(source, tmp_path / "schemas", WANTED)


def test_a_kind_under_another_licence_is_not_packed(source: Path, tmp_path: Path) -> None:
    readme = source / "README.md"
    readme.write_text(
        readme.read_text().replace("| example/plumbing | Apache-2.0 |", "| example/plumbing | BUSL-1.1 |")
    )
    with pytest.raises(UsageError, match=r"under the licence BUSL-1\.1"):
        pack.build(source, tmp_path / "schemas", WANTED)


def test_a_source_without_origins_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(UsageError, match=r"has no `README\.md`"):
        pack.build(tmp_path / "bare", tmp_path / "schemas", WANTED)
    with pytest.raises(UsageError, match="does not exist"):
        pack.all_kinds(tmp_path / "nowhere")


def test_a_new_build_replaces_the_old_one_and_keeps_the_readme(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "schemas"
    pack.build(source, target, WANTED)
    (target / "README.md").write_text("mine\n")
    pack.build(source, target, WANTED[:1])
    assert (target / "README.md").read_text() == "mine\n"
    assert [path.name for path in target.glob("*.json")] == ["pipes.plumbing.example.com.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["schemas", "source"]


def test_a_foreign_file_in_the_target_stops_the_build_and_nothing_changes(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "schemas"
    pack.build(source, target, WANTED)
    (target / "notes.txt").write_text("mine\n")
    before = content(target)
    with pytest.raises(StorageError, match=r"notes\.txt` does not belong"):
        pack.build(source, target, WANTED[:1])
    assert content(target) == before


def test_an_interrupted_swap_is_repaired_by_the_next_build(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "schemas"
    pack.build(source, target, WANTED)
    (target / "README.md").write_text("mine\n")
    target.rename(tmp_path / ".schemas.old")
    (tmp_path / ".schemas.new").mkdir()
    pack.build(source, target, WANTED)
    assert (target / "README.md").read_text() == "mine\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["schemas", "source"]


@pytest.fixture
def built(source: Path, tmp_path: Path) -> Path:
    target = tmp_path / "schemas"
    pack.build(source, target, WANTED)
    return target


def test_a_changed_file_is_refused(built: Path) -> None:
    path = built / "plots.garden.example.com.json"
    path.write_text(path.read_text().replace("integer", "string"))
    with pytest.raises(StorageError, match=r"plots\.garden\.example\.com\.json` is not what `lock\.yaml` says"):
        pack.load(built)


def test_a_lost_file_is_refused(built: Path) -> None:
    (built / "plots.garden.example.com.json").unlink()
    with pytest.raises(StorageError, match=r"plots\.garden\.example\.com\.json` cannot be read"):
        pack.load(built)


def test_a_smuggled_file_is_refused(built: Path) -> None:
    (built / "more.example.com.json").write_text("{}")
    with pytest.raises(StorageError, match=r"more\.example\.com\.json` is not in `lock\.yaml`"):
        pack.load(built)


@pytest.mark.parametrize("text", ["", "format: 2\n", "a: [", "format: 1\ncrds: [{file: a}]\n", "- 1\n", "\ufffe"])
def test_a_damaged_lock_is_refused(built: Path, text: str) -> None:
    (built / lock.FILE).write_text(text)
    with pytest.raises(StorageError, match=r"lock\.yaml` cannot be used"):
        pack.load(built)


def test_a_lock_reads_back_as_it_was_written(built: Path) -> None:
    text = (built / lock.FILE).read_text()
    assert lock.dump(lock.parse(text)) == text
