"""Turns kubeconform's message about an invalid object into complaints, each with its place.

The message is a tree printed on one line; the list of causes beside it has only the first level. A message
that is not understood is passed on whole, as a complaint about the whole object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.model import place
from aurora.model.json_value import JsonObject, JsonValue, mapping, text
from aurora.model.place import Step
from aurora.schemas import wording
from aurora.schemas.wording import QUOTED, unquote
from aurora_constructs.spelling import closest

_PREFIX = re.compile(rf"problem validating schema\. Check JSON formatting: jsonschema validation failed with {QUOTED}")
_ENTRY = re.compile(
    rf" (?P<indent>(?:  )*)- at (?P<pointer>{QUOTED}): (?P<words>(?:{QUOTED}|[^'])*?)(?= (?:  )*- at '|$)"
)
_SHOWN_FORMS = 4
# Releases of kubeconform's schema library differ in the quotes around keywords.
_ALL = re.compile(r"validation failed|'?allOf'? failed")
_ANY = re.compile(r"'?anyOf'? failed|'?oneOf'? failed, none matched")


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
        node = _Node(len(entry["indent"]) // 2, unquote(entry["pointer"]), entry["words"], [])
        while open_nodes[-1].depth >= node.depth:
            open_nodes.pop()
        open_nodes[-1].causes.append(node)
        open_nodes.append(node)
        position = entry.end()
    return top.causes


def _read(node: _Node, body: JsonObject, schema: JsonObject) -> Iterator[Complaint]:
    steps = _steps(node.pointer, body)
    if _ALL.fullmatch(node.words):
        for cause in node.causes:
            yield from _read(cause, body, schema)
    elif _ANY.fullmatch(node.words):
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
        if isinstance(value, list) and part.isdecimal():
            index = int(part)
            found.append(index)
            value = value[index] if index < len(value) else None
        else:
            found.append(part)
            value = mapping(value).get(part)
    return tuple(found)


def _leaf(words: str, steps: tuple[Step, ...], schema: JsonObject) -> Iterator[Complaint]:
    unknown = re.fullmatch(rf"additional properties ({QUOTED}(?:, {QUOTED})*) not allowed", words)
    missing = re.fullmatch(rf"missing propert(?:y|ies) ({QUOTED}(?:, {QUOTED})*)", words)
    if unknown:
        known = fields(schema, steps)
        for name in _names(unknown[1]):
            yield Complaint((*steps, name), f"unknown field `{name}`", _did_you_mean(name, known))
    elif missing:
        for name in _names(missing[1]):
            yield Complaint(steps, f"the required field `{name}` is missing", missing=name)
    else:
        yield Complaint(steps, wording.clear(words))


def _names(listed: str) -> list[str]:
    return sorted(unquote(quoted) for quoted in re.findall(QUOTED, listed))


def _did_you_mean(name: str, known: list[str]) -> str | None:
    close = next((near for near in known if near.lower() == name.lower()), None) or closest(name, known)
    return f"did you mean `{close}`?" if close else None


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
