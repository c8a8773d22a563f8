"""The options that every command takes, before its name and after it: people write `aurora synth --quiet`."""

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from aurora.commands import context

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only results and errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print more about what is done.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of errors.")]

OPTIONS: dict[str, Any] = {"quiet": QuietOption, "verbose": VerboseOption, "debug": DebugOption}


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that takes the shared options too; its first parameter must be the context, named `ctx`."""

    @functools.wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        switches = {name: given.pop(name) for name in OPTIONS}
        ctx: typer.Context = args[0] if args else given["ctx"]
        state = context.state(ctx)
        console = replace(
            state.console,
            quiet=state.console.quiet or switches["quiet"],
            verbose=state.console.verbose or switches["verbose"],
        )
        ctx.obj = replace(state, console=console, debug=state.debug or switches["debug"])
        return command(*args, **given)

    own = inspect.signature(command, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in OPTIONS.items()
    ]
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), *added])  # type: ignore[attr-defined]
    run.__annotations__ = {**typing.get_type_hints(command, include_extras=True), **OPTIONS}
    return run
