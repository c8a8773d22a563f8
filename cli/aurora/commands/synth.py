"""`aurora synth`: compile, prove and write environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context


def synth(
    ctx: typer.Context,
    environments: Annotated[
        list[str] | None, typer.Argument(metavar="[ENV]...", help="Environments; all by default.")
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything would change.")] = False,
    only: context.OnlyOption = None,
    skip: context.SkipOption = None,
    strict: context.StrictOption = False,
    format_: context.FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Compile environments into `generated/`, prove every object, and write only what is clean.

    Example: aurora synth aurora-dev --report json=report.json
    """
    from dataclasses import replace  # noqa: PLC0415 - see the package's docstring

    from aurora import differ, pipeline  # noqa: PLC0415 - as above
    from aurora.model.finding import order  # noqa: PLC0415 - as above
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    wanted = context.output(format_, report)
    tools = context.toolbox()
    outcome, changes = pipeline.synth(
        find_repository(Path.cwd()),
        environments or (),
        checks=context.chosen_checks(tools, only, skip),
        write=not check,
        today=context.today(),
    )
    for note in tools.notes:
        console.say(f"note: {note}")
    if check:
        drift = [differ.finding(change) for change in changes]
        outcome = replace(outcome, findings=tuple(sorted([*outcome.findings, *drift], key=order)))
    context.publish(outcome, wanted, console)
    failed = any(finding.fails for finding in outcome.findings)
    if failed and not check:
        console.say("nothing was written: `generated/` is as it was")
    elif not check:
        console.say(_written(changes))
        if changes and (only or skip):
            console.say("note: not every check ran, so what was written is not proved: run `aurora validate`")
    context.verdict(outcome, strict=strict)


def _written(changes: tuple[object, ...]) -> str:
    if not changes:
        return "nothing changed: `generated/` was up to date"
    return f"{len(changes)} file{'s' if len(changes) != 1 else ''} changed in `generated/`"
