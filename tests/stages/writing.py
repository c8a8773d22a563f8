"""Writes small repositories' `generated/`, and lets it fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from aurora import differ, writer
from aurora.paths import RepositoryPaths

SERVICE, KEPT, OTHER = (
    f"generated/a/{name}" for name in ("web/x/service.s.yaml", "web/x/service.t.yaml", "model/x/service.u.yaml")
)
OLD = {SERVICE: b"old\n", KEPT: b"kept\n", OTHER: b"other\n"}
NEW = {SERVICE: b"new\n", "generated/a/edge/_cluster/gateway.g.yaml": b"added\n"}


def by_environment(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Sort files into environments; `a` is always one."""
    found: dict[str, dict[str, bytes]] = {"a": {}}
    for path, content in files.items():
        found.setdefault(path.split("/")[1], {})[path] = content
    return found


def staged(paths: RepositoryPaths, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Stage what differs from what is there, and give the parts that are to be swapped."""
    rendered = by_environment(files)
    changed = {change.path for change in differ.against_committed(paths, rendered, complete=True)}
    return writer.stage(paths, rendered, changed)


def put(paths: RepositoryPaths, files: Mapping[str, bytes]) -> None:
    """Make `generated/` hold exactly these files."""
    with writer.exclusive(paths):
        writer.swap(paths, staged(paths, files))


def names(paths: RepositoryPaths) -> list[str]:
    """List what lies in `generated/`."""
    return sorted(os.listdir(paths.generated))  # noqa: PTH208 - the names are all that matters


def content(paths: RepositoryPaths) -> dict[str, bytes]:
    """Read every file of `generated/`."""
    found = {name: writer.committed(paths, name) for name in names(paths) if name != writer.LOCK}
    return {path: content for files in found.values() for path, content in files.items()}


def fail(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Let the rename of this number raise an error."""
    original, renames = Path.rename, [0]

    def failing(self: Path, target: Path) -> Path:
        renames[0] += 1
        if renames[0] == number:
            raise error
        return original(self, target)

    monkeypatch.setattr(Path, "rename", failing)
