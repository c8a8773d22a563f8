"""Edits values of a YAML text and keeps everything else: comments, order, quotes, the form of collections.

ruamel.yaml reads and prints the text; of what it prints, only the lines that the edits change are taken over, so that
what it would write otherwise stays as people wrote it.
"""

import difflib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString

from aurora.yamlio.reading import YamlError

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_FORMS = ((2, 2, 0), (2, 4, 2), (4, 4, 2), (4, 4, 0), (4, 6, 4))
"""How far values of mappings and of lists stand behind their key, and where the dashes of lists are."""
Form = tuple[int, int, int]


class _Representer(RoundTripRepresenter):
    """Writes nulls as `null`, not as nothing."""


def _null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    found: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:null", "null")
    return found


_Representer.add_representer(type(None), _null)


@dataclass(frozen=True, slots=True)
class Edit:
    """A value to write at the steps from the top of a document, whose mappings are made where they are missing.

    None takes the entry away, and the mappings that are empty without it; `null` writes a null.
    """

    steps: tuple[str, ...]
    value: str | int | None
    null: bool = False


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Apply edits to a document.

    Raises:
        YamlError: the text cannot be read, or something other than a mapping stands where an edit leads through.
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n")
    form, document = _form(lines), _load(lines)
    before = _printed(document, form)
    for edit in edits:
        _apply(document, edit)
    return _taken_over(lines, before, _printed(document, form)).replace("\n", ends)


def _form(text: str) -> Form:
    """Give the form in which a text is printed most alike."""
    found: dict[Form, int] = {}
    for form in _FORMS:
        found[form] = _distance(text, _printed(_load(text), form))
        if not found[form]:
            return form
    return min(found, key=lambda each: found[each])


def _yaml(form: Form) -> YAML:
    yaml = YAML(typ="rt")
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=form[0], sequence=form[1], offset=form[2])
    return yaml


def _load(text: str) -> CommentedMap:
    try:
        found = _yaml(_FORMS[0]).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise YamlError(
            str(getattr(error, "problem", None) or error), mark.line + 1 if mark else 1, mark.column + 1 if mark else 1
        ) from error
    if found is None:
        return CommentedMap()
    if not isinstance(found, CommentedMap):
        raise YamlError("the document is no mapping", 1, 1)
    return found


def _printed(document: CommentedMap, form: Form) -> str:
    stream = io.StringIO()
    _yaml(form).dump(document, stream)
    return stream.getvalue()


def _distance(text: str, other: str) -> int:
    """Count the lines that differ."""
    own, made = text.splitlines(), other.splitlines()
    same = difflib.SequenceMatcher(None, own, made, autojunk=False).get_matching_blocks()
    return max(len(own), len(made)) - sum(block.size for block in same)


def _apply(document: CommentedMap, edit: Edit) -> None:
    way: list[CommentedMap] = [document]
    for step in edit.steps[:-1]:
        below = way[-1].get(step)
        if below is None:
            if edit.value is None and not edit.null:
                return
            below = way[-1][step] = _mapping(way[-1])
        if not isinstance(below, CommentedMap):
            raise YamlError(f"`{step}` is no mapping", 1, 1)
        way.append(below)
    key = edit.steps[-1]
    if edit.null:
        way[-1][key] = None
    elif edit.value is not None:
        way[-1][key] = _like(way[-1].get(key), edit.value)
    elif key in way[-1]:
        del way[-1][key]
        _drop_empty(way, edit.steps)


def _mapping(parent: CommentedMap) -> CommentedMap:
    made = CommentedMap()
    if len(parent) and parent.fa.flow_style():
        made.fa.set_flow_style()
    return made


def _drop_empty(way: Sequence[CommentedMap], steps: Sequence[str]) -> None:
    for depth in range(len(way) - 1, 0, -1):
        if way[depth]:
            return
        del way[depth - 1][steps[depth - 1]]


def _like(old: Any, value: str | int) -> Any:
    """Write a value in the form of the one whose place it takes; quote what a reader could take for something else."""
    if isinstance(value, int):
        return value
    if isinstance(old, ScalarString):
        return type(old)(value)
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else DoubleQuotedScalarString(value)


def _taken_over(text: str, before: str, after: str) -> str:
    """Replace in a text the lines that differ between two prints of it; lines that are only comments stay."""
    own, old, new = (part.splitlines(keepends=True) for part in (text, before, after))
    places = _places(own, old)
    found: list[str] = []
    position = 0
    for tag, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        found += own[position : places[start]]
        replaced = own[places[start] : places[end]]
        together = len(replaced) == last - first
        found += map(_with_gap, new[first:last], replaced) if together else new[first:last]
        kept = set(new[first:last])
        found += [line for line in replaced if _is_comment(line) and line not in kept]
        position = places[end]
    return "".join([*found, *own[position:]])


def _with_gap(line: str, old: str) -> str:
    """Put as much room before a comment at the end of a line as there was: ruamel.yaml keeps its column."""
    for found in re.finditer(r"(?<=\S)(\s+)(#.*\n?)$", old):
        if line.endswith(found[2]):
            return line.removesuffix(found[2]).rstrip() + found[0]
    return line


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _places(own: Sequence[str], old: Sequence[str]) -> list[int]:
    """Give the line of a text for each line of its print, and for the end."""
    places = [0] * (len(old) + 1)
    for _, start, end, first, last in difflib.SequenceMatcher(None, old, own, autojunk=False).get_opcodes():
        for line in range(start, end):
            places[line] = min(first + line - start, last)
    places[len(old)] = len(own)
    return places
