"""Reads YAML and JSON: text into documents, documents into plain values and the places of their parts.

Reads no files. `events` builds the values.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml  # noqa: TID251 - this package is the gate

from aurora.yamlio import canonical
from aurora.yamlio.events import (
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_NODES,
    Parsed,
    PlainScalar,
    Position,
    Steps,
    TurnedKey,
    Walk,
    YamlError,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_INTEGER",
    "MAX_NODES",
    "Document",
    "Parsed",
    "PlainScalar",
    "Position",
    "Steps",
    "TurnedKey",
    "YamlError",
    "decode",
    "locate",
    "parse",
    "split",
    "unescape_json",
    "without_scalars",
]


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one document of a stream and the line of the stream on which that text begins."""

    text: str
    line: int


def decode(raw: bytes) -> str:
    """Decode the bytes of a YAML file.

    UTF-16 with a byte order mark is read, as go-yaml does; but kubectl finds no `---` in it.

    Raises:
        YamlError: the bytes are not UTF-8, or hold a NUL or another character that YAML forbids, or several
            documents in UTF-16.
    """
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise YamlError(f"this is not UTF-{16 if wide else 8} text", line, column, "save the file as UTF-8") from error
    documents = list(split(text)) if wide else []
    if len(documents) > 1:
        message = "in UTF-16, kubectl reads the first document of a file only"
        raise YamlError(message, documents[1].line, 1, "save the file as UTF-8")
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        line, column = _line_and_column(text, forbidden.start())
        raise YamlError(f"the character U+{ord(forbidden.group()):04X} may not stand in YAML", line, column)
    return text


_SPACE = re.compile(r"\s*")
_MARK = re.compile(r"\A([\r\n]*)\ufeff")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SEPARATOR = re.compile(r"^(---|\.\.\.)(?=[ \t\r\n]|$)[ \t]*", re.MULTILINE)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def split(text: str, *, bare: bool = False) -> Iterator[Document]:
    """Cut a stream into its documents by their marker lines; those of comments only are left out unless `bare`.

    A marker at the start of a line ends a document wherever it stands, also inside a block scalar
    (YAML 1.2.2, section 9.1.2), so each document can be parsed, and can fail, alone. What follows `---`
    on its line belongs to the document.
    """
    objects = list(_json_stream(text)) if text.lstrip().startswith("{") else []
    if len(objects) > 1:
        yield from objects
        return
    start, line = 0, 1
    for marker in [*_SEPARATOR.finditer(text), None]:
        end = marker.start() if marker else len(text)
        body = _MARK.sub(r"\1", text[start:end])  # go-yaml skips the mark in front of every document
        if _has_content(body) or (bare and "#" in body):
            yield Document(body, line)
        if marker:
            line += text.count("\n", start, marker.end())
            start = marker.end()


def _json_stream(text: str) -> Iterator[Document]:
    """Yield the objects of JSON that follow each other without a separator, as kubectl reads them; else nothing."""
    decoder, found, line = json.JSONDecoder(), list[Document](), 1
    done, start = 0, _after_space(text, 0)
    while start < len(text):
        line += text.count("\n", done, start)
        try:
            value, done = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, dict):
            return
        found.append(Document(text[start:done], line))
        line += text.count("\n", start, done)
        start = _after_space(text, done)
    yield from found


def _after_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _has_content(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


_JSON_ONLY = re.compile(r"(?<!\\)((?:\\\\)*)(\\/|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")


def unescape_json(text: str) -> str:
    """Write out what JSON alone escapes: slashes, and characters in two halves, both of which YAML readers refuse."""
    if "\\" not in text or not _JSON_ONLY.search(text) or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _JSON_ONLY.sub(lambda match: match[1] + json.loads(f'"{match[2]}"'), text)


def parse(text: str, *, places: bool = False, as_kubectl: bool = False, until: Steps | None = None) -> Parsed:
    """Read one document.

    Args:
        text: exactly one document, without its markers.
        places: also record the positions of all parts, which doubles the time.
        until: with `places`, the part whose position is enough: what stands behind it is not read.
        as_kubectl: make strings of keys that are numbers or booleans, and take over merge keys and YAML's own tags.

    Raises:
        YamlError: the text is not YAML, repeats a key, has a key that is no string, a custom tag, an
            integer beyond 2^53, is deeper than `MAX_DEPTH` or expands to more than `MAX_NODES` values.
    """
    quickly = None if places else canonical.parse(text)
    if quickly is not None:
        return Parsed(quickly)
    walk = Walk(places=places, as_kubectl=as_kubectl)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            walk.take(event)
            if until is not None and until in walk.parsed.positions:
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(
            (error.problem or error.context or "this is not YAML").replace("could not find expected", "expected"),
            mark.line + 1 if mark else 1,
            mark.column + 1 if mark else 1,
            _syntax_hint(text, mark),
        ) from error
    except yaml.YAMLError as error:
        raise YamlError(f"this is not YAML: {error}", 1, 1) from error
    if walk.documents > 1:
        raise YamlError("a second document begins here", walk.line, 1, "separate documents with `---`")
    return walk.parsed


def with_texts_as_keys(text: str, turned: Iterable[TurnedKey]) -> str:
    """Quote the keys of a document that are no strings, each as the API server stores it; the lines stay."""
    for key in sorted(turned, key=lambda each: -each.start):
        text = text[: key.start] + json.dumps(key.key) + text[key.start + len(key.written) :]
    return text


def _syntax_hint(text: str, mark: yaml.Mark | None) -> str | None:
    lines = text.split("\n")
    if mark is not None and mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return "indent with spaces: YAML forbids tabs there"
    return None


def without_scalars(text: str) -> str:
    """Overwrite the scalars of a document that can be parsed: what looks like a comment after that is one.

    The length and the lines stay. The header of a block scalar stays too, since a comment may follow it.
    """
    parts: list[str] = []
    done = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in {"|", ">"}:
                start += len(text[start:end].partition("\n")[0])
            parts += text[done:start], _INLINE.sub("x", text[start:end])
            done = end
    return "".join((*parts, text[done:]))


_INLINE = re.compile(r"[^\n]")


LONG = 50_000
"""Characters from which on a document, such as a definition, is first searched below one of its keys alone."""


def _around(text: str, steps: Steps) -> Iterator[str]:
    """Yield a long document in block style with what stands under its other keys left blank."""
    if len(text) > LONG and steps:
        kept, lines = False, list[str]()
        for line in text.split("\n"):
            if line and line[0] not in " #-":
                kept = line.startswith(f"{steps[0]}:")
            lines.append(line if kept else "")
        yield "\n".join(lines)


def locate(text: str, steps: Steps) -> tuple[int, int]:
    """Give line and column, from 1, of a part of a document's text.

    The nearest existing parent stands in for a part that is missing; a mapping's entry is located by its
    key. A text that cannot be read is located at its first line.
    """
    positions: dict[Steps, Position] = {}
    for part in (*_around(text, steps), text):
        try:
            positions = parse(part, places=True, until=steps).positions
        except YamlError:
            continue
        if steps in positions:
            break
    while steps and steps not in positions:
        steps = steps[:-1]
    position = positions.get(steps)
    return (position.key_line, position.key_column) if position else (1, 1)
