"""Writes `generated/`: everything that a run changes, or nothing.

What replaces a component is written beside it. Renaming over a folder that has content fails, so the old folders
are renamed aside, the new ones in, and the old ones deleted. Whatever interrupts that, the next start undoes it.
Components that stay the same are not touched. The only module that changes `generated/`.
"""

import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from aurora.errors import StorageError
from aurora.paths import RepositoryPaths

NEW, OLD, DONE, LOCK = ".new", ".old", ".done", ".lock"


@contextmanager
def exclusive(paths: RepositoryPaths) -> Iterator[None]:
    """Hold the repository's lock, and repair what an interrupted run left, while the body runs.

    Raises:
        StorageError: another run holds the lock, or the folder cannot be written.
    """
    if paths.generated.is_symlink():
        raise StorageError(
            f"`{paths.generated}` is a link: nothing outside the repository is changed", hint="make it a folder"
        )
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
    if is_unfinished(paths):
        with exclusive(paths):
            pass


def is_unfinished(paths: RepositoryPaths) -> bool:
    """Tell whether a run that changes `generated/` was interrupted, or is at it."""
    return os.path.lexists(paths.generated / OLD)


def recover(paths: RepositoryPaths) -> None:
    """Undo what an interrupted swap did, and delete what a run left."""
    aside = paths.generated / OLD
    if _is_folder(aside):
        for entry in sorted(aside.iterdir()):
            if not entry.name.startswith("."):  # no swap put it there
                _restore(entry, paths.generated / entry.name)
    for left in (NEW, OLD, DONE):
        _delete(paths.generated / left)


def _restore(aside: Path, current: Path) -> None:
    """Put an environment, or those of its parts that were moved aside, back where they were."""
    if not _is_folder(aside):
        _delete(current)
        aside.rename(current)
        return
    if not _is_folder(current):
        _delete(current)
        current.mkdir()
    for part in sorted(aside.iterdir()):
        _delete(current / part.name)
        if not _is_absent(part):
            part.rename(current / part.name)
    _drop_empty(current)


def stage(
    paths: RepositoryPaths, rendered: Mapping[str, Mapping[str, bytes]], changed: Collection[str]
) -> tuple[str, ...]:
    """Write what replaces the parts of `generated/` that have a changed path, and give these parts.

    A part is a component's folder, `<environment>/<component>`, or a whole environment where there is to be none, or
    where something other than a folder stands in its place. Files that stay are linked: to make one costs the disk
    forty times as much.

    Raises:
        StorageError: the disk is full or cannot be written; nothing is left behind.
    """
    parts = {_part(path, rendered) for path in changed}
    whole = {part for part in parts if "/" not in part}
    parts = whole | {part for part in parts if part.partition("/")[0] not in whole}
    folder = paths.generated / NEW
    try:
        for environment, files in rendered.items():
            for path, content in files.items():
                if environment in whole or _part(path, rendered) in parts:
                    target = f"{folder}/{path.removeprefix('generated/')}"
                    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - one of a thousand
                    if path in changed or not _linked(f"{paths.root}/{path}", target):
                        Path(target).write_bytes(content)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _storage_error(error, folder) from error
    return tuple(sorted(parts))


def _part(path: str, rendered: Collection[str]) -> str:
    """Give the part that a path belongs to: `generated/<environment>/<component>/...`, unless it is left over."""
    _, environment, *rest = path.split("/", 3)
    return f"{environment}/{rest[0]}" if rest and environment in rendered else environment


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


def swap(paths: RepositoryPaths, parts: Iterable[str]) -> None:
    """Put what was staged of these parts in the place of what is committed: all of them, or none.

    What was moved aside stays until every rename is done, so that a failure, or the next start, can put it back; an
    empty folder stands for what was not there.

    Raises:
        StorageError: a rename failed; `generated/` is as it was.
    """
    staged, aside, done = (paths.generated / name for name in (NEW, OLD, DONE))
    try:
        for part in parts:
            _exchange(paths.generated / part, staged / part, aside / part)
        if aside.exists():
            aside.rename(done)
    except OSError as error:
        recover(paths)
        raise _storage_error(error, paths.generated) from error
    with suppress(OSError):  # the next start tries again
        _delete(staged)
        _delete(done)


def _exchange(current: Path, staged: Path, aside: Path) -> None:
    aside.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(current):
        current.rename(aside)
    else:
        aside.mkdir()
    if staged.exists():
        current.parent.mkdir(exist_ok=True)
        staged.rename(current)
    _drop_empty(current.parent)


def _is_absent(aside: Path) -> bool:
    return _is_folder(aside) and next(aside.iterdir(), None) is None


def _drop_empty(folder: Path) -> None:
    """Delete an environment's folder that nothing is left of; not even Git knows empty ones."""
    with suppress(OSError):
        folder.rmdir()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _delete(path: Path) -> None:
    """Delete whatever has this name, if there is anything; what a link leads to stays."""
    if _is_folder(path):
        shutil.rmtree(path, onerror=_insist)
    else:
        path.unlink(missing_ok=True)


def _insist(function: Callable[..., object], path: str, error: object) -> None:
    """Delete what is in a folder that somebody made read-only, or unreadable."""
    del error
    if function in (os.unlink, os.rmdir):
        Path(path).parent.chmod(stat.S_IRWXU)
        function(path)
    else:
        Path(path).chmod(stat.S_IRWXU)
        shutil.rmtree(path)


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
