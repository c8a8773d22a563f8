"""The minor versions of Kubernetes whose built-in kinds are known: those of the package `kubernetes-validate`.

The package itself is never imported: that would cost 0.1 s.
"""

import importlib.util
import re
from functools import cache
from pathlib import Path

from aurora.errors import ToolMissingError

_PACKAGE = "kubernetes_validate"
_FOLDER = re.compile(r"v(1\.[0-9]+)\.[0-9]+-local-strict")


@cache
def folders() -> dict[str, Path]:
    """Give the folder with the schemas of each minor version.

    Raises:
        ToolMissingError: the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        raise ToolMissingError(
            "the package `kubernetes-validate`, which holds the schemas of Kubernetes, is not installed",
            hint="install it again: `pip install --force-reinstall kubernetes-validate`",
        )
    found: dict[str, Path] = {}
    for folder in (Path(locations[0]) / "kubernetes-json-schema").iterdir():
        match = _FOLDER.fullmatch(folder.name)
        if match:
            found[match.group(1)] = folder
    return found


def available() -> tuple[str, ...]:
    """Give the minor versions whose schemas are installed, oldest first."""
    return tuple(sorted(folders(), key=lambda minor: int(minor.partition(".")[2])))


def absent(minor: str) -> tuple[str, str] | None:
    """Say that a minor version is not known, and which are; None for one that is."""
    versions = available()
    if minor in versions:
        return None
    return f"there are no schemas of Kubernetes {minor}", f"there are those of {versions[0]} to {versions[-1]}"
