"""Rules about templates and who runs them: what a template is, that it exists, and what it is given.

Sources, Argo Workflows 4.1: workflow/validate/validate.go (`validateTemplateType`, `validateTemplateHolder`,
`validateArguments`, `validateHooks`), workflow/common/util.go (`ProcessArgs`).
"""

from collections.abc import Iterator, Mapping

from aurora.cluster.workflows import (
    CRON,
    TYPES,
    Definition,
    Target,
    Template,
    by_name,
    definitions,
    host,
    named,
    target,
)
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.rule import ADVICE, REFUSED, InventoryRule, Scope, Violation
from aurora.model.tree import Steps
from aurora_constructs.spelling import nearest

Run = tuple[Steps, JsonObject, Target]
"""Where something runs a template, what it says, and the template."""
ENTRY, EXIT = "entrypoint", "onExit"
_LOCATIONS = (
    "from",
    "fromExpression",
    "artifactory",
    "azure",
    "gcs",
    "git",
    "hdfs",
    "http",
    "oss",
    "plugin",
    "raw",
    "s3",
)


def _types(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        inherited = any(name in mapping(definition.spec.get("templateDefaults")) for name in TYPES)
        for template in definition.every_template:
            if len(template.types) == 1 or (not template.types and inherited):
                continue
            what = f"is {' and '.join(template.types)} at once" if template.types else "says not what it runs"
            yield Violation(
                manifest=definition.manifest,
                steps=template.steps,
                message=f"the template `{template.name}` {what}",
                hint=f"state one of {', '.join(f'`{name}`' for name in TYPES)}",
            )
        if definition.spec.get("workflowTemplateRef") and definition.templates:
            yield Violation(
                manifest=definition.manifest,
                steps=(*definition.steps, "templates"),
                message="a workflow that runs a WorkflowTemplate has templates of its own",
                hint="keep either `workflowTemplateRef` or `templates`",
            )


def _runs(inventory: Inventory, definition: Definition) -> Iterator[Run]:
    """Yield everything in a workflow that runs a template: its start and end, its tasks, steps and hooks."""
    run = host(inventory, definition)
    for field in (ENTRY, EXIT):
        name = text(definition.spec.get(field))
        if name:
            yield (*definition.steps, field), definition.spec, named(run, name)
    for template in definition.every_template:
        for call in template.calls:
            yield call.steps, call.body, target(inventory, definition, call.body)
            if isinstance(call.body.get(EXIT), str):
                yield (*call.steps, EXIT), {}, named(definition, text(call.body[EXIT]))
    for steps, hook in _hooks(definition):
        own = run if steps[: len(definition.steps) + 1] == (*definition.steps, "hooks") else definition
        reference = hook.get("templateRef") is not None
        yield steps, hook, target(inventory, definition, hook) if reference else named(own, text(hook.get("template")))


def _hooks(definition: Definition) -> Iterator[tuple[Steps, JsonObject]]:
    holders = [(definition.steps, definition.spec)]
    holders += [(call.steps, call.body) for template in definition.every_template for call in template.calls]
    for steps, holder in holders:
        for name, hook in mapping(holder.get("hooks")).items():
            yield (*steps, "hooks", name), mapping(hook)


def _undefined(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for steps, holder, found in _runs(inventory, definition):
            if found.missing and found.definition is not None:
                other = found.definition is not definition
                where = f"the template `{found.definition.manifest.id.name}`" if other else "this workflow"
                yield Violation(
                    manifest=definition.manifest,
                    steps=steps,
                    message=f"{where} has no template `{found.missing}`",
                    hint=nearest(found.missing, found.definition.by_name),
                )
            if steps[-1] != EXIT and steps[-1] != ENTRY and not _says_what(holder):
                yield Violation(
                    manifest=definition.manifest,
                    steps=steps,
                    message="it does not say which template it runs",
                    hint="name one in `template` or `templateRef`, or write one in `inline`",
                )
        if not definition.is_template and _starts_nowhere(inventory, definition):
            yield Violation(
                manifest=definition.manifest,
                steps=definition.place,
                message="nothing says which template is run first",
                hint="name one in `entrypoint`",
            )


def _says_what(holder: JsonObject) -> bool:
    reference = holder.get("templateRef")
    if isinstance(reference, dict):
        return bool(text(reference.get("name")) and text(reference.get("template")))
    return bool(text(holder.get("template")) or isinstance(holder.get("inline"), dict))


def _starts_nowhere(inventory: Inventory, definition: Definition) -> bool:
    run = host(inventory, definition)
    return run is not None and not any(text(each.spec.get(ENTRY)) for each in (definition, run))


def _hooks_without_condition(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for steps, hook in _hooks(definition):
            if steps[-1] != "exit" and not hook.get("expression"):
                yield Violation(
                    manifest=definition.manifest,
                    steps=steps,
                    message=f"the hook `{steps[-1]}` has no `expression`, so nothing says when it runs",
                    hint="state it; only the hook `exit` runs without",
                )


def _not_supplied(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for steps, holder, found in _runs(inventory, definition):
            if found.template is None or (definition.is_template and holder is definition.spec):
                continue
            if steps[-1] == EXIT and not holder:
                continue  # runs with what its task was given
            arguments = _arguments(inventory, definition, holder)
            for kind, name in _missing(found.template, arguments):
                yield Violation(
                    manifest=definition.manifest,
                    steps=steps,
                    message=f"the template `{found.template.name}` needs the {kind} `{name}`, and is not given it",
                    hint="add it to `arguments`, or give the input a default",
                )
            yield from _empty(definition, steps, holder)
        yield from _left_open(inventory, definition)


def _arguments(inventory: Inventory, definition: Definition, holder: JsonObject) -> JsonObject:
    """A workflow that runs a template adds its arguments to those of the template."""
    run = host(inventory, definition)
    if holder is not definition.spec or run is None or run is definition:
        return mapping(holder.get("arguments"))
    return {
        kind: [*items(dig(run.spec, "arguments", kind)), *items(dig(holder, "arguments", kind))]
        for kind in ("parameters", "artifacts")
    }


def _missing(template: Template, arguments: JsonObject) -> Iterator[tuple[str, str]]:
    given = by_name(arguments.get("parameters"))
    for name, entry in template.listed("inputs", "parameters").items():
        stated = (entry.get("value"), entry.get("default"), entry.get("valueFrom"), *_values(given.get(name)))
        if all(value is None for value in stated):
            yield "parameter", name
    for name, entry in template.listed("inputs", "artifacts").items():
        if not entry.get("optional") and not _located(entry) and name not in by_name(arguments.get("artifacts")):
            yield "artifact", name


def _values(argument: JsonObject | None) -> tuple[JsonValue, ...]:
    return (argument.get("value"), argument.get("valueFrom")) if argument else ()


def _located(artifact: Mapping[str, JsonValue]) -> bool:
    return any(artifact.get(name) is not None for name in _LOCATIONS)


def _empty(definition: Definition, steps: Steps, holder: JsonObject) -> Iterator[Violation]:
    """Whoever submits a workflow may give its arguments; nobody submits those of a CronWorkflow."""
    if holder is definition.spec and (definition.manifest.id.kind != CRON or steps[-1] != ENTRY):
        return
    for kind in ("parameters", "artifacts"):
        for index, entry in enumerate(items(dig(holder, "arguments", kind))):
            stated = any(value is not None for value in _values(mapping(entry)))
            if not (stated if kind == "parameters" else _located(mapping(entry))):
                yield Violation(
                    manifest=definition.manifest,
                    steps=(*(definition.steps if holder is definition.spec else steps), "arguments", kind, index),
                    message=f"the argument `{text(dig(entry, 'name'))}` has no value",
                    hint="give it one: `value` or `valueFrom`, of an artifact `from` or its location",
                )


def _left_open(inventory: Inventory, definition: Definition) -> Iterator[Violation]:
    """Find parameters that a template leaves to whoever runs it, and that a CronWorkflow does not give."""
    run = host(inventory, definition)
    if definition.manifest.id.kind != CRON or run is None or run is definition:
        return
    for name, entry in run.parameters.items():
        if all(value is None for value in (*_values(entry), *_values(definition.parameters.get(name)))):
            yield Violation(
                manifest=definition.manifest,
                steps=(*definition.steps, "workflowTemplateRef"),
                message=f"the template `{run.manifest.id.name}` leaves `{name}` open, and nobody gives it",
                hint="give it in `arguments.parameters`, or give the template's parameter a value",
            )


def _unused(inventory: Inventory) -> Iterator[Violation]:
    """Templates of a WorkflowTemplate may be there for others."""
    for definition in definitions(inventory):
        if definition.is_template or host(inventory, definition) is not definition:
            continue
        used = {found.template.name for _, _, found in _runs(inventory, definition) if found.template is not None}
        names = [text(call.body.get("template")) for each in definition.every_template for call in each.calls]
        if any("{{" in name for name in names):
            continue
        for template in definition.templates:
            if template.name and template.name not in used:
                yield Violation(
                    manifest=definition.manifest,
                    steps=(*template.steps, "name"),
                    message=f"nothing runs the template `{template.name}`",
                    hint="remove it, or call it",
                )


RULES = (
    InventoryRule("workflows/template-type", REFUSED, _types, scope=Scope.OBJECT),
    InventoryRule("workflows/unknown-template", REFUSED, _undefined, scope=Scope.NAMESPACE),
    InventoryRule("workflows/hook-without-condition", REFUSED, _hooks_without_condition, scope=Scope.OBJECT),
    InventoryRule("workflows/missing-argument", REFUSED, _not_supplied, scope=Scope.NAMESPACE),
    InventoryRule("workflows/unused-template", ADVICE, _unused, severity=Severity.WARNING, scope=Scope.NAMESPACE),
)
