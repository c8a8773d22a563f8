"""The objects of one side, found by kind, name, labels or what they refer to.

Files are parsed only where somebody asks for what may be in them, and once for both sides where they are
equal. Few questions are answered by looking for names in the bytes; from many on, an index of everything of
that kind is cheaper. Finds objects; never judges them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property

from aurora import inputs
from aurora.changes.sides import Side
from aurora.cluster import workloads
from aurora.cluster.pod_references import PodReference, pod_references
from aurora.kinds import table
from aurora.kinds.entry import Kind
from aurora.model import selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, mapping
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate, pod_templates

SCANS = 12
"""Questions of one sort that are answered from the bytes, before an index is built."""

_CAPITALISED = re.compile(rb"[A-Z][A-Za-z0-9]*")
_GROUP = re.compile(rb"apiVersion[\"']?\s*:\s*[\"']?([a-z0-9.-]+)/")
_Key = tuple[tuple[str, ...], str | None]


@cache
def _word(name: str) -> re.Pattern[bytes]:
    # The look behind stands after the name, so that the search may begin with it, which is much faster.
    literal = re.escape(name.encode(errors="replace"))
    return re.compile(literal + rb"(?<![A-Za-z0-9]" + literal + rb")(?![A-Za-z0-9])")


class Surroundings:
    """One side of a scene; `other` is the other side, if it was indexed before."""

    def __init__(self, side: Side, other: Surroundings | None = None) -> None:
        self._side = side
        self._other = other
        self._paths = tuple(path for path, _ in _manifests(side))
        self._hidden = frozenset(path for path in self._paths if b"\\" in side.files[path])
        self._holding: dict[str, frozenset[str]] = {}
        self._known: dict[_Key, tuple[Manifest, ...]] = {}
        self._named: dict[str, dict[str, list[Manifest]]] = {}
        self._inventories: dict[_Key, Inventory] = {}
        self._references: dict[str, dict[tuple[str, str], list[PodReference]]] = {}
        self._scans: Counter[tuple[str, str]] = Counter()

    def below(self, manifest: Manifest) -> str:
        """Give the folder of an object's file, counted from the root of this side."""
        return manifest.source.path.removeprefix(self._side.folder).rpartition("/")[0]

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, or another folder."""
        parts = [path.split("/")[:-1] for path in self._side.files]
        return frozenset("/".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1))

    def mentioning(self, *names: str, among: Iterable[str] | None = None) -> Iterator[Manifest]:
        """Yield the objects of the files in which all the names occur as words, or may hide behind an escape.

        `among` are the paths to look at, every file that holds manifests if it is left out.
        """
        wanted = [_word(name) for name in names]
        for path in self._paths if among is None else among:
            content = self._side.files[path]
            if path in self._hidden or all(word.search(content) for word in wanted):
                yield from self._read(path, content)

    def _read(self, path: str, content: bytes) -> tuple[Manifest, ...]:
        return ((self._same(path, content) or self)._side).read(path).manifests

    def _same(self, path: str, content: bytes) -> Surroundings | None:
        """Give the other side where it holds the same file: that one is then read for both."""
        other = self._other
        return other if other is not None and other._side.files.get(path) == content else None

    def _with(self, *kinds: str) -> list[str]:
        """Give the paths of the files that may hold an object of one of the kinds."""
        for kind in kinds:
            if kind not in self._holding:
                word, files = _word(kind), self._side.files
                self._holding[kind] = self._hidden | {path for path in self._paths if word.search(files[path])}
        wanted = frozenset[str]().union(*(self._holding[kind] for kind in kinds))
        return [path for path in self._paths if path in wanted]

    def of_kinds(self, *kinds: str, namespace: str | None = None) -> tuple[Manifest, ...]:
        """Give the objects of kinds, of one namespace or of all, in the order of their kinds and files."""
        key = (tuple(sorted(set(kinds))), namespace)
        if key not in self._known:
            # An object of the namespace `default` need not name it.
            place = () if namespace in (None, "", "default") else (namespace,)
            paths = self._with(*key[0])
            found = [entry for entry in self.mentioning(*place, among=paths) if entry.id.kind in key[0]]
            self._known[key] = tuple(sorted((entry for entry in found if _lives_in(entry, namespace)), key=_kind))
        return self._known[key]

    def naming(self, kinds: Sequence[str], names: Iterable[str]) -> list[Manifest]:
        """Give the objects of kinds whose files hold one of the names, each once; of many names all of the kinds."""
        wanted = sorted({name for name in names if name})
        if len(wanted) > SCANS:
            return list(self.of_kinds(*kinds))
        paths = self._with(*kinds)
        found = {
            id(entry): entry
            for name in wanted
            for entry in self.mentioning(name, among=paths)
            if entry.id.kind in kinds
        }
        return list(found.values())

    def kinds(self) -> list[str]:
        """Give every word that may be the kind of an object, parsing nothing."""
        found = {word for path in self._paths for word in _CAPITALISED.findall(self._side.files[path])}
        hidden = {manifest.id.kind for manifest in self.mentioning(among=sorted(self._hidden))}
        return sorted({word.decode() for word in found} | hidden)

    def find(self, kind: str, name: str, *, group: str | None = None, namespace: str | None = None) -> Manifest | None:
        """Give the object of that name; a namespace of None means a cluster-scoped one, or any."""
        for manifest in self._called(kind, name) if name and kind else ():
            if group in (None, manifest.id.group) and _lives_in(manifest, namespace):
                return manifest
        return None

    def _called(self, kind: str, name: str) -> Iterable[Manifest]:
        if kind not in self._named and not self._often("kind", kind):
            found = self.mentioning(name, among=self._with(kind))
            return [entry for entry in found if (entry.id.kind, entry.id.name) == (kind, name)]
        if kind not in self._named:
            index: dict[str, list[Manifest]] = defaultdict(list)
            for manifest in self.of_kinds(kind):
                index[manifest.id.name].append(manifest)
            self._named[kind] = index
        return self._named[kind].get(name, ())

    def _often(self, what: str, which: str) -> bool:
        self._scans[what, which] += 1
        return self._scans[what, which] > SCANS

    def inventory(self, *kinds: str, namespace: str | None = None) -> Inventory:
        """Give an inventory of the objects of kinds, for the rules of the checks."""
        key = (tuple(sorted(set(kinds))), namespace)
        if key not in self._inventories:
            found = self.of_kinds(*kinds, namespace=namespace)
            self._inventories[key] = Inventory(found, environment=self._side.environment, closed=True)
        return self._inventories[key]

    @cached_property
    def _in_table(self) -> tuple[Kind, ...]:
        """What the table knows of the API groups that the files may name."""
        named = {found.decode() for path in self._paths for found in _GROUP.findall(self._side.files[path])}
        groups = table.groups() if self._hidden else ("", *sorted(named))
        return tuple(kind for group in groups for kind in table.group(group).kinds.values())

    @cached_property
    def pod_kinds(self) -> tuple[str, ...]:
        """The kinds with pods that the files may hold, sorted."""
        return tuple(sorted({kind.name for kind in self._in_table if kind.pods}))

    @cached_property
    def scaler_kinds(self) -> tuple[str, ...]:
        """The kinds of autoscalers that the files may hold, sorted."""
        return tuple(sorted({kind.name for kind in self._in_table if kind.scaler}))

    def custom_kinds(self, target: tuple[str, str]) -> list[str]:
        """Give the custom kinds that the files may hold and of which a field names objects of a kind, sorted."""
        custom = (kind for kind in self._in_table if not table.is_builtin_group(kind.group))
        return sorted({kind.name for kind in custom if any(field.to == target for field in kind.references)})

    def pods(self, namespace: str) -> tuple[PodTemplate, ...]:
        """Give the pod templates of a namespace."""
        return self.inventory(*self.pod_kinds, namespace=namespace).pods()

    def selected(self, namespace: str, selector: JsonValue | None, *, plain: bool = False) -> Sequence[PodTemplate]:
        """Give the pods of a namespace that a LabelSelector matches, or a `plain` map of labels."""
        labels = mapping(selector) if plain else mapping(dig(selector, "matchLabels"))
        words = [value for value in labels.values() if isinstance(value, str) and value]
        if not words or (self.pod_kinds, namespace) in self._inventories or self._often("pods", namespace):
            index = workloads.index(self.inventory(*self.pod_kinds, namespace=namespace))
            if plain:
                return [pod for pod in index.pods_in(namespace) if selectors.map_matches(selector, pod.labels)]
            return index.selected(namespace, selector)
        match = selectors.map_matches if plain else selectors.matches
        return [
            pod
            for manifest in self.mentioning(*words, among=self._with(*self.pod_kinds))
            for pod in pod_templates(manifest)
            if pod.namespace == namespace and match(selector, pod.labels)
        ]

    def references(self, kind: str, namespace: str, name: str) -> Sequence[PodReference]:
        """Give the fields of pods that name an object of a kind."""
        if kind not in self._references and not self._often("references", kind):
            return [
                reference
                for manifest in self.mentioning(name, among=self._with(*self.pod_kinds))
                for reference in _references(manifest)
                if (reference.kind, reference.pod.namespace, reference.name) == (kind, namespace, name)
            ]
        if kind not in self._references:
            index: dict[tuple[str, str], list[PodReference]] = defaultdict(list)
            for manifest in self.of_kinds(*self.pod_kinds):
                for reference in _references(manifest):
                    if reference.kind == kind:
                        index[reference.pod.namespace, reference.name].append(reference)
            self._references[kind] = index
        return self._references[kind].get((namespace, name), ())


def _manifests(side: Side) -> Iterator[tuple[str, bytes]]:
    """Yield the files that hold manifests: of an environment only those that are called so."""
    for path, content in side.files.items():
        if side.environment is None or path.lower().endswith(tuple(inputs.SUFFIXES)):
            yield path, content


def _kind(manifest: Manifest) -> str:
    return manifest.id.kind


def _references(manifest: Manifest) -> Iterator[PodReference]:
    for pod in pod_templates(manifest):
        yield from pod_references(pod)


def _lives_in(manifest: Manifest, namespace: str | None) -> bool:
    return namespace is None or workloads.namespace_of(manifest) == (namespace or "default")
