"""The rule about outputs of a task or step that was skipped: they are there only where something stands in.

Source: Argo Workflows 4.1 docs, variables (“Outputs of Skipped and Omitted Nodes”), and upgrading: since 4.0.7
and 3.7.16 what reads such an output fails; before, it waited without end.
"""

import re
from collections.abc import Iterator

from aurora.checks.workflows.variables import tags
from aurora.cluster.workflows import Call, Definition, Template, definitions, target
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, text
from aurora.model.rule import ADVICE, InventoryRule, Scope, Violation
from aurora.model.tree import Steps

_OUTPUT = re.compile(r"(?:tasks|steps)\.([-a-zA-Z0-9]+)\.outputs\.(result$|parameters\.|artifacts\.)(.*)")
_WHOLE = re.compile(r"\{\{[^{}]*\}\}")


def _absent(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for template in definition.every_template:
            calls = {call.name: call for call in template.calls}
            skippable = {name for name, call in calls.items() if call.body.get("when")}
            for call in template.calls if skippable else ():
                for steps, tag, stands_in in _read(inventory, definition, call):
                    found = _OUTPUT.fullmatch(tag)
                    if not found or found[1] not in skippable or stands_in or not _runs_all_the_same(call, found[1]):
                        continue
                    made = target(inventory, definition, calls[found[1]].body).template
                    if made is not None and not _has_default(made, found[2], found[3]):
                        yield Violation(
                            manifest=definition.manifest,
                            steps=steps,
                            message=f"`{found[1]}` may be skipped, and then `{{{{{tag}}}}}` is nothing: "
                            f"`{call.name}` fails",
                            hint="give the output a `valueFrom.default`, or the input that takes it a `default` "
                            "(an artifact: `optional: true`)",
                        )


def _read(inventory: Inventory, definition: Definition, call: Call) -> Iterator[tuple[Steps, str, bool]]:
    """Yield the variables of a task's condition and arguments, and whether its template does without them.

    A task that has a condition of its own may be meant to run only when the other one did.
    """
    yield from ((steps, tag, False) for steps, tag in tags(call.body.get("when"), (*call.steps, "when")))
    if call.body.get("when"):
        return
    run = target(inventory, definition, call.body).template
    for kind, field in (("parameters", "value"), ("artifacts", "from")):
        for index, entry in enumerate(items(dig(call.body, "arguments", kind))):
            written = text(dig(entry, field))
            taken = run is None or _does_without(run, kind, text(dig(entry, "name")))
            steps = (*call.steps, "arguments", kind, index, field)
            for _, tag in tags(written, ()):
                yield steps, tag, taken and bool(_WHOLE.fullmatch(written))


def _does_without(template: Template, kind: str, name: str) -> bool:
    entry: JsonObject = template.listed("inputs", kind).get(name, {})
    return any(entry.get(field) is not None for field in ("default", "value", "valueFrom", "optional")) or not entry


def _has_default(template: Template, kind: str, name: str) -> bool:
    if kind != "parameters.":
        return False
    entry = template.listed("outputs", "parameters").get(name)
    return entry is None or entry.get("value") is not None or dig(entry, "valueFrom", "default") is not None


def _runs_all_the_same(call: Call, name: str) -> bool:
    """Tell whether a task runs when another one was skipped: steps do, tasks unless they ask for another result."""
    asked = [each.result for each in call.dependencies if each.task == name]
    in_dag = call.steps[-2] == "tasks"
    return any(result in ("", "Skipped") for result in asked) if in_dag else True


RULES = (InventoryRule("workflows/skipped-output", ADVICE, _absent, scope=Scope.NAMESPACE),)
