"""The patterns of Argo CD: `*`, `**`, `?` and alternatives in braces, without backtracking.

Source: `glob.Match` of argo-cd `util/glob`, whose `*` stops at a separator where one is given. Character
classes in brackets are read as plain text.
"""

import re
from functools import lru_cache

MOST_ALTERNATIVES = 64
"""What braces may expand to; beyond it a pattern matches nothing."""
_BRACES = re.compile(r"\{([^{}]*)\}")
_PARTS = re.compile(r"\*\*|.", re.DOTALL)


@lru_cache(maxsize=16384)
def glob(pattern: str, value: str, separator: str = "") -> bool:
    """Tell whether a value matches a pattern; with a separator, `*` and `?` do not cross it."""
    return any(_matches(alternative, value, separator) for alternative in _alternatives(pattern))


def _alternatives(pattern: str) -> list[str]:
    pending, done = [pattern], []
    while pending:
        current = pending.pop()
        braces = _BRACES.search(current)
        if braces is None:
            done.append(current)
            continue
        pending.extend(current[: braces.start()] + part + current[braces.end() :] for part in braces[1].split(","))
        if len(pending) + len(done) > MOST_ALTERNATIVES:
            return []
    return done


def _matches(pattern: str, value: str, separator: str) -> bool:
    """Follow every position that the value may be at: the work is bounded by both lengths."""
    positions = {0}
    for part in _PARTS.findall(pattern):
        if not positions:
            return False
        if part == "**":
            positions = set(range(min(positions), len(value) + 1))
        elif part == "*":
            positions = _after_star(positions, value, separator)
        else:
            positions = {
                position + 1
                for position in positions
                if position < len(value) and _is(part, value[position], separator)
            }
    return len(value) in positions


def _is(part: str, character: str, separator: str) -> bool:
    return part == character or (part == "?" and character != separator)


def _after_star(positions: set[int], value: str, separator: str) -> set[int]:
    reached: set[int] = set()
    for start in sorted(positions):
        if start in reached:
            continue
        end = value.find(separator, start) if separator else -1
        reached.update(range(start, (end if end >= 0 else len(value)) + 1))
    return reached
