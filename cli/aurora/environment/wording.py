"""How findings name values, paths and alternatives. Text that people wrote is shown on one line and cut short."""

import heapq
import json
import re
from collections.abc import Collection, Iterable

from aurora.model.json_value import JsonValue
from aurora.model.place import Step, pointer
from aurora.model.place import steps as pointer_steps
from aurora_constructs.spelling import closest

LONGEST = 60
"""Characters of somebody's text that a message repeats."""
MOST = 12
"""Names that a hint lists."""

_SIMPLE = re.compile(r"[A-Za-z0-9_-]+")


def visible(text: str, *, longest: int = LONGEST) -> str:
    """Show text on one line: what cannot be printed is escaped, what is too long is cut, and says so."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(char if char.isprintable() else _escape(char) for char in cut)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]


def described(value: JsonValue) -> str:
    """Name a value: scalars as JSON writes them, so that text is told from numbers; the rest by its form."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return f'`"{visible(value)}"`'
    return f"`{json.dumps(value)}`"


def path_text(steps: tuple[Step, ...]) -> str:
    """Write steps as `aurora explain` takes them: with dots, or as a JSON pointer where a key has other characters."""
    parts = [str(step) for step in steps]
    if all(_SIMPLE.fullmatch(part) for part in parts):
        return visible(".".join(parts), longest=4 * LONGEST)
    return visible(pointer(steps), longest=4 * LONGEST)


def path_parts(path: str) -> tuple[str, ...]:
    """Give the parts of a path as `aurora explain` takes it: what `path_text` writes."""
    if path.startswith("/"):
        return pointer_steps(path)
    return tuple(path.split(".")) if path else ()


def meant(name: str, names: Iterable[str], *, otherwise: str) -> str:
    """Say which name may have been meant, or something else where none is near."""
    near = closest(name, names)
    return f"did you mean `{visible(near)}`?" if near is not None else otherwise


def suggestion(name: str, names: Collection[str], *, otherwise: str) -> str:
    """Say which name may have been meant, or, with `otherwise` in front, which names there are."""
    return meant(name, names, otherwise="") or f"{otherwise} {listed(names)}"


def listed(names: Collection[str], *, joint: str = ", ") -> str:
    """List names, sorted; what is left out is counted."""
    shown = [f"`{visible(name)}`" for name in heapq.nsmallest(MOST, names)]
    more = len(names) - len(shown)
    return joint.join(shown) + (f" and {more} more" if more > 0 else "") if shown else "none"
