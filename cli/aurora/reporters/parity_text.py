"""In what two environments differ, as people read it: what nobody declared first. Writes no files and no colours."""

import json
from collections.abc import Iterator

from aurora.console import printable
from aurora.model.change import ABSENT
from aurora.model.parity import Declaration, Difference, Parity, Side
from aurora.reporters.text import counted

LONGEST = 100
"""Characters of a value that are shown; `--format json` has all of them."""


def write(found: Parity) -> str:
    """Write undeclared differences with both values, then the declared ones, then declarations without a difference."""
    blocks = ["\n".join(_undeclared(found, each)) for each in found.undeclared]
    if found.declared:
        blocks.append("\n".join(["differ on purpose:", *map(_declared, found.declared)]))
    if found.unneeded:
        blocks.append("\n".join(["declared, and not different:", *map(_unneeded, found.unneeded)]))
    return "\n\n".join([*blocks, summary(found)])


def _undeclared(found: Parity, each: Difference) -> Iterator[str]:
    yield printable(f"undeclared: {each.path}")
    for name, side in ((found.first, each.first), (found.second, each.second)):
        yield printable(f"  {name}: {value(side)}{origin(side)}")


def _declared(each: Difference) -> str:
    return printable(f"  {each.path}: {each.declared.reason if each.declared else ''}")


def _unneeded(each: Declaration) -> str:
    return printable(f"  {each.path}{f' ({each.place})' if each.place else ''}: {each.reason}")


def value(side: Side) -> str:
    """Write what a side says on one line, cut where it is long."""
    if side.value is ABSENT:
        return "not there"
    written = json.dumps(side.value, ensure_ascii=False)
    return written if len(written) <= LONGEST else f"{written[:LONGEST]}…"


def origin(side: Side) -> str:
    """Say where a value was written, for the end of a line."""
    if side.value is ABSENT:
        return ""
    return f" ({side.place or 'default'})"


def summary(found: Parity) -> str:
    """Write the last line: how many differences there are, and what about them is not in order."""
    different = counted(len(found.differences), "difference")
    without = counted(len(found.unneeded), "declaration")
    return printable(
        f"{different} between {found.first} and {found.second}: {len(found.undeclared)} undeclared; "
        f"{without} without a difference"
    )
