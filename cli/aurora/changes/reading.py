"""Makes the sides of a diff: from a Git revision, from committed files, from folders. Writes nothing."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aurora import inputs, writer
from aurora.changes import rules
from aurora.changes.sides import Side
from aurora.errors import StorageError, UsageError
from aurora.model.finding import Finding
from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.paths import RepositoryPaths
from aurora.tools import git

GENERATED = "generated"
LARGEST = 8 * 1024 * 1024
"""Bytes of one file; etcd takes objects of 1.5 MiB, and a file may hold several."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A side, and what could not be read of it."""

    side: Side
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Revision:
    """What a Git revision of a repository holds; contents are fetched once for all that is asked at a time."""

    paths: RepositoryPaths
    name: str
    entries: Mapping[str, git.Entry]
    _contents: dict[str, bytes] = field(default_factory=dict)

    def environments(self) -> tuple[str, ...]:
        """Give the names of the environments that are compiled there, sorted."""
        parts = [path.split("/") for path in self.entries]
        return tuple(sorted({part[1] for part in parts if part[0] == GENERATED and len(part) > 2}))

    def below(self, folder: str) -> dict[str, git.Entry]:
        """Give the files below a folder."""
        return {path: entry for path, entry in self.entries.items() if path.startswith(f"{folder}/")}

    def contents(self, entries: Iterable[git.Entry]) -> Mapping[str, bytes]:
        """Give contents by their ids.

        Raises:
            ToolError: Git failed, or lacks one.
        """
        missing = {entry.id for entry in entries} - self._contents.keys()
        self._contents.update(git.contents(self.paths.root, missing))
        return self._contents

    def side(self, environment: str, now: Mapping[str, bytes]) -> Reading:
        """Make the side of an environment; what `now` holds with the same bytes is not read from Git.

        Raises:
            ToolError: Git failed, or lacks a content.
        """
        there = self.below(f"{GENERATED}/{environment}")
        findings = [self._odd(path, entry, environment) for path, entry in there.items() if not _usable(entry)]
        if not there and f"environments/{environment}.yaml" in self.entries:
            findings.append(self._not_compiled(environment))
        usable = {path: entry for path, entry in there.items() if _usable(entry)}
        same = {
            path: now[path]
            for path, entry in usable.items()
            if path in now and git.content_id(now[path], entry.id) == entry.id
        }
        contents = self.contents(entry for path, entry in usable.items() if path not in same)
        files = {
            path: same[path] if path in same else _content(entry, contents) for path, entry in sorted(usable.items())
        }
        return Reading(Side(environment, files, name=f"at `{self.name}`"), tuple(findings))

    def _not_compiled(self, environment: str) -> Finding:
        return rules.found(
            rules.NOT_COMPILED,
            f"at `{self.name}`: `environments/{environment}.yaml` is there, and `{GENERATED}/{environment}` is not",
            place=Place(f"environments/{environment}.yaml"),
            environment=environment,
            hint=f"commit `{GENERATED}/`, or compare two folders",
        )

    def _odd(self, path: str, entry: git.Entry, environment: str) -> Finding:
        place = Place(path)
        if entry.size > LARGEST:
            return _huge(path, entry.size, f"at `{self.name}`: ", environment)
        return rules.found(
            rules.NO_FILE,
            f"at `{self.name}`: this is a submodule or no regular file",
            place=place,
            environment=environment,
            hint="let `aurora synth` write this folder alone",
        )


def revision(paths: RepositoryPaths, name: str, folders: Iterable[str]) -> Revision:
    """List what a revision holds below some folders of a repository.

    Raises:
        UsageError: this is no Git repository, or there is no such revision.
        ToolError: Git is missing or failed.
    """
    return Revision(paths, name, git.listed(paths.root, name, folders))


def committed(paths: RepositoryPaths, environment: str, origins: Mapping[str, Origin]) -> Reading:
    """Make the side of an environment from the files in `generated/`.

    Raises:
        StorageError: a file cannot be read.
    """
    found = writer.committed(paths, environment)
    return _bounded(Side(environment, found, name="in `generated/`", origins=origins))


def given(target: Path) -> Reading:
    """Make a side of a file or of all manifests below a folder.

    Raises:
        UsageError: the path does not exist.
        StorageError: a file or folder cannot be read.
    """
    if not os.path.exists(target):  # noqa: PTH110 - Path.exists raises for a name that is too long
        raise UsageError(f"`{target}` does not exist", hint="check the spelling")
    name = f"in `{target}`"
    try:
        if not target.is_dir():
            return _bounded(Side(None, {"": target.read_bytes()}, name=name, folder=str(target)))
        listing = inputs.listing(target)
        found = {path.relative_to(target).as_posix(): _bytes(path) for path in listing.files}
    except OSError as error:
        raise StorageError(f"`{error.filename}` cannot be read: {error.strerror}", hint="check permissions") from error
    return _bounded(Side(None, found, name=name, folder=f"{target}/"), listing.findings)


def _bytes(path: Path) -> bytes:
    """Read what a folder holds; reading a pipe or a device there could wait forever."""
    return path.read_bytes() if path.is_file() else b"no regular file\n"


def _bounded(side: Side, said: tuple[Finding, ...] = ()) -> Reading:
    """Leave out files that are too large to be parsed in sensible time, with a finding for each."""
    sizes = {path: len(content) for path, content in side.files.items() if len(content) > LARGEST}
    if not sizes:
        return Reading(side, said)
    kept = {path: content for path, content in side.files.items() if path not in sizes}
    findings = tuple(
        _huge(f"{side.folder}{path}", size, f"{side.name}: ", side.environment) for path, size in sizes.items()
    )
    return Reading(Side(side.environment, kept, side.name, side.folder, side.origins), (*said, *findings))


def _usable(entry: git.Entry) -> bool:
    return entry.size <= LARGEST and (entry.mode in git.REGULAR or entry.mode == git.LINK)


def _content(entry: git.Entry, contents: Mapping[str, bytes]) -> bytes:
    """Give a file's bytes, and of a link the same words as `writer.committed`."""
    content = contents[entry.id]
    return b"link to %s\n" % content if entry.mode == git.LINK else content


def _huge(path: str, size: int, side: str, environment: str | None) -> Finding:
    return rules.found(
        rules.HUGE,
        f"{side}this file has {size // 1024} KiB; files of more than {LARGEST // 1024} KiB are not compared",
        place=Place(path),
        environment=environment,
        hint="no object of that size can be stored: see what wrote it",
    )
