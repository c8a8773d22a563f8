"""A diff as a comment on a pull request: the summary, then every change in as much detail as there is room for.

GitHub refuses bodies of more than 65,536 characters. Bytes are counted here: no way of counting characters, code
points or UTF-16 units, gives more, so a text that fits in bytes fits whatever GitHub counts. Nothing is cut: identical
changes are one entry, the riskiest entries come in full, the next ones in one line, and the rest is counted by
effect and kind with a sentence that says so. `Accounting` adds up to the number of changes. Writes no files.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aurora.model.change import Effect, Impact
from aurora.model.diff import Diff, Fold, Movement
from aurora.model.finding import Finding, Severity, folded
from aurora.reporters import diff_words
from aurora.reporters.diff_entries import full, line
from aurora.reporters.diff_words import counted
from aurora.reporters.markdown_prose import cell, prose, span

MARKER = "<!-- aurora-diff -->"
LIMIT = 65_536
ROOM = LIMIT - 1_536
"""What Aurora fills: the rest is for the link to the page that a workflow adds."""
REST = "The HTML page of this diff (`--report html=FILE`) has every one of them."
_FINDINGS_ROOM = 16_000
_SECTION_ROOM = 5_000
_FULL_SHARE = 0.3
_GRAVITY = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Where each change went: entries in full and in a line, those that such an entry stands for too, the rest."""

    total: int
    in_full: int
    in_line: int
    folded: int
    counted: int

    @property
    def balanced(self) -> bool:
        """Whether every change is in exactly one of the four."""
        return self.total == self.in_full + self.in_line + self.folded + self.counted


@dataclass(frozen=True, slots=True)
class Comment:
    """The text, and the proof that it leaves nothing out."""

    text: str
    accounting: Accounting


def write(diff: Diff) -> str:
    """Write a diff as Markdown for a comment."""
    return compose(diff).text


def compose(diff: Diff) -> Comment:
    """Write a diff as Markdown for a comment, and account for every change."""
    head = [*_opening(diff), *_findings(diff), *_counts(diff), *_totals(diff), *_edits(diff)]
    folds = diff_words.ranked(diff)
    in_full, in_line = _plan(folds, ROOM - size(head))
    lines = _changes(folds, in_full, in_line)
    while size(head) + size(lines) > ROOM and in_line:
        in_line -= 1
        lines = _changes(folds, in_full, in_line)
    shown = folds[: in_full + in_line]
    accounting = Accounting(
        total=len(diff.changes),
        in_full=in_full,
        in_line=in_line,
        folded=sum(len(fold.changes) - 1 for fold in shown),
        counted=sum(len(fold.changes) for fold in folds[in_full + in_line :]),
    )
    return Comment("\n".join([*head, *lines]).rstrip(), accounting)


def size(lines: Iterable[str]) -> int:
    """Count the bytes of lines, each with its line feed."""
    return sum(len(entry.encode("utf-8", "backslashreplace")) + 1 for entry in lines)


def _plan(folds: Sequence[Fold], room: int) -> tuple[int, int]:
    """Decide how many of the ranked folds are shown in full and how many in a line."""
    costs = [size([line(fold)]) for fold in folds]
    whole = sum(costs) + _SECTION_ROOM <= room
    spare = room - sum(costs) - _SECTION_ROOM if whole else int(room * _FULL_SHARE)
    in_full = 0
    for fold, cost in zip(folds, costs, strict=True):
        spare -= size(full(fold)) - (cost if whole else 0)
        if spare < 0:
            break
        in_full += 1
    if whole:
        return in_full, len(folds) - in_full
    left = room - size(entry for fold in folds[:in_full] for entry in full(fold))
    left -= size(_counted(folds)) + _SECTION_ROOM // 10
    in_line = 0
    for cost in costs[in_full:]:
        left -= cost
        if left < 0:
            break
        in_line += 1
    return in_full, in_line


def _changes(folds: Sequence[Fold], in_full: int, in_line: int) -> list[str]:
    lines = ["#### Changes, riskiest first", ""] if folds else []
    for fold in folds[:in_full]:
        lines += full(fold)
    if in_line:
        lines += [line(fold) for fold in folds[in_full : in_full + in_line]] + [""]
    rest = folds[in_full + in_line :]
    return lines + (_counted(rest) if rest else [])


def _counted(folds: Sequence[Fold]) -> list[str]:
    """Count changes by effect and kind; kinds that find no room are counted together."""
    found = Counter((change.effect, change.resource.kind) for fold in folds for change in fold.changes)
    order = list(Effect)
    ranked = sorted(found, key=lambda key: (order.index(key[0]), -found[key], key[1]))
    rows = [f"| {effect} | {cell(kind)} | {found[effect, kind]:,} |" for effect, kind in ranked]
    kept = _fitting(rows, _SECTION_ROOM)
    others: Counter[Effect] = Counter()
    for effect, kind in ranked[kept:]:
        others[effect] += found[effect, kind]
    total = sum(found.values())
    words = (
        f"{counted(total, 'change')} more, the least risky, {'is' if total == 1 else 'are'} only counted here. {REST}"
    )
    rows = rows[:kept] + [f"| {effect} | other kinds | {count:,} |" for effect, count in others.items()]
    return [words, "", "| effect | kind | changes |", "|---|---|---:|", *rows, ""]


def _opening(diff: Diff) -> list[str]:
    sides = f"{span(diff.base)} → {span(diff.head)}."
    return [MARKER, f"### {diff_words.headline(diff)}", "", f"{sides} {diff_words.proof(diff, where='below')}.", ""]


def _findings(diff: Diff) -> list[str]:
    """Give the findings, worst first, equal ones together; those without room are counted by rule."""
    if not diff.findings:
        return []
    groups = sorted(
        (entry.findings for entry in folded(diff.findings)), key=lambda group: _GRAVITY.index(group[0].severity)
    )
    lines = [_finding(group) for group in groups]
    kept = _fitting(lines, _FINDINGS_ROOM)
    title = f"**{diff_words.findings_title(diff)}.**"
    rest = [finding for group in groups[kept:] for finding in group]
    lines = [title, "", *lines[:kept]]
    if rest:
        rules = Counter(finding.rule for finding in rest).most_common()
        words = [f"{count:,} of {span(rule)}" for rule, count in rules]
        named = _fitting(words, _SECTION_ROOM)
        other = sum(count for _, count in rules[named:])
        words = words[:named] + ([f"{other:,} of other rules"] if other else [])
        lines.append(f"- {counted(len(rest), 'finding')} more: {', '.join(words)}. {REST}")
    return [*lines, ""]


def _finding(group: Sequence[Finding]) -> str:
    first = group[0]
    place = f" at {span(str(first.place))}" if first.place else ""
    more = f" and {counted(len(group) - 1, 'place')} more" if len(group) > 1 else ""
    subject = f" {span(str(first.resource))}" if first.resource else ""
    hint = f" Hint: {prose(first.hint)}" if first.hint else ""
    return f"- **{first.severity}** {span(first.rule)}{subject}{place}{more}: {prose(first.message)}.{hint}"


def _counts(diff: Diff) -> list[str]:
    effects, impacts = diff.effects(), diff.impacts()
    if not effects:
        return []
    lines = ["| effect | changes | |", "|---|---:|---|"]
    lines += [f"| **{name}** | {effects[name]:,} | {diff_words.EFFECTS[name]} |" for name in Effect if effects[name]]
    if impacts:
        lines += ["", "| impact | changes | |", "|---|---:|---|"]
        lines += [
            f"| **{name}** | {impacts[name]:,} | {diff_words.IMPACTS[name]} |" for name in Impact if impacts[name]
        ]
    return [*lines, ""]


def _totals(diff: Diff) -> list[str]:
    """Give what each environment asks for, those where it changes first."""
    if not diff.movements:
        return []
    ranked = sorted(diff.movements, key=lambda movement: movement.before == movement.after)
    rows = [_movement(movement) for movement in ranked]
    kept = _fitting(rows, _SECTION_ROOM)
    names = [amount.what for amount in diff_words.amounts(ranked[0].before, ranked[0].after)]
    lines = [f"| environment | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}", *rows[:kept], ""]
    if ranked[kept:]:
        changed = sum(movement.before != movement.after for movement in ranked[kept:])
        lines += [f"{counted(len(rows) - kept, 'environment')} more, {changed:,} of them with other totals. {REST}", ""]
    return [*lines, *_pools(diff)]


def _pools(diff: Diff) -> list[str]:
    """Give what changes in each node pool."""
    rows = [
        f"- {span(movement.environment) + ', ' if movement.environment else ''}{prose(diff_words.pool_move(move))}"
        for movement in diff.movements
        for move in movement.pools
    ]
    kept = _fitting(rows, _SECTION_ROOM)
    rest = [f"- {counted(len(rows) - kept, 'change')} of pools more. {REST}"] if rows[kept:] else []
    return [*rows[:kept], *rest, ""] if rows else []


def _movement(movement: Movement) -> str:
    cells = [
        f"{amount.before} → {amount.after} ({amount.delta})" if amount.delta else amount.after
        for amount in diff_words.amounts(movement.before, movement.after)
    ]
    name = cell(movement.environment) if movement.environment else "all"
    return f"| {name} | {' | '.join(cells)} |"


def _edits(diff: Diff) -> list[str]:
    if not diff.edits:
        return []
    lines = []
    for edit in diff.edits:
        place = f" at {span(str(edit.place))}" if edit.place else ""
        lines.append(f"- {span(edit.what)}{place}: {diff_words.touched(edit)}")
    kept = _fitting(lines, _SECTION_ROOM)
    left = len(lines) - kept
    more = [f"- {counted(left, 'edit')} more. {REST}"] if left else []
    return ["#### What was edited", "", *lines[:kept], *more, ""]


def _fitting(lines: Sequence[str], room: int) -> int:
    """Give how many lines, from the first on, fit into a room."""
    for count, entry in enumerate(lines):
        room -= size([entry])
        if room < 0:
            return count
    return len(lines)
