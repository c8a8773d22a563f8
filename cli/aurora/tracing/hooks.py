"""The parts of tracing policies, in whatever section they stand, with the steps that lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.model.counts import integer
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step

GROUP = "cilium.io"
CLUSTER, NAMESPACED = "TracingPolicy", "TracingPolicyNamespaced"
SECTIONS = ("kprobes", "fentries", "tracepoints", "lsmhooks", "uprobes", "usdts")
KERNEL_SECTIONS = frozenset({"kprobes", "fentries"})
ENFORCEMENT = "aurora.example.com/enforcement-approved"
MODE, MONITOR = "policy-mode", "monitor"
INTERFERING = frozenset({"NotifyEnforcer", "Override", "Set", "Sigkill", "Signal"})
"""Actions that do more than report."""
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping inside a manifest."""

    manifest: Manifest
    steps: Steps
    body: JsonObject

    def inside(self, field: str) -> Iterator[Part]:
        """Yield the mappings of a list."""
        for index, entry in enumerate(items(self.body.get(field))):
            if isinstance(entry, dict):
                yield Part(self.manifest, (*self.steps, field, index), entry)

    def at(self, field: str) -> Steps:
        """Give the steps to a field, or to the part if it lacks the field."""
        return (*self.steps, field) if field in self.body else self.steps

    def name(self, field: str) -> str:
        """Give a field that is a text, otherwise the empty text."""
        return text(self.body.get(field))

    def texts(self, field: str) -> list[str]:
        """Give the texts of a list; other entries are the schema's business."""
        return [entry for entry in items(self.body.get(field)) if isinstance(entry, str)]


def policies(inventory: Inventory) -> Iterator[Manifest]:
    """Yield tracing policies of both kinds."""
    for kind in (CLUSTER, NAMESPACED):
        yield from inventory.of_kind(kind, group=GROUP)


def hooks(inventory: Inventory) -> Iterator[tuple[str, Part]]:
    """Yield every hook of every policy with the section that it stands in."""
    for manifest in policies(inventory):
        spec = Part(manifest, ("spec",), mapping(manifest.get("spec")))
        for section in SECTIONS:
            for hook in spec.inside(section):
                yield section, hook


def kernel_hooks(inventory: Inventory) -> Iterator[Part]:
    """Yield the hooks on functions of the kernel."""
    return (hook for section, hook in hooks(inventory) if section in KERNEL_SECTIONS and hook.name("call"))


def selectors(inventory: Inventory) -> Iterator[tuple[Part, Part]]:
    """Yield every selector with its hook."""
    for _, hook in hooks(inventory):
        for selector in hook.inside("selectors"):
            yield hook, selector


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter on an argument, and the type that its hook reads that argument as; None where that is unknown."""

    part: Part
    operator: str
    type: str | None
    declared: bool


def filters(inventory: Inventory) -> Iterator[Filter]:
    """Yield the filters on arguments; those on return values and on data are left to the loader."""
    for hook, selector in selectors(inventory):
        arguments = tuple(hook.inside("args"))
        types: dict[int | None, str | None] = {}
        if "tracepoints" in hook.steps:
            # There a filter names a field of the event, or the place of an argument in the list
            # (Tetragon 1.7.0, pkg/sensors/tracing/generictracepoint.go: InitKernelSelectors).
            types.update({place: _type(entry) for place, entry in enumerate(arguments)})
        types.update({integer(entry.body.get("index")): _type(entry) for entry in arguments})
        for part in selector.inside("matchArgs"):
            if "args" in part.body or part.name("operator") == "CelExpr":
                continue
            index = integer(part.body.get("index", 0))
            yield Filter(part, part.name("operator"), types.get(index), declared=index in types)


def _type(argument: Part) -> str | None:
    """A field that is resolved has the type that the node's kernel says."""
    stated = argument.name("type") or "auto"
    return None if stated == "auto" and argument.name("resolve") else stated


def binaries(inventory: Inventory) -> Iterator[tuple[Part, Part]]:
    """Yield the filters on binaries with their hook."""
    for hook, selector in selectors(inventory):
        for field in ("matchBinaries", "matchParentBinaries"):
            for part in selector.inside(field):
                yield hook, part


def actions(inventory: Inventory) -> Iterator[tuple[Part, Part]]:
    """Yield the actions of selectors, on calls and on returns, with their hook."""
    for hook, selector in selectors(inventory):
        for field in ("matchActions", "matchReturnActions"):
            for part in selector.inside(field):
                yield hook, part


def approved(manifest: Manifest) -> bool:
    """Tell whether an object says why it may interfere."""
    return bool(manifest.annotations.get(ENFORCEMENT, "").strip())
