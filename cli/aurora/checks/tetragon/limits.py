"""Rules about how much a tracing policy may hold: beyond these numbers it does not load, or never matches.

Source: Tetragon 1.7.0, `pkg/selectors/kernel.go`, `pkg/selectors/selectors.go`, `bpf/process/types/basic.h`;
docs/facts/tracing.md. They hold for kernels from 5.4 on; older ones take less.
"""

from collections.abc import Iterator

from aurora.checks.tetragon import signatures
from aurora.model.inventory import Inventory
from aurora.model.json_value import items
from aurora.model.rule import OBJECT, REFUSED, InventoryRule, Violation
from aurora.tracing.argument_types import (
    ADDRESS_OPERATORS,
    FAMILIES,
    LONGEST_BINARY,
    LONGEST_POSTFIX,
    LONGEST_PREFIX,
    LONGEST_SUBSTRING,
    Family,
)
from aurora.tracing.hooks import Filter, Part, binaries, filters, hooks, selectors

MOST_SELECTORS = 5
MOST_ACTIONS = 3
MOST_FILTERS = {
    "matchBinaries": 1,
    "matchParentBinaries": 1,
    "matchArgs": 5,
    "matchReturnArgs": 5,
    "matchNamespaces": 10,
    "matchNamespaceChanges": 1,
    "matchCapabilities": 1,
}
MOST_NUMBERS, MOST_TEXTS, MOST_NAMESPACES = 4, 8, 4
_MAPS = frozenset({"InMap", "NotInMap"})
_SUBSTRINGS = frozenset({"SubString", "SubStringIgnCase"})
_PREFIX, _POSTFIX = frozenset({"Prefix", "NotPrefix"}), frozenset({"Postfix", "NotPostfix"})


def _selectors(inventory: Inventory) -> Iterator[Violation]:
    for _, hook in hooks(inventory):
        yield from _excess(hook, "selectors", MOST_SELECTORS, "split the policy: each policy has its own selectors")


def _arguments(inventory: Inventory) -> Iterator[Violation]:
    for _, hook in hooks(inventory):
        most = signatures.MOST_ARGUMENTS - len(items(hook.body.get("data")))
        yield from _excess(hook, "args", most, "read only what the selectors and the reader of the event need")


def _filters(inventory: Inventory) -> Iterator[Violation]:
    for _, selector in selectors(inventory):
        for field, most in MOST_FILTERS.items():
            data = len(items(selector.body.get("matchData"))) if field == "matchArgs" else 0
            yield from _excess(selector, field, most - data, "put them into selectors of their own")


def _actions(inventory: Inventory) -> Iterator[Violation]:
    for _, selector in selectors(inventory):
        for field in ("matchActions", "matchReturnActions"):
            yield from _excess(selector, field, MOST_ACTIONS, "leave out what another action implies")


def _excess(part: Part, field: str, most: int, hint: str) -> Iterator[Violation]:
    found = len(items(part.body.get(field)))
    if found > most:
        yield Violation(
            manifest=part.manifest,
            steps=(*part.steps, field),
            message=f"`{field}` holds {found} entries, Tetragon takes at most {max(most, 0)}",
            hint=hint,
        )


def _values(inventory: Inventory) -> Iterator[Violation]:
    for entry in filters(inventory):
        yield from _excess(entry.part, "values", _most_values(entry), "write a second selector for the others")
    for _, selector in selectors(inventory):
        for part in selector.inside("matchNamespaces"):
            yield from _excess(part, "values", MOST_NAMESPACES, "write a second selector for the others")


def _most_values(entry: Filter) -> int:
    unlimited = 1 << 20
    if entry.operator in ADDRESS_OPERATORS | _MAPS:
        return unlimited
    if entry.operator in _SUBSTRINGS:
        return 100
    family = FAMILIES.get(entry.type or "")
    if family in {Family.PATH, Family.TEXT}:
        return MOST_TEXTS
    return MOST_NUMBERS if family in {Family.INTEGER, Family.CAPABILITIES} else unlimited


def _long_values(inventory: Inventory) -> Iterator[Violation]:
    parts = [(entry.part, None) for entry in filters(inventory)]
    parts_of_binaries = [(part, LONGEST_BINARY) for _, part in binaries(inventory)]
    for part, otherwise in (*parts, *parts_of_binaries):
        longest = _longest(part.name("operator"), otherwise)
        for index, value in enumerate(items(part.body.get("values"))):
            if longest and isinstance(value, str) and len(value.encode()) > longest:
                yield Violation(
                    manifest=part.manifest,
                    steps=(*part.steps, "values", index),
                    message=f"this value has {len(value.encode())} bytes, Tetragon compares at most {longest}",
                    hint="shorten it: a shorter beginning or end matches as well",
                )


def _longest(operator: str, otherwise: int | None) -> int | None:
    if operator in _PREFIX:
        return LONGEST_PREFIX
    if operator in _SUBSTRINGS:
        return LONGEST_SUBSTRING
    return LONGEST_POSTFIX if operator in _POSTFIX else otherwise


RULES = (
    InventoryRule("tetragon/too-many-selectors", REFUSED, _selectors, scope=OBJECT),
    InventoryRule("tetragon/too-many-arguments", REFUSED, _arguments, scope=OBJECT),
    InventoryRule("tetragon/too-many-filters", REFUSED, _filters, scope=OBJECT),
    InventoryRule("tetragon/too-many-actions", REFUSED, _actions, scope=OBJECT),
    InventoryRule("tetragon/too-many-values", REFUSED, _values, scope=OBJECT),
    InventoryRule("tetragon/too-long-value", REFUSED, _long_values, scope=OBJECT),
)
