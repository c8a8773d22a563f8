"""Reads the CustomResourceDefinitions of a folder: YAML and JSON, streams and Lists, at any depth.

Nothing is left out silently: a document is a definition, or it is reported. Writes no files.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora import manifests
from aurora.errors import StorageError, UsageError
from aurora.model.finding import Finding
from aurora.model.manifest import Manifest
from aurora.model.place import Place, pointer
from aurora.schemas.rules import BROKEN_CRD, NOT_A_CRD
from aurora.schemas.trim import Problem, TrimmedCrd, is_crd, trim
from aurora.yamlio.reading import locate

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a folder: its path inside that folder, and its bytes."""

    path: Path
    relative: str
    content: bytes

    @property
    def digest(self) -> str:
        """The hash of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a file holds: definitions, what is wrong with others, and documents that are none."""

    crds: tuple[TrimmedCrd, ...]
    broken: tuple[Finding, ...]
    others: tuple[Finding, ...]


def files(folder: Path) -> Iterator[SourceFile]:
    """Yield every YAML and JSON file below a folder, in the order of their paths.

    Raises:
        UsageError: the folder does not exist.
        StorageError: a file cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"the folder `{folder}` does not exist", hint="name a folder that holds definitions")
    paths = (Path(where) / name for where, _, names in os.walk(folder) for name in names)
    for path in sorted(path for path in paths if path.suffix.lower() in SUFFIXES):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StorageError(f"`{path}` cannot be read: {error.strerror}") from error
        yield SourceFile(path, path.relative_to(folder).as_posix(), content)


def definitions(file: SourceFile) -> Definitions:
    """Read the definitions of a file; everything else in it is reported."""
    read = manifests.read(file.content, str(file.path))
    crds: list[TrimmedCrd] = []
    broken = list(read.findings)
    others: list[Finding] = []
    for manifest in read.manifests:
        if not is_crd(manifest.body):
            others.append(_not_a_crd(manifest))
            continue
        trimmed = trim(manifest.body)
        broken.extend(_broken(manifest, problem) for problem in trimmed.problems)
        if trimmed.crd is not None:
            crds.append(trimmed.crd)
    if not read.manifests and not read.findings:
        others.append(_finding(Place(str(file.path)), "this file holds no document"))
    return Definitions(tuple(crds), tuple(broken), tuple(others))


def _not_a_crd(manifest: Manifest) -> Finding:
    return _finding(manifest.source.place, f"{manifest.id} is no CustomResourceDefinition")


def _finding(place: Place, message: str) -> Finding:
    return Finding.of(NOT_A_CRD, message, place, hint="keep it out of the folder of definitions")


def _broken(manifest: Manifest, problem: Problem) -> Finding:
    line, column = locate(manifest.text, problem.steps)
    place = Place(manifest.source.path, manifest.source.line + line - 1, column)
    return Finding.of(BROKEN_CRD, problem.message, place, resource=manifest.id, pointer=pointer(problem.steps))
