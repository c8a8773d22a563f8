"""`aurora synth`: compile, prove and write environments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from aurora.commands import context

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from aurora import differ, proofs
    from aurora.checks.check import Check
    from aurora.console import Console
    from aurora.memory.store import Memory
    from aurora.model.report import Report


def synth(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    environments: context.EnvironmentsArgument = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything would change.")] = False,
    only: context.OnlyOption = None,
    skip: context.SkipOption = None,
    engine: context.EngineOption = context.ENGINE,
    no_cache: context.NoCacheOption = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Run again when a file that the run depends on is saved, until Ctrl-C.")
    ] = False,
    strict: context.StrictOption = False,
    format_: context.FormatOption = "text",
    report: context.ReportOption = None,
) -> None:
    """Compile environments into `generated/`, check every object, and write only if there is no error.

    Example: aurora synth aurora-dev --report json=report.json
    """
    from aurora import proofs  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    console = context.state(ctx).console
    wanted = context.output(format_, report)
    if watch:
        _watch(ctx, console)
    tools = context.toolbox()
    today = context.today()
    memory = context.memory(no_cache=no_cache)
    request = proofs.Request(
        command="synth",
        paths=find_repository(Path.cwd()),
        names=tuple(environments or ()),
        options=context.deciding(only, skip, engine, today.isoformat()),
        writes=not check,
    )
    run = proofs.WholeRun(request, memory, tools)
    outcome, changes = _recalled(run) or _computed(
        run, today, memory, console, checks=lambda: context.chosen_checks(tools, only, skip, engine=engine)
    )
    for note in (*tools.notes, *memory.notes):
        console.say(f"note: {note}")
    if check:
        outcome = _with_drift(outcome, changes)
    context.publish(outcome, wanted, console)
    failed = any(finding.fails for finding in outcome.findings)
    if failed and not check:
        console.say("nothing was written: `generated/` is as it was")
    elif not check:
        console.say(_written(changes))
        if changes and (only or skip):
            console.say("note: not every check ran, so what was written is not proved: run `aurora validate`")
    context.verdict(outcome, strict=strict)


def _recalled(run: proofs.WholeRun) -> tuple[Report, tuple[differ.FileChange, ...]] | None:
    """Give what the run is known to come to: a known run changes nothing."""
    known = run.recall()
    return None if known is None else (known, ())


def _with_drift(outcome: Report, changes: Sequence[differ.FileChange]) -> Report:
    """Make findings of what differs."""
    from dataclasses import replace  # noqa: PLC0415 - see the package's docstring

    from aurora import differ  # noqa: PLC0415 - as above
    from aurora.model.finding import order  # noqa: PLC0415 - as above

    drift = [differ.finding(change) for change in changes]
    return replace(outcome, findings=tuple(sorted([*outcome.findings, *drift], key=order)))


def _computed(
    run: proofs.WholeRun,
    today: datetime.date,
    memory: Memory,
    console: Console,
    *,
    checks: Callable[[], Sequence[Check]],
) -> tuple[Report, tuple[differ.FileChange, ...]]:
    """Compile and prove; Node, if it is needed, starts while everything else is imported."""
    from aurora import node  # noqa: PLC0415 - a known run needs none of this

    if not run.is_built():
        node.start_ahead()
    from aurora import pipeline  # noqa: PLC0415 - as above

    request = run.request
    return pipeline.synth(
        request.paths,
        request.names,
        checks=checks,
        write=request.writes,
        today=today,
        memory=memory,
        keep=run.keep,
        announce=lambda path: console.say(f"warning: `{path}` is removed: no component owns it"),
    )


def _watch(ctx: typer.Context, console: Console) -> NoReturn:
    """Run the same command without `--watch` again and again; Ctrl-C ends it."""
    from aurora import watching, writer  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    folder = Path.cwd()
    paths = find_repository(folder)
    arguments = context.arguments(ctx, without="watch")
    output = watching.Output(result=console.result, say=console.say)
    try:
        watching.watch(watching.saved(paths), lambda: watching.run_again(arguments, folder), output)
    finally:
        writer.repair(paths)
    raise typer.Exit


def _written(changes: tuple[object, ...]) -> str:
    if not changes:
        return "nothing changed: `generated/` was up to date"
    return f"{len(changes)} file{'s' if len(changes) != 1 else ''} changed in `generated/`"
