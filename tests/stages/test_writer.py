"""`generated/` changes in everything that a run changes, or not at all; what stays the same is not touched."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import differ, writer
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths

SERVICE, KEPT, OTHER = (
    f"generated/a/{name}" for name in ("web/x/service.s.yaml", "web/x/service.t.yaml", "model/x/service.u.yaml")
)
OLD = {SERVICE: b"old\n", KEPT: b"kept\n", OTHER: b"other\n"}
NEW = {SERVICE: b"new\n", "generated/a/edge/_cluster/gateway.g.yaml": b"added\n"}


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    return RepositoryPaths(tmp_path)


def by_environment(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {"a": {}}
    for path, content in files.items():
        found.setdefault(path.split("/")[1], {})[path] = content
    return found


def staged(paths: RepositoryPaths, files: Mapping[str, bytes]) -> tuple[str, ...]:
    rendered = by_environment(files)
    changed = {change.path for change in differ.against_committed(paths, rendered, complete=True)}
    return writer.stage(paths, rendered, changed)


def put(paths: RepositoryPaths, files: Mapping[str, bytes]) -> None:
    with writer.exclusive(paths):
        writer.swap(paths, staged(paths, files))


def names(paths: RepositoryPaths) -> list[str]:
    return sorted(os.listdir(paths.generated))  # noqa: PTH208 - the names are all that matters


def content(paths: RepositoryPaths) -> dict[str, bytes]:
    found = {name: writer.committed(paths, name) for name in names(paths) if name != writer.LOCK}
    return {path: content for files in found.values() for path, content in files.items()}


def fail(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Let the rename of this number raise an error."""
    original, renames = Path.rename, [0]

    def failing(self: Path, target: Path) -> Path:
        renames[0] += 1
        if renames[0] == number:
            raise error
        return original(self, target)

    monkeypatch.setattr(Path, "rename", failing)


def test_a_swap_changes_adds_and_removes(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    put(paths, NEW)
    assert writer.committed(paths, "a") == NEW
    assert names(paths) == [".lock", "a"]


def test_a_component_that_stays_is_not_touched(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    folder = paths.root / Path(OTHER).parent
    before = [(folder / "service.u.yaml").stat(), folder.stat(), folder.parent.stat()]
    put(paths, OLD | NEW)
    after = [(folder / "service.u.yaml").stat(), folder.stat(), folder.parent.stat()]
    assert [(entry.st_ino, entry.st_ctime_ns) for entry in after] == [
        (entry.st_ino, entry.st_ctime_ns) for entry in before
    ]


def test_nothing_changed_writes_nothing(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    before = paths.generated.stat().st_mtime_ns
    with writer.exclusive(paths):
        assert staged(paths, OLD) == ()
        writer.swap(paths, ())
    assert paths.generated.stat().st_mtime_ns == before


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


def test_a_link_is_no_substitute_for_what_it_leads_to(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    outside = paths.root / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "service.s.yaml").write_bytes(b"old\n")
    component = paths.generated / "a" / "web"
    (component / "link").symlink_to(outside)
    (component / "x" / "service.s.yaml").unlink()
    (component / "x" / "service.s.yaml").symlink_to(outside / "service.s.yaml")
    (component / "x" / "gone.yaml").symlink_to("nowhere")
    found = writer.committed(paths, "a")
    assert found.keys() - OLD.keys() == {"generated/a/web/link", "generated/a/web/x/gone.yaml"}
    assert found[SERVICE] != OLD[SERVICE]
    put(paths, OLD)
    assert writer.committed(paths, "a") == OLD
    assert (outside / "service.s.yaml").read_bytes() == b"old\n"


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


def test_a_link_in_the_place_of_the_folder_is_refused(paths: RepositoryPaths) -> None:
    outside = paths.root / "outside"
    (outside / "thesis").mkdir(parents=True)
    (outside / ".old" / "a").mkdir(parents=True)
    paths.generated.symlink_to(outside)
    for attempt in (partial(put, paths, OLD), partial(writer.repair, paths)):
        with pytest.raises(StorageError, match="is a link"):
            attempt()
    assert sorted(entry.name for entry in outside.iterdir()) == [".old", "thesis"]


def test_a_read_only_folder_does_not_keep_what_was_replaced(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)
    (paths.root / SERVICE).parent.chmod(0o555)
    original = os.unlink

    def strict(path: str, *, dir_fd: int | None = None) -> None:
        folder = os.stat(os.path.dirname(path)) if dir_fd is None else os.fstat(dir_fd)  # noqa: PTH116, PTH120
        if not folder.st_mode & stat.S_IWUSR:
            raise PermissionError(13, "Permission denied", path)
        original(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", strict)  # who runs the tests may be allowed everything
    put(paths, NEW)
    monkeypatch.undo()
    assert content(paths) == NEW
    assert names(paths) == [".lock", "a"]


def test_a_full_disk_while_staging_leaves_nothing_behind(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left"), writer.exclusive(paths):
        staged(paths, NEW)
    assert writer.committed(paths, "a") == OLD
    assert names(paths) == [".lock", "a"]


def test_a_second_run_is_told_to_wait(paths: RepositoryPaths) -> None:
    with writer.exclusive(paths), pytest.raises(StorageError, match="another `aurora`") as caught:
        with writer.exclusive(paths):
            pass
    assert caught.value.exit_code == 3


def test_the_lock_is_free_after_a_failure(paths: RepositoryPaths) -> None:
    with pytest.raises(RuntimeError), writer.exclusive(paths):
        raise RuntimeError
    with writer.exclusive(paths):
        pass


def test_what_no_environment_owns_is_removed(paths: RepositoryPaths) -> None:
    put(paths, OLD | {"generated/b/web/x/service.s.yaml": b"b\n"})
    (paths.generated / "notes.txt").write_text("x")
    outside = paths.root / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (paths.generated / "link").symlink_to(outside)
    put(paths, {})
    assert names(paths) == [".lock"]
    assert (outside / "kept").exists()


def test_a_file_in_the_place_of_the_folder_is_an_error_with_its_path(paths: RepositoryPaths) -> None:
    paths.generated.write_text("")
    with pytest.raises(StorageError, match="generated` cannot be read or written"), writer.exclusive(paths):
        pass


def test_what_stays_of_a_component_is_linked_and_what_differs_is_written(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    kept = (paths.root / KEPT).stat().st_ino
    put(paths, OLD | NEW)
    assert writer.committed(paths, "a") == OLD | NEW
    assert (paths.root / KEPT).stat().st_ino == kept
    assert all(path.stat().st_nlink == 1 for path in (paths.generated / "a").rglob("*.yaml"))


def test_a_disk_without_links_gets_every_file_written(paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    put(paths, OLD)

    def refused(source: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted", str(source), None, str(target))

    monkeypatch.setattr(os, "link", refused)
    put(paths, OLD | NEW)
    assert writer.committed(paths, "a") == OLD | NEW


def test_a_file_with_another_name_elsewhere_is_not_shared(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    os.link(paths.root / KEPT, paths.root / "elsewhere.yaml")
    put(paths, OLD | NEW)
    (paths.root / "elsewhere.yaml").write_bytes(b"edited\n")
    assert writer.committed(paths, "a") == OLD | NEW


def test_what_is_gone_from_the_disk_is_written(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    with writer.exclusive(paths):
        rendered = by_environment(OLD | NEW)
        changed = {change.path for change in differ.against_committed(paths, rendered, complete=True)}
        (paths.root / KEPT).unlink()
        writer.swap(paths, writer.stage(paths, rendered, changed))
    assert writer.committed(paths, "a") == OLD | NEW


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
