"""The format of `schemas/lock.yaml`: what the schema pack holds, where it came from, and the hashes that prove it."""

from dataclasses import asdict, dataclass, fields

from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.schemas.provenance import SourceComponent
from aurora.yamlio import reading, writing

FILE = "lock.yaml"
FORMAT = 1

_HEADER = "# Written by `aurora schemas build`.\n"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class PackedCrd:
    """One definition of the pack; hashes are SHA-256 of whole files."""

    file: str
    group: str
    kind: str
    served: tuple[str, ...]
    unserved: tuple[str, ...]
    component: str
    version: str
    source: str
    source_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything in the pack, in the order of its files."""

    crds: tuple[PackedCrd, ...]
    components: tuple[SourceComponent, ...]


class LockError(Exception):
    """Why a text is no lock."""


def dump(lock: Lock) -> str:
    """Print a lock; equal locks give equal bytes."""
    components: list[JsonValue] = [asdict(component) for component in lock.components]
    return _HEADER + writing.dump({"format": FORMAT, "components": components, "crds": [*map(_crd, lock.crds)]})


def _crd(crd: PackedCrd) -> JsonObject:
    found: JsonObject = asdict(crd) | {"served": [*crd.served], "unserved": [*crd.unserved]}
    found["source"] = {"file": found.pop("source"), "sha256": found.pop("source_sha256")}
    return found


def parse(content: str) -> Lock:
    """Read a lock.

    Raises:
        LockError: the text is no lock of this format.
    """
    try:
        body = mapping(reading.parse(content).value)
    except reading.YamlError as error:
        raise LockError(str(error)) from error
    if body.get("format") != FORMAT:
        raise LockError(f"its format is not {FORMAT}")
    return Lock(
        tuple(_read_crd(mapping(entry)) for entry in items(body.get("crds"))),
        tuple(_read_component(mapping(entry)) for entry in items(body.get("components"))),
    )


def _read_crd(entry: JsonObject) -> PackedCrd:
    source = mapping(entry.get("source"))
    return PackedCrd(
        file=_word(entry, "file"),
        group=_word(entry, "group"),
        kind=_word(entry, "kind"),
        served=tuple(text(version) for version in items(entry.get("served"))),
        unserved=tuple(text(version) for version in items(entry.get("unserved"))),
        component=_word(entry, "component"),
        version=_word(entry, "version"),
        source=_word(source, "file"),
        source_sha256=_word(source, "sha256"),
        sha256=_word(entry, "sha256"),
    )


def _read_component(entry: JsonObject) -> SourceComponent:
    return SourceComponent(**{key.name: _word(entry, key.name) for key in fields(SourceComponent)})


def _word(entry: JsonObject, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise LockError(f"an entry has no `{key}`")
    return value
