"""Turns kubeconform's words about an invalid object into places and clear words.

Its message is a tree printed on one line; the list of causes beside it has only the first level. Values of
the object are never repeated: they may be secret. Words that are not understood are passed on as they are.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora.model import place
from aurora.model.json_value import JsonObject, JsonValue, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aurora.model.place import Step

_QUOTED = r"'(?:[^'\\]|\\.)*'"
_PREFIX = re.compile(rf"problem validating schema\. Check JSON formatting: jsonschema validation failed with {_QUOTED}")
_ENTRY = re.compile(
    rf" (?P<indent>(?:  )*)- at (?P<pointer>{_QUOTED}): (?P<words>(?:{_QUOTED}|[^'])*?)(?= (?:  )*- at '|$)"
)
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_CONTROL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SHOWN_FORMS = 4


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: the steps to it, what, and what to do about it."""

    steps: tuple[Step, ...]
    message: str
    hint: str | None = None
    missing: str | None = None


@dataclass(slots=True)
class _Node:
    """One line of the printed tree."""

    depth: int
    pointer: str
    words: str
    causes: list[_Node]


def complaints(message: str, body: JsonObject, schema: JsonObject) -> list[Complaint]:
    """Read a message about an object; sorted, without repetition, never empty."""
    nodes = _tree(message)
    if not nodes:
        return [Complaint((), f"it does not fit its schema: {message}")]
    found = {complaint: None for node in nodes for complaint in _read(node, body, schema)}
    return sorted(found, key=lambda complaint: (place.pointer(complaint.steps), complaint.message))


def _tree(message: str) -> list[_Node]:
    prefix = _PREFIX.match(message)
    position = prefix.end() if prefix else len(message)
    top = _Node(-1, "", "", [])
    open_nodes = [top]
    while position < len(message):
        entry = _ENTRY.match(message, position)
        if entry is None:
            return []
        node = _Node(len(entry["indent"]) // 2, _unquote(entry["pointer"]), entry["words"], [])
        while open_nodes[-1].depth >= node.depth:
            open_nodes.pop()
        open_nodes[-1].causes.append(node)
        open_nodes.append(node)
        position = entry.end()
    return top.causes


def _unquote(quoted: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _CONTROL.get(code, code)

    return _ESCAPE.sub(character, quoted[1:-1])


def _read(node: _Node, body: JsonObject, schema: JsonObject) -> Iterator[Complaint]:
    steps = _steps(node.pointer, body)
    if node.words in ("validation failed", "allOf failed"):
        for cause in node.causes:
            yield from _read(cause, body, schema)
    elif node.words in ("anyOf failed", "oneOf failed, none matched"):
        forms = [" and ".join(_form(cause, body, schema, steps)) for cause in node.causes]
        more = f"; or {len(forms) - _SHOWN_FORMS} more" if len(forms) > _SHOWN_FORMS else ""
        yield Complaint(steps, f"fits none of the allowed forms: {'; or '.join(forms[:_SHOWN_FORMS])}{more}")
    else:
        yield from _leaf(node.words, steps, schema)


def _form(node: _Node, body: JsonObject, schema: JsonObject, base: tuple[Step, ...]) -> Iterator[str]:
    for complaint in _read(node, body, schema):
        inner = place.pointer(complaint.steps[len(base) :])
        yield f"`{inner}` {complaint.message}" if inner else complaint.message


def _steps(json_pointer: str, body: JsonObject) -> tuple[Step, ...]:
    """Follow a pointer through the object, so that a list's index is told from a key that is a number."""
    found: list[Step] = []
    value: JsonValue = body
    for part in place.steps(json_pointer):
        if isinstance(value, list):
            index = int(part)
            found.append(index)
            value = value[index] if index < len(value) else None
        else:
            found.append(part)
            value = mapping(value).get(part)
    return tuple(found)


def _leaf(words: str, steps: tuple[Step, ...], schema: JsonObject) -> Iterator[Complaint]:
    unknown = re.fullmatch(rf"additional properties ({_QUOTED}(?:, {_QUOTED})*) not allowed", words)
    missing = re.fullmatch(rf"missing propert(?:y|ies) ({_QUOTED}(?:, {_QUOTED})*)", words)
    if unknown:
        known = fields(schema, steps)
        for name in _names(unknown[1]):
            yield Complaint((*steps, name), f"unknown field `{name}`", _did_you_mean(name, known))
    elif missing:
        for name in _names(missing[1]):
            yield Complaint(steps, f"the required field `{name}` is missing", missing=name)
    else:
        yield Complaint(steps, _words(words))


def _names(listed: str) -> list[str]:
    return sorted(_unquote(quoted) for quoted in re.findall(_QUOTED, listed))


def _did_you_mean(name: str, known: list[str]) -> str | None:
    for near in known:
        if near.lower() == name.lower():
            return f"did you mean `{near}`?"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else None


def _words(words: str) -> str:
    for pattern, say in _PHRASES:
        match = pattern.fullmatch(words)
        if match:
            return say(match)
    return words


def _types(match: re.Match[str]) -> str:
    wanted = [name for name in match["want"].split(" or ") if name != "null"]
    return f"must be {' or '.join(wanted) or 'null'}, not {match['got']}"


def _allowed(match: re.Match[str]) -> str:
    listed = re.sub(_QUOTED, lambda quoted: f"`{_unquote(quoted[0])}`", match["allowed"])
    return f"must be {listed}"


def _phrase(expression: str, say: Callable[[re.Match[str]], str]) -> tuple[re.Pattern[str], Callable[..., str]]:
    return re.compile(expression, re.DOTALL), say


_LIMITS = {
    "minimum": "must be at least",
    "maximum": "must be at most",
    "exclusiveMinimum": "must be greater than",
    "exclusiveMaximum": "must be less than",
    "multipleOf": "must be a multiple of",
    "minLength": "must have this many characters at least:",
    "maxLength": "must have this many characters at most:",
    "minItems": "must have this many items at least:",
    "maxItems": "must have this many items at most:",
    "minProperties": "must have this many fields at least:",
    "maxProperties": "must have this many fields at most:",
}
_PHRASES = (
    _phrase(r"got (?P<got>\w+), want (?P<want>[\w ]+)", _types),
    _phrase(r"value must be (?P<allowed>.+)", _allowed),
    _phrase(
        rf"(?P<limit>{'|'.join(_LIMITS)}): got .+, want (?P<want>\S+)",
        lambda match: f"{_LIMITS[match['limit']]} {match['want']}",
    ),
    _phrase(
        rf"{_QUOTED} does not match pattern (?P<pattern>{_QUOTED})",
        lambda match: f"does not match the pattern `{_unquote(match['pattern'])}`",
    ),
    _phrase(r".* is not valid (?P<format>[\w-]+): .*", lambda match: f"is no valid {match['format']}"),
    _phrase(r"items at (\d+) and (\d+) are equal", lambda match: f"items {match[1]} and {match[2]} are equal"),
    _phrase(r"not failed", lambda _: "has a value that is excluded here"),
    _phrase(r"oneOf failed, subschemas .+ matched", lambda _: "fits several forms of which it must fit exactly one"),
)


def fields(schema: JsonObject, steps: tuple[Step, ...]) -> list[str]:
    """Give the names of the fields that a schema knows at some place of an object, sorted."""
    node = _resolved(schema, schema)
    for step in steps:
        if isinstance(step, int):
            inner = node.get("items")
        else:
            inner = mapping(node.get("properties")).get(step, node.get("additionalProperties"))
        node = _resolved(mapping(inner), schema)
    return sorted(mapping(node.get("properties")))


def _resolved(node: JsonObject, root: JsonObject) -> JsonObject:
    """Follow references, and the branch that stands for everything but null."""
    while True:
        if "$ref" in node:
            node = mapping(mapping(root.get("definitions")).get(text(node["$ref"]).rpartition("/")[2]))
        elif "else" in node:
            node = mapping(node["else"])
        else:
            return node
