"""The table of built-in component kinds: the only list of them.

Charts are named, not imported: importing one starts Node, and `aurora list` must not.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aurora_constructs.components.namespaces.spec import NamespacesSpec

if TYPE_CHECKING:
    from aurora_constructs.component import Component
    from aurora_constructs.spec import ComponentSpec


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """A component kind: its specification, its chart as `module:class`, and its place in a sync.

    `wave` orders the Applications of an environment, lower first. `custom_kinds` lists the kinds it may
    emit that a CustomResourceDefinition defines, as `group/Kind`: the schema pack is built for them.
    """

    name: str
    summary: str
    spec: type[ComponentSpec]
    chart: str
    wave: int
    custom_kinds: tuple[str, ...] = ()

    def load_chart(self) -> type[Component[Any]]:
        """Import the chart's class; the first one starts Node."""
        module, _, name = self.chart.partition(":")
        return cast("type[Component[Any]]", getattr(importlib.import_module(module), name))


def _chart(folder: str, name: str) -> str:
    return f"aurora_constructs.components.{folder}.chart:{name}"


KINDS: tuple[ComponentKind, ...] = (
    ComponentKind(
        "Namespaces",
        "namespaces with their Pod Security level, quota and default limits",
        NamespacesSpec,
        _chart("namespaces", "Namespaces"),
        wave=-30,
    ),
)

BY_NAME = {kind.name: kind for kind in KINDS}
