"""Rules about single fields of templates: names, and fields that stand where they mean nothing.

Source: Argo Workflows 4.1, workflow/validate/validate.go (`validateWorkflowFieldNames`, `validateTemplate`,
`validateNonLeaf`, `validateLeaf`, `validateInputs`, `validateOutputs`, `validateOutputParameter`).
"""

import re
from collections.abc import Iterator, Sequence

from aurora.cluster.workflows import CALLERS, Definition, Template, definitions
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.pod_template import PARAMETER
from aurora.model.rule import OBJECT, REFUSED, InventoryRule, Violation
from aurora.model.tree import Steps
from aurora_constructs.spelling import nearest

_NAME, _LONGEST = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*"), 128
_VALUE_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_FIELDS = ("inputs", "outputs")
_SOURCES = ("path", "jqFilter", "jsonPath", "parameter", "expression", "supplied")
_RUN_BY_PATH = ("container", "containerSet", "script")
_REPEATERS = ("withItems", "withParam", "withSequence")
_ACTIONS = ("get", "create", "apply", "delete", "replace", "patch")
_ONLY_LEAVES, _ONLY_CALLERS = ("activeDeadlineSeconds", "timeout", "pendingTimeout"), ("parallelism",)
Found = tuple[Steps, str, str]
"""A place, what is wrong there, and what to do."""


def _violations(definition: Definition, found: Iterator[Found]) -> Iterator[Violation]:
    for steps, message, hint in found:
        yield Violation(manifest=definition.manifest, steps=steps, message=message, hint=hint)


def _names(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        found: list[Found] = [*_of_list(definition.spec, definition.steps, "templates")]
        for kind in ("parameters", "artifacts"):
            found += _of_list(dig(definition.spec, "arguments"), (*definition.steps, "arguments"), kind)
        for template in definition.every_template:
            found += _of_template(template)
        yield from _violations(definition, iter(found))


def _of_template(template: Template) -> Iterator[Found]:
    yield from _of_entries([(call.steps, call.body) for call in template.calls], _NAME)
    yield from _before_others(template)
    yield from _of_list(template.body.get("containerSet"), (*template.steps, "containerSet"), "containers")
    holders = [((*template.steps, field), template.body.get(field)) for field in _FIELDS]
    holders += [((*call.steps, "arguments"), call.body.get("arguments")) for call in template.calls]
    for steps, holder in holders:
        for kind in ("parameters", "artifacts"):
            yield from _of_list(holder, steps, kind)


def _before_others(template: Template) -> Iterator[Found]:
    """Task names are words of an expression where tasks wait for each other, and numbers are no names there."""
    waits = any(call.body.get("depends") for call in template.calls)
    for call in template.calls if template.type == "dag" else ():
        if call.name[:1].isdecimal() and (waits or call.body.get("dependencies")):
            yield call.place, f"the task `{call.name}` begins with a digit", "let it begin with a letter"


def _of_list(holder: JsonValue | None, steps: Steps, field: str) -> Iterator[Found]:
    listed = [((*steps, field, index), mapping(entry)) for index, entry in enumerate(items(dig(holder, field)))]
    yield from _of_entries(listed, _NAME if field in ("containers", "templates") else _VALUE_NAME)


def _of_entries(entries: Sequence[tuple[Steps, JsonObject]], pattern: re.Pattern[str]) -> Iterator[Found]:
    seen: set[str] = set()
    for steps, entry in entries:
        name = text(entry.get("name"))
        place = (*steps, "name") if name else steps
        if not name:
            yield place, "it has no name", "give it one that is unique in its list"
        elif PARAMETER not in name and (not pattern.fullmatch(name) or len(name) > _LONGEST):
            yield place, f"`{name}` is no name", f"use letters, digits and dashes, at most {_LONGEST}"
        elif name in seen:
            yield place, f"the name `{name}` occurs twice in one list", "rename one of them"
        seen.add(name)


def _misplaced(inventory: Inventory) -> Iterator[Violation]:
    for definition in definitions(inventory):
        for template in definition.every_template:
            found = (
                *_by_type(template),
                *_images(definition, template),
                *_calls(template),
                *_artifacts(template),
                *_parameters(template),
            )
            yield from _violations(definition, iter(found))


def _by_type(template: Template) -> Iterator[Found]:
    calls = template.type in CALLERS
    for field in _ONLY_LEAVES if calls else _ONLY_CALLERS:
        if template.body.get(field) is not None and template.type:
            hint = "state it in the templates that it runs" if calls else "state it in the DAG or the steps that run it"
            yield (*template.steps, field), f"a template of type `{template.type}` takes no `{field}`", hint


def _images(definition: Definition, template: Template) -> Iterator[Found]:
    for field in ("container", "script"):
        default = dig(definition.spec, "templateDefaults", field, "image")
        if template.type == field and not dig(template.body, field, "image") and not default:
            yield (*template.steps, field), "it has no image", "name one with tag and digest"


def _calls(template: Template) -> Iterator[Found]:
    for call in template.calls:
        stated = [field for field in _REPEATERS if call.body.get(field)]
        if len(stated) > 1:
            yield (*call.steps, stated[1]), f"`{call.name}` has {' and '.join(stated)}", "keep one of them"
        elif dig(call.body, "withSequence", "count") and dig(call.body, "withSequence", "end"):
            yield (*call.steps, "withSequence"), "a sequence has both `count` and `end`", "keep one of them"
    action = text(dig(template.body, "resource", "action"))
    if action and PARAMETER not in action and action not in _ACTIONS:
        yield (*template.steps, "resource", "action"), f"`{action}` is no action", nearest(action, _ACTIONS)


def _artifacts(template: Template) -> Iterator[Found]:
    calls = template.type in CALLERS
    for field in _FIELDS:
        for index, entry in enumerate(items(dig(template.body, field, "artifacts"))):
            steps = (*template.steps, field, "artifacts", index)
            name, path = text(dig(entry, "name")), text(dig(entry, "path"))
            if calls and path:
                message = f"the artifact `{name}` has a path, and a template of type `{template.type}` has no files"
                yield (*steps, "path"), message, "say `from` which task it comes, or leave the path out"
            elif not calls and not path and template.type not in ("", "suspend"):
                yield steps, f"the artifact `{name}` has no `path`", "say which file or folder it is"
            if field == "inputs" and dig(entry, "from"):
                yield (*steps, "from"), f"the input `{name}` says `from` where it comes", "say it in the arguments"


def _parameters(template: Template) -> Iterator[Found]:
    for index, entry in enumerate(items(dig(template.body, "outputs", "parameters"))):
        steps = (*template.steps, "outputs", "parameters", index)
        name, source = text(dig(entry, "name")), dig(entry, "valueFrom")
        if dig(entry, "value") is not None and source is not None:
            yield steps, f"the output `{name}` has both `value` and `valueFrom`", "keep one of them"
        elif dig(entry, "value") is None:
            stated = [field for field in _SOURCES if dig(source, field) not in (None, "")]
            if len(stated) != 1:
                yield steps, f"the output `{name}` has {len(stated)} sources", f"state one of {', '.join(_SOURCES)}"
            elif stated[0] not in _sources(template.type):
                message = f"a template of type `{template.type}` has no outputs by `{stated[0]}`"
                yield (*steps, "valueFrom", stated[0]), message, f"use {' or '.join(_sources(template.type))}"


def _sources(type_: str) -> tuple[str, ...]:
    if type_ in _RUN_BY_PATH:
        return ("path",)
    if type_ == "resource":
        return ("jqFilter", "jsonPath")
    return ("parameter", "expression") if type_ in CALLERS else _SOURCES


RULES = (
    InventoryRule("workflows/name", REFUSED, _names, scope=OBJECT),
    InventoryRule("workflows/misplaced-field", REFUSED, _misplaced, scope=OBJECT),
)
