"""The baseline: findings that are known and do not fail a run, in a file that is committed.

A finding is known again by its rule, its object, the field and the words, not by its line or by
counts. An entry that a run should have met and did not is stale, and is said.
"""

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aurora.errors import StorageError
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.settings import rules
from aurora.settings.reading import TOO_DEEP, deepest, invalid, refuse

VERSION = 1
_NEW = 0o644
"""Everyone who reads the repository reads it; a temporary file is for its owner alone."""
DAMAGED = ".damaged"
_HINT = (
    "restore the file from Git, or write it anew with `aurora validate --write-baseline`, which keeps this one "
    f"with the ending `{DAMAGED}`"
)
_KEYS: dict[str, Any] = {
    **dict.fromkeys(("rule", "environment", "about", "pointer", "message", "path"), str),
    "environment": (str, type(None)),
}
_BEGINNING = re.compile(r'\{\s*"version"\s*:[^,{}]*,\s*"findings"\s*:')
_POSITION = re.compile(r"(\.ya?ml|\.json|\.toml|`-):\d+(?::\d+)?(?!\w)")
_COUNT = re.compile(r"(`[^`]*`)|; \d+ more [^;`]*$|(?<![\w.:/-])\d+(?![\w.:/-])")

Key = tuple[str, str | None, str, str, str, str]
"""Rule, environment, object or file, pointer, message, and the file as the repository names it."""


def key(finding: Finding, path: str) -> Key:
    """Give what a finding is known by from run to run."""
    about = str(finding.resource or path)
    return (finding.rule, finding.environment, about, finding.pointer or "", _words(finding.message), path)


def _words(message: str) -> str:
    """Leave lines and counts out of a message: they change with other objects. What is in backticks is a name."""
    return _COUNT.sub(lambda part: part[1] or "", _POSITION.sub(r"\1", message))


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings, how often each is there, and where the file stands; of a `damaged` one nothing is known."""

    path: str
    known: Mapping[Key, int] = field(default_factory=dict)
    lines: Mapping[Key, int] = field(default_factory=dict)
    damaged: bool = False

    def stale(self, left: Mapping[Key, int], covered: Iterable[Key]) -> Iterator[Finding]:
        """Say which of the entries that this run covered it did not meet, or not as often."""
        for entry in covered:
            if left[entry]:
                yield Finding(
                    rule=rules.BASELINE_STALE.id,
                    severity=rules.BASELINE_STALE.severity,
                    message=f"nothing breaks `{entry[0]}` at {entry[2]} any more: “{entry[4]}”",
                    place=Place(self.path, self.lines.get(entry, 1)),
                    hint="run `aurora validate --write-baseline` and commit what it writes",
                )


def read(root: Path, name: str) -> Baseline:
    """Read the baseline of a repository; without a file, nothing is known.

    Raises:
        InputError: the file is no baseline of this version.
        StorageError: it cannot be read.
    """
    try:
        text = (root / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Baseline(name)
    except OSError as error:
        raise StorageError(f"`{name}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        refuse([invalid(Place(name, 1), "this is not UTF-8 text", _HINT)])
    return _parsed(name, text)


def is_replaceable(file: Path) -> bool:
    """Tell whether a file that cannot be read was a baseline, or is empty: any other must not be lost."""
    text = file.read_text(encoding="utf-8", errors="replace")
    return not text.strip() or _BEGINNING.search(text) is not None


def _parsed(name: str, text: str) -> Baseline:
    try:
        found = json.loads(text)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        refuse([invalid(Place(name, line, column), f"this is no JSON: {error}", _HINT)])
    except RecursionError:
        refuse([invalid(deepest(name, text), TOO_DEEP, _HINT)])
    version = found.get("version") if isinstance(found, dict) else None
    if type(version) is not int or version != VERSION:
        message = f"this baseline has the version `{version}`, and this Aurora reads `{VERSION}`"
        refuse([invalid(Place(name, _line(text, '"version"')), message, _HINT)])
    entries = found.get("findings")
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        refuse([invalid(Place(name, _line(text, '"findings"')), "`findings` is no list of known findings", _HINT)])
    known: Counter[Key] = Counter()
    for entry in entries:
        known[_key(entry)] += entry["count"]
    lines = {row.rstrip(","): number for number, row in reversed([*enumerate(text.split("\n"), 1)])}
    return Baseline(name, known, {_key(each): lines.get(_row(_key(each), each["count"]), 1) for each in entries})


def _line(text: str, part: str) -> int:
    return text.count("\n", 0, max(text.find(part), 0)) + 1


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {*_KEYS, "count"}
        and all(isinstance(entry[name], kind) for name, kind in _KEYS.items())
        and type(entry["count"]) is int
        and entry["count"] >= 1
    )


def _key(entry: Mapping[str, Any]) -> Key:
    rule, environment, about, pointer, message, path = (entry[name] for name in _KEYS)
    return (rule, environment, about, pointer, _words(message), path)


def _row(entry: Key, count: int) -> str:
    return json.dumps({**dict(zip(_KEYS, entry, strict=True)), "count": count}, ensure_ascii=False)


def write(root: Path, old: Baseline, found: Collection[Key], covered: Collection[Key]) -> int:
    """Write the findings of a run, beside the entries that it did not cover, and give how many there are.

    The file is replaced at once, so that a run that is stopped leaves the old one; a damaged one stays beside it.

    Raises:
        StorageError: the file cannot be written.
    """
    kept = {entry: count for entry, count in old.known.items() if entry not in covered}
    counts = {**kept, **Counter(found)}
    rows = ",\n".join(_row(entry, count) for entry, count in sorted(counts.items(), key=lambda each: str(each[0])))
    file = (root / old.path).resolve()
    try:
        if old.damaged and file.stat().st_size:
            shutil.copyfile(file, f"{file}{DAMAGED}")
        _replace(file, f'{{"version": {VERSION}, "findings": [\n{rows}\n]}}\n')
    except OSError as error:
        raise StorageError(f"`{old.path}` cannot be written: {error.strerror}") from error
    return sum(counts.values())


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    written = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        written.chmod(file.stat().st_mode if file.exists() else _NEW)
        written.replace(file)
    finally:
        written.unlink(missing_ok=True)
