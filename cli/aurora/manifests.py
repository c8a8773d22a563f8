"""Turns text that somebody wrote into manifests: streams, JSON, Lists, and what is broken in them.

A broken document is a finding; the others are still judged. Reads no files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.place import Place, pointer
from aurora.model.rule import Basis, Rule
from aurora.yamlio import reading, writing

BROKEN = Rule("yaml/broken", Basis.REFUSED)
NOT_AN_OBJECT = Rule("yaml/not-an-object", Basis.REFUSED)
ANOTHER_KEY = Rule("yaml/another-key", Basis.BROKEN, severity=Severity.WARNING)
DUPLICATE = Rule("yaml/duplicate-object", Basis.BROKEN)
RULES = (BROKEN, NOT_AN_OBJECT, ANOTHER_KEY, DUPLICATE)


@dataclass(frozen=True, slots=True)
class Read:
    """The manifests of a text, in order, and what could not be read of it."""

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]


def read(raw: bytes, path: str) -> Read:
    """Read every object of a YAML or JSON file; items of a `List` count as objects of their own."""
    try:
        text = reading.decode(raw)
    except reading.YamlError as error:
        return Read((), (_broken(error, path, 1),))
    return join(_read_document(document, path) for document in reading.split(text))


def join(parts: Iterable[Read]) -> Read:
    """Join readings in their order."""
    manifests: list[Manifest] = []
    findings: list[Finding] = []
    for part in parts:
        manifests.extend(part.manifests)
        findings.extend(part.findings)
    return Read(tuple(manifests), tuple(findings))


def _read_document(document: reading.Document, path: str) -> Read:
    source = Source(path, document.line)
    written = reading.unescape_json(document.text)
    try:
        parsed = reading.parse(written, as_kubectl=True)
    except reading.YamlError as error:
        return Read((), (_broken(error, path, document.line),))
    manifests: list[Manifest] = []
    findings = [_another_key(each, path, document.line) for each in parsed.turned if each.written != each.key]
    if parsed.turned:
        written = reading.with_texts_as_keys(written, parsed.turned)
    if parsed.merges and isinstance(parsed.value, dict):
        written = writing.dump(parsed.value)
    for body, text in _objects(parsed.value, written):
        problem = _problem(body)
        if problem or not isinstance(body, dict):
            findings.append(_not_an_object(problem or "this is not a mapping", source))
            continue
        manifests.append(Manifest(id=identify(body), body=body, text=text, source=source))
    return Read(tuple(manifests), tuple(findings))


def _objects(value: JsonValue, text: str) -> Iterator[tuple[JsonValue, str]]:
    """Yield a document's objects with their text; the items of a List, also nested ones, get a text of their own."""
    if value is None:
        return
    if isinstance(value, dict) and _is_list(value):
        for item in value["items"]:  # type: ignore[union-attr]
            if item is None:
                yield item, "null"
            yield from _objects(item, writing.dump(item) if isinstance(item, dict) else json.dumps(item))
        return
    yield value, text


def _is_list(value: JsonObject) -> bool:
    """Tell whether an object is a List, or a list of one kind (`ConfigMapList`) whose items say what they are."""
    items, kind = value.get("items"), str(value.get("kind", ""))
    if not isinstance(items, list) or kind == "List":
        return isinstance(items, list)
    said = {item.get("kind") for item in items if isinstance(item, dict)}
    return not _named(mapping(value.get("metadata"))) and said == {kind.removesuffix("List")} != {kind}


def _problem(body: JsonValue) -> str | None:
    if not isinstance(body, dict):
        return "this is not a mapping"
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            return f"`{key}` is missing or no string"
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "`metadata` is missing or no mapping"
    return None if _named(metadata) else "`metadata.name` is missing or no string"


def _named(metadata: JsonObject) -> bool:
    return any(isinstance(metadata.get(key), str) and metadata[key] for key in ("name", "generateName"))


def _broken(error: reading.YamlError, path: str, first_line: int) -> Finding:
    return Finding(
        rule=BROKEN.id,
        severity=BROKEN.severity,
        message=error.message,
        place=Place(path, first_line + error.line - 1, error.column),
        hint=error.hint,
    )


def _another_key(key: reading.TurnedKey, path: str, first_line: int) -> Finding:
    return Finding(
        rule=ANOTHER_KEY.id,
        severity=ANOTHER_KEY.severity,
        message=f"the API server stores the key `{key.written}` as `{key.key}`",
        place=Place(path, first_line + key.line - 1, key.column),
        hint=f'write "{key.written}", or "{key.key}" if that is meant',
    )


def _not_an_object(problem: str, source: Source) -> Finding:
    return Finding(
        rule=NOT_AN_OBJECT.id,
        severity=NOT_AN_OBJECT.severity,
        message=problem,
        place=source.place,
        hint="write apiVersion, kind and metadata.name, or keep this file out of the folder",
    )


def duplicates(manifests: tuple[Manifest, ...]) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Split off every manifest whose identity an earlier one has, with a finding for each."""
    first: dict[tuple[str, str, str, str], Manifest] = {}
    findings: list[Finding] = []
    unnamed: list[Manifest] = []
    for manifest in manifests:
        if not manifest.id.name:
            unnamed.append(manifest)  # the API server gives each a name of its own
            continue
        earlier = first.setdefault(manifest.id.identity, manifest)
        if earlier is not manifest:
            findings.append(
                Finding(
                    rule=DUPLICATE.id,
                    severity=DUPLICATE.severity,
                    message=f"{manifest.id} is already at `{earlier.source.place}`",
                    environment=manifest.environment,
                    resource=manifest.id,
                    place=manifest.source.place,
                    origin=manifest.origin,
                    hint="remove one of the two",
                )
            )
    return (*first.values(), *unnamed), tuple(findings)


def located(manifest: Manifest, steps: Iterable[str | int], *, rule: str, message: str) -> Finding:
    """Make an error finding about a part of a manifest, with the line and column of that part."""
    path = tuple(steps)
    line, column = reading.locate(manifest.text, path)
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=message,
        environment=manifest.environment,
        resource=manifest.id,
        pointer=pointer(path),
        place=Place(manifest.source.path, manifest.source.line + line - 1, column),
        origin=manifest.origin,
    )
