"""Rules about the variables in double braces: what a template may name, and where.

Source: Argo Workflows 4.1, workflow/validate/validate.go (`resolveAllVariables`, `addOutputsToScope`,
`addItemsToScope`, `validateDAGTaskArgumentDependency`). Expressions (`{{=…}}`) are not judged there, nor here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from aurora.cluster.workflows import Call, Definition, Template, definitions, host, target
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, text
from aurora.model.pod_template import PARAMETER
from aurora.model.rule import REFUSED, InventoryRule, Scope, Violation
from aurora.model.tree import Steps, mappings, texts
from aurora_constructs.spelling import closest

TAG = re.compile(r"\{\{(?!=)(.*?)\}\}", re.DOTALL)
_ROOTS = ("item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.")
_GLOBALS = frozenset(
    f"workflow.{name}"
    for name in (
        *("name", "namespace", "mainEntrypoint", "serviceAccountName", "uid", "parameters", "parameters.json"),
        *("status", "priority", "failures"),
    )
)
_OPEN = (
    *("outputs.", "tasks.name", "steps.name"),
    *(f"workflow.{name}" for name in ("creationTimestamp", "scheduledTime", "duration", "labels", "annotations")),
)
"""What is known only in a run: an object may get labels and annotations from whoever submits it."""
_PARAMETERS, _OUTPUTS = "workflow.parameters.", "workflow.outputs."
_PODS = frozenset({"container", "containerSet", "data", "resource", "script"})
_RESULTS = frozenset({"container", "data", "http", "plugin", "script"})
_ALWAYS = ("id", "startedAt", "finishedAt", "hostNodeName")


@dataclass(frozen=True, slots=True)
class _Names:
    """The variables of a place, and beginnings of which any continuation may exist."""

    known: Set[str]
    open: tuple[str, ...] = ()

    def plus(self, *more: _Names) -> _Names:
        """Give these and others."""
        known = frozenset(self.known).union(*(each.known for each in more))
        return _Names(known, (*self.open, *(way for each in more for way in each.open)))

    def has(self, name: str) -> bool:
        """Tell whether a variable exists."""
        return name in self.known or name.startswith(self.open)


def tags(value: JsonValue | None, steps: Steps) -> Iterator[tuple[Steps, str]]:
    """Yield the variables of a value, without those inside of templates that are written in it."""
    for place, written in texts(value, steps):
        if PARAMETER in written and "inline" not in place[len(steps) :]:
            for found in TAG.findall(written):
                if PARAMETER not in found:  # the name of a variable may be put together of others
                    yield place, found.strip()


def _unknown(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        around = _around(inventory, definition)
        for template in definition.every_template:
            names = around.plus(*_inputs(template))
            for steps, tag, known in _used(inventory, definition, template, names):
                if tag.startswith(_ROOTS) and not known.has(tag):
                    yield _violation(definition, steps, tag, known)
    yield from _not_given(inventory)


def _violation(definition: Definition, steps: Steps, tag: str, known: _Names) -> Violation:
    near = closest(tag, known.known)
    hint = f"did you mean `{{{{{near}}}}}`?" if near else "declare it, or name one that exists at this place"
    message = f"`{{{{{tag}}}}}` is no variable of this place"
    return Violation(manifest=definition.manifest, steps=steps, message=message, hint=hint)


def _not_given(inventory: Inventory) -> Iterator[Violation]:
    """A template may leave its workflow's parameters to whoever runs it: who does must give them."""
    for definition in definitions(inventory):
        run = host(inventory, definition)
        if definition.is_template or run is None or run is definition:
            continue
        wanted = {tag for template in run.every_template for _, tag in tags(template.body, ()) if _is_parameter(tag)}
        given = {f"{_PARAMETERS}{name}" for name in (*definition.parameters, *run.parameters)}
        for tag in sorted(wanted - given - _GLOBALS):
            yield Violation(
                manifest=definition.manifest,
                steps=(*definition.steps, "workflowTemplateRef"),
                message=f"the template `{run.manifest.id.name}` uses `{{{{{tag}}}}}`, which nothing here gives",
                hint=f"give the parameter in `arguments.parameters`, or in the template's own: "
                f"`{tag.removeprefix(_PARAMETERS)}`",
            )


def _is_parameter(tag: str) -> bool:
    return tag.startswith(_PARAMETERS)


def _around(inventory: Inventory, definition: Definition) -> _Names:
    """Give what every template of a workflow may name: templates of others may export outputs that nobody sees here."""
    known, ways = set(_GLOBALS), list(_OPEN)
    if definition.is_template:
        ways.append("workflow.parameters")
    known |= {f"{_PARAMETERS}{name}" for name in definition.parameters}
    exported = [
        (kind, text(entry.get("globalName")))
        for template in definition.every_template
        for kind in ("parameters", "artifacts")
        for entry in template.listed("outputs", kind).values()
    ]
    known |= {f"{_OUTPUTS}{kind}.{name}" for kind, name in exported if name}
    if any(PARAMETER in name for _, name in exported) or _leads_elsewhere(definition):
        ways.append(_OUTPUTS)
    return _Names(known, tuple(ways))


def _leads_elsewhere(definition: Definition) -> bool:
    return any("templateRef" in node for _, node in mappings(definition.spec.get("templates")))


def _inputs(template: Template) -> Iterator[_Names]:
    """Give what a template gets; one that is written inside of another sees what that one gets as well."""
    known = {f"inputs.parameters.{name}" for name in template.listed("inputs", "parameters")}
    if known:
        known.add("inputs.parameters")
    for name in template.listed("inputs", "artifacts"):
        known |= {f"inputs.artifacts.{name}", f"inputs.artifacts.{name}.path"}
    if template.type in _PODS:
        known.add("pod.name")
    yield _Names(known)
    if template.outer is not None:
        yield from _inputs(template.outer)


def _used(
    inventory: Inventory, definition: Definition, template: Template, names: _Names
) -> Iterator[tuple[Steps, str, _Names]]:
    """Yield the variables of a template, each with those that exist at its place."""
    if template.type not in ("dag", "steps"):
        # What is written inside of a task is judged by what the task gives it, which a run knows.
        local = names.plus(_Names(frozenset(), ("tasks.", "steps.", "item."))) if template.outer else names
        yield from ((steps, tag, local) for steps, tag in tags(template.body, template.steps))
        return
    outputs = {call.name: _outputs(inventory, definition, template, call) for call in template.calls}
    if template.type == "dag":
        yield from _in_dag(template, names.plus(*outputs.values()))
        names = names.plus(*outputs.values())
    else:
        for call in template.calls:
            own = outputs[call.name] if call.exits else _Names(frozenset())
            status = _Names({f"steps.{call.name}.status"})
            names = names.plus(status)
            yield from _of_call(call, names.plus(own))
            names = names.plus(outputs[call.name])
    at = (*template.steps, "outputs")
    yield from ((steps, tag, names) for steps, tag in tags(template.body.get("outputs"), at))


def _in_dag(template: Template, names: _Names) -> Iterator[tuple[Steps, str, _Names]]:
    for call in template.calls:
        if next(tags(call.body, call.steps), None) is None:
            continue  # or a large DAG takes a time in proportion to the square of its size
        status = {f"tasks.{name}.status" for name in template.ancestors(call.name)}
        if call.body.get("hooks") is not None:
            status.add(f"tasks.{call.name}.status")
        yield from _of_call(call, names.plus(_Names(status)))
    at = (*template.steps, "dag", "target")
    yield from ((steps, tag, names) for steps, tag in tags(dig(template.body, "dag", "target"), at))


def _of_call(call: Call, names: _Names) -> Iterator[tuple[Steps, str, _Names]]:
    names = names.plus(_items(call.body))
    yield from ((steps, tag, names) for steps, tag in tags(call.body, call.steps))


def _items(call: JsonObject) -> _Names:
    if call.get("withParam"):
        return _Names(frozenset(), ("item.",))
    listed = items(call.get("withItems"))
    return _Names({f"item.{key}" for item in listed if isinstance(item, dict) for key in item})


def _outputs(inventory: Inventory, definition: Definition, template: Template, call: Call) -> _Names:
    """Give what others may name of a task or step: anything where nobody here knows what it runs."""
    start = f"{'tasks' if template.type == 'dag' else 'steps'}.{call.name.partition(PARAMETER)[0]}"
    if PARAMETER in call.name:
        return _Names(frozenset(), (start,))
    start += "."
    found = target(inventory, definition, call.body).template
    if found is None:
        return _Names(frozenset(), (start,))
    known = [*_ALWAYS]
    if found.body.get("daemon") is True:
        known.append("ip")
    if found.type in _RESULTS or _has_main(found) or (call.many and found.type == "containerSet"):
        known += ["outputs.result", "exitCode"]
    if call.many:
        known.append("outputs.parameters")
    for kind in ("parameters", "artifacts"):
        known += [f"outputs.{kind}.{name}" for name in found.listed("outputs", kind)]
    return _Names({f"{start}{name}" for name in known})


def _has_main(template: Template) -> bool:
    return "main" in template.listed("containerSet", "containers")


def _independent(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for template in definition.every_template:
            names = {call.name for call in template.calls} if template.type == "dag" else set()
            for call in template.calls:
                named = [(steps, name) for steps, name in _arguments_from(call) if name in names]
                before = template.ancestors(call.name) if named else ()
                for steps, name in named:
                    if name not in before:
                        yield Violation(
                            manifest=definition.manifest,
                            steps=steps,
                            message=f"task `{call.name}` uses an output of `{name}`, on which it does not depend",
                            hint=f"add `{name}` to its `dependencies` or `depends`",
                        )


def _arguments_from(call: Call) -> Iterator[tuple[Steps, str]]:
    """Yield the tasks whose outputs are whole arguments: of others the project's own validation says nothing."""
    for kind, field in (("parameters", "value"), ("artifacts", "from")):
        for index, entry in enumerate(items(dig(call.body, "arguments", kind))):
            written = text(dig(entry, field))
            if written.startswith("{{tasks."):
                yield (*call.steps, "arguments", kind, index, field), written.split(".")[1].rstrip("}")


RULES = (
    InventoryRule("workflows/unknown-variable", REFUSED, _unknown, scope=Scope.NAMESPACE),
    InventoryRule("workflows/missing-dependency", REFUSED, _independent, scope=Scope.OBJECT),
)
