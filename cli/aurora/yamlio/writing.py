"""Prints plain values as canonical YAML.

Block style, two blanks a level, keys sorted behind `apiVersion, kind, metadata`, strings quoted wherever
any YAML reader could see something else, long texts as literal blocks, LF. Equal values give equal bytes.
Writes no files.
"""

import json
import re

from aurora.model.json_value import JsonObject, JsonValue
from aurora.yamlio.scalars import is_safe_plain

_FIRST_KEYS = ("apiVersion", "kind", "metadata")
# What a literal block can hold as it is: no tabs in front, no trailing blanks, no control characters.
_LITERAL_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*")


def dump(value: JsonObject) -> str:
    """Print a manifest; an empty mapping prints as `{}`."""
    if not value:
        return "{}\n"
    lines: list[str] = []
    _mapping(value, "", lines, first=_FIRST_KEYS)
    return "\n".join(lines) + "\n"


def _mapping(value: JsonObject, indent: str, lines: list[str], *, first: tuple[str, ...] = ()) -> None:
    keys = [key for key in first if key in value] + sorted(key for key in value if key not in first)
    for key in keys:
        _entry(f"{indent}{_string(key)}:", value[key], indent, lines)


def _sequence(value: list[JsonValue], indent: str, lines: list[str]) -> None:
    for entry in value:
        if isinstance(entry, dict) and entry:
            start = len(lines)
            _mapping(entry, f"{indent}  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        elif isinstance(entry, list) and entry:
            start = len(lines)
            _sequence(entry, f"{indent}  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        else:
            _entry(f"{indent}-", entry, indent, lines)


def _entry(head: str, value: JsonValue, indent: str, lines: list[str]) -> None:
    if isinstance(value, dict) and value:
        lines.append(head)
        _mapping(value, f"{indent}  ", lines)
    elif isinstance(value, list) and value:
        lines.append(head)
        _sequence(value, f"{indent}  ", lines)
    elif isinstance(value, str) and _fits_literal(value):
        lines.append(f"{head} {_literal_header(value)}")
        body = value.removesuffix("\n").split("\n")
        lines.extend(f"{indent}  {line}" if line else "" for line in body)
    else:
        lines.append(f"{head} {_scalar(value)}")


def _fits_literal(value: str) -> bool:
    """Tell whether a text of several lines survives a literal block exactly.

    Blank first or last lines and leading blanks would need indentation indicators, which readers treat
    differently; such texts are printed in double quotes.
    """
    if "\n" not in value.removesuffix("\n") or value.endswith("\n\n") or value[0] in " \n":
        return False
    lines = value.removesuffix("\n").split("\n")
    return all(_LITERAL_LINE.fullmatch(line) and line == line.rstrip() for line in lines)


def _literal_header(value: str) -> str:
    return "|" if value.endswith("\n") else "|-"


def _scalar(value: JsonValue) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return json.dumps(value, allow_nan=False)


def _string(value: str) -> str:
    """Print a string plain where that is safe for every reader, otherwise in JSON's double quotes.

    JSON escapes characters beyond the basic plane as pairs, which YAML reads as two characters: those that
    do not print are escaped here.
    """
    if is_safe_plain(value):
        return value
    if value.isascii():
        return json.dumps(value).replace("\x7f", "\\x7f")
    return '"' + "".join(_quoted(character) for character in value) + '"'


def _quoted(character: str) -> str:
    code = ord(character)
    if (character.isprintable() and code >= 0xA0) or code < 0x7F:
        return json.dumps(character, ensure_ascii=False)[1:-1]
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
