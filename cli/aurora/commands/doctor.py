"""`aurora doctor`: what is there, what is missing, and how to get it."""

from pathlib import Path

import typer

from aurora.commands import context

MISSING = 3


def doctor(ctx: typer.Context) -> None:
    """List what Aurora needs, what of it is installed, and how to install the rest.

    Exit 3 if anything is missing, 1 if the settings of the repository cannot be used.

    Example: aurora doctor
    """
    from aurora.doctor import examine  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    tools = context.toolbox(building=False)
    findings = examine(tools, Path.cwd())
    width = max(len(entry.subject) for entry in findings)
    for entry in findings:
        mark = "wrong" if entry.wrong else "ok" if entry.present else "missing"
        console.result(f"{mark:<8}{entry.subject.ljust(width)}  {entry.detail}")
        if entry.hint:
            console.result(f"{'':8}{'':{width}}  hint: {entry.hint}")
    for note in tools.notes:
        console.say(f"note: {note}")
    if not all(entry.present for entry in findings):
        raise typer.Exit(MISSING)
    if any(entry.wrong for entry in findings):
        raise typer.Exit(context.FINDINGS)
