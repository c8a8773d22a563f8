"""Writes a folder of generated pages: all of them, and nothing that is no longer generated."""

from collections.abc import Mapping
from pathlib import Path

from aurora.errors import StorageError


def write(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Write every page into a folder, remove pages of what is gone, and give what was written.

    Raises:
        StorageError: a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.md"):
            if stale.name not in pages:
                stale.unlink()
        for name, content in pages.items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StorageError(f"`{error.filename or folder}` cannot be written: {error.strerror}") from error
    return [str(folder / name) for name in pages]
