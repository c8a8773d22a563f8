"""Finds the line of a setting in the text of a TOML file: `tomllib` gives values without places.

Looks for the table's header, then for each key in turn behind it; the last one that is found stands for the rest.
Reads no files.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from aurora.model.place import Place

_HEADER = re.compile(r"^[ \t]*(\[\[?[^\n]+\]\]?)[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"|'[^'\n]*')|#[^\n]*""")


def place(text: str, path: str, steps: Sequence[str]) -> Place:
    """Give the place of a key, or of a text in a list, by the keys that lead to it."""
    bare = _COMMENT.sub(lambda match: match[1] or " " * len(match[0]), text)
    offset, end, rest = _section(bare, steps)
    search = offset
    for step in rest:
        found = _step(step).search(bare, search, end)
        if found is None:
            break
        offset, search = found.start(), found.end()
    return Place(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _section(text: str, steps: Sequence[str]) -> tuple[int, int, Sequence[str]]:
    """Find the deepest table on the way: where it starts and ends, and the keys that are left."""
    best: tuple[int, int, Sequence[str]] = (0, len(text), steps)
    headers = list(_headers(text))
    for number, (start, end, name) in enumerate(headers):
        if name == tuple(steps[: len(name)]) and len(steps) - len(name) < len(best[2]):
            stop = headers[number + 1][0] if number + 1 < len(headers) else len(text)
            left = steps[len(name) :]
            best = (start, stop, left) if not left else (end, stop, left)
    return best


def _headers(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for match in _HEADER.finditer(text):
        try:
            names = tuple(_keys(tomllib.loads(match[1])))
        except tomllib.TOMLDecodeError:
            continue  # a line of a list over several lines
        yield match.start(1), match.end(), names


def _keys(value: Any) -> Iterator[str]:
    while value:
        if isinstance(value, list):
            value = value[0]
            continue
        key, value = next(iter(value.items()))
        yield key


def _step(step: str) -> re.Pattern[str]:
    forms = "|".join(map(re.escape, (json.dumps(step, ensure_ascii=False), f"'{step}'", step)))
    return re.compile(rf"(?<![\w\"'-])(?:{forms})(?![\w\"'-])")
