"""`generated/` changes in everything that a run changes; what stays the same is not touched."""

from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path

import pytest

from aurora import differ, writer
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths
from stages.writing import KEPT, NEW, OLD, OTHER, SERVICE, by_environment, content, names, put, staged


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    return RepositoryPaths(tmp_path)


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
