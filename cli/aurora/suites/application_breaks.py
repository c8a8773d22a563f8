"""Ways of breaking Argo CD's Applications: where they take their manifests from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aurora.model.json_value import items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.suites.edits import Break, one

_FOREIGN = "https://git.invalid/anybody/anything.git"


def _repositories(manifest: Manifest) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield every repository of an Application: of its source, of each of its sources, and of its hydrator."""
    if (manifest.id.group, manifest.id.kind) != ("argoproj.io", "Application"):
        return
    ways: list[tuple[Step, ...]] = [("spec", "source"), ("spec", "sourceHydrator", "drySource")]
    ways.extend(("spec", "sources", index) for index, _ in enumerate(items(manifest.get("spec", "sources"))))
    for way in ways:
        repository = text(mapping(manifest.get(*way)).get("repoURL"))
        if repository:
            yield (*way, "repoURL"), repository


def _changed(change: Callable[[str], str]) -> Callable[[Manifest], Iterator[Break]]:
    def breaks(manifest: Manifest) -> Iterator[Break]:
        for steps, repository in _repositories(manifest):
            yield from one(steps, change(repository))

    return breaks


foreign = _changed(lambda _: _FOREIGN)
lookalike = _changed(lambda repository: f"{repository.rstrip('/')}.invalid/any.git")
