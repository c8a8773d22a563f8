"""Adds definitions of one's own to a repository's schema pack: trimmed and locked like those that `build` writes.

A repository without a pack gets a copy of Aurora's own first, so that nothing that was known is lost.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aurora.errors import InputError, StorageError, UsageError
from aurora.schemas import crd_files, lock, pack
from aurora.schemas.crd_files import SourceFile
from aurora.schemas.trim import TrimmedCrd

COMPONENT = "added"
"""What the lock calls the origin of these definitions: which release they are of, only who adds them knows."""
_VERSION = "-"


@dataclass(frozen=True, slots=True)
class Added:
    """The definitions that are new in the pack, and those that it had in the same form; each as `group/Kind`."""

    new: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    crd: TrimmedCrd
    file: SourceFile

    @property
    def name(self) -> str:
        return f"{self.crd.group}/{self.crd.kind}"

    def packed(self, text: str) -> lock.PackedCrd:
        return lock.PackedCrd(
            file=f"{self.crd.name}.json",
            group=self.crd.group,
            kind=self.crd.kind,
            served=self.crd.served,
            unserved=self.crd.unserved,
            component=COMPONENT,
            version=_VERSION,
            source=lock.SourceText(self.file.relative, self.file.digest),
            sha256=pack.digest(text.encode()),
        )


def add(source: Path, target: Path, shipped: Path, *, replacing: bool = False) -> Added:
    """Add every definition of a file, or of a folder, to the pack `target`; other objects may lie beside them.

    `replacing` lets a definition take the place of another one of its kind.

    Raises:
        InputError: a definition is broken; carries the findings.
        UsageError: there is no definition, one is there twice, or the pack has another one of its kind.
        StorageError: the pack is not what its lock says, or a file cannot be read or written.
    """
    given = _read(source)
    if not pack.is_pack(target):
        _copy(shipped, target)
    loaded = pack.load(target)
    texts = {f"{each.crd.name}.json": each.crd.text() for each in given}
    before = {f"{crd.group}/{crd.kind}": crd for crd in loaded.lock.crds}
    known = {each.name for each in given if loaded.texts.get(f"{each.crd.name}.json") == texts[f"{each.crd.name}.json"]}
    fresh = [each for each in given if each.name not in known]
    others = sorted(each.name for each in fresh if each.name in before)
    if others and not replacing:
        raise UsageError(
            f"the pack `{target}` has another definition of {', '.join(f'`{name}`' for name in others)}",
            hint="give `--replace` if this one is to be used",
        )
    if fresh:
        _write(loaded, fresh, texts)
    return Added(tuple(sorted(each.name for each in fresh)), tuple(sorted(known)))


def _write(loaded: pack.Pack, fresh: list[_Given], texts: dict[str, str]) -> None:
    names = {each.name for each in fresh}
    kept = [crd for crd in loaded.lock.crds if f"{crd.group}/{crd.kind}" not in names]
    added = [each.packed(texts[f"{each.crd.name}.json"]) for each in fresh]
    made = replace(
        loaded.lock,
        crds=tuple(sorted([*kept, *added])),
        lacking=tuple(name for name in loaded.lock.lacking if name not in names),
    )
    whole = {crd.file: loaded.texts[crd.file] for crd in kept}
    whole |= {crd.file: texts[crd.file] for crd in added}
    whole[lock.FILE] = lock.dump(made)
    for name in (pack.LICENCE, pack.NOTICE):
        if (loaded.folder / name).is_file():
            whole[name] = (loaded.folder / name).read_text(encoding="utf-8")
    pack.write(loaded.folder, whole)


def _read(source: Path) -> list[_Given]:
    read = [(file, crd_files.definitions(file)) for file in _files(source)]
    broken = [finding for _, found in read for finding in found.broken]
    if broken:
        raise InputError(f"`{source}` holds {len(broken)} parts that are no usable definition", findings=broken)
    given = [_Given(crd, file) for file, found in read for crd in found.crds]
    if not given:
        raise UsageError(
            f"`{source}` holds no CustomResourceDefinition", hint="name the file or folder of its definitions"
        )
    first: dict[str, _Given] = {}
    for each in given:
        other = first.setdefault(each.name, each)
        if other is not each and other.crd.text() != each.crd.text():
            where = f"in `{other.file.relative}` and in `{each.file.relative}`"
            raise UsageError(f"`{each.name}` is defined in two ways: {where}", hint="name a folder of one release")
    return list(first.values())


def _files(source: Path) -> Iterator[SourceFile]:
    if not source.is_file():
        yield from crd_files.files(source)
        return
    try:
        yield SourceFile(source, source.name, source.read_bytes())
    except OSError as error:
        raise StorageError(f"`{source}` cannot be read: {error.strerror}") from error


def _copy(shipped: Path, target: Path) -> None:
    if target.exists():
        raise StorageError(f"`{target}` exists and is no schema pack", hint="move it elsewhere, or build the pack")
    try:
        shutil.copytree(shipped, target)
    except OSError as error:
        raise StorageError(f"the schema pack `{target}` cannot be written: {error}") from error
