"""`aurora rollout`: the next legal step of a model's version on trial, or the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context, edited

if TYPE_CHECKING:
    from aurora.console import Console
    from aurora.model.diff import Diff
    from aurora.paths import RepositoryPaths
    from aurora.rollout.planning import Step

CanaryOption = Annotated[str | None, typer.Option("--canary", metavar="VERSION", help="Start a trial of this version.")]
WeightOption = Annotated[
    int | None, typer.Option("--weight", metavar="N", help="Give the version on trial this share, in percent.")
]
PathOption = Annotated[
    str | None, typer.Option("--path", metavar="PATH", help="Where the version lies, for kinds that state a path.")
]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="How to print the effect: text, json, markdown or html.")
]


def rollout(  # noqa: PLR0913 - one parameter per option
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", help="An environment.", autocompletion=completion.environments)
    ],
    component: Annotated[str, typer.Argument(metavar="COMPONENT", help="A component with a strategy.")],
    *,
    canary: CanaryOption = None,
    weight: WeightOption = None,
    finish: Annotated[bool, typer.Option("--finish", help="Make the version on trial the one that serves.")] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Take the version back: stable gets all requests.")] = False,
    path: PathOption = None,
    shared: Annotated[bool, typer.Option("--shared", help="Edit layers that other environments read too.")] = False,
    own: Annotated[bool, typer.Option("--own", help="Write into the environment's own file instead.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the effect, and write nothing.")] = False,
    format_: FormatOption = "text",
) -> None:
    """Edit an environment by one legal step of a version on trial, and print what that does to the cluster.

    A value is edited in the file where it stands; comments, order and quotes stay. What the state machine refuses is
    written nowhere. `--abort` is never refused, also where the environment has other errors.

    Example: aurora rollout aurora-prod inference --weight 25
    """
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.paths import find_repository  # noqa: PLC0415 - as above
    from aurora.reporters.table import DIFF_FORMATS, writer  # noqa: PLC0415 - as above
    from aurora.rollout import planning, request  # noqa: PLC0415 - as above

    wanted = context.output(format_, None, formats=tuple(DIFF_FORMATS))
    if shared and own:
        raise UsageError("`--shared` and `--own` name two files", hint="leave one of them out")
    move = request.move(canary=canary, weight=weight, finish=finish, abort=abort, path=path)
    asked = request.Request(environment=environment, component=component, move=move, path=path, shared=shared, own=own)
    console, paths = context.state(ctx).console, find_repository(Path.cwd())
    step = planning.planned(paths, asked)
    effect = _effect(paths, step, console)
    if effect is not None:
        context.deliver(lambda name: writer(DIFF_FORMATS, name)(effect), wanted, console)
    # Nobody is asked: each step names what it does.
    then = "`aurora synth`, then commit both, and let Argo CD sync"
    edited.settle(paths, step.texts, console, noun="step", dry_run=dry_run, yes=True, then=then)


def _effect(paths: RepositoryPaths, step: Step, console: Console) -> Diff | None:
    """Work out what a step does; that of the way back need not be known for it to be taken."""
    from aurora.errors import AuroraError, InputError  # noqa: PLC0415 - see the package's docstring
    from aurora.rollout import effects  # noqa: PLC0415 - as above
    from aurora_constructs.trials import Kind  # noqa: PLC0415 - as above

    with effects.edited(paths, step.texts) as after:
        names = effects.verify(paths, after, step)
        try:
            return edited.compared(paths, after, names, console)
        except AuroraError as error:
            if step.request.move.kind is not Kind.ABORT:
                raise
            first = error.findings[0].message if isinstance(error, InputError) and error.findings else error.message
            console.say(f"note: what the way back does cannot be told: {first}")
            return None
