"""Turns text that somebody wrote into manifests: streams, JSON, Lists, and what is broken in them.

A broken document is a finding; the others are still judged. Reads no files.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aurora import sources
from aurora.kinds import table
from aurora.model import sops
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue, items, mapping
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.place import Place, pointer
from aurora.model.rule import Basis, Rule
from aurora.model.tree import strings
from aurora.yamlio import reading, writing
from aurora.yamlio.events import Position
from aurora.yamlio.reading import Steps

BROKEN = Rule("yaml/broken", Basis.REFUSED)
NOT_AN_OBJECT = Rule("yaml/not-an-object", Basis.REFUSED)
ANOTHER_KEY = Rule("yaml/another-key", Basis.BROKEN, severity=Severity.WARNING)
ENCRYPTED = Rule("yaml/encrypted", Basis.ADVICE, severity=Severity.NOTE)
UNDECRYPTABLE = Rule("yaml/undecryptable", Basis.REFUSED)
DUPLICATE = Rule("yaml/duplicate-object", Basis.BROKEN)
LARGEST_OBJECT = 1_572_864
"""Bytes that etcd takes in one request (etcd 3.6, `--max-request-bytes`)."""
_TEMPLATE = (
    "write a value with `{{` in quotes; a template of Helm is rendered first: `helm template … | aurora validate -`"
)
_APPLICATION: JsonObject = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
TOO_LARGE = Rule("yaml/too-large", Basis.REFUSED)
RULES = (BROKEN, NOT_AN_OBJECT, ANOTHER_KEY, TOO_LARGE, ENCRYPTED, UNDECRYPTABLE, DUPLICATE)


@dataclass(frozen=True, slots=True)
class Read:
    """The manifests of a text, in order, what could not be read of it, and documents with nothing but comments."""

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    bare: tuple[tuple[Source, str], ...] = ()


def read(raw: bytes, path: str) -> Read:
    """Read every object of a YAML or JSON file; items of a `List` count as objects of their own."""
    try:
        text = reading.decode(raw)
    except reading.YamlError as error:
        return Read((), (_broken(error, path, 1),))
    return join(_read_document(document, path) for document in reading.split(text, bare=True))


def join(parts: Iterable[Read]) -> Read:
    """Join readings in their order."""
    manifests: list[Manifest] = []
    findings: list[Finding] = []
    bare: list[tuple[Source, str]] = []
    for part in parts:
        manifests.extend(part.manifests)
        findings.extend(part.findings)
        bare.extend(part.bare)
    return Read(tuple(manifests), tuple(findings), tuple(bare))


def _read_document(document: reading.Document, path: str) -> Read:
    source = Source(path, document.line)
    written = reading.unescape_json(document.text)
    try:
        parsed = reading.parse(written, as_kubectl=True)
    except reading.YamlError as error:
        return Read((), (_broken(error, path, document.line, written),))
    manifests: list[Manifest] = []
    findings = [_another_key(each, path, document.line) for each in parsed.turned if each.written != each.key]
    if parsed.turned:
        written = reading.with_texts_as_keys(written, parsed.turned)
    if parsed.merges and isinstance(parsed.value, dict):
        written = writing.dump(parsed.value)
    objects = list(_objects(parsed.value, written))
    row = sources.of_document(parsed.value, path, incomplete=any(_problem(body) for body, _, _ in objects))
    if row:
        return Read((), (row.found(source.place),))
    in_list = not parsed.merges and any(steps for _, _, steps in objects)
    positions = reading.parse(written, places=True, as_kubectl=True).positions if in_list else {}
    lines = written.split("\n") if in_list else []
    for body, text, steps in objects:
        at = positions.get(steps)
        line = at.line if at and steps else 1
        as_written = _as_written(body, lines, at) if at and steps else None
        manifest, found = _object(body, as_written or text, Source(path, document.line + line - 1))
        manifests.extend([manifest] if manifest else ())
        findings.extend(found)
    return Read(tuple(manifests), tuple(findings), _bare(parsed.value, source, written))


def of_value(value: JsonValue, text: str, source: Source) -> Read:
    """Read the objects of a document that is parsed already; one that is null has none."""
    parts = [_object(body, written, source) for body, written, _ in _objects(value, text)]
    manifests = tuple(manifest for manifest, _ in parts if manifest is not None)
    return Read(manifests, tuple(finding for _, said in parts for finding in said))


def _bare(value: JsonValue, source: Source, written: str) -> tuple[tuple[Source, str], ...]:
    return ((source, written),) if value is None and "#" in written else ()


def _object(body: JsonValue, text: str, source: Source) -> tuple[Manifest | None, tuple[Finding, ...]]:
    """Make a manifest of an object, or say why not; both where it is encrypted."""
    sealed = sops.sealed(body) if isinstance(body, dict) and _may_be_sealed(body, text) else None
    said: tuple[Finding, ...] = (_sealed(sealed, source),) if sealed else ()
    if sealed:
        body, text = sealed.body, writing.dump(sealed.body) if sealed.body else ""
    if sealed and body is None:
        return None, said
    problem = _problem(body)
    if problem or not isinstance(body, dict):
        return None, (*said, _not_an_object(problem or "this is not a mapping", source))
    size = _size(body) if len(text) > LARGEST_OBJECT // 4 else 0
    if size > LARGEST_OBJECT:
        message = f"this object has {size // 1024} KiB, and the API server stores at most {LARGEST_OBJECT // 1024}"
        said = (*said, Finding.of(TOO_LARGE, message, source.place, resource=identify(body)))
    return Manifest(id=identify(body), body=body, text=text, source=source), said


def _as_written(body: JsonValue, lines: list[str], at: Position) -> str | None:
    """Give the lines of an item of a list as they stand, for right places in them; nothing if others are among them."""
    margin, end = " " * (at.column - 1), at.line
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(margin)):
        end += 1
    text = "\n".join([margin + lines[at.line - 1][len(margin) :], *lines[at.line : end], ""])
    if not isinstance(body, dict) or text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = mapping(reading.parse(text, as_kubectl=True).value)
    except reading.YamlError:
        return None
    inherited = {key: body[key] for key in ("apiVersion", "kind") if key in body and key not in value}
    text += "".join(f"{margin}{key}: {json.dumps(given)}\n" for key, given in inherited.items())
    return text if value | inherited == body else None


def _objects(value: JsonValue, text: str, steps: Steps = ()) -> Iterator[tuple[JsonValue, str, Steps]]:
    """Yield a document's objects with text and place; the items of a list, also nested ones, get a text of their own.

    As in decodeToList of apimachinery pkg/apis/meta/v1/unstructured, an item that says neither apiVersion nor kind
    takes those of the list, without `List`.
    """
    if value is None:
        return
    if isinstance(value, list) and value and all(map(_is_application, value)):
        value, text = {"items": value}, ""
    if _is_application(value):
        value, text = {**_APPLICATION, **mapping(value)}, _with_kind(value, text)
    if not isinstance(value, dict) or not _is_list(value):
        yield value, text, steps
        return
    inherited = {"apiVersion": value.get("apiVersion"), "kind": str(value.get("kind", "")).removesuffix("List")}
    for index, item in enumerate(items(value["items"])):
        place = (*steps, "items", index) if text else (*steps, index)
        if item is None:
            yield item, "null", place
        if isinstance(item, dict) and inherited["kind"] and not (item.get("kind") or item.get("apiVersion")):
            item = {**item, **inherited}  # noqa: PLW2901 - the item as it is read
        yield from _objects(item, writing.dump(item) if isinstance(item, dict) else json.dumps(item), place)


def _is_application(value: JsonValue) -> bool:
    """Tell whether this is an Application as `argocd app get` and `argocd app list` print it: without its kind.

    They print the Go type (argo-cd 3.5, cmd/argocd/commands, `PrintResource`), of which client-go leaves both out.
    """
    if not isinstance(value, dict) or value.keys() & _APPLICATION.keys():
        return False
    metadata, spec = mapping(value.get("metadata")), mapping(value.get("spec"))
    return _named(metadata) and "uid" in metadata and {"destination", "project"} <= spec.keys()


def _with_kind(value: JsonValue, text: str) -> str:
    """Add the kind to the text of an Application, behind its lines."""
    if not text or text.lstrip().startswith("{"):
        return writing.dump({**_APPLICATION, **mapping(value)})
    return text.rstrip("\n") + "".join(f"\n{key}: {said}" for key, said in _APPLICATION.items()) + "\n"


def _is_list(value: JsonObject) -> bool:
    """Tell whether an object with `items` is a list: unless it has a name of its own, and the items are no objects."""
    found = items(value.get("items"))
    if not _named(mapping(value.get("metadata"))) or value.get("kind") == "List":
        return isinstance(value.get("items"), list)
    return bool(found) and all(isinstance(mapping(item).get("metadata"), dict) for item in found)


def _problem(body: JsonValue) -> str | None:
    if not isinstance(body, dict):
        return "this is not a mapping"
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            return f"`{key}` is missing or no string"
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "`metadata` is missing or no mapping"
    read = f": it is read as `{json.dumps(metadata['name'])}`" if isinstance(metadata.get("name"), bool) else ""
    return None if _named(metadata) else f"`metadata.name` is missing or no string{read}"


def _named(metadata: JsonObject) -> bool:
    return any(isinstance(metadata.get(key), str) and metadata[key] for key in ("name", "generateName"))


def _broken(error: reading.YamlError, path: str, first_line: int, written: str = "") -> Finding:
    place = Place(path, first_line + error.line - 1, error.column)
    is_template = "{{" in "".join(written.split("\n")[error.line - 1 : error.line])
    return Finding.of(BROKEN, error.message, place, hint=_TEMPLATE if is_template else error.hint)


def _another_key(key: reading.TurnedKey, path: str, first_line: int) -> Finding:
    message = f"the API server stores the key `{key.written}` as `{key.key}`"
    hint = f'write "{key.written}", or "{key.key}" if that is meant'
    return Finding.of(ANOTHER_KEY, message, Place(path, first_line + key.line - 1, key.column), hint=hint)


def _size(body: JsonObject) -> int:
    """Count the bytes that are stored at least: custom resources as JSON, others without the names of fields."""
    if table.is_builtin_group(identify(body).group):
        return sum(len(value.encode(errors="surrogatepass")) for value in strings(body))
    return len(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass"))


def _may_be_sealed(body: JsonObject, text: str) -> bool:
    return sops.BLOCK in body or sops.MARK in text


def _sealed(sealed: sops.Sealed, source: Source) -> Finding:
    if sealed.problem:
        hint = "encrypt the file again from its plain text"
        return Finding.of(UNDECRYPTABLE, f"SOPS cannot decrypt this: {sealed.problem}", source.place, hint=hint)
    what = "its values" if sealed.body else "it"
    message = f"this is encrypted by SOPS: {what} cannot be judged before it is decrypted"
    return Finding.of(ENCRYPTED, message, source.place, hint=f"sops decrypt {source.path} | aurora validate -")


def _not_an_object(problem: str, source: Source) -> Finding:
    hint = "write apiVersion, kind and metadata.name, or keep this file out of the folder"
    return Finding.of(NOT_AN_OBJECT, problem, source.place, hint=hint)


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


def typed(manifest: Manifest, path: Iterable[str]) -> tuple[str | int, ...]:
    """Turn the steps of a pointer into keys and indexes, as the manifest has mappings and lists."""
    found: list[str | int] = []
    for step in path:
        is_index = step.isdigit() and isinstance(manifest.get(*found), list)
        found.append(int(step) if is_index else step)
    return tuple(found)
