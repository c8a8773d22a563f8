"""Writes a new repository into a folder that holds nothing yet: all of it, or none."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from aurora.errors import StorageError, UsageError

KEPT = frozenset({".git"})
"""What a folder may hold before: `git init` or a clone of an empty repository."""


def check(folder: Path) -> None:
    """Refuse a folder in which something would be lost.

    Raises:
        UsageError: it is no folder, or holds something.
        StorageError: it cannot be looked into.
    """
    hint = "name a new folder; `--from DIR` starts from manifests that are there, and leaves them where they are"
    try:
        if not os.path.lexists(folder):
            return
        if not folder.is_dir():
            raise UsageError(f"`{folder}` is no folder", hint=hint)
        there = sorted(entry.name for entry in folder.iterdir() if entry.name not in KEPT)
    except OSError as error:
        raise StorageError(f"`{folder}` cannot be looked into: {error.strerror}") from error
    if there:
        more = f" and {len(there) - 3} more" if len(there) > 3 else ""
        shown = ", ".join(f"`{name}`" for name in there[:3])
        raise UsageError(f"`{folder}` is not empty: it holds {shown}{more}; nothing was written", hint=hint)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file beside the folder first, then move them in; after a failure nothing of it is left.

    Raises:
        UsageError: the folder is not empty.
        StorageError: a file cannot be written.
    """
    check(folder)
    moved: list[Path] = []
    made = not folder.exists()
    staged: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(dir=folder, prefix=".aurora-init-"))
        for path, content in files.items():
            file = staged / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        for entry in sorted(staged.iterdir()):
            moved.append(entry.rename(folder / entry.name))
        staged.rmdir()
    except OSError as error:
        for entry in [*moved, *([staged] if staged else [])]:
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
        if made and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
        raise StorageError(f"`{folder}` cannot be written: {error.strerror}; nothing was left there") from error
