"""What `aurora list` shows, as lines. Starts no Node and no tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from aurora.checks.table import all_rules, table
from aurora.paths import find_repository
from aurora_constructs.catalogue import KINDS


def _aligned(rows: Iterable[tuple[str, str]]) -> list[str]:
    found = list(rows)
    width = max((len(name) for name, _ in found), default=0)
    return [f"{name.ljust(width)}  {words}".rstrip() for name, words in found]


def _environments(folder: Path) -> list[str]:
    paths = find_repository(folder)
    return _aligned((name, paths.shown(paths.environment(name))) for name in paths.environment_names())


def _components(_folder: Path) -> list[str]:
    return _aligned((kind.name, kind.summary) for kind in sorted(KINDS, key=lambda kind: kind.name))


def _nowhere(_name: str) -> Path:
    raise AssertionError("listing runs no tool")


def _checks(_folder: Path) -> list[str]:
    return _aligned((check.name, f"{len(check.rules)} rules") for check in table(_nowhere))


def _rules(_folder: Path) -> list[str]:
    return _aligned((rule.id, f"{rule.severity}: {rule.summary}") for rule in all_rules())


SECTIONS: dict[str, Callable[[Path], list[str]]] = {
    "environments": _environments,
    "components": _components,
    "checks": _checks,
    "rules": _rules,
}
