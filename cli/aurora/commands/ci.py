"""`aurora ci`: what a pull request is judged by, on any machine."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from aurora.commands import context, diff, synth, test
from aurora.errors import AuroraError, StorageError

MARKER = "<!-- aurora-diff -->"
"""The first line of the comment on a pull request, by which the next run finds it; the diff's Markdown has it too."""

OutputOption = Annotated[
    Path, typer.Option("--output", metavar="DIR", help="The folder for reports; reports of an earlier run are removed.")
]


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the review: the command that does it, and the report files that it leaves."""

    name: str
    files: dict[str, str]
    run: Callable[[list[str]], None]


def ci(
    ctx: typer.Context,
    *,
    base: diff.BaseOption = None,
    output: OutputOption = Path("build/ci"),
    fail_on: diff.FailOnOption = None,
    strict: context.StrictOption = False,
) -> None:
    """Run everything that a pull request is checked for: all checks, drift, the policies' tests, and the diff.

    Every part runs, whatever the others find; the exit code is the worst of theirs.

    Example: aurora ci --base origin/main --output build/ci
    """
    from aurora.paths import find_repository  # noqa: PLC0415 - see the package's docstring

    console = context.state(ctx).console
    paths = find_repository(Path.cwd())
    diff.check_options(base, fail_on or ())
    has_policies = any(folder.is_dir() and any(folder.iterdir()) for folder in (paths.policies, paths.tracing_policies))
    stages = _stages(ctx, base=base, fail_on=fail_on, strict=strict)
    _empty(output, stages)
    codes = []
    for stage in stages:
        if stage.name == "test" and not has_policies:
            console.say("aurora ci: no policies, so no tests of policies")
            continue
        console.say(f"aurora ci: {stage.name}")
        codes.append(_code(ctx, stage, output))
        if stage.name == "synth" and os.environ.get("GITHUB_ACTIONS") == "true":
            console.result("\n".join(_texts(output, "annotations.txt")))
    context.save(output / "summary.md", "\n\n".join(_texts(output, "diff.md", "report.md", "tests.md")))
    console.say(f"aurora ci: reports are in `{output}`")
    if max(codes):
        raise typer.Exit(max(codes))


def _stages(ctx: typer.Context, *, base: str | None, fail_on: list[str] | None, strict: bool) -> tuple[Stage, ...]:
    return (
        Stage(
            "synth",
            {
                "text": "report.txt",
                "json": "report.json",
                "sarif": "report.sarif",
                "junit": "report.xml",
                "markdown": "report.md",
                "github": "annotations.txt",
            },
            lambda report: synth.synth(ctx, check=True, strict=strict, report=report),
        ),
        Stage(
            "test",
            {"json": "tests.json", "junit": "tests.xml", "markdown": "tests.md"},
            lambda report: test.test(ctx, strict=strict, report=report),
        ),
        Stage(
            "diff",
            {"json": "diff.json", "markdown": "diff.md", "html": "diff.html"},
            lambda report: diff.diff(ctx, base=base, fail_on=fail_on, report=report),
        ),
    )


def _code(ctx: typer.Context, stage: Stage, output: Path) -> int:
    """Run a stage and give its exit code; one that stops early leaves its reason where its Markdown would be."""
    try:
        stage.run([f"{format_}={output / file}" for format_, file in stage.files.items()])
    except typer.Exit as ended:
        return ended.exit_code
    except AuroraError as error:
        words = context.refuse(error, context.state(ctx))
        fence = "`" * 20
        marker = f"{MARKER}\n" if stage.name == "diff" else ""
        context.save(
            output / stage.files["markdown"], f"{marker}# aurora {stage.name}\n\n{fence}text\n{words}\n{fence}"
        )
        return error.exit_code
    return 0


def _empty(output: Path, stages: tuple[Stage, ...]) -> None:
    """Make the folder, and take out what an earlier run left: an old report must not pass for a new one."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name in ("summary.md", *(file for stage in stages for file in stage.files.values())):
            (output / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"`{output}` cannot hold the reports: {error.strerror}") from error


def _texts(output: Path, *names: str) -> Iterator[str]:
    return ((output / name).read_text(encoding="utf-8").rstrip() for name in names if (output / name).is_file())
