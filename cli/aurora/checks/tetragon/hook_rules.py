"""Rules about what is hooked: the right symbol, once, with a filter that looks at the right process.

Source: domain section 15; Tetragon 1.7.0, `pkg/sensors/tracing/generickprobe.go`, `pkg/arch`.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.tetragon import examples, signatures
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import items
from aurora.model.place import Step
from aurora.model.rule import InventoryRule, Rule, Violation
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
_HOOK = examples.POLICY.partition("  kprobes:\n")[2]
_STARTS = examples.policy(_CALL, "call: security_bprm_check").replace("type: file", "type: linux_binprm")
_STARTS = _STARTS.replace("        - {index: 1, type: int}\n", "").replace(f"            - {examples.MASK}\n", "")

RULES = (
    InventoryRule(
        rule=Rule(
            id="tetragon/syscall-flag",
            severity=Severity.ERROR,
            summary="a hook whose `syscall` is missing or wrong",
            why="Left out, the API server sets it to true: Tetragon then looks for a symbol that no kernel has.",
            bad=examples.policy(f"      {_FLAG}\n", ""),
            good=examples.POLICY,
        ),
        find=_syscall_flags,
    ),
    InventoryRule(
        rule=Rule(
            id="tetragon/architecture",
            severity=Severity.ERROR,
            summary="a system call by the symbol of one architecture",
            why="On nodes of another architecture the policy does not load, and nobody is told.",
            bad=examples.NAMESPACES.replace("sys_setns", "__x64_sys_setns"),
            good=examples.NAMESPACES,
        ),
        find=_architectures,
    ),
    InventoryRule(
        rule=Rule(
            id="tetragon/hooked-twice",
            severity=Severity.ERROR,
            summary="one policy that hooks a function twice",
            why="Where the kernel has multi-kprobes, and current ones do, Tetragon refuses the whole policy.",
            bad=examples.POLICY + _HOOK,
            good=examples.POLICY,
        ),
        find=_hooked_twice,
    ),
    InventoryRule(
        rule=Rule(
            id="tetragon/reports-everything",
            severity=Severity.ERROR,
            summary="a hook or a selector without filter",
            why="Every read or connection becomes an event: the node's disk and the reader's patience end first.",
            bad=examples.policy(
                f"        - matchArgs:\n            - {examples.PREFIX}\n            - {examples.MASK}\n          ",
                "        - ",
            ),
            good=examples.POLICY,
        ),
        find=_everything,
    ),
    InventoryRule(
        rule=Rule(
            id="tetragon/tests-the-caller",
            severity=Severity.ERROR,
            summary="a filter on binaries where a program is started",
            why="The process is still its caller then: the policy reports what curl starts, not who starts curl.",
            bad=_STARTS.replace(
                f"- matchArgs:\n            - {examples.PREFIX}",
                "- matchBinaries: [{operator: In, values: [/usr/bin/curl]}]",
            ),
            good=_STARTS,
        ),
        find=_callers,
    ),
)
