"""`aurora promote`: moves what is pinned to the next stage, or back to what the last tag had."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context, edited

if TYPE_CHECKING:
    from aurora.console import Console
    from aurora.model.diff import Diff
    from aurora.paths import RepositoryPaths
    from aurora.promotion.planning import Promotion

FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print the effect: text, json, markdown or html.")
]


def promote(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="An environment.", autocompletion=completion.environments)
    ],
    target: Annotated[
        str | None,
        typer.Argument(metavar="[TO]", help="One of the next stage.", autocompletion=completion.environments),
    ] = None,
    *,
    component: Annotated[
        str | None, typer.Option("--component", metavar="C", help="Move only what this component pins, and its images.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Give FROM, the only environment then, the pins of the last tag.")
    ] = False,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help="With --rollback: another tag.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the effect, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    format_: FormatOption = "text",
) -> None:
    """Move model versions, images, chart and schema pins to the next stage, and print what that does to the cluster.

    A model with a strategy does not move at once: the version that serves in FROM goes on trial in TO. Pins are edited
    in the layer of TO's stage; comments, order and quotes stay. Only a clean Git state is promoted.

    Example: aurora promote aurora-dev aurora-prod --dry-run
    """
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring
    from aurora.reporters.table import DIFF_FORMATS, writer  # noqa: PLC0415 - as above

    wanted = context.output(format_, None, formats=tuple(DIFF_FORMATS))
    console, paths = context.state(ctx).console, find_repository(Path.cwd())
    if rollback:
        promotion = _way_back(paths, (source, target), component, tag)
    else:
        promotion = _way_on(paths, (source, target), component, tag)
    for line in (*promotion.lines, *(f"stays: {line}" for line in promotion.stays)):
        console.say(line)
    effect = _effect(paths, promotion, console, forced=rollback)
    if effect is not None:
        context.deliver(lambda name: writer(DIFF_FORMATS, name)(effect), wanted, console)
        _refuse_illegal(effect, console, forced=rollback)
    then = "`aurora synth`, commit both, and tag the commit for production: docs/operating.md"
    edited.settle(paths, promotion.texts, console, noun="promotion", dry_run=dry_run, yes=yes, then=then)


def _way_on(paths: RepositoryPaths, names: tuple[str, str | None], component: str | None, tag: str | None) -> Promotion:
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.promotion import planning  # noqa: PLC0415 - as above

    source, target = names
    if target is None:
        raise UsageError("name two environments", hint="`aurora promote FROM TO`, or `aurora promote ENV --rollback`")
    if tag is not None:
        raise UsageError("`--tag` goes with `--rollback`", hint="a promotion moves what FROM has now")
    return planning.planned(paths, planning.Request(source=source, target=target, component=component))


def _way_back(
    paths: RepositoryPaths, names: tuple[str, str | None], component: str | None, tag: str | None
) -> Promotion:
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.promotion import rollback  # noqa: PLC0415 - as above

    name, other = names
    if other is not None:
        raise UsageError("`--rollback` takes one environment", hint=f"`aurora promote {other} --rollback`")
    return rollback.planned(paths, name, component, tag)


def _refuse_illegal(effect: Diff, console: Console, *, forced: bool) -> None:
    """End a promotion that the state machine of a trial refuses; the way back is never refused."""
    if not forced and any(finding.severity == "error" for finding in effect.findings):
        console.say("nothing was written: the promotion is illegal, as the findings say")
        raise typer.Exit(context.FINDINGS)


def _effect(paths: RepositoryPaths, promotion: Promotion, console: Console, *, forced: bool) -> Diff | None:
    """Work out what a promotion does; that of the way back need not be known for it to be taken."""
    from aurora.errors import AuroraError  # noqa: PLC0415 - see the package's docstring
    from aurora.promotion import proof  # noqa: PLC0415 - as above
    from aurora.rollout import effects  # noqa: PLC0415 - as above

    with effects.edited(paths, promotion.texts) as after:
        also = proof.verify(paths, after, promotion)
        for name in also:
            console.say(f"note: `{name}` is at the same stage, reads the same layer, and gets the pins too")
        try:
            return edited.compared(paths, after, sorted([promotion.target, *also]), console)
        except AuroraError as error:
            if not forced:
                raise
            console.say(f"note: what the way back does cannot be told: {error.message}")
            return None
