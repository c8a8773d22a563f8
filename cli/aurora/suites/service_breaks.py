"""Ways of breaking Services: everything that opens one to the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aurora.model.manifest import Manifest
from aurora.suites.edits import ABSENT, Break, Edit, one


def _is_service(manifest: Manifest) -> bool:
    return (manifest.id.group, manifest.id.kind) == ("", "Service")


def of_type(type_: str) -> Callable[[Manifest], Iterator[Break]]:
    """Give the break that makes a Service one of a type that can be reached from outside."""

    def breaks(manifest: Manifest) -> Iterator[Break]:
        if _is_service(manifest) and manifest.get("spec", "type") != type_:
            headless = Edit(("spec", "clusterIP"), ABSENT)
            yield Break((Edit(("spec", "type"), type_), headless))

    return breaks


def external_address(manifest: Manifest) -> Iterator[Break]:
    """Take an address of the world outside for a Service."""
    if _is_service(manifest):
        yield from one(("spec", "externalIPs"), ["192.0.2.1"])
