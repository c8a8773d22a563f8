"""Rules about filters that load and do not mean what they seem to mean.

Source: docs/facts/tracing.md; Tetragon 1.7.0, `pkg/selectors/kernel.go`, and its page on selectors.
"""

import ipaddress
from collections.abc import Iterator

from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import items
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora.tracing import operators
from aurora.tracing.argument_types import FAMILIES, Family
from aurora.tracing.hooks import Part, binaries, filters, selectors

LINKED, RESOLVED = "/var/run/", "/run/"
_BEGINNINGS = frozenset({"Equal", "Prefix"})
_WHOLE = frozenset({"In", "NotIn", "Prefix", "NotPrefix"})
_LOOPBACKS = {"IPv4": "127.0.0.1", "IPv6": "::1"}


def _unresolved(inventory: Inventory) -> Iterator[Violation]:
    for entry in filters(inventory):
        if entry.operator not in _BEGINNINGS or FAMILIES.get(entry.type or "") is not Family.PATH:
            continue
        values = entry.part.texts("values")
        for index, value in enumerate(items(entry.part.body.get("values"))):
            if not isinstance(value, str) or not value.startswith(LINKED):
                continue
            resolved = RESOLVED + value.removeprefix(LINKED)
            if resolved not in values:
                yield Violation(
                    manifest=entry.part.manifest,
                    steps=(*entry.part.steps, "values", index),
                    message=f"`{value}` never matches where `/var/run` is a link, as it is in most images",
                    hint=f"add `{resolved}`: the kernel reports resolved paths",
                )


def _dated_folders(inventory: Inventory) -> Iterator[Violation]:
    """A projected token is in a folder named after the time, behind two links."""
    for entry in filters(inventory):
        if entry.operator not in {"Equal", "NotEqual"} or FAMILIES.get(entry.type or "") is not Family.PATH:
            continue
        for index, value in enumerate(items(entry.part.body.get("values"))):
            if isinstance(value, str) and "/secrets/" in value and value.endswith("/token"):
                yield Violation(
                    manifest=entry.part.manifest,
                    steps=(*entry.part.steps, "values", index),
                    message=f"`{value}` is a link: the kernel reports a folder named after the last rotation",
                    hint="match the folder of the volume with `Prefix`",
                )


def _loopback(inventory: Inventory) -> Iterator[Violation]:
    """Filters of one selector must all hold, so that another one may leave the loopback out."""
    for _, selector in selectors(inventory):
        parts = [part for part in selector.inside("matchArgs") if part.name("operator") == "NotDAddr"]
        for family, address in _LOOPBACKS.items():
            if parts and not any(_holds(part, address) for part in parts):
                yield Violation(
                    manifest=selector.manifest,
                    steps=parts[0].at("values"),
                    message=f"connections to the loopback of {family} are reported as well",
                    hint="add `127.0.0.0/8` and `::1/128`",
                )


def _holds(part: Part, address: str) -> bool:
    wanted = ipaddress.ip_address(address)
    for value in part.texts("values"):
        try:
            network = operators.network(value)
        except ValueError:
            continue
        if network.version == wanted.version and wanted in network:
            return True
    return False


def _relative(inventory: Inventory) -> Iterator[Violation]:
    for _, part in binaries(inventory):
        if part.name("operator") not in _WHOLE:
            continue
        for index, value in enumerate(items(part.body.get("values"))):
            if isinstance(value, str) and value and not value.startswith("/"):
                yield Violation(
                    manifest=part.manifest,
                    steps=(*part.steps, "values", index),
                    message=f"`{value}` is no path from the root, so no binary ever equals it",
                    hint=f"write the whole path, or `Postfix` with `/{value}`",
                )


def _children(inventory: Inventory) -> Iterator[Violation]:
    for _, part in binaries(inventory):
        if part.body.get("followChildren") is True and part.name("operator") not in {"In", "NotIn"}:
            yield Violation(
                manifest=part.manifest,
                steps=(*part.steps, "followChildren"),
                message=f"`followChildren` has no `{part.name('operator')}`",
                hint="list whole paths with `In`",
            )


def _linux_namespaces(inventory: Inventory) -> Iterator[Violation]:
    for _, selector in selectors(inventory):
        for part in selector.inside("matchNamespaces"):
            for index, value in enumerate(items(part.body.get("values"))):
                if isinstance(value, str) and value != "host_ns" and not (value.isascii() and value.isdigit()):
                    yield Violation(
                        manifest=part.manifest,
                        steps=(*part.steps, "values", index),
                        message=f"`{value}` is no Linux namespace, which has a number or is `host_ns`",
                        hint="Kubernetes namespaces are chosen by the namespace of a TracingPolicyNamespaced",
                    )


RULES = (
    InventoryRule("tetragon/unresolved-path", BROKEN, _unresolved, scope=OBJECT),
    InventoryRule("tetragon/dated-folder", BROKEN, _dated_folders, scope=OBJECT),
    InventoryRule("tetragon/loopback", ADVICE, _loopback, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("tetragon/relative-binary", BROKEN, _relative, scope=OBJECT),
    InventoryRule("tetragon/follow-children", REFUSED, _children, scope=OBJECT),
    InventoryRule("tetragon/linux-namespaces", REFUSED, _linux_namespaces, scope=OBJECT),
)
