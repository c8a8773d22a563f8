"""Rules about what is hooked: the right symbol, once, with a filter that looks at the right process.

Source: docs/facts/tracing.md; Tetragon 1.7.0, `pkg/sensors/tracing/generickprobe.go`, `pkg/arch`.
"""

from collections.abc import Iterator

from aurora.checks.tetragon import signatures
from aurora.model.inventory import Inventory
from aurora.model.json_value import items
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora.tracing.hooks import binaries, hooks, kernel_hooks, selectors

FILTERS = frozenset(
    {
        "macros",
        "matchArgs",
        "matchBinaries",
        "matchCapabilities",
        "matchCapabilityChanges",
        "matchData",
        "matchNamespaceChanges",
        "matchNamespaces",
        "matchPIDs",
        "matchParentBinaries",
        "matchReturnArgs",
    }
)


def _syscall_flags(inventory: Inventory) -> Iterator[Violation]:
    for hook in kernel_hooks(inventory):
        call, stated = hook.name("call"), hook.body.get("syscall")
        if call.startswith("list:"):
            continue
        wanted = signatures.is_syscall(call)
        if "syscall" not in hook.body:
            message = f"`{call}` does not say whether it is a system call, and the API server would say that it is"
        elif stated is not wanted:
            message = f"`{call}` is {'a' if wanted else 'no'} system call, but `syscall` says otherwise"
        else:
            continue
        yield Violation(
            manifest=hook.manifest,
            steps=hook.at("syscall"),
            message=message,
            hint=f"write `syscall: {'true' if wanted else 'false'}`",
        )


def _architectures(inventory: Inventory) -> Iterator[Violation]:
    for hook in kernel_hooks(inventory):
        prefix = signatures.architecture(hook.name("call"))
        if prefix:
            yield Violation(
                manifest=hook.manifest,
                steps=(*hook.steps, "call"),
                message=f"`{hook.name('call')}` exists on nodes of one architecture only",
                hint=f"write `{hook.name('call').removeprefix(prefix)}`: Tetragon adds the prefix of the node",
            )


def _hooked_twice(inventory: Inventory) -> Iterator[Violation]:
    seen: set[tuple[int, Step, str]] = set()
    for hook in kernel_hooks(inventory):
        key = (id(hook.manifest), hook.steps[1], hook.name("call"))
        if key in seen:
            yield Violation(
                manifest=hook.manifest,
                steps=(*hook.steps, "call"),
                message=f"`{hook.name('call')}` is hooked a second time",
                hint="put the selectors of both under one hook; five fit",
            )
        seen.add(key)


def _everything(inventory: Inventory) -> Iterator[Violation]:
    for _, hook in hooks(inventory):
        if not items(hook.body.get("selectors")):
            yield Violation(
                manifest=hook.manifest,
                steps=hook.at("selectors"),
                message="this hook has no selector, so it reports every call of every watched pod",
                hint="say what is worth an event",
            )
    for _, selector in selectors(inventory):
        if not any(items(selector.body.get(field)) for field in FILTERS):
            yield Violation(
                manifest=selector.manifest,
                steps=selector.steps,
                message="this selector has no filter, so it matches every call",
                hint="say what is worth an event, or remove the selector",
            )


def _callers(inventory: Inventory) -> Iterator[Violation]:
    for hook, part in binaries(inventory):
        call = hook.name("call").removeprefix(signatures.architecture(hook.name("call")) or "")
        if call in signatures.EXECUTIONS and part.steps[-2] == "matchBinaries":
            yield Violation(
                manifest=part.manifest,
                steps=part.steps,
                message=f"on `{call}`, `matchBinaries` tests the program that calls, not the one that is started",
                hint="hook `security_bprm_check` and filter its argument of type `linux_binprm`",
            )


_FLAG, _CALL = "syscall: false", "call: security_file_permission"

RULES = (
    InventoryRule("tetragon/syscall-flag", REFUSED, _syscall_flags, scope=OBJECT),
    InventoryRule("tetragon/architecture", REFUSED, _architectures, scope=OBJECT),
    InventoryRule("tetragon/hooked-twice", REFUSED, _hooked_twice, scope=OBJECT),
    InventoryRule("tetragon/reports-everything", ADVICE, _everything, scope=OBJECT),
    InventoryRule("tetragon/tests-the-caller", BROKEN, _callers, scope=OBJECT),
)
