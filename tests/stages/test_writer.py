"""`generated/` changes by whole environments, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from aurora import writer
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths

OLD = {"generated/a/web/x/service.s.yaml": b"old\n", "generated/a/web/x/service.t.yaml": b"kept\n"}
NEW = {"generated/a/web/x/service.s.yaml": b"new\n"}


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    return RepositoryPaths(tmp_path)


def put(paths: RepositoryPaths, files: Mapping[str, bytes], *, over: Mapping[str, bytes] | None = None) -> None:
    unchanged = [path for path, content in files.items() if (over or {}).get(path) == content]
    with writer.exclusive(paths):
        writer.stage(paths, "a", files, unchanged=unchanged)
        writer.swap(paths, ["a"])


def test_a_swap_replaces_the_whole_environment(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    put(paths, NEW)
    assert writer.committed(paths, "a") == NEW
    assert sorted(os.listdir(paths.generated)) == [".lock", "a"]  # noqa: PTH208 - the names are all that matters


def test_what_was_moved_aside_comes_back_if_nothing_replaced_it(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    (paths.generated / "a").rename(paths.generated / ".old-a")
    (paths.generated / ".new-a").mkdir()
    with writer.exclusive(paths):
        assert writer.committed(paths, "a") == OLD
    assert not (paths.generated / ".new-a").exists()


def test_what_was_replaced_is_not_brought_back(paths: RepositoryPaths) -> None:
    put(paths, NEW)
    (paths.generated / ".old-a" / "web").mkdir(parents=True)
    with writer.exclusive(paths):
        assert writer.committed(paths, "a") == NEW
    assert not (paths.generated / ".old-a").exists()


def test_an_interruption_between_the_renames_is_repaired(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)
    renames: list[Path] = []
    original = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        renames.append(target)
        if len(renames) == 2:
            raise KeyboardInterrupt
        return original(self, target)

    with writer.exclusive(paths):
        writer.stage(paths, "a", NEW)
        monkeypatch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.swap(paths, ["a"])
        monkeypatch.undo()
        assert not (paths.generated / "a").exists()
    assert writer.committed(paths, "a") == OLD
    assert not (paths.generated / ".new-a").exists()


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
    assert found["generated/a/web/x/service.s.yaml"] != OLD["generated/a/web/x/service.s.yaml"]
    put(paths, OLD)
    assert writer.committed(paths, "a") == OLD


@pytest.mark.parametrize("left", [".old-a", ".new-a"])
def test_a_file_in_the_place_of_a_left_folder_is_deleted(paths: RepositoryPaths, left: str) -> None:
    put(paths, OLD)
    (paths.generated / left).write_text("x")
    with writer.exclusive(paths):
        assert not (paths.generated / left).exists()
    assert writer.committed(paths, "a") == OLD


def test_a_failed_rename_leaves_the_committed_environment(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)
    original = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == ".new-a":
            raise OSError(28, "No space left on device", str(self))
        return original(self, target)

    with writer.exclusive(paths):
        writer.stage(paths, "a", NEW)
        monkeypatch.setattr(Path, "rename", failing)
        with pytest.raises(StorageError, match="No space left on device"):
            writer.swap(paths, ["a"])
    assert writer.committed(paths, "a") == OLD


def test_a_full_disk_while_staging_leaves_nothing_behind(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(paths, OLD)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left"), writer.exclusive(paths):
        writer.stage(paths, "a", NEW)
    assert writer.committed(paths, "a") == OLD
    assert not (paths.generated / ".new-a").exists()


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
    put(paths, OLD)
    (paths.generated / "notes.txt").write_text("x")
    outside = paths.root / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (paths.generated / "link").symlink_to(outside)
    for name in ("a", "notes.txt", "link"):
        writer.remove(paths, name)
    assert os.listdir(paths.generated) == [".lock"]  # noqa: PTH208 - the names are all that matters
    assert (outside / "kept").exists()


def test_a_file_in_the_place_of_the_folder_is_an_error_with_its_path(paths: RepositoryPaths) -> None:
    paths.generated.write_text("")
    with pytest.raises(StorageError, match="generated` cannot be read or written"), writer.exclusive(paths):
        pass


def test_environments_are_swapped_together_or_not_at_all(
    paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = {path.replace("/a/", "/b/"): content for path, content in OLD.items()}
    with writer.exclusive(paths):
        for name, files in (("a", OLD), ("b", second)):
            writer.stage(paths, name, files)
        writer.swap(paths, ["a", "b"])
        for name in ("a", "b"):
            writer.stage(paths, name, {path.replace("/a/", f"/{name}/"): b"new" for path in NEW})
        original = Path.rename

        def failing(self: Path, target: Path) -> Path:
            if self.name == ".new-b":
                raise OSError(28, "No space left on device", str(self))
            return original(self, target)

        monkeypatch.setattr(Path, "rename", failing)
        with pytest.raises(StorageError, match="No space left on device"):
            writer.swap(paths, ["a", "b"])
    assert writer.committed(paths, "a") == OLD
    assert writer.committed(paths, "b") == second


def test_what_stays_is_linked_and_what_differs_is_written(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    kept = (paths.generated / "a" / "web" / "x" / "service.t.yaml").stat().st_ino
    put(paths, OLD | NEW, over=OLD)
    assert writer.committed(paths, "a") == OLD | NEW
    assert (paths.generated / "a" / "web" / "x" / "service.t.yaml").stat().st_ino == kept
    assert all(path.stat().st_nlink == 1 for path in (paths.generated / "a").rglob("*.yaml"))


def test_a_disk_without_links_gets_every_file_written(paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    put(paths, OLD)

    def refused(source: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted", str(source), None, str(target))

    monkeypatch.setattr(os, "link", refused)
    put(paths, OLD | NEW, over=OLD)
    assert writer.committed(paths, "a") == OLD | NEW


def test_a_file_with_another_name_elsewhere_is_not_shared(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    committed = paths.generated / "a" / "web" / "x" / "service.t.yaml"
    os.link(committed, paths.root / "elsewhere.yaml")
    put(paths, OLD | NEW, over=OLD)
    (paths.root / "elsewhere.yaml").write_bytes(b"edited\n")
    assert writer.committed(paths, "a") == OLD | NEW


def test_what_is_gone_from_the_disk_is_written(paths: RepositoryPaths) -> None:
    put(paths, OLD)
    (paths.generated / "a" / "web" / "x" / "service.t.yaml").unlink()
    put(paths, OLD | NEW, over=OLD)
    assert writer.committed(paths, "a") == OLD | NEW
