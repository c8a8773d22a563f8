"""The patterns of files in settings: `*` and `?` within a name, `**` over folders; a folder names all below it."""

import fnmatch
import os
import re
from functools import lru_cache
from pathlib import Path


def matches(glob: str, path: str) -> bool:
    """Tell whether a pattern names a file, or a folder above it; the work is bounded by the parts of both."""
    parts, names = glob.rstrip("/").split("/"), path.split("/")
    if parts[-1] == "**":
        parts[-1] = "*"  # and all below it
    reached = {0}
    for part in parts:
        if part == "**":
            reached = set(range(min(reached), len(names)))
        else:
            reached = {at + 1 for at in reached if at < len(names) and _name(part).match(names[at])}
        if not reached:
            return False
    return True


@lru_cache
def _name(part: str) -> re.Pattern[str]:
    """Compile a part of a pattern; the standard library's form of it never tries two ways."""
    return re.compile(fnmatch.translate(part.replace("[", "[[]")))


def names_something(root: Path, glob: str) -> bool:
    """Tell whether a pattern names a file below a folder."""
    for parent, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in {".git", ".venv", "node_modules"}]
        below = Path(parent).relative_to(root).as_posix()
        if any(matches(glob, name if below == "." else f"{below}/{name}") for name in files):
            return True
    return False
