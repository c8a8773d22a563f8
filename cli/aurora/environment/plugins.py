"""Component kinds of installed packages: only those that the repository's settings allow by name.

Installing a package must not change what a repository compiles to; so nothing of an entry point that is not
allowed is even imported.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from aurora.environment.wording import listed, meant, visible
from aurora.errors import UsageError
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from aurora.settings import reading as settings
from aurora.settings.values import Settings
from aurora_constructs.catalogue import BY_NAME, ComponentKind
from aurora_constructs.spec import ComponentSpec

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
        InputError: the repository's settings cannot be used, or an allowed plugin is missing, broken, ambiguous or
            named like a built-in kind.
        StorageError: the settings exist and cannot be read.
    """
    values, findings = settings.collect(paths.root)
    kinds, wrong = _allowed(values, builtin, installed)
    settings.refuse([*findings, *wrong])
    return {**builtin, **kinds}


def problems(values: Settings) -> list[Finding]:
    """Find the plugins that settings allow and that are missing, broken, ambiguous or named like a built-in kind."""
    return _allowed(values, BY_NAME, None)[1]


def _allowed(
    values: Settings, builtin: Mapping[str, ComponentKind], installed: Iterable[EntryPoint] | None
) -> tuple[dict[str, ComponentKind], list[Finding]]:
    kinds: dict[str, ComponentKind] = {}
    findings: list[Finding] = []
    if values.components:
        there = entry_points(group=GROUP) if installed is None else installed
        points = [point for point in there if point.group == GROUP]
        for name in values.components:
            try:
                kinds[name] = _load(_only(name, points, builtin))
            except UsageError as error:
                findings.append(settings.invalid(values.place("components", name), error.message, error.hint or ""))
    return kinds, findings


def _only(name: str, points: Iterable[EntryPoint], builtin: Mapping[str, ComponentKind]) -> EntryPoint:
    """Find the one entry point of a name."""
    if name in builtin:
        raise UsageError(
            f"`{SETTING}` names `{visible(name)}`, which is a built-in kind",
            hint="remove it, and let the package give its kind another name",
        )
    named = {(point.value, _package(point)): point for point in points if point.name == name}
    if len(named) == 1:
        return next(iter(named.values()))
    if named:
        packages = listed({package for _, package in named}, joint=" and ")
        raise UsageError(
            f"`{SETTING}` names `{visible(name)}`, which more than one package provides: {packages}",
            hint="uninstall all but one",
        )
    raise UsageError(
        f"`{SETTING}` names `{visible(name)}`, which no installed package provides",
        hint=meant(
            name, [point.name for point in points], otherwise=f"install the package with its entry point in `{GROUP}`"
        ),
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
