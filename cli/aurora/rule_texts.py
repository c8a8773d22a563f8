"""What people read about rules: summary, reason, source, a bad and a good example, in YAML beside the code.

A check's texts are `rules.yaml` in its folder, or the files of the folder `rules`; those of webhooks stand in the
table of kinds. Read by `aurora explain`, the pages of rules, SARIF and tests; never on the way of a run that finds
nothing. A file maps a rule's id to its texts.
An example is the name of one under `examples` (those of `rules/examples.yaml` hold for the whole folder), a text of
its own, a list of such parts, or a mapping: `of` another example, `bad` or `good`, with a `swap` of two texts, or
with several `swaps`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.tables import Entry

PACKAGE = Path(__file__).parent
SHARED = "examples.yaml"
EXAMPLES = "examples"
HALVES = ("bad", "good")
WEBHOOK = "webhook.yaml"
REST = "rest"
"""What of a kind's webhook no row decides."""
JUDGED_BY = ("kinds", "with", "holds", "says", "at")
"""How a row about a webhook is judged: `aurora.checks.server.webhooks`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """The texts of one rule; `source` names who refuses what it finds, where it rests on that."""

    summary: str
    why: str
    bad: str
    good: str
    source: str = ""


def text(id_: str) -> RuleText:
    """Give the texts of a rule; only the file that holds them is read.

    Raises:
        LookupError: no file holds them.
        TableError: a file is not what it should be.
    """
    for file in files():
        if f"\n{id_}:\n" in f"\n{file.read_text(encoding='utf-8')}":
            return read(file)[id_]
    raise LookupError(f"there are no texts of the rule `{id_}`")


def texts() -> dict[str, RuleText]:
    """Give the texts of every rule, by its id.

    Raises:
        TableError: a file is not what it should be.
    """
    return {id_: found for file in files() for id_, found in read(file).items()}


@cache
def files(package: Path = PACKAGE) -> tuple[Path, ...]:
    """List the files of texts."""
    return tuple(sorted([*package.rglob("rules.yaml"), *package.rglob("rules/*.yaml"), *webhooks(package)]))


@cache
def webhooks(package: Path = PACKAGE) -> tuple[Path, ...]:
    """List the files of the table of kinds that say what webhooks refuse."""
    return tuple(sorted(package.glob(f"kinds/*/{WEBHOOK}")))


@cache
def read(file: Path) -> Mapping[str, RuleText]:
    """Read one file.

    Raises:
        TableError: it is not what it should be; the message names every place.
    """
    beside = file.parent / SHARED
    shared = _shared(beside) if file.parent.name == "rules" and beside.is_file() else {}
    with tables.opened(file) as table:
        known = tables.examples(table, shared)
        return {id_: _text(table.entry(id_), known) for id_ in table.values if id_ not in (EXAMPLES, REST)}


@cache
def _shared(file: Path) -> dict[str, str]:
    with tables.opened(file) as table:
        return tables.examples(table)


def _text(entry: Entry | None, known: Mapping[str, str]) -> RuleText:
    if entry is None:
        return RuleText(summary="", why="", bad="", good="")
    entry.only("summary", "why", "source", *HALVES, *JUDGED_BY)
    for half in HALVES:
        if half not in entry.values:
            entry.refuse(f"`{half}` is missing")
    return RuleText(
        summary=entry.text("summary"),
        why=entry.text("why"),
        source=entry.text("source", ""),
        bad=tables.example(entry, "bad", known, beside=HALVES),
        good=tables.example(entry, "good", known, beside=HALVES),
    )
