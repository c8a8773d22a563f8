"""`aurora list`: what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def list_(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(metavar="[WHAT]", help="environments, components, checks or rules; all but rules by default."),
    ] = None,
) -> None:
    """List environments, component kinds, checks and rules.

    Example: aurora list components
    """
    from aurora import listing  # noqa: PLC0415 - see the package's docstring
    from aurora.errors import UsageError  # noqa: PLC0415 - as above

    if what is not None and what not in listing.SECTIONS:
        raise UsageError(f"`{what}` cannot be listed", hint=f"one of: {', '.join(listing.SECTIONS)}")
    console = context.state(ctx).console
    sections = [what] if what else [name for name in listing.SECTIONS if name != "rules"]
    blocks = []
    for section in sections:
        lines = listing.SECTIONS[section](Path.cwd())
        blocks.append("\n".join([f"{section}:", *lines] if len(sections) > 1 else lines))
    console.result("\n\n".join(blocks))
