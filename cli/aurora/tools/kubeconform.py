"""Runs kubeconform and believes it only as far as it proves that it looked.

Every document is a file of its own, among them planted violations. A run counts only if each file comes back
exactly once under its own identity, every planted violation is reported for what it is, and rows, summary
and exit code agree (docs/facts/validators.md). Must not turn what was said into findings.
"""

import json
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from aurora.errors import StorageError, ToolOutputError
from aurora.tools.runner import Command, ToolRun, run

NAME = "kubeconform"
VERSION = "v0.7.0"
"""The release whose words this module understands."""

_SCHEMA_FILE = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
_ROW_KEYS = frozenset({"filename", "kind", "name", "version", "status", "msg"})
_SUMMARY_KEYS = ("valid", "invalid", "errors", "skipped")
_NO_SCHEMA = "could not find schema for "
_GENERATED = "{{ generateName }}"


class Status(Enum):
    """What kubeconform says about a file; every other word, skipped or empty, means that it did not look."""

    VALID = "statusValid"
    INVALID = "statusInvalid"
    ERROR = "statusError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text to judge, its file name, and the identity under which it must come back.

    `planted` is what the verdict on a planted violation must mention; None for a real document.
    """

    file: str
    text: str
    api_version: str
    kind: str
    name: str
    generate_name: str = ""
    planted: str | None = None

    @property
    def shown_name(self) -> str:
        """The name that kubeconform prints: a prefix for generated names wins."""
        return f"{self.generate_name}{_GENERATED}" if self.generate_name else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One run: the program, the documents, and the folder that holds `schemas` and gets the documents' files."""

    tool: Path
    documents: tuple[Document, ...]
    folder: Path
    schemas: str
    kubernetes: str
    parallel: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said about one real document."""

    status: Status
    message: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A proved run: a verdict per real document, and how many planted violations were caught: all of them.

    `uncompiled` names the planted documents whose schema kubeconform could not use, which are not counted:
    nothing is proved about their kinds.
    """

    verdicts: dict[str, Verdict]
    caught: int
    uncompiled: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    kind: str
    name: str
    version: str
    status: Status
    message: str


def judge(call: Call) -> Judgement:
    """Write the documents, run kubeconform on them, and return what it proved.

    Raises:
        ToolOutputError: the output is unreadable, incomplete, contradicts itself, or misses a planted violation.
        ToolMissingError: the program does not exist.
        ToolTimeoutError: it ran longer than the time limit.
        ToolCrashedError: it died, or ended with a code other than 0 and 1.
        StorageError: the documents cannot be written.
    """
    if not any(document.planted for document in call.documents):
        raise ToolOutputError(f"a run of {NAME} without a planted violation proves nothing")
    _write(call)
    finished = run(_command(call))
    rows = _rows(finished)
    _account(call, rows)
    return _judgement(call, {row.file: row for row in rows})


def _write(call: Call) -> None:
    try:
        for document in call.documents:
            (call.folder / document.file).write_bytes(document.text.encode())
    except OSError as error:
        raise StorageError(f"`{call.folder}` cannot be written: {error.strerror}") from error


def _command(call: Call) -> Command:
    flags = ("-strict", "-summary", "-verbose", "-output", "json", "-n", str(call.parallel))
    places = ("-kubernetes-version", f"{call.kubernetes}.0", "-schema-location", f"{call.schemas}/{_SCHEMA_FILE}")
    files = tuple(document.file for document in call.documents)
    return Command(
        args=(str(call.tool), *flags, *places, *files),
        cwd=call.folder,
        timeout=call.timeout,
        accepted_codes=frozenset({0, 1}),
    )


def _rows(finished: ToolRun) -> list[_Row]:
    """Read the rows of a run and hold them against its summary, its exit code and its standard error."""
    output = _parse(finished.stdout)
    if output.keys() != {"resources", "summary"} or not isinstance(output["resources"], list):
        raise _unproved("its output is not a list of resources and a summary")
    rows = [_row(entry) for entry in output["resources"]]
    counts = Counter(row.status for row in rows)
    expected = {
        "valid": counts[Status.VALID],
        "invalid": counts[Status.INVALID],
        "errors": counts[Status.ERROR],
        "skipped": 0,
    }
    summary = output["summary"]
    if summary != expected or any(type(summary[key]) is not int for key in _SUMMARY_KEYS):
        raise _unproved(f"its summary {summary} contradicts its rows {expected}")
    if finished.code != (1 if counts[Status.INVALID] or counts[Status.ERROR] else 0):
        raise _unproved(f"its exit code {finished.code} contradicts its rows {expected}")
    if finished.stderr.strip():
        raise _unproved(f"it complained: {finished.stderr.strip()[:300]}")
    return rows


def _parse(stdout: str) -> dict[str, Any]:
    try:
        output = json.loads(stdout, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _unproved(f"its output is no JSON document: {error}") from error
    if not isinstance(output, dict):
        raise _unproved("its output is no JSON object")
    return output


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return entries


def _row(entry: Any) -> _Row:
    if not isinstance(entry, dict) or not entry.keys() >= _ROW_KEYS or entry.keys() - _ROW_KEYS - {"validationErrors"}:
        raise _unproved(f"a row has unknown or missing fields: {str(entry)[:300]}")
    if any(not isinstance(entry[key], str) for key in _ROW_KEYS) or not _are_causes(entry.get("validationErrors", [])):
        raise _unproved(f"a row has a field of another type: {str(entry)[:300]}")
    try:
        status = Status(entry["status"])
    except ValueError as error:
        raise _unproved(f"it did not judge `{entry['filename']}`: its status is `{entry['status']}`") from error
    silent = not entry["msg"] and not entry.get("validationErrors")
    consistent = silent if status is Status.VALID else bool(entry["msg"])
    if not consistent:
        raise _unproved(f"the status `{status.value}` and the message of `{entry['filename']}` contradict each other")
    return _Row(entry["filename"], entry["kind"], entry["name"], entry["version"], status, entry["msg"])


def _are_causes(causes: Any) -> bool:
    return isinstance(causes, list) and all(
        isinstance(cause, dict) and cause.keys() == {"path", "msg"} and all(isinstance(v, str) for v in cause.values())
        for cause in causes
    )


def _account(call: Call, rows: list[_Row]) -> None:
    """Hold the rows against the documents: each exactly once, under its own identity."""
    documents = {document.file: document for document in call.documents}
    seen = Counter(row.file for row in rows)
    for problem, names in (
        ("it said nothing about", documents.keys() - seen.keys()),
        ("it judged a file that it was not given:", seen.keys() - documents.keys()),
        ("it judged several times:", {name for name, count in seen.items() if count > 1}),
    ):
        if names:
            raise _unproved(f"{problem} {_some(names)}")
    for row in rows:
        document = documents[row.file]
        found = (row.version, row.kind, row.name)
        # A text that it cannot read has no identity; the error itself is the verdict.
        if found != (document.api_version, document.kind, document.shown_name) and row.status is not Status.ERROR:
            raise _unproved(f"it took `{row.file}`, {document.kind} `{document.shown_name}`, for {' '.join(found)}")


def _some(names: set[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(f"`{name}`" for name in listed[:3]) + more


def _judgement(call: Call, rows: dict[str, _Row]) -> Judgement:
    verdicts: dict[str, Verdict] = {}
    uncompiled: set[str] = set()
    caught = 0
    for document in call.documents:
        row = rows[document.file]
        if document.planted is None:
            verdicts[document.file] = Verdict(row.status, row.message)
            continue
        if row.status is Status.ERROR and row.message == f"{_NO_SCHEMA}{document.kind}":
            uncompiled.add(document.file)
        elif row.status is Status.VALID or document.planted not in row.message:
            raise _unproved(
                f"it missed the planted violation `{document.planted}` in {document.kind} of `{document.api_version}`"
            )
        else:
            caught += 1
    return Judgement(verdicts, caught, frozenset(uncompiled))


def _unproved(why: str) -> ToolOutputError:
    return ToolOutputError(f"{NAME} proved nothing: {why}", hint="run `aurora doctor`; nothing was judged")
