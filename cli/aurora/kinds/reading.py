"""Reads a file of the table strictly: every key is known and every value of its type; every problem has its place."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path as File
from typing import TypeVar

from aurora.kinds import entry as known
from aurora.kinds.paths import Path
from aurora.model.json_value import JsonValue
from aurora.tables import Entry, opened

Made = TypeVar("Made")

_STEP = re.compile(r"\*\*?|\*?[A-Za-z0-9_$/-]+|\*[A-Za-z]+=[A-Za-z0-9_-]+")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*")
_TARGET = re.compile(r"(?:([a-z0-9.-]+)/)?([A-Z][A-Za-z0-9]*)")
_SAYS = ("kind", "group", "apiGroup", "apiVersion", "namespace", "optional", "clusterScope")
_KEYS = ("scope", "wave", "pods", "replicas", "scaler", "selectors", "references", "names", "makes", "filled", "writes")
_SCOPES = {known.CLUSTER: known.CLUSTER, known.NAMESPACED: known.NAMESPACED}
_FORMS = {form.value: form for form in known.Form}
_NAME_FORMS = {form.value: form for form in known.NameForm}
_SELECTED = {selected.value: selected for selected in known.Selected}


def read_group(path: File, group: str, elsewhere: Mapping[str, File]) -> known.Group:
    """Read one file of a group; `elsewhere` are the kinds of its other files.

    Raises:
        StorageError: it cannot be read.
        TableError: it is no YAML, or parts of it are not what the table holds; says where.
    """
    with opened(path) as table:
        table.only("builtin", "podLabels", "kinds")
        kinds = table.entry("kinds")
        if kinds is None:
            table.refuse("`kinds` is missing")
        for name in kinds.values.keys() & elsewhere.keys() if kinds else ():
            table.refuse(f"`{name}` stands in {elsewhere[name]} too: give it one entry", "kinds", name)
        found = {name: _kind(kinds, name, group) for name in kinds.values} if kinds else {}
        return known.Group(builtin=table.flag("builtin"), pod_labels=table.texts("podLabels"), kinds=found)


def _kind(kinds: Entry, name: str, group: str) -> known.Kind:
    if not _KIND.fullmatch(name):
        kinds.refuse(f"`{name}` is no kind", name)
    entry = kinds.entry(name) or kinds
    entry.only(*_KEYS)
    scaler, names = entry.entry("scaler"), entry.entry("names")
    return known.Kind(
        group=group,
        name=name,
        scope=entry.choice("scope", _SCOPES) or "",
        wave=entry.number("wave") or 0,
        pods=_each(entry, "pods", _pods),
        replicas=_each(entry, "replicas", _count),
        scaler=_scaler(scaler) if scaler else None,
        selectors=_each(entry, "selectors", _selector),
        references=_each(entry, "references", _reference),
        names=_names(names) if names else None,
        makes=_each(entry, "makes", _made),
        filled=_paths(entry, "filled"),
        writes=_each(entry, "writes", _written),
    )


def _each(entry: Entry, key: str, read: Callable[[Entry], Made]) -> tuple[Made, ...]:
    entries = entry.entries(key)
    found = tuple(read(inner) for inner in entries)
    for index, one in enumerate(found):
        if one in found[:index]:
            entries[index].refuse("this stands here twice")
    return found


def _pods(entry: Entry) -> known.PodPlace:
    entry.only("at", "form", "partial", "labels")
    form = _choice(entry, "form", _FORMS, known.Form.TEMPLATE)
    made = entry.entry("labels")
    labels = tuple((key, made.text(key)) for key in made.values) if made else ()
    return known.PodPlace(at=_path(entry), form=form, partial=entry.text("partial", ""), labels=labels)


def _choice(entry: Entry, key: str, options: dict[str, Made], otherwise: Made) -> Made:
    return (entry.choice(key, options) or otherwise) if key in entry.values else otherwise


def _path(entry: Entry, key: str = "at") -> Path:
    """Read a path: steps with dots between them, or a list of steps where one holds a dot."""
    if isinstance(entry.value(key), list):
        return entry.texts(key)
    return _steps(entry, entry.text(key), key)


def _steps(entry: Entry, written: str, *place: str | int) -> Path:
    steps = tuple(written.split(".")) if written else ()
    if not all(_STEP.fullmatch(step) for step in steps):
        entry.refuse(f"`{written}` is no path: write steps with dots between them, as in `spec.template`", *place)
    return steps


def _paths(entry: Entry, key: str, *, required: bool = False) -> tuple[Path, ...]:
    return tuple(_steps(entry, text, key, index) for index, text in enumerate(entry.texts(key, required=required)))


def _optional(entry: Entry, key: str) -> Path | None:
    return _path(entry, key) if key in entry.values else None


def _count(entry: Entry) -> known.Count:
    entry.only("at", "default", "of", "atMost", "least", "most", "always", "when", "scale")
    factors = _paths(entry, "at")
    default, always = entry.number("default"), entry.number("always")
    least, most = entry.entry("least"), entry.entry("most")
    if bool(factors) == (always is not None):
        entry.refuse("a count needs either `at` or `always`")
    return known.Count(
        at=factors,
        default=1 if default is None else default,
        of=_optional(entry, "of"),
        at_most=_optional(entry, "atMost"),
        least=_bound(least) if least else None,
        most=_bound(most) if most else None,
        always=always,
        when=_each(entry, "when", _equals),
        scale=entry.flag("scale"),
    )


def _bound(entry: Entry) -> known.Bound:
    entry.only("at", "default")
    return known.Bound(at=_path(entry), default=entry.number("default"))


def _equals(entry: Entry) -> known.Equals:
    entry.only("at", "values")
    return known.Equals(at=_path(entry), values=entry.texts("values", required=True))


def _scaler(entry: Entry) -> known.Scaler:
    entry.only("target", "least", "most")
    bounds = {key: _bound(bound) for key in ("least", "most") if (bound := entry.entry(key))}
    return known.Scaler(target=_path(entry, "target"), least=bounds.get("least"), most=bounds.get("most"))


def _selector(entry: Entry) -> known.Selector:
    entry.only("at", "of", "plain", "when")
    return known.Selector(
        at=_path(entry),
        of=_choice(entry, "of", _SELECTED, known.Selected.PODS),
        plain=entry.flag("plain"),
        when=_optional(entry, "when"),
    )


def _reference(entry: Entry) -> known.Reference:
    entry.only("at", "to", "name", "after", "says", "verb", "optional")
    says = entry.texts("says")
    for index, name in enumerate(says):
        if name not in _SAYS:
            entry.refuse(f"`{name}` says nothing that is known: known are {', '.join(_SAYS)}", "says", index)
    if "to" not in entry.values and "kind" not in says:
        entry.refuse("nothing says the kind: write `to`, or `says: [kind]`")
    return known.Reference(
        at=_path(entry),
        to=_target(entry),
        name=entry.text("name", ""),
        after=entry.text("after", ""),
        says=says,
        verb=entry.text("verb"),
        optional=entry.flag("optional"),
    )


def _made(entry: Entry) -> known.Made:
    entry.only("at", "kind", "suffix", "named")
    kind = _target(entry, "kind") or ("", "")
    return known.Made(at=_path(entry), kind=kind, suffix=entry.text("suffix"), named=_optional(entry, "named"))


def _target(entry: Entry, key: str = "to") -> tuple[str, str] | None:
    written: JsonValue = entry.value(key)
    found = _TARGET.fullmatch(written) if isinstance(written, str) else None
    if found is None and key in entry.values:
        entry.refuse(f"`{written}` is no kind: write `Kind` or `group/Kind`", key)
    return (found[1] or "", found[2]) if found else None


def _written(entry: Entry) -> known.Written:
    entry.only("at", "to", "fields")
    return known.Written(at=_path(entry), to=_target(entry) or ("", ""), fields=_paths(entry, "fields", required=True))


def _names(entry: Entry) -> known.Names:
    entry.only("form", "longest", "because", "derived")
    longest = entry.number("longest")
    return known.Names(
        form=_choice(entry, "form", _NAME_FORMS, known.NameForm.SUBDOMAIN),
        longest=longest,
        because=entry.text("because", "" if longest is None else None),
        derived=_each(entry, "derived", _derived),
    )


def _derived(entry: Entry) -> known.DerivedName:
    entry.only("at", "adds", "because", "named", "keyed", "counts", "when", "without")
    return known.DerivedName(
        at=_path(entry),
        adds=entry.number("adds") or 0,
        because=entry.text("because"),
        named=_optional(entry, "named"),
        keyed=entry.flag("keyed"),
        counts=tuple(_steps(entry, text, "counts", index) for index, text in enumerate(entry.texts("counts"))),
        when=_each(entry, "when", _equals),
        without=_optional(entry, "without"),
    )
