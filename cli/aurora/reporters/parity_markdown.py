"""In what two environments differ, as Markdown. Writes no files."""

from collections.abc import Iterable

from aurora.model.parity import Difference, Parity
from aurora.reporters import parity_text
from aurora.reporters.markdown_prose import cell, prose
from aurora.reporters.markdown_text import code, words


def write(found: Parity) -> str:
    """Write the summary, undeclared differences, declared ones, and declarations without a difference."""
    lines = [f"# {words(found.first)} and {words(found.second)}", "", words(parity_text.summary(found)), ""]
    if found.undeclared:
        lines += ["## Undeclared", "", *_table(found, found.undeclared), ""]
    if found.declared:
        lines += ["## Different on purpose", "", *_table(found, found.declared, reasons=True), ""]
    if found.unneeded:
        lines += ["## Declared, and not different", ""]
        for each in found.unneeded:
            where = f" at {code(str(each.place))}" if each.place else ""
            lines.append(f"- {code(each.path)}{where}: {prose(each.reason)}")
    return "\n".join(lines).rstrip()


def _table(found: Parity, differences: Iterable[Difference], *, reasons: bool = False) -> list[str]:
    head = ["path", words(found.first), words(found.second), *(["reason"] if reasons else [])]
    rows = [head, ["---"] * len(head), *(_cells(each, reasons=reasons) for each in differences)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _cells(each: Difference, *, reasons: bool) -> list[str]:
    reason = each.declared.reason if each.declared and reasons else ""
    shown = [cell(each.path), *(cell(parity_text.value(side)) for side in (each.first, each.second))]
    return [*shown, *([prose(reason).replace("|", "\\|")] if reasons else [])]
