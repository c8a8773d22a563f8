"""Rules about arguments: read by their index, as what they are, compared with what can be compared.

Source: docs/facts/tracing.md; Tetragon 1.7.0, `pkg/selectors/kernel.go`, `pkg/btf/validation.go`.
"""

from collections.abc import Iterator

from aurora.checks.tetragon import signatures, values
from aurora.model.inventory import Inventory
from aurora.model.json_value import items
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation
from aurora.tracing.argument_types import FAMILIES, OPERATORS, TYPES, WITHOUT_VALUES
from aurora.tracing.hooks import Filter, Part, binaries, filters, kernel_hooks


def _signature(hook: Part) -> tuple[tuple[str, ...], ...] | None:
    call = hook.name("call")
    return signatures.SIGNATURES.get(call.removeprefix(signatures.architecture(call) or ""))


def _read_arguments(hook: Part) -> Iterator[tuple[Part, int]]:
    for argument in hook.inside("args"):
        index = argument.body.get("index")
        if isinstance(index, int) and not isinstance(index, bool):
            yield argument, index


def _indexes(inventory: Inventory) -> Iterator[Violation]:
    for hook in kernel_hooks(inventory):
        known = _signature(hook)
        last = min(len(known) if known is not None else signatures.MOST_ARGUMENTS, signatures.MOST_ARGUMENTS) - 1
        for argument, index in _read_arguments(hook):
            if not 0 <= index <= last:
                yield Violation(
                    manifest=argument.manifest,
                    steps=(*argument.steps, "index"),
                    message=f"`{hook.name('call')}` has no argument {index} that can be read, the last one is {last}",
                    hint="arguments are counted from 0, in the order of the kernel's own declaration",
                )


def _undeclared(inventory: Inventory) -> Iterator[Violation]:
    for entry in filters(inventory):
        if not entry.declared:
            yield Violation(
                manifest=entry.part.manifest,
                steps=entry.part.at("index"),
                message="this filter looks at an argument that the hook does not read",
                hint="list the argument with its type under `args`",
            )


def _types(inventory: Inventory) -> Iterator[Violation]:
    for hook in kernel_hooks(inventory):
        known = _signature(hook)
        for argument, index in _read_arguments(hook):
            kind = argument.name("type") or "auto"
            if known is None or not 0 <= index < len(known) or argument.name("resolve") or kind in {"nop", "auto"}:
                continue
            if kind not in known[index]:
                could = ", ".join(f"`{name}`" for name in known[index]) or "only `nop`"
                yield Violation(
                    manifest=argument.manifest,
                    steps=argument.at("type"),
                    message=f"the argument {index} of `{hook.name('call')}` is no `{kind}`",
                    hint=f"it can be read as {could}",
                )


def _fits(entry: Filter) -> bool:
    """What is unknown fits: a type that is resolved on the node, an operator that the schema refuses."""
    if entry.type is None or entry.operator not in OPERATORS:
        return True
    narrower = TYPES.get(entry.operator)
    if narrower is not None:
        return entry.type in narrower
    return FAMILIES.get(entry.type) in OPERATORS[entry.operator]


def _operators(inventory: Inventory) -> Iterator[Violation]:
    for entry in filters(inventory):
        if entry.operator == "CapabilitiesGained":
            yield Violation(
                manifest=entry.part.manifest,
                steps=entry.part.at("operator"),
                message="`CapabilitiesGained` compares two arguments, and this filter names one",
                hint="name the new and the old capabilities with `args: [0, 1]` instead of `index`",
            )
        elif not _fits(entry):
            yield Violation(
                manifest=entry.part.manifest,
                steps=entry.part.at("operator"),
                message=f"`{entry.operator}` means nothing on an argument of type `{entry.type}`",
                hint="choose an operator of that type, or read the argument as another one",
            )


def _no_values(inventory: Inventory) -> Iterator[Violation]:
    parts = [entry.part for entry in filters(inventory) if entry.operator not in WITHOUT_VALUES]
    for part in (*parts, *(part for _, part in binaries(inventory))):
        if not items(part.body.get("values")):
            yield Violation(
                manifest=part.manifest,
                steps=part.at("values"),
                message=f"`{part.name('operator')}` has nothing to compare with",
                hint="list the values, or remove the filter",
            )


def _values(inventory: Inventory) -> Iterator[Violation]:
    for entry in filters(inventory):
        for index, value in enumerate(items(entry.part.body.get("values"))):
            if not isinstance(value, str) or not _fits(entry):
                continue
            problem = values.problem(entry.operator, entry.type or "", value)
            if problem:
                yield Violation(
                    manifest=entry.part.manifest,
                    steps=(*entry.part.steps, "values", index),
                    message=problem,
                    hint="Tetragon does not load a policy with such a value",
                )


RULES = (
    InventoryRule("tetragon/argument-index", REFUSED, _indexes, scope=OBJECT),
    InventoryRule("tetragon/undeclared-argument", REFUSED, _undeclared, scope=OBJECT),
    InventoryRule("tetragon/argument-type", ADVICE, _types, scope=OBJECT),
    InventoryRule("tetragon/operator", REFUSED, _operators, scope=OBJECT),
    InventoryRule("tetragon/no-values", REFUSED, _no_values, scope=OBJECT),
    InventoryRule("tetragon/value", REFUSED, _values, scope=OBJECT),
)
