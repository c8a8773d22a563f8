"""The patterns of files in settings: `*` and `?` within a name, `**` over folders; a folder names all below it."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANING = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(glob: str, path: str) -> bool:
    """Tell whether a pattern names a file, or a folder above it."""
    return _compiled(glob).fullmatch(path) is not None


@lru_cache
def _compiled(glob: str) -> re.Pattern[str]:
    meaning = "".join(_MEANING.get(part, re.escape(part)) for part in _PARTS.findall(glob.rstrip("/")))
    return re.compile(f"{meaning}(?:/.*)?")


def names_something(root: Path, glob: str) -> bool:
    """Tell whether a pattern names a file below a folder."""
    for parent, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in {".git", ".venv", "node_modules"}]
        below = Path(parent).relative_to(root).as_posix()
        if any(matches(glob, name if below == "." else f"{below}/{name}") for name in files):
            return True
    return False
