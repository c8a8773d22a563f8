"""Component kinds of installed packages: only those that the repository's `pyproject.toml` allows by name.

Installing a package must not change what a repository compiles to; so nothing of an entry point that is not
allowed is even imported.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from aurora.environment.wording import closest, listed, visible
from aurora.errors import StorageError, UsageError
from aurora_constructs.catalogue import BY_NAME, ComponentKind
from aurora_constructs.spec import ComponentSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aurora.paths import RepositoryPaths

GROUP = "aurora.components"
SETTING = "[tool.aurora] components"


def component_kinds(
    paths: RepositoryPaths,
    *,
    builtin: Mapping[str, ComponentKind] = BY_NAME,
    installed: Iterable[EntryPoint] | None = None,
) -> dict[str, ComponentKind]:
    """Give the built-in kinds and those of the plugins that the repository allows, by name.

    Without `installed`, the entry points of the Python environment are the ones that there are.

    Raises:
        UsageError: `pyproject.toml` cannot be read as what it should be, or an allowed plugin is missing, broken,
            ambiguous or named like a built-in kind.
        StorageError: `pyproject.toml` exists and cannot be read.
    """
    kinds = dict(builtin)
    allowed = _allowed(paths)
    if not allowed:
        return kinds
    there = entry_points(group=GROUP) if installed is None else installed
    points = [point for point in there if point.group == GROUP]
    for name in allowed:
        if name in builtin:
            raise UsageError(
                f"`{SETTING}` names `{visible(name)}`, which is a built-in kind",
                hint="remove it, and let the package give its kind another name",
            )
        kinds[name] = _load(_only(name, points))
    return kinds


def _allowed(paths: RepositoryPaths) -> tuple[str, ...]:
    file = paths.root / "pyproject.toml"
    shown = paths.shown(file)
    try:
        settings = tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StorageError(f"`{shown}` cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"`{shown}` is no TOML: {error}") from error
    tool = settings.get("tool", {})
    aurora = tool.get("aurora", {}) if isinstance(tool, dict) else {}
    names = aurora.get("components", []) if isinstance(aurora, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise UsageError(
            f"`{SETTING}` in `{shown}` must be a list of component kinds",
            hint='write `components = ["FeatureStore"]`',
        )
    return tuple(dict.fromkeys(names))


def _only(name: str, points: Iterable[EntryPoint]) -> EntryPoint:
    """Find the one entry point of a name."""
    named = {(point.value, _package(point)): point for point in points if point.name == name}
    if len(named) == 1:
        return next(iter(named.values()))
    if named:
        packages = listed({package for _, package in named}, joint=" and ")
        raise UsageError(
            f"`{SETTING}` names `{visible(name)}`, which more than one package provides: {packages}",
            hint="uninstall all but one",
        )
    near = closest(name, [point.name for point in points])
    raise UsageError(
        f"`{SETTING}` names `{visible(name)}`, which no installed package provides",
        hint=f"did you mean `{visible(near)}`?" if near else f"install the package with its entry point in `{GROUP}`",
    )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module


def _load(point: EntryPoint) -> ComponentKind:
    """Import a plugin's kind and check that it is what its entry point says."""
    what = f"the entry point `{visible(point.name)}` of `{visible(_package(point))}`"
    try:
        kind = point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise UsageError(
            f"{what} cannot be imported: {visible(str(error), longest=200)}",
            hint="install a version of the package that works with this Python",
        ) from error
    if not isinstance(kind, ComponentKind):
        raise UsageError(f"{what} is no `ComponentKind` but of type `{type(kind).__name__}`", hint=_HINT)
    if not (isinstance(kind.spec, type) and issubclass(kind.spec, ComponentSpec)):
        raise UsageError(f"the specification of {what} is no `ComponentSpec`", hint=_HINT)
    if kind.name != point.name:
        raise UsageError(f"{what} is the kind `{visible(kind.name)}`, and must have its name", hint=_HINT)
    return kind


_HINT = "tell the package's author: an entry point names a `ComponentKind` and has its name"
