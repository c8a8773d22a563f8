"""The schema pack: the folder `schemas/` with the trimmed definitions behind every custom kind that is emitted.

`build` writes it from a folder of upstream's definitions, whole or not at all; `load` reads it and refuses a
pack that is not what its lock says. Knows nothing of manifests.
"""

import difflib
import hashlib
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import InputError, StorageError, UsageError
from aurora.model.finding import Finding
from aurora.schemas import crd_files, lock, provenance
from aurora.schemas.crd_files import SourceFile
from aurora.schemas.provenance import SourceComponent
from aurora.schemas.trim import TrimmedCrd

LICENCE = "LICENSE"
NOTICE = "NOTICE"
_WRITTEN_BY_PEOPLE = frozenset({"README.md"})
_REBUILD = "run `aurora schemas build`"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that is what its lock says; `texts` holds the definitions' JSON by file name."""

    folder: Path
    lock: lock.Lock
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A wanted definition and the file that it was found in."""

    crd: TrimmedCrd
    file: SourceFile

    @property
    def name(self) -> str:
        return f"{self.crd.group}/{self.crd.kind}"


def is_pack(folder: Path) -> bool:
    """Tell whether a folder is a schema pack rather than a folder of plain definitions."""
    return (folder / lock.FILE).is_file()


def all_kinds(source: Path) -> tuple[str, ...]:
    """Give every kind that a folder of definitions defines, as `group/Kind`, sorted.

    Raises:
        InputError: the source holds something that is no definition, or a broken one; carries the findings.
        UsageError: there is no such folder.
    """
    return tuple(sorted({each.name for each in _all_definitions(source)}))


def build(source: Path, target: Path, wanted: Collection[str], lacking: Collection[str] = ()) -> lock.Lock:
    """Write the pack of the wanted kinds (`group/Kind`) from a folder of definitions; README.md and packs below stay.

    `lacking` are the kinds that the lock says the source does not define.

    Raises:
        InputError: the source holds something that is no definition, or a broken one; carries the findings.
        UsageError: a wanted kind is not in the source, or its origin or licence is not known.
        StorageError: something cannot be read or written, or the target holds files that are not of a pack.
    """
    origins = provenance.read(source)
    found = _select(_all_definitions(source), wanted)
    components = {each.name: origins.component(each.file.relative) for each in found}
    texts = {f"{each.crd.name}.json": each.crd.text() for each in found}
    crds = (_packed(each, components[each.name], texts[f"{each.crd.name}.json"]) for each in found)
    made = lock.Lock(tuple(sorted(crds)), tuple(sorted(set(components.values()))), tuple(sorted(lacking)))
    texts[lock.FILE] = lock.dump(made)
    texts[LICENCE] = origins.licence
    texts[NOTICE] = origins.notice(made.components)
    write(target, texts)
    return made


def _all_definitions(source: Path) -> list[_Found]:
    found: list[_Found] = []
    complaints: list[Finding] = []
    for file in crd_files.files(source):
        read = crd_files.definitions(file)
        complaints.extend((*read.broken, *read.others))
        found.extend(_Found(crd, file) for crd in read.crds)
    if complaints:
        raise InputError(f"`{source}` holds {len(complaints)} parts that are no usable definition", findings=complaints)
    return found


def _select(found: list[_Found], wanted: Collection[str]) -> list[_Found]:
    by_name: dict[str, list[_Found]] = {}
    for each in found:
        by_name.setdefault(each.name, []).append(each)
    missing = sorted(name for name in wanted if name not in by_name)
    if missing:
        words = "; ".join(_not_there(name, by_name.keys()) for name in missing)
        raise UsageError(f"the source does not define {words}", hint="correct the names, or add the definitions")
    for name in wanted:
        if len(by_name[name]) > 1:
            first, second, *_ = (each.file.relative for each in by_name[name])
            raise UsageError(f"`{name}` is defined twice: in `{first}` and in `{second}`", hint="name one profile")
    return [by_name[name][0] for name in sorted(set(wanted))]


def _not_there(name: str, known: Collection[str]) -> str:
    """A wrong group is the likelier slip where some group has the kind."""
    kind = name.rpartition("/")[2]
    near = [each for each in sorted(known) if each.rpartition("/")[2] == kind]
    near = near or difflib.get_close_matches(name, sorted(known), n=3)
    return f"`{name}`" + (f" (nearest: {', '.join(f'`{each}`' for each in near)})" if near else "")


def _packed(found: _Found, component: SourceComponent, text: str) -> lock.PackedCrd:
    return lock.PackedCrd(
        file=f"{found.crd.name}.json",
        group=found.crd.group,
        kind=found.crd.kind,
        served=found.crd.served,
        unserved=found.crd.unserved,
        component=component.name,
        version=component.version,
        source=lock.SourceText(found.file.relative, found.file.digest),
        sha256=digest(text.encode()),
    )


def digest(content: bytes) -> str:
    """Give the hash that a lock has of a file."""
    return hashlib.sha256(content).hexdigest()


def load(folder: Path) -> Pack:
    """Read a pack.

    Raises:
        StorageError: a file is missing, differs from the lock, or is not in it.
    """
    made = read_lock(folder)
    texts: dict[str, str] = {}
    for crd in made.crds:
        content = _read(folder / crd.file)
        if digest(content) != crd.sha256:
            raise StorageError(f"`{folder / crd.file}` is not what `{lock.FILE}` says", hint=_REBUILD)
        texts[crd.file] = content.decode()
    for path in sorted(folder.glob("*.json")):
        if path.name not in texts:
            raise StorageError(f"`{path}` is not in `{lock.FILE}`", hint=_REBUILD)
    return Pack(folder, made, texts)


def read_lock(folder: Path) -> lock.Lock:
    """Read what a pack says that it holds.

    Raises:
        StorageError: the lock is missing or broken.
    """
    path = folder / lock.FILE
    try:
        return lock.parse(_read(path).decode())
    except (lock.LockError, UnicodeDecodeError) as error:
        raise StorageError(f"`{path}` cannot be used: {error}", hint=_REBUILD) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"`{path}` cannot be read: {error.strerror}", hint=_REBUILD) from error


def write(target: Path, texts: dict[str, str]) -> None:
    """Write a pack aside and swap it in; the old one comes back if a swap was interrupted before.

    Raises:
        StorageError: something cannot be written, or the target holds files that are not of a pack.
    """
    fresh, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    try:
        _recover(target, fresh, old)
        fresh.mkdir(parents=True)
        for name, text in texts.items():
            (fresh / name).write_text(text, encoding="utf-8", newline="\n")
        for path in _kept(target):
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, fresh / path.name)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise StorageError(f"the schema pack `{target}` cannot be written: {error}") from error


def _recover(target: Path, fresh: Path, old: Path) -> None:
    if old.exists() and not target.exists():
        old.rename(target)
    for leftover in (fresh, old):
        if leftover.exists():
            shutil.rmtree(leftover)


def _kept(target: Path) -> Iterator[Path]:
    """Yield what people wrote into the folder and the packs in it; anything else that is not a pack's is an error."""
    for path in sorted(target.iterdir()) if target.exists() else ():
        if path.name in _WRITTEN_BY_PEOPLE or is_pack(path):
            yield path
        elif path.name not in {lock.FILE, LICENCE, NOTICE} and path.suffix != ".json":
            raise StorageError(f"`{path}` does not belong to a schema pack", hint="move it elsewhere")
