"""Argo Workflows' definitions as rules see them: templates, the tasks and steps that call them, and what a call means.

Sources, Argo Workflows 4.1: `pkg/apis/workflow/v1alpha1/workflow_types.go`, `workflow/common/ancestry.go` and
`workflow/templateresolution/context.go`. Must not judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PARAMETER
from aurora.model.tree import Steps

GROUP = "argoproj.io"
CRON = "CronWorkflow"
TEMPLATE_KINDS = ("ClusterWorkflowTemplate", "WorkflowTemplate")
KINDS = (*TEMPLATE_KINDS, CRON, "Workflow")
CALLERS = ("dag", "steps")
"""The types of a template that call others; all others run something by themselves, or wait."""
TYPES = (*CALLERS, "container", "containerSet", "data", "http", "plugin", "resource", "script", "suspend")
_WORD = re.compile(r"([a-zA-Z0-9][-a-zA-Z0-9]*?)\.([A-Z][a-zA-Z]+)|([a-zA-Z0-9][-a-zA-Z0-9]*)")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One mention of another task, and the result that is asked for; empty where any good one will do."""

    steps: Steps
    task: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What runs a template: a task of a DAG, or a step."""

    steps: Steps
    body: JsonObject

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.body.get("name"))

    @property
    def place(self) -> Steps:
        """Where its name stands, if it has one."""
        return (*self.steps, "name") if "name" in self.body else self.steps

    @property
    def dependencies(self) -> Iterator[Dependency]:
        """The tasks that it names in `dependencies` or `depends`; the latter counts where both are there."""
        depends = text(self.body.get("depends"))
        for found in _WORD.finditer(depends):
            yield Dependency((*self.steps, "depends"), found[1] or found[3], found[2] or "")
        if not depends:
            for index, name in enumerate(items(self.body.get("dependencies"))):
                yield Dependency((*self.steps, "dependencies", index), text(name))

    @property
    def many(self) -> bool:
        """Whether it runs once for each of several items."""
        return bool(self.body.get("withItems") or self.body.get("withParam"))

    @property
    def repeated(self) -> bool:
        """Whether it runs once for each item or number."""
        return self.many or self.body.get("withSequence") is not None

    @property
    def exits(self) -> bool:
        """Whether something runs at its end."""
        return bool(self.body.get("onExit")) or dig(self.body, "hooks", "exit") is not None

    @property
    def arguments(self) -> Mapping[str, JsonObject]:
        """Its arguments that are parameters, by name."""
        return by_name(dig(self.body, "arguments", "parameters"))

    @property
    def artifacts(self) -> Mapping[str, JsonObject]:
        """Its arguments that are artifacts, by name."""
        return by_name(dig(self.body, "arguments", "artifacts"))


@dataclass(frozen=True)
class Template:
    """One template; `outer` is the one inside of which it is written, where it has no name of its own."""

    steps: Steps
    body: JsonObject
    outer: Template | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.body.get("name"))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """What it states to be; a sound one is exactly one thing."""
        return tuple(name for name in TYPES if self.body.get(name) is not None)

    @property
    def type(self) -> str:
        """The first of its types; empty where it has none."""
        return self.types[0] if self.types else ""

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Its tasks, or its steps in their order."""
        if self.type == "dag":
            at = (*self.steps, "dag", "tasks")
            return tuple(
                Call((*at, index), mapping(task)) for index, task in enumerate(items(dig(self.body, "dag", "tasks")))
            )
        return tuple(self._steps()) if self.type == "steps" else ()

    @cached_property
    def waits(self) -> Mapping[str, tuple[str, ...]]:
        """The tasks for which each of its tasks waits, by name."""
        return {call.name: tuple(each.task for each in call.dependencies) for call in self.calls}

    def ancestors(self, name: str) -> Set[str]:
        """Give the tasks that must have ended before one starts; of a cycle, that one too."""
        found: set[str] = set()
        pending = [name]
        while pending:
            for before in self.waits.get(pending.pop(), ()):
                if before not in found:
                    found.add(before)
                    pending.append(before)
        return found

    def _steps(self) -> Iterator[Call]:
        """A group of steps that run together is a list, or a single step by itself."""
        for index, group in enumerate(items(self.body.get("steps"))):
            at = (*self.steps, "steps", index)
            if isinstance(group, dict):
                yield Call(at, group)
            yield from (Call((*at, number), mapping(step)) for number, step in enumerate(items(group)))

    @property
    def inner(self) -> Iterator[Template]:
        """The templates that are written inside of its tasks or steps."""
        for call in self.calls:
            if isinstance(call.body.get("inline"), dict):
                yield Template((*call.steps, "inline"), mapping(call.body["inline"]), self)

    def listed(self, *steps: str) -> Mapping[str, JsonObject]:
        """Give the entries of one of its lists, by name."""
        return by_name(dig(self.body, *steps))


@dataclass(frozen=True)
class Definition:
    """The workflow that an object describes, and where it stands in it."""

    manifest: Manifest
    steps: Steps
    spec: JsonObject

    @property
    def is_template(self) -> bool:
        """Whether others run it, with arguments of their own."""
        return self.manifest.id.kind in TEMPLATE_KINDS

    @property
    def place(self) -> Steps:
        """Where it stands, as far as that is there."""
        return self.steps if self.manifest.get(*self.steps) is not None else self.steps[:-1]

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Its templates, without those inside of tasks and steps."""
        at = (*self.steps, "templates")
        return tuple(
            Template((*at, index), mapping(body)) for index, body in enumerate(items(self.spec.get("templates")))
        )

    @cached_property
    def every_template(self) -> tuple[Template, ...]:
        """Its templates, and those inside of tasks and steps."""
        found = list(self.templates)
        for template in found:  # which grows meanwhile
            found.extend(template.inner)
        return tuple(found)

    @cached_property
    def by_name(self) -> Mapping[str, Template]:
        """Its templates by name."""
        return {template.name: template for template in self.templates}

    @cached_property
    def parameters(self) -> Mapping[str, JsonObject]:
        """Its own arguments that are parameters, by name."""
        return by_name(dig(self.spec, "arguments", "parameters"))


@dataclass(frozen=True, slots=True)
class Target:
    """What a call leads to; without a template `missing` says which one is not there, and is empty if nobody knows."""

    template: Template | None = None
    definition: Definition | None = None
    missing: str = ""


UNKNOWN = Target()


def by_name(value: JsonValue | None) -> Mapping[str, JsonObject]:
    """Give the entries of a list by their names."""
    return {text(dig(entry, "name")): mapping(entry) for entry in items(value)}


def definitions(inventory: Inventory) -> tuple[Definition, ...]:
    """Give every workflow that the objects describe; read at the first call."""
    return inventory.every(_definitions)


def _definitions(inventory: Inventory) -> Iterator[Definition]:
    for kind in KINDS:
        for manifest in inventory.of_kind(kind, group=GROUP):
            steps = ("spec", "workflowSpec") if kind == CRON else ("spec",)
            yield Definition(manifest, steps, mapping(manifest.get(*steps)))


def host(inventory: Inventory, definition: Definition) -> Definition | None:
    """Give the definition whose templates run: its own, or the one that is named; None where that is not here."""
    reference = definition.spec.get("workflowTemplateRef")
    return _referenced(inventory, definition, reference) if isinstance(reference, dict) else definition


def target(inventory: Inventory, definition: Definition, call: JsonObject) -> Target:
    """Give what a task, a step or a hook runs."""
    if isinstance(call.get("inline"), dict):
        return Target(Template((), mapping(call["inline"])), definition)
    reference = call.get("templateRef")
    if isinstance(reference, dict):
        found = _referenced(inventory, definition, reference)
        return named(found, text(reference.get("template")))
    return named(definition, text(call.get("template")))


def named(definition: Definition | None, name: str) -> Target:
    """Give the template of a definition by its name; a name that only a run knows leads nowhere."""
    if definition is None or not name or PARAMETER in name:
        return UNKNOWN
    found = definition.by_name.get(name)
    return Target(found, definition) if found else Target(definition=definition, missing=name)


def _referenced(inventory: Inventory, definition: Definition, reference: JsonValue) -> Definition | None:
    kind = TEMPLATE_KINDS[0] if dig(reference, "clusterScope") is True else TEMPLATE_KINDS[1]
    namespace = "" if kind == TEMPLATE_KINDS[0] else definition.manifest.id.namespace or ""
    return inventory.once(_index).get((kind, namespace, text(dig(reference, "name"))))


def _index(inventory: Inventory) -> dict[tuple[str, str, str], Definition]:
    return {
        (each.manifest.id.kind, each.manifest.id.namespace or "", each.manifest.id.name): each
        for each in definitions(inventory)
    }
