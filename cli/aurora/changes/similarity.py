"""Recognises renamed objects: one that went and one that came, of one kind, with nearly the same content.

The cost stays bounded however many went and came: an object is held only against those that share a rare value
with it, and against its neighbours by name.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aurora.model.json_value import JsonValue
from aurora.model.manifest import Manifest

THRESHOLD = 0.6
"""Of all values of both objects, the share that both have; Git asks for half of a file's lines."""
FEW = 4
"""Objects with fewer values than this may be alike by chance: their names must be alike too, or all values."""
_RARE = 20
_CANDIDATES = 8
_NEIGHBOURS = 3
_SHORTEST_NAME = 3
_BY_NAME = {"labels", "matchLabels"}
"""Parts that name an object and say nothing of what it does."""
_HASHED = re.compile(r"(.+)-[a-z0-9]{8,10}")
"""A name that ends in a hash of the content, as generators of ConfigMaps make them."""

Value = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    manifest: Manifest
    values: frozenset[Value]


def renames(gone: Iterable[Manifest], fresh: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield pairs of one object under two names, the likest first; each object is in one pair at most."""
    old, new = _by_kind(gone), _by_kind(fresh)
    for kind in sorted(old.keys() & new.keys()):
        yield from _of_one_kind([_candidate(entry) for entry in old[kind]], [_candidate(entry) for entry in new[kind]])


def _by_kind(found: Iterable[Manifest]) -> Mapping[tuple[str, str], list[Manifest]]:
    kinds: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for entry in sorted(found, key=lambda entry: entry.id.identity):
        if entry.id.name:
            kinds[entry.id.group, entry.id.kind].append(entry)
    return kinds


def _candidate(manifest: Manifest) -> _Candidate:
    outside = {"apiVersion", "kind", "metadata", "status"}
    body: JsonValue = {key: value for key, value in manifest.body.items() if key not in outside}
    return _Candidate(manifest, frozenset(_values(body, (), manifest.id.name)))


def _values(value: JsonValue, path: tuple[str, ...], name: str) -> Iterator[Value]:
    """Yield an object's values with their paths, with its own name taken out of them."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key not in _BY_NAME:
                yield from _values(entry, (*path, key), name)
    elif isinstance(value, list):
        for entry in value:
            yield from _values(entry, path, name)
    elif isinstance(value, str) and len(name) >= _SHORTEST_NAME:
        yield path, value.replace(name, "\0")
    else:
        yield path, repr(value)


def _of_one_kind(old: Sequence[_Candidate], new: Sequence[_Candidate]) -> Iterator[tuple[Manifest, Manifest]]:
    near = _Neighbourhood(old)
    scored = [(_score(old[was], entry), was, now) for now, entry in enumerate(new) for was in near.of(entry)]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for score, was, now in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if score >= THRESHOLD and was not in taken_old and now not in taken_new:
            taken_old.add(was)
            taken_new.add(now)
            yield old[was].manifest, new[now].manifest


class _Neighbourhood:
    """Finds the few objects that one is worth being held against."""

    def __init__(self, old: Sequence[_Candidate]) -> None:
        self._having: dict[Value, list[int]] = defaultdict(list)
        for number, entry in enumerate(old):
            for value in entry.values:
                self._having[value].append(number)
        self._names = sorted((entry.manifest.id.name, number) for number, entry in enumerate(old))

    def of(self, entry: _Candidate) -> set[int]:
        """Give the numbers of those that share most rare values, and of the neighbours by name."""
        shared: Counter[int] = Counter()
        for value in entry.values:
            having = self._having.get(value, ())
            if len(having) <= _RARE:
                shared.update(having)
        likest = sorted(shared, key=lambda number: (-shared[number], number))[:_CANDIDATES]
        place = bisect.bisect(self._names, (entry.manifest.id.name, -1))
        around = self._names[max(0, place - _NEIGHBOURS) : place + _NEIGHBOURS]
        return {*likest, *(number for _, number in around)}


def _score(was: _Candidate, now: _Candidate) -> float:
    """Rate the likeness of two objects; the names only decide between equals, and where there is little else."""
    total = len(was.values) + len(now.values)
    alike = 2 * len(was.values & now.values) / total if total else 1.0
    names = _same_name(was.manifest.id.name, now.manifest.id.name)
    if names == 1.0:
        return 1.0 + alike
    if total < 2 * FEW and not (alike == 1.0 and total >= FEW) and names < THRESHOLD:
        return 0.0
    near = was.manifest.id.namespace == now.manifest.id.namespace
    return alike + (names + near) / 100 if alike >= THRESHOLD else 0.0


def _same_name(was: str, now: str) -> float:
    """Say how much of two names is the same at both ends; names that differ in their hash only are one."""
    old, new = _HASHED.fullmatch(was), _HASHED.fullmatch(now)
    if was == now or (old and new and old[1] == new[1] and _is_hash(was) and _is_hash(now)):
        return 1.0
    head = _common(was, now)
    rest = min(len(was), len(now)) - head
    tail = _common(was[::-1], now[::-1])
    return (head + min(rest, tail)) / max(len(was), len(now))


def _common(one: str, other: str) -> int:
    """Count the characters with which two texts begin alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _is_hash(name: str) -> bool:
    """Tell a hash from a word: it has digits."""
    return any(char.isdigit() for char in name.rpartition("-")[2])
