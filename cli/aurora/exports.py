"""Objects that were read from a cluster, by kubectl or Argo CD: what the cluster added to them is taken out of them.

The table beside this file says what that is. Reads no files.
"""

import copy
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.manifests import Read
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import Basis, Rule
from aurora.tables import Entry
from aurora.yamlio import reading, writing

EXPORT = Rule("input/export", Basis.ADVICE, severity=Severity.NOTE)
RULES = (EXPORT,)

Steps = tuple[str, ...]
Part = tuple[Step, ...]
_STORED = ("uid", "resourceVersion", "creationTimestamp")
"""Metadata that every stored object has, and that nobody writes all of."""
_SAYS_WHO = ("kubectl.kubernetes.io/last-applied-configuration", "argocd.argoproj.io/tracking-id")
"""Annotations of objects that somebody applied, whatever fills them later."""
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A row of objects that nobody writes."""

    group: str
    kind: str
    name: str
    type: str
    bare: bool
    marks: tuple[tuple[str, str, str], ...]

    def is_of(self, manifest: Manifest) -> bool:
        """Tell whether an object is one of them."""
        return (
            self.group == manifest.id.group
            and self.kind in ("*", manifest.id.kind)
            and self.name in ("", manifest.id.name)
            and self.type in ("", manifest.body.get("type"))
            and not (self.bare and manifest.body.keys() - {"apiVersion", "kind", "metadata"})
            and (not self.marks or any(self._is_marked(manifest, *mark) for mark in self.marks))
        )

    @staticmethod
    def _is_marked(manifest: Manifest, where: str, key: str, value: str) -> bool:
        found = dig(manifest.body, "metadata", where, key)
        return found == value if value else found is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Fields that a cluster fills in objects of one kind."""

    group: str
    kind: str
    fields: tuple[Steps, ...]
    unless: tuple[Steps, JsonValue] | None
    given: Steps | None

    def of(self, manifest: Manifest) -> tuple[Steps, ...]:
        """Give the fields that it filled in an object."""
        if (self.group, self.kind) != (manifest.id.group, manifest.id.kind):
            return ()
        if self.unless and manifest.get(*self.unless[0]) == self.unless[1]:
            return ()
        return self.fields if self.given is None or manifest.get(*self.given) is not None else ()


@dataclass(frozen=True, slots=True)
class Table:
    """The table of what a cluster adds."""

    fields: tuple[Steps, ...]
    kinds: tuple[Added, ...]
    finalizers: frozenset[str]
    made: tuple[Made, ...]


def is_export(manifest: Manifest) -> bool:
    """Tell whether an object was read from a cluster."""
    return all(text(manifest.get("metadata", key)) for key in _STORED)


def judged(read: Read, applied: Callable[[Manifest], bool]) -> Read:
    """Give what is to judge: exports as somebody would write them, without what controllers make of other objects.

    Objects that `applied` names are sent to a server as they are, and stay so.
    """
    given = [each for each in read.manifests if not applied(each)]
    made = _made(given, with_strangers=False)
    if len(made) == len(given):
        made = []  # an export of nothing else is about these
    exported = [each for each in given if is_export(each)]
    if not exported:
        return read
    found = _without(read, made, exported)
    said = _said(exported, made)
    if any(each.emitted for each in found.manifests):  # beside manifests that somebody wrote, they may be in Git
        said = replace(said, severity=Severity.WARNING)
    return replace(found, findings=(*found.findings, said))


def compared(read: Read) -> Read:
    """Give what is to compare with other manifests, as for `judged`; says nothing of it."""
    return replace(judged(read, lambda _: False), findings=read.findings)


def adopted(read: Read) -> Read:
    """Give what somebody would write of exports: nothing that a controller makes, wherever its owner is."""
    made = _made(read.manifests, with_strangers=True)
    return _without(read, made, [each for each in read.manifests if is_export(each)])


def _without(read: Read, made: Iterable[Manifest], exported: Iterable[Manifest]) -> Read:
    gone, changed = set(map(id, made)), set(map(id, exported))
    kept = (each for each in read.manifests if id(each) not in gone)
    return replace(read, manifests=tuple(_cleaned(each) if id(each) in changed else each for each in kept))


def _said(exported: Sequence[Manifest], made: Sequence[Manifest]) -> Finding:
    """Say in one finding what is not judged, with the place of the first object."""
    many = f"{len(exported)} objects were" if len(exported) > 1 else "this object was"
    message = f"{many} read from a cluster: what the server sets is not judged"
    kinds = Counter(each.id.kind for each in made).most_common()
    names = ", ".join(f"{count} {kind}" for kind, count in kinds[:_SHOWN]) + (", …" if len(kinds) > _SHOWN else "")
    message += f", nor {len(made)} objects that controllers make ({names})" if made else ""
    hint = "keep such files out of Git: with `uid` and `resourceVersion`, a server refuses the second apply"
    first = exported[0].source.place
    return Finding.of(EXPORT, message, first, hint=None if first.path == "-" else hint)


def _made(manifests: Sequence[Manifest], *, with_strangers: bool) -> list[Manifest]:
    """List the objects that controllers make; those whose owner is not there only `with_strangers`."""
    uids = {text(each.get("metadata", "uid")) for each in manifests if is_export(each)}
    if not uids:
        return []
    claims = [re.compile(pattern) for each in manifests for pattern in _claims(each)]
    return [
        each
        for each in manifests
        if _is_owned(each, None if with_strangers else uids)
        or _is_claim(each, claims)
        or (each.annotations.keys().isdisjoint(_SAYS_WHO) and any(row.is_of(each) for row in _table().made))
    ]


def _is_owned(manifest: Manifest, uids: Collection[str] | None) -> bool:
    owners = map(mapping, items(manifest.get("metadata", "ownerReferences")))
    return any(owner.get("controller") is True and (uids is None or text(owner.get("uid")) in uids) for owner in owners)


def _claims(manifest: Manifest) -> Iterable[str]:
    """Give the names of a StatefulSet's claims (`getPersistentVolumeClaimName`), which have no owner by default."""
    if (manifest.id.group, manifest.id.kind) != ("apps", "StatefulSet"):
        return
    for template in items(manifest.get("spec", "volumeClaimTemplates")):
        name = text(dig(template, "metadata", "name"))
        yield re.escape(f"{manifest.id.namespace}/{name}-{manifest.id.name}-") + r"\d+"


def _is_claim(manifest: Manifest, claims: Iterable[re.Pattern[str]]) -> bool:
    if (manifest.id.group, manifest.id.kind) != ("", "PersistentVolumeClaim"):
        return False
    return any(claim.fullmatch(f"{manifest.id.namespace}/{manifest.id.name}") for claim in claims)


def _cleaned(manifest: Manifest) -> Manifest:
    """Take out of an object what the cluster added; the lines of what is left stay where they can."""
    table = _table()
    kinds = (field for row in table.kinds for field in row.of(manifest))
    fields: list[Part] = [*table.fields, *kinds, *_node_ports(manifest)]
    body = copy.deepcopy(manifest.body)
    finalizers = items(dig(body, "metadata", "finalizers"))
    if finalizers and table.finalizers.issuperset(map(str, finalizers)):
        fields.append(("metadata", "finalizers"))
    gone = [steps for steps in (_dropped(body, field) for field in fields) if steps]
    written = _blanked(manifest.text, gone)
    if not _says(written, body):
        written = writing.dump(body)
    return replace(manifest, body=body, text=written, emitted=False)


def _node_ports(manifest: Manifest) -> Iterable[Part]:
    """Give the ports on nodes that the server chose: those of a Service of which somebody applied none."""
    applied = manifest.annotations.get(_SAYS_WHO[0], "nodePort")
    if (manifest.id.group, manifest.id.kind) == ("", "Service") and "nodePort" not in applied:
        for index, _ in enumerate(items(manifest.get("spec", "ports"))):
            yield "spec", "ports", index, "nodePort"


def _dropped(body: JsonObject, field: Part) -> Part | None:
    """Take out a field, with the mappings that hold nothing else; give the steps to what went, if it was there."""
    parents = [body, *(mapping(dig(body, *field[:depth])) for depth in range(1, len(field)))]
    if field[-1] not in parents[-1]:
        return None
    depth = len(field) - 1
    while depth and len(parents[depth]) == 1 and parents[depth - 1]:
        depth -= 1
    del parents[depth][str(field[depth])]
    return field[: depth + 1]


def _blanked(written: str, gone: Iterable[Part]) -> str:
    """Empty the lines of fields of a text in block style; give nothing where they have no lines of their own."""
    if not gone or written.lstrip().startswith("{"):
        return ""
    places = reading.parse(written, places=True, as_kubectl=True).positions
    lines = written.split("\n")
    for steps in gone:
        at = places.get(steps)
        if at is None:
            return ""  # an alias or a merge key brings it
        margin = " " * (at.key_column - 1)
        end = at.key_line
        while end < len(lines) and (not lines[end].strip() or lines[end].startswith((f"{margin} ", f"{margin}- "))):
            end += 1
        lines[at.key_line - 1 : end] = [""] * (end - at.key_line + 1)
    return "\n".join(lines)


def _says(written: str, body: JsonObject) -> bool:
    try:
        return bool(written) and reading.parse(written, as_kubectl=True).value == body
    except reading.YamlError:
        return False


@cache
def _table() -> Table:
    with tables.opened(Path(__file__).with_suffix(".yaml")) as table:
        table.only("fields", "kinds", "finalizers", "made")
        return Table(
            fields=_paths(table, "fields"),
            kinds=tuple(map(_added, table.entries("kinds"))),
            finalizers=frozenset(table.texts("finalizers")),
            made=tuple(map(_row, table.entries("made"))),
        )


def _paths(entry: Entry, key: str) -> tuple[Steps, ...]:
    return tuple(tuple(map(str, items(steps))) for steps in items(entry.value(key)))


def _added(entry: Entry) -> Added:
    entry.only("kind", "group", "fields", "unless", "given")
    unless = entry.entry("unless")
    return Added(
        group=entry.text("group", ""),
        kind=entry.text("kind"),
        fields=_paths(entry, "fields"),
        unless=(unless.texts("at"), unless.value("is")) if unless else None,
        given=entry.texts("given") or None,
    )


def _row(entry: Entry) -> Made:
    entry.only("kind", "group", "name", "type", "bare", "labels", "annotations")
    return Made(
        group=entry.text("group", ""),
        kind=entry.text("kind"),
        name=entry.text("name", ""),
        type=entry.text("type", ""),
        bare=entry.flag("bare"),
        marks=tuple(
            (where, key, text(value))
            for where in ("labels", "annotations")
            for key, value in mapping(entry.value(where)).items()
        ),
    )
