"""The diff as people read it on a terminal: summary first, the riskiest edits next, everything accounted for.

Writes no files and no colours: the same bytes on every terminal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from aurora.console import printable
from aurora.model.change import Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit, Fold, Movement
from aurora.model.finding import Severity
from aurora.reporters import diff_words
from aurora.reporters.text import findings

_VALUE = 120
_LISTED = 12
"""Objects, fields or consequences that an edit lists before it counts the rest: JSON and HTML have them all."""


def write(diff: Diff) -> str:
    """Write a diff as text."""
    blocks = ["\n".join(_summary(diff))]
    blocks.extend("\n".join(_fold(fold)) for fold in diff_words.ranked(diff))
    blocks.extend(_section("what was edited", map(_edit, diff.edits)))
    blocks.extend(_section("totals", (line for movement in diff.movements for line in _movement(movement))))
    blocks.extend(findings(diff.findings))
    blocks.append(_end(diff))
    return "\n\n".join(blocks)


def _summary(diff: Diff) -> Iterator[str]:
    yield printable(f"{diff_words.headline(diff)}: {diff.base} → {diff.head}")
    effects, impacts = diff.effects(), diff.impacts()
    yield from (
        f"  {effects[effect]:>5}  {effect}: {diff_words.EFFECTS[effect]}" for effect in Effect if effects[effect]
    )
    if impacts:
        yield "impacts"
        yield from (
            f"  {impacts[impact]:>5}  {impact}: {diff_words.IMPACTS[impact]}" for impact in Impact if impacts[impact]
        )


def _fold(fold: Fold) -> Iterator[str]:
    """Write an edit once for all objects that have it; what differs between them is named with its object."""
    example = fold.example
    impacts = "".join(f" [{impact}]" for impact in example.impacts)
    yield printable(f"{example.effect}{impacts} {_subject(example)}")
    if len(fold.changes) > 1:
        yield printable(f"  {diff_words.same_change(fold)}: {_kinds(fold)}")
        yield from (f"    {printable(_subject(change))}" for change in fold.changes[:_LISTED])
        yield from _rest(len(fold.changes), "object", indent=4)
    reasons = Counter(change.reason for change in fold.changes)
    for reason, count in reasons.most_common(_LISTED):
        share = f" ({diff_words.counted(count, 'object')})" if count != len(fold.changes) else ""
        yield printable(f"  {reason}{share}")
    yield from _rest(len(reasons), "reason", indent=2)
    yield from (f"    {line}" for line in map(_field, example.fields[:_LISTED]))
    yield from _rest(len(example.fields), "field", indent=4)
    followed = Counter(entry for change in fold.changes for entry in change.consequences)
    yield from (f"  ! {line}" for line in (_consequence(entry) for entry in list(followed)[:_LISTED]))
    yield from _rest(len(followed), "consequence", indent=2)
    if example.origin:
        yield printable(f"  from: {example.origin}")


def _kinds(fold: Fold) -> str:
    found = Counter(change.resource.kind for change in fold.changes)
    return ", ".join(f"{count} {kind}" for kind, count in found.most_common())


def _rest(count: int, noun: str, *, indent: int) -> Iterator[str]:
    if count > _LISTED:
        yield f"{' ' * indent}… and {diff_words.counted(count - _LISTED, f'more {noun}')}; `--format json` has all"


def _subject(change: Change) -> str:
    renamed = change.effect is Effect.RENAMED and change.before is not None
    before = f"{change.before.id} → " if renamed and change.before else ""
    facts = ", ".join(word for word in (change.environment, change.component) if word)
    return f"{before}{change.resource}{f' ({facts})' if facts else ''}"


def _field(entry: FieldChange) -> str:
    return printable(f"{entry.path or entry.pointer}: {diff_words.transition(entry, _VALUE)}")


def _consequence(entry: Consequence) -> str:
    impacts = "".join(f"[{impact}] " for impact in entry.impacts)
    other = f"{entry.resource}: " if entry.resource else ""
    return printable(f"{impacts}{other}{entry.message}")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield "\n".join([title, *(f"  {line}" for line in found)])


def _edit(edit: Edit) -> str:
    place = f"{edit.place.path}:{edit.place.line}: " if edit.place else ""
    return printable(f"{place}{edit.what} ({diff_words.touched(edit)})")


def _movement(movement: Movement) -> Iterator[str]:
    name = f"{movement.environment}: " if movement.environment else ""
    moved = [
        f"{amount.what} {amount.before} → {amount.after} ({amount.delta})"
        for amount in diff_words.amounts(movement.before, movement.after)
        if amount.delta
    ]
    for move in movement.pools:
        yield printable(f"{name}{diff_words.pool_move(move)}")
    yield printable(f"{name}{', '.join(moved) if moved else 'pods, CPU, memory, GPUs and storage stay as they are'}")


def _end(diff: Diff) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in diff.unread)
    doubt = f"; {diff_words.counted(errors, 'error')} above: this is not the whole truth" if errors else ""
    return diff_words.proof(diff, where="above") + doubt
