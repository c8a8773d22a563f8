"""Finds out which object of one side is which of the other: by bytes, by identity, by what a renamed one keeps.

Whatever is equal byte for byte is only counted: most of a large tree is never parsed.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from aurora import inputs, manifests
from aurora.changes import renames, rules
from aurora.changes.pairs import Pair
from aurora.changes.sides import Side
from aurora.cluster.sync_order import is_hook
from aurora.model.finding import Finding
from aurora.model.manifest import Manifest
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.yamlio import reading

_NAME = re.compile(rb"name[\"']?\s*:\s*[\"']?([^\s\"',}]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Every object of both sides: in exactly one pair, or counted in `identical`."""

    pairs: tuple[Pair, ...]
    identical: int
    before: int
    after: int
    findings: tuple[Finding, ...]


def pair(before: Side, after: Side) -> Pairing:
    """Pair the objects of two sides."""
    equal = [path for path, content in before.files.items() if after.files.get(path) == content]
    untouched = set(equal)
    old, lost = _objects(before, untouched)
    new, unread = _objects(after, untouched)
    count = sum(_count(before, path) for path in equal)
    matched, gone, fresh = _matched(old, new)
    moved = sum(_alike(*entry) for entry in matched)
    renamed, gone, fresh = _renamed(gone, fresh)
    pairs = (
        *(Pair(before=was, after=now, same=_same(was, now)) for was, now in matched if not _alike(was, now)),
        *(Pair(before=was, after=now) for was, now in renamed),
        *(Pair(before=None, after=now, unread=_unread(now, after, before)) for now in fresh),
        *(Pair(before=was, after=None, unread=_unread(was, before, after)) for was in gone),
    )
    return Pairing(
        pairs=tuple(sorted(pairs, key=_order)),
        identical=count + moved,
        before=count + len(old),
        after=count + len(new),
        findings=(*lost, *unread),
    )


def _unread(found: Manifest, side: Side, other: Side) -> bool:
    """Tell whether an object that is on one side only may be in a file of the other that cannot be read."""
    path = found.source.path.removeprefix(side.folder)
    return path in other.files and bool(other.read(path).findings)


def _order(entry: Pair) -> tuple[ResourceId, str]:
    resource = entry.resource
    return (ResourceId(resource.api_version, resource.kind, resource.namespace or "", resource.name), str(entry.before))


def _objects(side: Side, untouched: set[str]) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Parse what is not equal on both sides; also say what cannot be read, and what is there twice."""
    read: list[manifests.Read] = []
    findings: list[Finding] = []
    for path in side.files.keys() - untouched:
        suffix = PurePosixPath(path).suffix.lower()
        if side.environment is not None and suffix not in inputs.SUFFIXES:
            findings.append(_no_manifest(side, path))
        else:
            read.append(side.read(path))
    joined = manifests.join(sorted(read, key=_place))
    unique, twice = manifests.duplicates(joined.manifests)
    apart, elsewhere = _not_among(unique, side, untouched)
    return apart, (*findings, *joined.findings, *(side.located(entry) for entry in (*twice, *elsewhere)))


def _place(read: manifests.Read) -> str:
    return read.manifests[0].source.path if read.manifests else ""


def _not_among(
    found: tuple[Manifest, ...], side: Side, untouched: set[str]
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Split off objects that a file which is equal on both sides has too."""
    names = _names(side, untouched)
    kept: list[Manifest] = []
    findings: list[Finding] = []
    for entry in found:
        kind = entry.id.kind.encode()
        paths = [path for path in names.get(entry.id.name.encode(), ()) if kind in side.files[path]]
        others = (other for path in paths for other in side.read(path).manifests)
        other = next((other for other in others if other.id.name and other.id.identity == entry.id.identity), None)
        if other is None:
            kept.append(entry)
        else:
            findings.extend(manifests.duplicates((other, entry))[1])
    return tuple(kept), tuple(findings)


def _names(side: Side, paths: Iterable[str]) -> Mapping[bytes, list[str]]:
    """Index files by every name that occurs in them, without parsing them."""
    found: dict[bytes, list[str]] = defaultdict(list)
    for path in paths:
        for name in set(_NAME.findall(side.files[path])):
            found[name].append(path)
    return found


def _no_manifest(side: Side, path: str) -> Finding:
    return rules.found(
        rules.NO_MANIFEST,
        f"{side.name}: this is no manifest, so it is not compared",
        place=Place(f"{side.folder}{path}"),
        environment=side.environment,
        hint="remove it: `generated/` belongs to Aurora",
    )


def _count(side: Side, path: str) -> int:
    """Count a file's objects by its documents, without parsing them."""
    try:
        return sum(1 for _ in reading.split(reading.decode(side.files[path])))
    except reading.YamlError:
        return 0


Matches = list[tuple[Manifest, Manifest]]


def _matched(old: Iterable[Manifest], new: Iterable[Manifest]) -> tuple[Matches, list[Manifest], list[Manifest]]:
    """Match by identity; hooks whose name the server draws match in their order, equal ones first.

    Other objects that the server names match only where they are equal: a changed one is another object.
    """
    waiting: dict[tuple[str, ...], list[Manifest]] = defaultdict(list)
    for entry in old:
        waiting[_key(entry)].append(entry)
    matched: Matches = []
    fresh: list[Manifest] = []
    for entry in sorted(new, key=lambda entry: not any(_alike(other, entry) for other in waiting.get(_key(entry), ()))):
        best = _best(entry, waiting.get(_key(entry), []))
        if best is None:
            fresh.append(entry)
            continue
        waiting[_key(entry)].remove(best)
        matched.append((best, entry))
    return matched, [entry for left in waiting.values() for entry in left], fresh


def _best(entry: Manifest, candidates: list[Manifest]) -> Manifest | None:
    for equal in (_alike, _same):
        found = next((other for other in candidates if equal(other, entry)), None)
        if found is not None:
            return found
    kept = bool(entry.id.name) or is_hook(entry)
    return candidates[0] if candidates and kept else None


def _key(manifest: Manifest) -> tuple[str, ...]:
    if manifest.id.name:
        return manifest.id.identity
    return (*manifest.id.identity, str(manifest.get("metadata", "generateName")))


def _renamed(gone: list[Manifest], fresh: list[Manifest]) -> tuple[Matches, list[Manifest], list[Manifest]]:
    renamed = list(renames.renames(gone, fresh))
    left = {id(was) for was, _ in renamed}
    came = {id(now) for _, now in renamed}
    return (
        renamed,
        [entry for entry in gone if id(entry) not in left],
        [entry for entry in fresh if id(entry) not in came],
    )


def _alike(was: Manifest, now: Manifest) -> bool:
    """Compare texts; in a stream only the first document does not begin behind a marker's line."""
    return was.text.strip() == now.text.strip()


def _same(was: Manifest, now: Manifest) -> bool:
    """Compare values as JSON does: `true` is not 1."""
    return was.body == now.body and canonical(was) == canonical(now)


def canonical(manifest: Manifest) -> str:
    """Write a body as JSON with sorted keys."""
    return json.dumps(manifest.body, sort_keys=True)


def documents(pairs: Iterable[Pair]) -> Iterator[Manifest]:
    """Yield every manifest of some pairs."""
    for entry in pairs:
        yield from (side for side in (entry.before, entry.after) if side is not None)
