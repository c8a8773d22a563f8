"""Writes `generated/`: a whole environment at once, or not at all.

Renaming over a folder that has content fails, so the old folder is renamed aside, the new one in, and the
old one deleted. Whatever interrupts that, the next start repairs it. The only module that changes
`generated/`.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from aurora.errors import StorageError
from aurora.paths import RepositoryPaths

NEW, OLD, LOCK = ".new-", ".old-", ".lock"


@contextmanager
def exclusive(paths: RepositoryPaths) -> Iterator[None]:
    """Hold the repository's lock, and repair what an interrupted run left, while the body runs.

    Raises:
        StorageError: another run holds the lock, or the folder cannot be written.
    """
    try:
        paths.generated.mkdir(exist_ok=True)
        lock = FileLock(paths.generated / LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StorageError(
            "another `aurora` writes to `generated/` right now", hint="wait for it to end and try again"
        ) from error
    except OSError as error:
        raise _storage_error(error, paths.generated) from error
    try:
        recover(paths)
        yield
    except OSError as error:
        raise _storage_error(error, paths.generated) from error
    finally:
        # After Ctrl-C in the middle of a swap: what can be put back at once need not wait for the next start.
        with suppress(OSError):
            recover(paths)
        lock.release()


def repair(paths: RepositoryPaths) -> None:
    """Repair what an interrupted run left, if there is anything: a reader then needs no lock and writes nothing.

    Raises:
        StorageError: there is something, and another run holds the lock or the folder cannot be written.
    """
    if next(paths.generated.glob(f"{OLD}*"), None) is not None:
        with exclusive(paths):
            pass


def recover(paths: RepositoryPaths) -> None:
    """Undo or finish what an interrupted run left: a moved-aside environment comes back if nothing replaced it."""
    for aside in sorted(paths.generated.glob(f"{OLD}*")):
        current = paths.generated / aside.name.removeprefix(OLD)
        if current.exists():
            _delete(aside)
        else:
            aside.rename(current)
    for staged in sorted(paths.generated.glob(f"{NEW}*")):
        _delete(staged)


def stage(
    paths: RepositoryPaths, environment: str, files: Mapping[str, bytes], *, unchanged: Collection[str] = ()
) -> Path:
    """Write an environment's files beside the committed ones and return their folder.

    What is `unchanged` is linked instead of written: to make a file costs the disk forty times as much.

    Raises:
        StorageError: the disk is full or cannot be written; nothing is left behind.
    """
    folder = paths.generated / f"{NEW}{environment}"
    prefix = f"generated/{environment}/"
    try:
        folder.mkdir(parents=True)
        targets = {path: f"{folder}/{path.removeprefix(prefix)}" for path in files}
        for parent in {os.path.dirname(target) for target in targets.values()}:  # noqa: PTH120 - one of a thousand
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103 - as above
        for path, target in targets.items():
            if path not in unchanged or not _linked(f"{paths.root}/{path}", target):
                Path(target).write_bytes(files[path])
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _storage_error(error, folder) from error
    return folder


def _linked(path: str, target: str) -> bool:
    """Give a committed file a second name; tell whether the disk can, and the file is one of its own."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            return False
        os.link(path, target)
    except OSError:
        return False
    return True


def swap(paths: RepositoryPaths, environments: Iterable[str]) -> None:
    """Put staged environments in the place of the committed ones: all of them, or none.

    What was moved aside stays until every rename is done, so that a failure can put it back.

    Raises:
        StorageError: a rename failed; the committed environments are as they were.
    """
    done: list[str] = []
    for name in environments:
        staged, current, aside = (paths.generated / f"{prefix}{name}" for prefix in (NEW, "", OLD))
        try:
            if current.exists():
                current.rename(aside)
            staged.rename(current)
        except OSError as error:
            for earlier in done:
                shutil.rmtree(paths.generated / earlier)
            recover(paths)
            raise _storage_error(error, current) from error
        done.append(name)
    for name in done:
        shutil.rmtree(paths.generated / f"{OLD}{name}", ignore_errors=True)


def remove(paths: RepositoryPaths, name: str) -> None:
    """Delete a file or folder of `generated/` that no environment owns.

    Raises:
        StorageError: it cannot be deleted.
    """
    left_over = paths.generated / name
    try:
        _delete(left_over)
    except OSError as error:
        raise _storage_error(error, left_over) from error


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def committed(paths: RepositoryPaths, environment: str) -> dict[str, bytes]:
    """Read an environment's committed files by their path, whatever they are.

    A link counts as a file that says where it leads: nobody who reads `generated/` may have to follow one.

    Raises:
        StorageError: a file cannot be read.
    """
    folder = paths.generated / environment
    found: dict[str, bytes] = {}
    try:
        if folder.is_symlink() or folder.is_file():
            return {paths.shown(folder): _content(str(folder), is_link=folder.is_symlink(), is_file=True)}
        pending = [(str(folder), paths.shown(folder))] if folder.exists() else []
        while pending:
            place, shown = pending.pop()
            with os.scandir(place) as entries:
                for entry in entries:
                    path = f"{shown}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        pending.append((entry.path, path))
                    else:
                        is_file = entry.is_file(follow_symlinks=False)
                        found[path] = _content(entry.path, is_link=entry.is_symlink(), is_file=is_file)
    except OSError as error:
        raise _storage_error(error, folder) from error
    return dict(sorted(found.items()))


def _content(path: str, *, is_link: bool, is_file: bool) -> bytes:
    if is_link:
        return f"link to {os.readlink(path)}\n".encode(errors="surrogateescape")  # noqa: PTH115 - one of a thousand
    if not is_file:
        return b"no regular file\n"
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return file.read()


def _storage_error(error: OSError, folder: Path) -> StorageError:
    return StorageError(
        f"`{error.filename or folder}` cannot be read or written: {error.strerror or error}",
        hint="check free space and permissions; `generated/` is as it was",
    )
