"""What every command shares: the console, the options of reports, and the end of a run."""

from __future__ import annotations

import datetime
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from aurora.commands import completion
from aurora.console import Console
from aurora.errors import AuroraError, InputError, StorageError, UsageError

if TYPE_CHECKING:
    from aurora.checks.check import Check
    from aurora.memory.store import Memory
    from aurora.model.finding import Severity
    from aurora.model.report import Report
    from aurora.model.rule import Rule
    from aurora.tools.installed import Toolbox
    from aurora.tools.pins import ToolPin

FINDINGS = 1
ENGINE = "engine"
"""Who judges by policies unless the command line says otherwise."""

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="CHECK", help="Run only this check; repeatable.", autocompletion=completion.checks),
]
SkipOption = Annotated[
    list[str] | None,
    typer.Option("--skip", metavar="CHECK", help="Skip this check; repeatable.", autocompletion=completion.checks),
]
EngineOption = Annotated[
    str,
    typer.Option("--engine", metavar="ENGINE", help="What applies Kyverno policies: engine, or cli, the official one."),
]
NoCacheOption = Annotated[bool, typer.Option("--no-cache", help="Compute everything again, without the cache.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Fail also on warnings.")]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="How to print the report: text, json, markdown, sarif, junit or github.",
        autocompletion=completion.formats,
    ),
]
EnvironmentsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ENV]...", help="Environments; all by default.", autocompletion=completion.environments),
]
ReportOption = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FORMAT=FILE", help="Also write the report to a file; repeatable."),
]


@dataclass(frozen=True, slots=True)
class State:
    """What the root options decided."""

    console: Console
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """Where a report goes: the terminal's format, and files with theirs."""

    format: str
    files: tuple[tuple[str, Path], ...]


def state(context: typer.Context) -> State:
    """Give what the root options decided."""
    found = context.obj
    return found if isinstance(found, State) else State(Console())


def arguments(context: typer.Context, *, without: str) -> tuple[str, ...]:
    """Give the words that call the same command with the same options but one."""
    words: list[str] = [str(context.info_name)]
    targets: list[str] = []
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        given = [str(entry) for entry in (value if isinstance(value, list | tuple) else [value])]
        if parameter.param_type_name == "argument":
            targets.extend(given if value else [])
        elif value is True and parameter.name != without:
            words.append(parameter.opts[0])
        elif value not in (None, False, [], ()) and parameter.name != without:
            words.extend(word for entry in given for word in (parameter.opts[0], entry))
    return (*words, "--", *targets) if targets else tuple(words)


def today() -> datetime.date:
    """Give the day by which waivers expire, the same everywhere on earth."""
    return datetime.datetime.now(tz=datetime.UTC).date()


def deciding(only: Sequence[str] | None, skip: Sequence[str] | None, *others: str) -> tuple[str, ...]:
    """Give what beside files decides about a report, however it was written."""
    return (f"only {sorted(set(only or ()))}", f"skip {sorted(set(skip or ()))}", *others)


def output(terminal: str, files: Sequence[str] | None, *, formats: Sequence[str] = ()) -> Output:
    """Read the options of reports; `formats` are those of a command that has its own.

    Raises:
        UsageError: a format is unknown, an entry is not of the form `FORMAT=FILE`, or two name one file.
    """
    wanted: list[tuple[str, Path]] = []
    for entry in files or ():
        name, equals, file = entry.partition("=")
        if not equals or not file:
            raise UsageError(f"`--report {entry}` names no file", hint="write it as `--report json=report.json`")
        if any(_one_file(Path(file), other) for _, other in wanted):
            raise UsageError(
                f"`--report {entry}`: another report goes to that file", hint="give each a file of its own"
            )
        wanted.append((_format(name, formats), Path(file)))
    return Output(_format(terminal, formats), tuple(wanted))


def _one_file(file: Path, other: Path) -> bool:
    """Tell whether two reports would overwrite each other; a device takes any number."""
    return os.path.realpath(file) == os.path.realpath(other) and (file.is_file() or not file.exists())


def _format(name: str, formats: Sequence[str]) -> str:
    from aurora.reporters.table import FORMATS  # noqa: PLC0415 - `--help` needs no reporters

    known = formats or tuple(FORMATS)
    if name not in known:
        raise UsageError(f"`{name}` is no report format", hint=f"formats: {', '.join(known)}")
    return name


def publish(report: Report, wanted: Output, console: Console) -> None:
    """Print a report and write its files.

    Raises:
        StorageError: a file cannot be written.
    """
    from aurora.reporters.table import reporter  # noqa: PLC0415 - `--help` needs no reporters

    deliver(lambda name: reporter(name, _rules)(report), wanted, console)


def _rules() -> tuple[Rule, ...]:
    from aurora.checks.table import all_rules  # noqa: PLC0415 - most reports describe no rules

    return all_rules()


def deliver(written: Callable[[str], str], wanted: Output, console: Console) -> None:
    """Print a report and write its files; `written` gives its text in a format.

    Raises:
        StorageError: a file cannot be written.
    """
    console.result(written(wanted.format))
    for name, file in wanted.files:
        save(file, written(name))


def save(file: Path, text: str) -> None:
    """Write a text to a file, whatever characters it holds.

    Raises:
        StorageError: the file cannot be written.
    """
    try:
        file.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise StorageError(f"`{file}` cannot be written: {error.strerror}") from error


def refuse(error: AuroraError, known: State) -> str:
    """Say what stopped a command, with every finding that it carries, and give the same words."""
    if known.debug:
        known.console.err.write("".join(traceback.format_exception(error)))
    findings: list[str] = []
    if isinstance(error, InputError):
        from aurora.reporters import text as as_text  # noqa: PLC0415 - only failures need it

        findings = as_text.findings(error.findings)
        known.console.err.writelines(f"{text}\n\n" for text in findings)
    known.console.error(error)
    hint = [f"  hint: {error.hint}"] if error.hint else []
    return "\n\n".join([*findings, "\n".join([f"error: {error.message}", *hint])])


class Counted(Protocol):
    """Any report that counts its findings."""

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity that no waiver covers."""


def verdict(report: Counted, *, strict: bool, complete: bool = True) -> None:
    """End the command with exit code 1 if the report fails.

    Raises:
        typer.Exit: there is an error, or with `strict` a warning, that no waiver covers, or it is not complete.
    """
    from aurora.model.finding import Severity  # noqa: PLC0415 - `--help` needs no model

    if report.count(Severity.ERROR) or (strict and (report.count(Severity.WARNING) or not complete)):
        raise typer.Exit(FINDINGS)


def toolbox(*, building: bool = True) -> Toolbox:
    """Give the finder of the pinned programs, which builds a lazy one where a command first needs it."""
    from aurora.tools import installed  # noqa: PLC0415 - `--help` needs no programs

    found = installed.toolbox()
    if building:
        found.build = lambda pin: _build(pin, found)
    return found


def _build(pin: ToolPin, tools: Toolbox) -> None:
    from aurora.tools import go  # noqa: PLC0415 - only what is missing is built

    console = Console()
    console.say(f"{pin.name} {pin.version} is needed for the first time: building it, which can take a minute")
    with console.progress() as progress:
        go.build(pin, replace(tools, build=None), progress)


def memory(*, no_cache: bool) -> Memory:
    """Give what remembers results from run to run; with `no_cache`, one that remembers nothing."""
    from aurora.memory.store import FileMemory, Forgetful  # noqa: PLC0415 - `--help` needs no memory
    from aurora.paths import cache_folder  # noqa: PLC0415 - as above

    return Forgetful() if no_cache else FileMemory(cache_folder())


def known_engine(name: str) -> str:
    """Give the name of who judges by policies.

    Raises:
        UsageError: nobody has this name.
    """
    from aurora.policies.judging import JUDGES  # noqa: PLC0415 - `--help` needs no checks

    if name not in JUDGES:
        raise UsageError(f"`--engine {name}` is no policy engine", hint=f"engines: {', '.join(JUDGES)}")
    return name


def chosen_checks(
    tools: Toolbox, only: Sequence[str] | None, skip: Sequence[str] | None, *, engine: str = ENGINE
) -> tuple[Check, ...]:
    """Give the checks that a run applies, in the table's order; `engine` judges by policies.

    Raises:
        UsageError: a name is no check's or no engine's, or nothing is left.
    """
    from aurora.checks.check import names_of  # noqa: PLC0415 - `--help` needs no checks
    from aurora.checks.table import table  # noqa: PLC0415 - as above

    checks = table(tools.locate, engine=known_engine(engine))
    names = names_of(checks)
    for name in [*(only or ()), *(skip or ())]:
        if name not in names:
            raise UsageError(f"`{name}` is no check", hint=f"checks: {', '.join(names)}")
    wanted = {name for name in names if (not only or name in only) and name not in (skip or ())}
    chosen = tuple(part for check in checks if (part := check.only(wanted)) is not None)
    if not chosen:
        raise UsageError("no check is left to run", hint="a run that looks at nothing proves nothing")
    return chosen
