"""What is remembered can be damaged, deleted, shared and bounded, and nothing but memory is lost."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.memory import digests
from aurora.memory.store import FILE, FileMemory, Forgetful

WORDS = st.lists(st.text(max_size=5), max_size=4)


def test_what_was_kept_is_recalled_by_the_next_run(tmp_path: Path) -> None:
    FileMemory(tmp_path).keep({"a": b"one", "b": b"two"})
    assert FileMemory(tmp_path).recall(["a", "b", "c"]) == {"a": b"one", "b": b"two"}


def test_a_forgetful_memory_recalls_nothing() -> None:
    memory = Forgetful()
    memory.keep({"a": b"one"})
    assert memory.recall(["a"]) == {}
    assert not memory.remembers


@pytest.mark.parametrize("change", ["value = 'one!'", "key = 'c' || key", "digest = x'00'"])
def test_an_entry_that_does_not_fit_its_digest_is_forgotten_and_written_again(tmp_path: Path, change: str) -> None:
    memory = FileMemory(tmp_path)
    memory.keep({"a": b"one", "ca": b"other"})
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DELETE FROM entries WHERE key = 'ca'")
        connection.execute(f"UPDATE entries SET {change} WHERE key = 'a'")  # noqa: S608 - the parameters above
    assert memory.recall(["a", "ca"]) == {}
    memory.keep({"a": b"one"})
    assert memory.recall(["a"]) == {"a": b"one"}


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    memory = FileMemory(tmp_path)
    assert memory.recall(["a"]) == {}
    memory.keep({"a": b"one"})
    assert FileMemory(tmp_path).recall(["a"]) == {"a": b"one"}
    assert memory.notes == []


def test_a_file_with_another_table_is_replaced(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("CREATE TABLE entries (other TEXT)")
    memory = FileMemory(tmp_path)
    memory.keep({"a": b"one"})
    memory.keep({"a": b"one"})
    assert memory.recall(["a"]) == {"a": b"one"}


def test_the_file_can_be_cut_in_the_middle(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path)
    memory.keep({str(number): bytes(2000) for number in range(200)})
    memory._close()
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    again = FileMemory(tmp_path)
    for number in range(200):
        assert again.recall([str(number)]) in ({}, {str(number): bytes(2000)})
    again.keep({"a": b"one"})
    again.keep({"a": b"one"})
    assert FileMemory(tmp_path).recall(["a"]) == {"a": b"one"}


def test_the_folder_can_be_deleted_while_it_is_used(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "cache")
    memory.keep({"a": b"one"})
    for file in (tmp_path / "cache").iterdir():
        file.unlink()
    (tmp_path / "cache").rmdir()
    memory.keep({"b": b"two"})
    assert memory.recall(["b"]) in ({}, {"b": b"two"})
    other = FileMemory(tmp_path / "cache")
    other.keep({"c": b"three"})
    assert other.recall(["a", "b", "c"]) == {"c": b"three"}


def test_a_place_that_cannot_be_used_is_said_once_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    memory = FileMemory(tmp_path / "cache")
    memory.keep({"a": b"one"})
    assert memory.recall(["a"]) == {}
    assert len(memory.notes) == 1
    assert "nothing is remembered" in memory.notes[0]


def test_a_damaged_file_that_cannot_be_deleted_is_said_once_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nonsense" * 1000)
    (tmp_path / f"{FILE}-shm").mkdir()
    memory = FileMemory(tmp_path)
    for _ in range(3):
        memory.keep({"a": b"one"})
        assert memory.recall(["a"]) == {}
    assert len(memory.notes) == 1
    assert "nothing is remembered" in memory.notes[0]


def test_a_locked_file_costs_memory_and_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aurora.memory.store._BUSY_SECONDS", 0.05)
    FileMemory(tmp_path).keep({"a": b"one"})
    writer = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    memory = FileMemory(tmp_path)
    memory.keep({"b": b"two"})
    writer.execute("COMMIT")
    writer.close()
    assert memory.recall(["b"]) == {}
    memory.keep({"b": b"two"})
    assert memory.recall(["a", "b"]) == {"a": b"one", "b": b"two"}


def test_many_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    memories = [FileMemory(tmp_path) for _ in range(4)]

    def work(number: int) -> None:
        memory = memories[number % 4]
        memory.keep({f"{number}-{entry}": str(number).encode() for entry in range(50)})
        assert len(memory.recall([f"{number}-{entry}" for entry in range(50)])) == 50

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(work, range(24)))
    everything = [f"{number}-{entry}" for number in range(24) for entry in range(50)]
    assert len(FileMemory(tmp_path).recall(everything)) == len(everything)
    assert not any(memory.notes for memory in memories)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 2_000_000
    memory = FileMemory(tmp_path, limit=limit)
    hour = 3600
    monkeypatch.setattr("time.time", lambda: 1000 * hour)
    memory.keep({f"old-{number}": bytes(1000) for number in range(1200)})
    monkeypatch.setattr("time.time", lambda: 1001 * hour)
    assert len(memory.recall(["old-1", "old-2"])) == 2
    memory.keep({f"new-{number}": bytes(1000) for number in range(900)})
    assert len(memory.recall(["old-1", "old-2"])) == 2
    assert len(memory.recall([f"new-{number}" for number in range(900)])) == 900
    assert len(memory.recall([f"old-{number}" for number in range(1200)])) < 600
    for turn in range(30):
        memory.keep({f"{turn}-{number}": bytes(1000) for number in range(200)})
    size = sum(file.stat().st_size for file in tmp_path.iterdir() if file.name == FILE)
    assert size < 2 * limit


@given(WORDS, WORDS)
def test_other_parts_have_another_hash(first: list[str], second: list[str]) -> None:
    assert (digests.of(*first) == digests.of(*second)) == (first == second)


def test_values_are_told_apart_by_type_and_order() -> None:
    values = [1, 1.0, True, "1", None, [1], (1,), {"a": 1}, {"a": 1, "b": 2}, {"b": 2, "a": 1}, [["a", 1]], {}, [], ""]
    assert len({digests.of_value(value) for value in values}) == len(values)


def test_a_value_of_unknown_content_has_no_hash() -> None:
    with pytest.raises(digests.UnknownValueError):
        digests.of_value({"a": object()})


def test_a_snapshot_sees_content_names_and_links_and_not_where_it_lies(tmp_path: Path) -> None:
    def folder(name: str, **files: str) -> Path:
        place = tmp_path / name / "inner"
        place.mkdir(parents=True)
        for file, text in files.items():
            (place / file).write_text(text)
        return place

    first, same = folder("1", a="x", b="y"), folder("2", a="x", b="y")
    others = [folder("3", a="x", b="z"), folder("4", a="x", c="y"), folder("5", a="x"), folder("6", a="xb", b="y")]
    linked = folder("7", a="x")
    (linked / "b").symlink_to(first / "b")
    outside = folder("8", a="x")
    (outside / "b").symlink_to(tmp_path / "nowhere")
    loop = folder("9", a="x", b="y")
    (loop / "loop").symlink_to(loop)
    contents = [digests.snapshot([place]).content for place in (first, *others, linked, outside, loop)]
    assert digests.snapshot([same]).content == contents[0]
    assert len(set(contents)) == len(contents)


def test_what_a_link_leads_to_counts(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "policy.yaml").write_text("one")
    place = tmp_path / "place"
    place.mkdir()
    (place / "linked").symlink_to(target)
    before = digests.snapshot([place]).content
    (target / "policy.yaml").write_text("two")
    assert digests.snapshot([place]).content != before


def test_folders_count_even_where_they_are_empty(tmp_path: Path) -> None:
    place, target = tmp_path / "place", tmp_path / "target"
    contents = [digests.snapshot([place]).content]
    for step in (place, place / "inner", target):
        step.mkdir()
        contents.append(digests.snapshot([place]).content)
    (place / "linked").symlink_to(target)
    contents.append(digests.snapshot([place]).content)
    missing, empty, nested, same, linked = contents
    assert nested == same
    assert len({missing, empty, nested, linked}) == 4


def test_a_file_written_again_has_another_state(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("x")
    before = digests.snapshot([file])
    file.unlink()
    file.write_text("x")
    after = digests.snapshot([file])
    assert (after.content, after.state == before.state) == (before.content, False)


def test_code_that_changed_after_the_start_has_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    digests.code.cache_clear()
    assert digests.code() is not None
    monkeypatch.setattr(digests, "_STARTED", 0)
    digests.code.cache_clear()
    assert digests.code() is None
    monkeypatch.undo()
    digests.code.cache_clear()


def test_nothing_is_kept_once_the_hashed_code_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is imported after the hash was taken may be what somebody saved meanwhile."""
    plugin = tmp_path / "edited_plugin"
    plugin.mkdir()
    (plugin / "__init__.py").write_text("answer = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(digests, "_LOOKED_AT", {})
    monkeypatch.setattr(digests, "_STARTED", (plugin / "__init__.py").stat().st_ctime_ns)
    assert digests.package("edited_plugin")
    memory = FileMemory(tmp_path / "cache")
    memory.keep({"a": b"one"})
    (plugin / "__init__.py").write_text("answer = 2\n")
    memory.keep({"b": b"two"})
    (plugin / "__init__.py").write_text("answer = 1\n")
    memory.keep({"c": b"three"})
    assert memory.recall(["a", "b", "c"]) == {"a": b"one"}
