"""Where definitions of custom kinds come from: manifests, plain folders, schema packs; one form for all.

A definition is read and trimmed once per content; what a folder holds is remembered in the cache. Derives no
schemas.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from aurora.errors import InputError, UsageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonValue, items, mapping
from aurora.schemas import crd_files, pack
from aurora.schemas.derived import DerivedFiles
from aurora.schemas.trim import TrimmedCrd


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition as a source offers it; `text` is its trimmed JSON.

    `proved` says that the definition comes from a schema pack, so that a schema derived from it that does not
    compile is Aurora's fault and not that of the input.
    """

    group: str
    kind: str
    served: tuple[str, ...]
    unserved: tuple[str, ...]
    origin: str
    text: str
    proved: bool = False

    @property
    def digest(self) -> str:
        """The hash of the trimmed definition."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def crd(self) -> TrimmedCrd:
        """Read the trimmed definition."""
        return TrimmedCrd(mapping(cast("JsonValue", json.loads(self.text))))


def from_crd(crd: TrimmedCrd, origin: str) -> Definition:
    """Offer a definition that is at hand already."""
    return Definition(
        group=crd.group,
        kind=crd.kind,
        served=crd.served,
        unserved=crd.unserved,
        origin=origin,
        text=json.dumps(crd.body, sort_keys=True),
    )


def from_folders(folders: Sequence[Path], derived: DerivedFiles) -> Iterator[Definition]:
    """Yield what folders offer; of two definitions of one kind, the later folder's is the one to use.

    Raises:
        StorageError: a schema pack is not what its lock says, or a file cannot be read.
        InputError: a plain folder holds a broken definition or an unreadable file; carries the findings.
        UsageError: a folder does not exist, or defines one kind in two ways.
    """
    for folder in folders:
        offered = list(_from_pack(folder) if pack.is_pack(folder) else _from_plain(folder, derived))
        _refuse_contradictions(folder, offered)
        yield from offered


def _refuse_contradictions(folder: Path, definitions: Sequence[Definition]) -> None:
    first: dict[tuple[str, str], Definition] = {}
    for each in definitions:
        other = first.setdefault((each.group, each.kind), each)
        if other.text != each.text and other.crd().text() != each.crd().text():
            raise UsageError(
                f"`{folder}` defines the kind `{each.kind}` of `{each.group}` in two ways: "
                f"`{other.origin}` and `{each.origin}`",
                hint="name a folder that holds one release of each definition",
            )


def _from_pack(folder: Path) -> Iterator[Definition]:
    loaded = pack.load(folder)
    for crd in loaded.lock.crds:
        yield Definition(
            group=crd.group,
            kind=crd.kind,
            served=crd.served,
            unserved=crd.unserved,
            origin=f"{folder.name}/{crd.file}",
            text=loaded.texts[crd.file],
            proved=True,
        )


def _from_plain(folder: Path, derived: DerivedFiles) -> Iterator[Definition]:
    """Other objects may lie beside the definitions: only what is broken is an error."""
    broken: list[Finding] = []
    for file in crd_files.files(folder):
        try:
            _, bodies = derived.get(f"definitions {file.digest}", partial(_bodies, file))
        except InputError as error:
            broken.extend(error.findings)
            continue
        yield from (from_crd(TrimmedCrd(mapping(body)), str(file.path)) for body in items(bodies))
    if broken:
        raise InputError(f"`{folder}` holds {len(broken)} parts that are no usable definition", findings=broken)


def _bodies(file: crd_files.SourceFile) -> JsonValue:
    read = crd_files.definitions(file)
    if read.broken:
        raise InputError(f"`{file.path}` holds a broken definition", findings=read.broken)
    return [crd.body for crd in read.crds]


def by_kind(definitions: Iterable[Definition]) -> dict[tuple[str, str], Definition]:
    """Index definitions by group and kind; the last of a kind wins."""
    return {(definition.group, definition.kind): definition for definition in definitions}
