"""The command line's root: global options, the table of commands, and the only place that ends the process.

Errors become exit codes here and nowhere else: 0 clean, 1 findings or drift, 2 bad invocation or input, 3 a
tool or the disk failed, 70 a bug in Aurora.
"""

import atexit
import errno
import gc
import os
import sys
import traceback
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from aurora.commands import COMMANDS, GROUPS
from aurora.commands.context import State, refuse
from aurora.commands.shared_options import DebugOption, QuietOption, VerboseOption, shared
from aurora.console import Console, prepare
from aurora.errors import AuroraError, StorageError

INTERRUPTED = 130
BUG = 70
_ALLOCATIONS = 1_000_000
"""Objects between two searches for garbage: nearly everything lives until the process ends, and Python's own 700 cost
an eighth of a run's processor time."""

app = typer.Typer(
    name="aurora",
    help="Compiles GitOps repositories of machine-learning platforms into validated Kubernetes manifests.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if value:
        from aurora.commands.version import versions  # noqa: PLC0415 - only this option needs it

        typer.echo(versions())
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    *,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the versions of Aurora and its tools."),
    ] = False,
) -> None:
    """Build what every command needs to know."""
    context.obj = State(Console(quiet=quiet, verbose=verbose), debug=debug)


for name, command in COMMANDS.items():
    app.command(name)(shared(command))
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    prepare()
    console = Console()
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as ended:
        code = INTERRUPTED if isinstance(ended, KeyboardInterrupt) else ended.code  # Typer turns Ctrl-C into its code
        if code == INTERRUPTED:
            console.say("interrupted; every environment in `generated/` is whole: as it was, or as compiled")
        sys.exit(code)
    except AuroraError as error:
        sys.exit(_refused(error, console))
    except OSError as error:
        sys.exit(_refused(_storage_error(error), console))
    except Exception as error:
        traceback.print_exc()
        console.err.write(
            f"\nthis is a bug in Aurora: {type(error).__name__}: {error}\n  hint: report it with the lines above\n"
        )
        sys.exit(BUG)
    sys.exit(0)


def _refused(error: AuroraError, console: Console) -> int:
    refuse(error, State(console, debug="--debug" in sys.argv))
    return error.exit_code


def run() -> NoReturn:
    """Run the command line as a process of its own.

    After Ctrl-C it ends at once: jsii's own ending would complain about its Node process, which Ctrl-C has reached too.
    """
    gc.set_threshold(_ALLOCATIONS)
    atexit.register(gc.freeze)  # the search for garbage at the end of Python takes a seventh of a run
    try:
        main()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            with suppress(OSError):  # nobody may be left to read
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise


def _storage_error(error: OSError) -> StorageError:
    """Name what the operating system refused, wherever it was: only that it is not Aurora's fault is known."""
    nameless = "the working folder" if error.errno == errno.ENOENT else "a stream"
    subject = f"`{error.filename}`" if error.filename else nameless
    return StorageError(
        f"{subject} cannot be used: {error.strerror or error}",
        hint="check that it exists, its permissions, and free space; `aurora --debug ...` shows where this happened",
    )


if __name__ == "__main__":
    run()
