"""`aurora list`: what there is."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context

Rows = list[tuple[str, str]]


def list_(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(metavar="[WHAT]", help="environments, components, checks or rules; all but rules by default."),
    ] = None,
    *,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write a page for every component kind instead.")
    ] = None,
) -> None:
    """List environments, component kinds, checks and rules.

    Example: aurora list components
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    if write is not None:
        if what not in (None, "components"):
            raise UsageError(f"`--write` writes the pages of component kinds, none of {what}", hint="leave one out")
        for written in _write(write):
            console.say(f"wrote {written}")
        return
    if what is not None and what not in SECTIONS:
        raise UsageError(f"`{what}` cannot be listed", hint=f"one of: {', '.join(SECTIONS)}")
    sections = [what] if what else [name for name in SECTIONS if name != "rules"]
    blocks = []
    for section in sections:
        lines = _aligned(SECTIONS[section]())
        blocks.append("\n".join([f"{section}:", *lines] if len(sections) > 1 else lines))
    console.result("\n\n".join(blocks))


def _write(folder: Path) -> list[str]:
    from aurora.commands import component_pages, pages  # noqa: PLC0415 - see the package's docstring
    from aurora.environment.plugins import component_kinds  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    paths = find_repository(Path.cwd())
    return pages.write(folder, component_pages.pages(component_kinds(paths), paths, folder))


def _aligned(rows: Rows) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name.ljust(width)}  {words}".rstrip() for name, words in rows]


def _environments() -> Rows:
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring

    paths = find_repository(Path.cwd())
    return [(name, paths.shown(paths.environment(name))) for name in paths.environment_names()]


def _components() -> Rows:
    """Give the built-in kinds, and in a repository also those of the packages that it allows."""
    from aurora.environment.plugins import component_kinds  # noqa: PLC0415 - see the package's docstring
    from aurora.errors import UsageError  # noqa: PLC0415
    from aurora.paths import find_repository  # noqa: PLC0415
    from aurora_constructs.catalogue import BY_NAME  # noqa: PLC0415

    try:
        paths = find_repository(Path.cwd())
    except UsageError:
        kinds = dict(BY_NAME)
    else:
        kinds = component_kinds(paths)
    return [(name, kind.summary) for name, kind in sorted(kinds.items())]


def _checks() -> Rows:
    from aurora.commands import rulebook  # noqa: PLC0415 - see the package's docstring

    return rulebook.checks()


def _rules() -> Rows:
    from aurora.commands import rulebook  # noqa: PLC0415 - see the package's docstring

    return rulebook.rules()


SECTIONS: dict[str, Callable[[], Rows]] = {
    "environments": _environments,
    "components": _components,
    "checks": _checks,
    "rules": _rules,
}
