"""Reads the YAML that `writing` prints, several times faster than a parser of all YAML.

Knows only that form: block style, two blanks a level, one line an entry. It gives up on everything else, and the
parser decides then. It must never read a text in another way than the parser does.
"""

import json
import re
from functools import lru_cache
from typing import Any, cast

from aurora.model.json_value import JsonValue
from aurora.yamlio import scalars

DEEPEST = 50
"""Levels of nesting; deeper texts are the parser's, which has the bound that counts."""
_LARGEST = 2**53
_PLAIN = r"(?:[A-Za-z0-9_./($]|-[A-Za-z0-9_./])[A-Za-z0-9_./()@$+=,-]*(?:[ :]+[A-Za-z0-9_./()@$+=,-]+)*"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"( *)((?:- )*)(?:([A-Za-z0-9_./$][A-Za-z0-9_./$-]*|{_QUOTED}):(?: (?=\S)|$))?"
    rf"({_PLAIN}|{_QUOTED}|\{{\}}|\[\]|\|-?)?"
)
_JSON_AND_YAML = re.compile(r'"(?:[^"\\]|\\["\\nrtbf]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"')
"""Quoted texts whose escapes are the same in both."""
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")
_OPENS, _SCALAR, _LITERAL, _LITERAL_WITHOUT_END, _EMPTY_MAPPING, _EMPTY_LIST = range(6)
_FORMS = {"|": _LITERAL, "|-": _LITERAL_WITHOUT_END, "{}": _EMPTY_MAPPING, "[]": _EMPTY_LIST}

Scalar = str | int | float | bool | None
Line = tuple[int, int, str | None, int, Scalar]
"""A line's level, dashes, key, the form of its value, and the value where that is a scalar."""


class _OtherFormError(Exception):
    """The text is not of the form that this module reads."""


def parse(text: str) -> dict[str, JsonValue] | None:
    """Read a mapping in canonical form; give None for any other text."""
    if "\r" in text or not (text.isascii() or _OTHER_BREAKS.search(text) is None):
        return None
    lines = text.split("\n")
    if lines.pop():
        return None
    start = 0
    while start < len(lines) and (not lines[start] or lines[start].startswith("#")):
        start += 1
    try:
        return _read(lines, start)
    except _OtherFormError:
        return None


def _read(lines: list[str], number: int) -> dict[str, JsonValue]:
    """Read lines from a number on; `levels` are the collections that are open, the outermost first."""
    root: dict[str, Any] = {}
    levels: list[Any] = [root]
    waiting: str | None = None
    while number < len(lines):
        level, dashes, key, form, value = _line(lines[number])
        number += 1
        target = _target(levels, waiting, level, dashes)
        if dashes:
            target = _items(levels, target, dashes, mapping=key is not None)
        if form > _SCALAR:
            value, number = _special(form, lines, number, indent="  " * len(levels))
        if key is None:
            target.append(value)
        elif key in target:
            raise _OtherFormError
        else:
            target[key] = value
        waiting = key if form == _OPENS else None
    if waiting is not None or not root:
        raise _OtherFormError
    return root


def _target(levels: list[Any], waiting: str | None, level: int, dashes: int) -> Any:
    """Give the collection that a line belongs to: a new one where the line before ended with its key."""
    last = len(levels) - 1
    if waiting is not None:
        if level != last + 1:
            raise _OtherFormError
        fresh: Any = [] if dashes else {}
        levels[last][waiting] = fresh
        levels.append(fresh)
        return fresh
    if level < last:
        del levels[level + 1 :]
    elif level > last:
        raise _OtherFormError
    if isinstance(levels[level], list) is not (dashes > 0):
        raise _OtherFormError
    return levels[level]


def _items(levels: list[Any], target: Any, dashes: int, *, mapping: bool) -> Any:
    """Open what stands behind the dashes of a line: lists in lists, and a mapping where there is a key."""
    for _ in range(dashes - 1):
        levels.append([])
        target.append(levels[-1])
        target = levels[-1]
    if mapping:
        levels.append({})
        target.append(levels[-1])
        target = levels[-1]
    return target


def _special(form: int, lines: list[str], number: int, *, indent: str) -> tuple[Any, int]:
    """Give an empty collection, or the text of a literal block and the number of the line behind it."""
    if form == _EMPTY_MAPPING:
        return {}, number
    if form == _EMPTY_LIST:
        return [], number
    end = number
    while end < len(lines) and (not lines[end] or lines[end].startswith(indent)):
        end += 1
    body = [line[len(indent) :] for line in lines[number:end]]
    if not body or not body[0] or not body[-1] or body[0][0] in " \t" or any(line != line.rstrip() for line in body):
        raise _OtherFormError
    return "\n".join(body) + ("\n" if form == _LITERAL else ""), end


@lru_cache(maxsize=65536)
def _line(written: str) -> Line:
    """Take a line apart; a large tree repeats most of its lines."""
    match = _LINE.fullmatch(written)
    if match is None:
        raise _OtherFormError
    indent, dashes, name, value = match.groups()
    level, odd = divmod(len(indent), 2)
    if odd or level > DEEPEST or (name is None and (value is None or not dashes)):
        raise _OtherFormError
    key = None if name is None else _key(name)
    form = _OPENS if value is None else _FORMS.get(value, _SCALAR)
    return level, len(dashes) // 2, key, form, _scalar(value) if value is not None and form == _SCALAR else None


def _key(written: str) -> str:
    key = _scalar(written)
    if not isinstance(key, str):
        raise _OtherFormError
    return key


def _scalar(written: str) -> Scalar:
    if written[0] == '"':
        if not _JSON_AND_YAML.fullmatch(written):
            raise _OtherFormError
        return _text(written)
    if ": " in written:
        raise _OtherFormError
    try:
        value = scalars.resolve(written)
    except ValueError:
        raise _OtherFormError from None
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise _OtherFormError
    return cast("Scalar", value)


def _text(written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError:
        raise _OtherFormError from None
