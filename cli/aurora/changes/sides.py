"""One side of a diff: its files, read only where somebody asks.

A large tree of which little changed must not be parsed: whoever looks for objects that concern a name asks
with `mentioning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from aurora import exports, manifests
from aurora.model.finding import Finding
from aurora.model.manifest import Manifest, Origin

_DEPTH_OF_COMPONENT = 2
"""`generated/<environment>/<component>/…`"""


@dataclass(frozen=True, slots=True)
class Side:
    """The files of one environment, or of one foreign folder, on one side: path to bytes.

    Paths are relative, and equal on both sides for one object that stays where it is. `name` says in findings
    which side it is, `folder` stands before the paths where people look for the files; `origins` are the lines
    that components come from.
    """

    environment: str | None
    files: Mapping[str, bytes]
    name: str = ""
    folder: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    _read: dict[str, manifests.Read] = field(default_factory=dict)

    def read(self, path: str) -> manifests.Read:
        """Parse a file, once: its objects, and what cannot be read of it.

        Of a foreign file that was read from a cluster, that is what somebody would write.
        """
        if path not in self._read:
            read = manifests.read(self.files[path], f"{self.folder}{path}")
            if self.environment is None:
                read = exports.compared(read)
            component = self.component(path)
            own = tuple(
                replace(entry, environment=self.environment, component=component, origin=self.origins.get(component))
                if component
                else entry
                for entry in read.manifests
            )
            self._read[path] = manifests.Read(own, tuple(self.located(entry) for entry in read.findings))
        return self._read[path]

    def component(self, path: str) -> str | None:
        """Give the component whose folder a file lies in."""
        parts = path.split("/")
        inside = self.environment is not None and len(parts) > _DEPTH_OF_COMPONENT + 1
        return parts[_DEPTH_OF_COMPONENT] if inside else None

    def located(self, finding: Finding) -> Finding:
        """Say of a finding which environment and which side it is about."""
        message = f"{self.name}: {finding.message}" if self.name else finding.message
        return replace(finding, message=message, environment=self.environment)

    def mentioning(self, *names: str) -> Iterator[Manifest]:
        """Yield the objects of every file in which all the names occur, parsing no other.

        A file with a backslash is always looked at: YAML may hide a name behind an escape.
        """
        wanted = [name.encode() for name in names]
        for path, content in self.files.items():
            if b"\\" in content or all(name in content for name in wanted):
                yield from self.read(path).manifests

    def beside(self, found: Iterable[Manifest]) -> Side:
        """Make a side that also holds some objects of the other one: what the cluster has beside the manifests."""
        extra = {f"{entry.source.path}.{number}.yaml": entry for number, entry in enumerate(found)}
        files = {path: entry.text.encode() for path, entry in extra.items()}
        known = self._read | {path: manifests.Read((entry,), ()) for path, entry in extra.items()}
        return Side(self.environment, {**self.files, **files}, self.name, self.folder, self.origins, known)


def synthesised(environment: str, found: tuple[Manifest, ...], *, name: str) -> Side:
    """Make a side of what an environment was just compiled to: its objects need no parsing."""
    written = {entry.source.path: entry for entry in found if entry.emitted}
    return Side(
        environment,
        {path: entry.text.encode() for path, entry in sorted(written.items())},
        name=name,
        _read={path: manifests.Read((entry,), ()) for path, entry in written.items()},
    )
