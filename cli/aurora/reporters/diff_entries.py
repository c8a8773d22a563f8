"""One entry of a comment, for all changes of a fold: in full, or in one line.

Both are bounded, and name the number of whatever they leave to the HTML page.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from aurora.model.change import Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Fold
from aurora.model.resource import ResourceId
from aurora.reporters import diff_words
from aurora.reporters.diff_words import counted
from aurora.reporters.markdown_prose import prose, span, tag

FIELDS, CONSEQUENCES, REASONS, OBJECTS, ORIGINS = 20, 12, 5, 30, 5
_VALUE = 160
_GRAVE = {Impact.DATA_LOSS_RISK, Impact.SECURITY_WEAKENED, Impact.DOWNTIME_RISK}


def line(fold: Fold) -> str:
    """Write a fold in one line: effect, object, where, why, impacts, and what changed first."""
    change = fold.example
    alike = f" ({diff_words.same_change(fold)})" if len(fold.changes) > 1 else ""
    where = f" in {span(change.environment)}" if change.environment and not alike else ""
    impacts = "".join(f" · **{impact}**" for impact in _impacts(fold))
    telling = diff_words.telling(change)
    fields = f" · {_field(telling, 60)}" if telling else ""
    more = f" and {counted(len(change.fields) - 1, 'field')} more" if len(change.fields) > 1 else ""
    return f"- **{change.effect}** {_name(change)}{where}{alike}: {prose(change.reason)}{impacts}{fields}{more}"


def full(fold: Fold) -> list[str]:
    """Write a fold as a block that opens: reasons, consequences, fields, origins, and the objects that it is for."""
    change = fold.example
    impacts = _impacts(fold)
    grave = change.effect is Effect.REFUSED or _GRAVE.intersection(impacts)
    words = [f"<b>{change.effect}</b> {tag(change.resource.kind)} {tag(_full_name(change))}"]
    if len(fold.changes) > 1:
        words.append(diff_words.same_change(fold))
    elif change.environment:
        words.append(tag(change.environment))
    words += [f"<b>{impact}</b>" for impact in impacts]
    head = [f"<details{' open' if grave else ''}>", f"<summary>{' · '.join(words)}</summary>", ""]
    return [*head, *_body(fold), "", "</details>", ""]


def _body(fold: Fold) -> Iterator[str]:
    total = len(fold.changes)
    reasons = Counter((change.rule, change.reason) for change in fold.changes)
    said = [f"- {prose(reason)} ({span(rule)}){_share(count, total)}" for (rule, reason), count in reasons.items()]
    yield from _first(said, REASONS, "reason")
    follows = Counter(entry for change in fold.changes for entry in dict.fromkeys(change.consequences))
    follow = [_consequence(entry, _share(count, total)) for entry, count in follows.items()]
    yield from _first(follow, CONSEQUENCES, "consequence")
    yield from _first([f"- {_field(entry, _VALUE)}" for entry in fold.example.fields], FIELDS, "field")
    origins = Counter(str(change.origin) for change in fold.changes if change.origin)
    yield from _first([f"- from {span(entry)}{_share(origins[entry], total)}" for entry in origins], ORIGINS, "origin")
    if total > 1:
        yield from _objects(fold)


def _objects(fold: Fold) -> Iterator[str]:
    """Name the objects by their environments, and count by kind those that are not named."""
    named: dict[str, list[str]] = {}
    for change in fold.changes[:OBJECTS]:
        named.setdefault(change.environment or "", []).append(span(str(change.resource)))
    for environment, names in named.items():
        where = f" of {span(environment)}" if environment else ""
        yield f"- objects{where}: {', '.join(names)}"
    rest = fold.changes[OBJECTS:]
    if rest:
        yield f"- {counted(len(rest), 'object')} more: {_kinds(rest)}"


def _kinds(changes: Iterable[Change]) -> str:
    found = Counter(change.resource.kind for change in changes).most_common()
    words = [f"{count:,} {span(kind)}" for kind, count in found[:REASONS]]
    other = sum(count for _, count in found[REASONS:])
    return ", ".join(words + ([f"{other:,} of other kinds"] if other else []))


def _first(lines: list[str], limit: int, noun: str) -> Iterator[str]:
    yield from lines[:limit]
    left = len(lines) - limit
    if left > 0:
        yield f"- {counted(left, noun)} more, on the HTML page"


def _consequence(entry: Consequence, share: str) -> str:
    impacts = "".join(f"**{impact}** " for impact in entry.impacts)
    subject = f"{span(str(entry.resource))}: " if entry.resource else ""
    return f"- {impacts}{subject}{prose(entry.message)} ({span(entry.rule)}){share}"


def _field(field: FieldChange, limit: int) -> str:
    path = span(field.path or field.pointer)
    if field.reordered:
        return f"{path}: same items in another order"
    before, after = diff_words.sides(field, limit)
    return f"{path}: {span(before, 2 * limit)} → {span(after, 2 * limit)}"


def _impacts(fold: Fold) -> list[Impact]:
    found = {impact for change in fold.changes for impact in change.impacts}
    return [impact for impact in Impact if impact in found]


def _name(change: Change) -> str:
    return f"{span(change.resource.kind)} {span(_full_name(change))}"


def _full_name(change: Change) -> str:
    """Name an object without its kind; of a renamed one both names."""
    after = _path(change.resource)
    before = _path(change.before.id) if change.before and change.effect is Effect.RENAMED else after
    return after if before == after else f"{before} → {after}"


def _path(resource: ResourceId) -> str:
    return f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name


def _share(count: int, total: int) -> str:
    return f" in {count:,} of {total:,}" if count < total else ""
