"""Makes scenes out of two YAML streams, as a diff would: objects that are equal are in no pair."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from aurora import manifests
from aurora.changes.consequences import texts
from aurora.changes.pairs import Pair, Scene
from aurora.changes.sides import Side
from aurora.model.manifest import Manifest

CLAIM, CONFIG, DEPLOYMENT, NAMESPACE, SERVICE = (
    texts.shared()[name] for name in ("claim", "config", "deployment", "namespace", "service")
)
"""What the examples of consequences are made of."""


def side(stream: str, environment: str | None = "example") -> Side:
    """Put every document of a stream into a file of its own, named by its identity."""
    files: dict[str, bytes] = {}
    for document in stream.split("---\n"):
        read = manifests.read(document.encode(), "example.yaml")
        assert not read.findings, read.findings
        for manifest in read.manifests:
            path = "-".join(manifest.id.identity) + ".yaml"
            assert path not in files, path
            files[path] = document.encode()
    return Side(environment, files)


def objects(given: Side) -> list[Manifest]:
    """Read everything of a side."""
    return [manifest for path in given.files for manifest in given.read(path).manifests]


def scene(before: str, after: str, *, renames: Iterable[tuple[str, str]] = ()) -> Scene:
    """Pair the objects of two streams by identity, and those of one kind whose names are given as renamed."""
    sides = side(before), side(after)
    old, new = ({manifest.id.identity: manifest for manifest in objects(entry)} for entry in sides)
    pairs: list[Pair] = []
    for one, other in itertools.product(list(old.values()), list(new.values())):
        if (one.id.name, other.id.name) in renames and one.id.kind == other.id.kind:
            pairs.append(Pair(before=old.pop(one.id.identity), after=new.pop(other.id.identity)))
    for identity in [*old, *(identity for identity in new if identity not in old)]:
        found = old.get(identity), new.get(identity)
        if found[0] is None or found[1] is None or found[0].body != found[1].body:
            pairs.append(Pair(before=found[0], after=found[1]))
    return Scene(before=sides[0], after=sides[1], pairs=tuple(pairs))
