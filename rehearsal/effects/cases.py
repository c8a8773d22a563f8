"""The changes that are tried: one object before and after each, and what has to be there for its effect to be seen.

They come from the examples of the table of effects and from edits of the environments' own objects. Must not know
what a change does.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import manifests
from aurora.changes.effects import rows
from aurora.cluster.sync_order import is_hook
from aurora.kinds.table import is_builtin_group
from aurora.model.examples import altered
from aurora.model.json_value import JsonObject, dig, mapping, text
from aurora.model.manifest import Manifest, identify
from aurora.model.pod_template import pod_templates
from aurora.model.resource import ResourceId
from aurora.tables import opened
from effects.edits import edits

SCENES = Path(__file__).with_name("scenes.yaml")
MOST_OF_KIND = 6
"""Edits of one kind that are tried; they are taken evenly from all of its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One change: an object on both sides, None where it is not there.

    `earlier` is the object before that, where an effect needs a history. `beside` are objects that stay as they are.
    """

    name: str
    before: JsonObject | None
    after: JsonObject | None
    earlier: JsonObject | None = None
    beside: tuple[JsonObject, ...] = ()

    @property
    def subject(self) -> JsonObject:
        """The later object, or the one that goes."""
        return self.after or self.before or {}

    @property
    def sides(self) -> tuple[JsonObject, ...]:
        """The objects that the change is about."""
        return tuple(side for side in (self.before, self.after) if side is not None)


def of_rows() -> Iterator[Case]:
    """Give the example of every row of the table of effects.

    Raises:
        TableError: the table, or that of what stands beside its examples, is broken.
    """
    scenes = {row: scene for scene in _scenes() for row in scene.rows}
    for row in rows.every():
        scene = scenes.get(row.id) or scenes.get(row.id.partition("/")[0]) or _Scene()
        yield Case(
            name=row.id,
            before=_body(row.before),
            after=_body(row.after),
            earlier=_body(altered(row.before, *scene.earlier)) if scene.earlier else None,
            beside=scene.objects,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What rows, by id or subject, have beside their objects, and the swap that gives the object of earlier."""

    rows: tuple[str, ...] = ()
    objects: tuple[JsonObject, ...] = ()
    earlier: tuple[str, str] | None = None


def _scenes(path: Path = SCENES) -> list[_Scene]:
    with opened(path) as top:
        top.only("scenes")
        found = []
        for entry in top.entries("scenes", required=True):
            entry.only("rows", "objects", "earlier")
            read = manifests.read(entry.text("objects", "").encode(), path.name).manifests
            objects = tuple(each.body for each in read)
            found.append(_Scene(rows=entry.texts("rows"), objects=objects, earlier=entry.pair("earlier")))
        known = {part for row in rows.every() for part in (row.id, row.id.partition("/")[0])}
        for name in {name for scene in found for name in scene.rows} - known:
            top.refuse(f"no row is `{name}`, nor about it", "scenes")
    return found


def _body(written: str) -> JsonObject | None:
    found = manifests.read(written.encode(), "example.yaml").manifests
    return found[0].body if found else None


def of_objects(found: Iterable[Manifest]) -> Iterator[Case]:
    """Give edits of objects: each field of each kind once, the fields of one kind taken evenly up to a number."""
    by_kind: dict[tuple[str, str], list[Case]] = defaultdict(list)
    tried: Counter[tuple[str, str, str]] = Counter()
    every = list(found)
    classes = {(each.environment, each.id.name): each.body for each in every if each.id.kind == "StorageClass"}
    for manifest in every:
        beside = (*_accounts(manifest), *_class(manifest, classes))
        kind = (manifest.id.group, manifest.id.kind)
        if not is_builtin_group(kind[0]) or is_hook(manifest):
            continue
        for path, how, after in edits(manifest.body):
            if not tried[(*kind, f"{path} {how}")]:
                tried[(*kind, f"{path} {how}")] += 1
                name = f"{manifest.environment}: {manifest.id}: `{path}` {how}"
                by_kind[kind].append(Case(name=name, before=manifest.body, after=after, beside=beside))
    for _, cases in sorted(by_kind.items()):
        step = max(1, len(cases) / MOST_OF_KIND)
        yield from (cases[int(number * step)] for number in range(min(MOST_OF_KIND, len(cases))))


def _class(manifest: Manifest, classes: Mapping[tuple[str | None, str], JsonObject]) -> Iterator[JsonObject]:
    """Give the class of a claim: it decides whether the claim may grow."""
    if manifest.id.kind == "PersistentVolumeClaim":
        name = text(manifest.get("spec", "storageClassName"))
        yield from filter(None, [classes.get((manifest.environment, name))])


def _accounts(manifest: Manifest) -> tuple[JsonObject, ...]:
    """Give the accounts that the pods of a workload run as."""
    names = {text(template.spec.get("serviceAccountName")) for template in pod_templates(manifest)} - {"", "default"}
    metadata = mapping(manifest.body.get("metadata"))
    return tuple(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": metadata["namespace"]}}
        for name in sorted(names)
        if "namespace" in metadata
    )


def placed(case: Case, number: int) -> Case:
    """Move a case to a namespace of its own."""

    def move(body: JsonObject) -> JsonObject:
        moved = deepcopy(body)
        if dig(moved, "metadata", "namespace"):
            mapping(moved["metadata"])["namespace"] = namespace(number)
        if moved["kind"] == "Service":
            _renumber(mapping(moved.get("spec")), number)
        if moved["kind"] == "Namespace":
            # The one of an earlier round may still be about to go.
            mapping(moved["metadata"])["name"] = f"{namespace(number)}-{dig(moved, 'metadata', 'name')}"
        return moved

    return replace(
        case,
        before=case.before and move(case.before),
        after=case.after and move(case.after),
        earlier=case.earlier and move(case.earlier),
        beside=tuple(move(each) for each in case.beside),
    )


def _renumber(spec: JsonObject, number: int) -> None:
    """Give a Service addresses and ports of its own, where it names those that a cluster has once."""
    if text(spec.get("clusterIP")).startswith("10.96.0."):
        spec["clusterIP"] = text(spec["clusterIP"]).replace("10.96.0.", f"10.96.{number % 200 + 10}.")
    if isinstance(port := spec.get("healthCheckNodePort"), int):
        spec["healthCheckNodePort"] = 30000 + number % 1000 * 2 + port % 2


def namespace(number: int) -> str:
    """Give the name of a case's namespace."""
    return f"effects-{number:04}"


def rounds(cases: Iterable[Case], most: int) -> list[list[Case]]:
    """Divide cases so that no two of a round are about one object; what they have beside them may be the same.

    What judges the pods of the whole cluster is tried without any others: a webhook that nobody answers refuses them.
    """
    found: list[tuple[list[Case], set[ResourceId], dict[ResourceId, str]]] = []
    for case in cases:
        own = {identify(side) for side in case.sides}
        beside = {identify(each): json.dumps(each, sort_keys=True) for each in case.beside}
        for taken, subjects, there in found:
            free = not own & (subjects | there.keys()) and not beside.keys() & subjects
            if (
                len(taken) < most
                and free
                and _judges(case) == _judges(taken[0])
                and all(there.get(key, each) == each for key, each in beside.items())
            ):
                break
        else:
            taken, subjects, there = [], set(), {}
            found.append((taken, subjects, there))
        taken.append(case)
        subjects |= own
        there.update(beside)
    return [taken for taken, _, _ in found]


def _judges(case: Case) -> bool:
    return identify(case.subject).group == "admissionregistration.k8s.io"
