"""Writes `generated/`: a whole environment at once, or not at all.

Renaming over a folder that has content fails, so the old folder is renamed aside, the new one in, and the
old one deleted. Whatever interrupts that, the next start repairs it. The only module that changes
`generated/`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    finally:
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
            shutil.rmtree(aside)
        else:
            aside.rename(current)
    for staged in sorted(paths.generated.glob(f"{NEW}*")):
        shutil.rmtree(staged)


def stage(paths: RepositoryPaths, environment: str, files: Mapping[str, bytes]) -> Path:
    """Write an environment's files beside the committed ones and return their folder.

    Raises:
        StorageError: the disk is full or cannot be written; nothing is left behind.
    """
    folder = paths.generated / f"{NEW}{environment}"
    prefix = f"generated/{environment}/"
    try:
        folder.mkdir(parents=True)
        for path, content in files.items():
            target = folder / path.removeprefix(prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _storage_error(error, folder) from error
    return folder


def swap(paths: RepositoryPaths, environment: str) -> None:
    """Put a staged environment in the place of the committed one.

    Raises:
        StorageError: a rename failed; the committed environment is as it was.
    """
    staged, current = paths.generated / f"{NEW}{environment}", paths.generated / environment
    aside = paths.generated / f"{OLD}{environment}"
    try:
        if current.exists():
            current.rename(aside)
        staged.rename(current)
    except OSError as error:
        recover(paths)
        raise _storage_error(error, current) from error
    shutil.rmtree(aside, ignore_errors=True)


def remove(paths: RepositoryPaths, name: str) -> None:
    """Delete a file or folder of `generated/` that no environment owns.

    Raises:
        StorageError: it cannot be deleted.
    """
    left_over = paths.generated / name
    try:
        if left_over.is_dir() and not left_over.is_symlink():
            shutil.rmtree(left_over)
        else:
            left_over.unlink()
    except OSError as error:
        raise _storage_error(error, left_over) from error


def committed(paths: RepositoryPaths, environment: str) -> dict[str, bytes]:
    """Read an environment's committed files by their path, whatever they are.

    Raises:
        StorageError: a file cannot be read.
    """
    folder = paths.generated / environment
    found: dict[str, bytes] = {}
    try:
        if folder.is_file():
            return {paths.shown(folder): folder.read_bytes()}
        for parent, _, names in os.walk(folder):
            for name in names:
                path = Path(parent) / name
                found[paths.shown(path)] = path.read_bytes()
    except OSError as error:
        raise _storage_error(error, folder) from error
    return dict(sorted(found.items()))


def _storage_error(error: OSError, folder: Path) -> StorageError:
    return StorageError(
        f"`{error.filename or folder}` cannot be read or written: {error.strerror or error}",
        hint="check free space and permissions; `generated/` is as it was",
    )
