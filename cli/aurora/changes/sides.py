"""One side of a diff: its files, read only where somebody asks.

A large tree of which little changed must not be parsed: whoever looks for objects that concern a name asks
with `mentioning`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aurora import manifests
from aurora.model.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Side:
    """The files of one environment, or of one foreign folder, on one side: path to bytes.

    Paths are relative, and equal on both sides for one object that stays where it is.
    """

    environment: str | None
    files: Mapping[str, bytes]
    _read: dict[str, manifests.Read] = field(default_factory=dict)

    def read(self, path: str) -> manifests.Read:
        """Parse a file, once: its objects, and what cannot be read of it."""
        if path not in self._read:
            self._read[path] = manifests.read(self.files[path], path)
        return self._read[path]

    def mentioning(self, *names: str) -> Iterator[Manifest]:
        """Yield the objects of every file in which all the names occur, parsing no other.

        A file with a backslash is always looked at: YAML may hide a name behind an escape.
        """
        wanted = [name.encode() for name in names]
        for path, content in self.files.items():
            if b"\\" in content or all(name in content for name in wanted):
                yield from self.read(path).manifests
