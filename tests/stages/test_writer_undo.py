"""A change of `generated/` that does not come to its end is undone, and nothing else ever is."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import writer
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths
from stages.writing import NEW, OLD, content, fail, names, put, staged


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    return RepositoryPaths(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device", "there")])
@pytest.mark.parametrize("number", range(1, 7))
def test_a_swap_that_ends_in_the_middle_is_undone(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> None:
    """Six renames: `edge` in, `model` aside, `web` aside and in, an environment aside, and the last of all."""
    before = OLD | {"generated/left/over/file.yaml": b"left over\n"}
    put(paths, before)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else StorageError
    with writer.exclusive(paths):
        parts = staged(paths, NEW)
        fail(monkeypatch, number, error)
        with pytest.raises(expected):
            writer.swap(paths, parts)
        monkeypatch.undo()
    assert content(paths) == before
    assert names(paths) == [".lock", "a", "left"]


def test_an_environment_that_was_not_there_leaves_nothing_when_it_fails(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer.exclusive(paths):
        parts = staged(paths, OLD)
        fail(monkeypatch, len(parts) + 1, OSError(5, "Input/output error", "there"))
        with pytest.raises(StorageError):
            writer.swap(paths, parts)
        monkeypatch.undo()
    assert names(paths) == [".lock"]


def test_a_swap_that_was_killed_is_undone_at_the_next_start(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)
    with writer.exclusive(paths):
        parts = staged(paths, NEW)
        fail(monkeypatch, 4, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            writer.swap(paths, parts)
        monkeypatch.undo()
        shutil.copytree(paths.generated, paths.root / "killed")
    shutil.rmtree(paths.generated)
    (paths.root / "killed").rename(paths.generated)
    assert writer.is_unfinished(paths)
    assert content(paths) != OLD
    writer.repair(paths)
    assert content(paths) == OLD
    assert names(paths) == [".lock", "a"]


def test_what_was_swapped_is_not_undone(paths: RepositoryPaths) -> None:
    put(paths, NEW)
    (paths.generated / ".done" / "a" / "web").mkdir(parents=True)
    with writer.exclusive(paths):
        assert writer.committed(paths, "a") == NEW
    assert names(paths) == [".lock", "a"]


def test_a_reader_writes_nothing_where_nothing_was_interrupted(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    (paths.generated / ".lock").unlink()
    writer.repair(paths)
    assert names(paths) == ["a"]


@pytest.mark.parametrize("place", ["a", "a/web", "a/web/x", "a/web/x/service.s.yaml", "a/edge"])
@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_whatever_stands_in_the_place_of_a_part_is_replaced_or_comes_back(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch, place: str, what: str
) -> None:
    put(paths, OLD)
    outside = paths.root / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    target = paths.generated / place
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    if what == "file":
        target.write_text("x")
    elif what == "link":
        target.symlink_to(outside)
    else:
        target.mkdir()
        (target / "strange").mkdir()
    before = content(paths)
    for number in range(1, 20):
        with writer.exclusive(paths):
            parts = staged(paths, NEW)
            fail(monkeypatch, number, OSError(5, "Input/output error", "there"))
            try:
                writer.swap(paths, parts)
            except StorageError:
                assert content(paths) == before
            monkeypatch.undo()
        if content(paths) == NEW:
            break
    assert content(paths) == NEW
    assert names(paths) == [".lock", "a"]
    assert (outside / "kept").read_text() == "kept"


@pytest.mark.parametrize("left", [".old", ".new", ".done"])
def test_a_file_in_the_place_of_a_left_folder_is_deleted(paths: RepositoryPaths, left: str) -> None:
    put(paths, OLD)
    (paths.generated / left).write_text("x")
    with writer.exclusive(paths):
        assert not (paths.generated / left).exists()
    assert writer.committed(paths, "a") == OLD


def test_nothing_outside_is_undone_through_a_link(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    outside = paths.root / "outside"
    (outside / "web").mkdir(parents=True)
    (outside / "web" / "kept").write_text("kept")
    (paths.generated / ".old").symlink_to(outside)
    with writer.exclusive(paths):
        assert writer.committed(paths, "a") == OLD
    (paths.generated / ".old" / "b" / "web").mkdir(parents=True)
    (paths.generated / "b").symlink_to(outside)
    with writer.exclusive(paths):
        pass
    assert (outside / "web" / "kept").read_text() == "kept"


@pytest.mark.parametrize("name", [".lock", ".old", ".new", ".done"])
def test_what_no_swap_moved_aside_is_not_put_back(paths: RepositoryPaths, name: str) -> None:
    put(paths, OLD)
    (paths.generated / ".old" / name / "web").mkdir(parents=True)
    for _ in range(2):
        with writer.exclusive(paths), pytest.raises(StorageError, match="another `aurora`"):
            with writer.exclusive(paths):
                pass
    assert content(paths) == OLD
    assert names(paths) == [".lock", "a"]


FILES = st.dictionaries(
    st.builds("generated/{}/{}/{}/{}.yaml".format, *(st.sampled_from(names) for names in ("ab", "cde", "fg", "hi"))),
    st.sampled_from([b"", b"1\n", b"2\n"]),
)


@given(before=FILES, after=FILES, number=st.integers(1, 30))
def test_any_swap_ends_in_one_of_two_states(before: dict[str, bytes], after: dict[str, bytes], number: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        paths = RepositoryPaths(Path(folder))
        put(paths, before)
        assert content(paths) == before
        with writer.exclusive(paths):
            parts = staged(paths, after)
            fail(monkeypatch, number, OSError(5, "Input/output error", "there"))
            try:
                writer.swap(paths, parts)
                expected = after
            except StorageError:
                expected = before
            monkeypatch.undo()
        assert content(paths) == expected
        assert not writer.is_unfinished(paths)
