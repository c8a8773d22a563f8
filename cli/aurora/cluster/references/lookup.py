"""One reference from a field to an object, and whether the object is there.

Must not know any kind's fields: the modules beside it read them and yield references.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from aurora.kinds import paths, table
from aurora.kinds.entry import Made
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import ANYWHERE
from aurora.model.rule import Violation

Steps = tuple[Step, ...]
Find = Callable[[Inventory], Iterator[Violation]]

DEFAULT_NAMESPACE = "default"
"""Where an object lives whose manifest names no namespace, unless the command that applies it says otherwise."""
MOST_CANDIDATES = 200
"""Names among which a misspelt one is looked for: comparing spellings is slow, and a long list helps nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field that names an object; `namespace` is None for a cluster-scoped one, or `ANYWHERE`."""

    manifest: Manifest
    steps: Steps
    kind: str
    name: str
    group: str = ""
    namespace: str | None = None

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace not in (None, "", ANYWHERE) else ""
        return f"{self.kind} `{where}{self.name}`"


def places(namespace: str | None) -> tuple[str | None, ...]:
    """Give the namespaces to look into: a manifest without one and one in `default` mean the same place."""
    return (None, DEFAULT_NAMESPACE) if namespace in {None, "", DEFAULT_NAMESPACE} else (namespace,)


def find(inventory: Inventory, reference: Reference) -> Manifest | None:
    """Give the object that a reference names, or the one of which a controller makes it."""
    return _given(inventory, reference) or next((maker for maker, _ in makers(inventory, reference)), None)


def _given(inventory: Inventory, reference: Reference) -> Manifest | None:
    kind, name, group = reference.kind, reference.name, reference.group
    if reference.namespace == ANYWHERE:
        return next((entry for entry in inventory.of_kind(kind, group=group) if entry.id.name == name), None)
    found = (inventory.find(kind, name, group=group, namespace=place) for place in places(reference.namespace))
    return next((entry for entry in found if entry is not None), None)


def makers(inventory: Inventory, reference: Reference) -> Iterator[tuple[Manifest, Steps]]:
    """Yield the objects whose controllers make what a reference names, and the steps to the part that it is made of."""
    for kind, made in table.makers(reference.group, reference.kind):
        for maker in inventory.of_kind(kind.name, group=kind.group):
            if reference.namespace == ANYWHERE or (maker.id.namespace or None) in places(reference.namespace):
                yield from ((maker, steps) for steps, name in _names_of(maker, made) if name == reference.name)


def _names_of(maker: Manifest, made: Made) -> Iterator[tuple[Steps, str]]:
    for steps, part in paths.follow(maker.body, made.at):
        named = text(dig(part, *made.named)) if made.named else ""
        yield steps, f"{maker.id.name}{f'-{named}' if named else ''}{made.suffix}"


def exists(inventory: Inventory, reference: Reference) -> bool:
    """Tell whether the object that a reference names is among the objects, made of one, or declared external."""
    kind, name, group = reference.kind, reference.name, reference.group
    if reference.namespace == ANYWHERE:
        known = any((entry.group, entry.kind, entry.name) == (group, kind, name) for entry in inventory.externals)
    else:
        known = any(inventory.exists(kind, name, group=group, namespace=place) for place in places(reference.namespace))
    return known or find(inventory, reference) is not None


def missing(references: Callable[[Inventory], Iterable[Reference]]) -> Find:
    """Make the search for references of one sort that lead to nothing."""

    def search(inventory: Inventory) -> Iterator[Violation]:
        for reference in references(inventory):
            if not exists(inventory, reference):
                yield absent(inventory, reference)

    return search


def absent(inventory: Inventory, reference: Reference) -> Violation:
    """Say that the object that a reference names is not there."""
    return Violation(
        manifest=reference.manifest,
        steps=reference.steps,
        message=f"{reference} is neither among the objects nor declared external",
        hint=_hint(inventory, reference),
    )


def _hint(inventory: Inventory, reference: Reference) -> str:
    declare = "declare it as an external together with its owner"
    namespaces = places(reference.namespace)
    names = [
        manifest.id.name
        for manifest in inventory.of_kind(reference.kind, group=reference.group)
        if reference.namespace == ANYWHERE or manifest.id.namespace in namespaces
    ]
    near = difflib.get_close_matches(reference.name, names, n=1) if len(names) <= MOST_CANDIDATES else []
    return f"is `{near[0]}` meant? otherwise add the object, or {declare}" if near else f"add the object, or {declare}"
