"""Runs `kyverno test` on one folder and reads all of what it prints: `docs/facts/validators.md`.

Its exit code and its summary prove nothing, so both are only compared with the rows. Must not know what a
row should have said.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject, JsonValue, mapping, text
from aurora.tools.runner import OUTPUT_LIMIT, Command, ToolRun, run
from aurora.yamlio import reading

OK = "Ok"
EXCLUDED = "Excluded"
INVALID = "Invalid Policy"
NOT_FOUND = "Not found"
FAILED = "Fail"

_FAILURE = 1
_PANIC = 2
_RESULTS = frozenset({"Pass", FAILED, "Skip"})
_CHECKING = "  Checking results ...\n"
_SUMMARY = re.compile(r"^Test Summary: (\d+) tests passed and (\d+) tests failed$", re.MULTILINE)
_DROPPED = re.compile(r"^  ERROR: (.*)$", re.MULTILINE)
_NAME = "kyverno-test.yaml"


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """What Kyverno says of one expectation: `result` is Pass, Fail or Skip, `reason` is why."""

    policy: str
    rule: str
    resource: str
    result: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """The rows of each document of a test file, or why there are none."""

    documents: tuple[tuple[SuiteRow, ...], ...]
    error: str | None
    dropped: tuple[str, ...]
    seconds: float


def run_tests(program: Path, folder: Path, *, timeout: float, output_limit: int = OUTPUT_LIMIT) -> SuiteRun:
    """Run every test of a folder.

    Raises:
        ToolMissingError: the program does not exist.
        ToolTimeoutError: it did not end in time.
        ToolCrashedError: it could not be started, or ended with a code that is none of its own.
        ToolOutputError: its output is unreadable, or contradicts itself.
    """
    finished = run(
        Command(
            args=(str(program), "test", ".", "--file-name", _NAME, "--require-tests", *_FLAGS),
            cwd=folder,
            timeout=timeout,
            accepted_codes=frozenset({0, _FAILURE, _PANIC}),
            output_limit=output_limit,
        )
    )
    return read_run(finished)


_FLAGS = ("--detailed-results", "--remove-color", "--output-format", "json")


def read_run(finished: ToolRun) -> SuiteRun:
    """Read what a run printed.

    Raises:
        ToolOutputError: the output is unreadable, or its rows, its summary and the exit code contradict each other.
    """
    dropped = tuple(_DROPPED.findall(finished.stdout))
    summary = _SUMMARY.search(finished.stdout)
    if summary is None:
        if finished.code == 0:
            raise ToolOutputError(f"`kyverno test` ended cleanly without a summary: {finished.stdout[-200:].strip()}")
        return SuiteRun((), _error(finished), dropped, finished.seconds)
    documents = tuple(_documents(finished.stdout))
    rows = [row for document in documents for row in document]
    failed = sum(row.result == FAILED for row in rows)
    if (len(rows) - failed, failed) != (int(summary[1]), int(summary[2])):
        raise ToolOutputError("the summary of `kyverno test` does not agree with the rows that it printed")
    if finished.code != (_FAILURE if failed else 0):
        raise ToolOutputError(f"`kyverno test` ended with exit code {finished.code}, but {failed} of its rows failed")
    return SuiteRun(documents, None, dropped, finished.seconds)


def _error(finished: ToolRun) -> str:
    """Give Kyverno's own words for why it ran nothing."""
    said = (finished.stderr.strip() or finished.stdout.strip()).removeprefix("Error: ")
    return said or f"`kyverno test` ended with exit code {finished.code} and said nothing"


def _documents(output: str) -> Iterator[tuple[SuiteRow, ...]]:
    """Give the rows behind each announcement of results; text stands between them."""
    decoder = json.JSONDecoder()
    for part in output.split(_CHECKING)[1:]:
        start = part.find("[")
        try:
            found, _ = decoder.raw_decode(part, start)
        except ValueError as error:
            raise ToolOutputError(f"`kyverno test` printed results that are no JSON: {part[:200]}") from error
        if not isinstance(found, list):
            raise ToolOutputError("`kyverno test` printed results that are no list")
        yield tuple(_row(entry) for entry in found)


def _row(entry: JsonValue) -> SuiteRow:
    row = mapping(entry)
    if row.get("RESULT") not in _RESULTS or not text(row.get("REASON")) or not text(row.get("POLICY")):
        raise ToolOutputError(f"`kyverno test` printed a row that cannot be read: {json.dumps(entry)[:200]}")
    return SuiteRow(
        policy=text(row.get("POLICY")),
        rule=text(row.get("RULE")),
        resource=text(row.get("RESOURCE")),
        result=text(row.get("RESULT")),
        reason=text(row.get("REASON")),
        message=text(row.get("Message")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A run of generating policies: files relative to `folder`, and an empty folder for what they make."""

    program: Path
    folder: Path
    policies: tuple[str, ...]
    resources: tuple[str, ...]
    values: Path | None
    target: Path
    timeout: float


def generate(call: Generation) -> tuple[JsonObject, ...]:
    """Give every object that generating policies make of the given ones, whole, with its empty maps.

    Raises:
        ToolMissingError: the program does not exist.
        ToolTimeoutError: it did not end in time.
        ToolCrashedError: it could not be started, or ended with a code that is none of its own.
        ToolOutputError: what it wrote cannot be read.
    """
    resources = [part for path in call.resources for part in ("--resource", path)]
    values = ["--values-file", str(call.values)] if call.values else []
    run(
        Command(
            args=(str(call.program), "apply", *call.policies, *resources, *values, "--output", str(call.target)),
            cwd=call.folder,
            timeout=call.timeout,
            accepted_codes=frozenset({0, _FAILURE}),
        )
    )
    found: list[JsonObject] = []
    for file in sorted(call.target.glob("*-generated.yaml")):
        try:
            parsed = [reading.parse(part.text).value for part in reading.split(reading.decode(file.read_bytes()))]
        except reading.YamlError as error:
            raise ToolOutputError(f"`kyverno apply` wrote an object that cannot be read: {error.message}") from error
        found.extend(mapping(body) for body in parsed)
    return tuple(found)
