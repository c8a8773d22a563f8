"""Rules about what a tracing policy does: it reports, within limits, and interferes only where that is approved.

The approval is an annotation on the object, which the component `TetragonPolicies` writes with the reason that the
environment states. Source: docs/facts/tracing.md; Tetragon 1.7.0, `pkg/sensors/tracing` and `pkg/selectors/kernel.go`.
"""

import re
from collections.abc import Iterator

from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation
from aurora.tracing.hooks import ENFORCEMENT, INTERFERING, MODE, MONITOR, Part, actions, approved, policies, selectors

DEPRECATED = frozenset({"CopyFD", "FollowFD", "UnfollowFD"})
_APPROVE = f"state the reason in the environment's `enforcement`, which becomes the annotation `{ENFORCEMENT}`"
_LIMIT = re.compile(r"[0-9]+[smhSMH]?")
_SCOPES = frozenset({"global", "process", "thread"})


def _interfering(inventory: Inventory) -> Iterator[Violation]:
    for _, part in actions(inventory):
        action = part.name("action")
        if action in INTERFERING and not approved(part.manifest):
            yield Violation(
                manifest=part.manifest,
                steps=(*part.steps, "action"),
                message=f"`{action}` interferes with processes, and nobody has approved it here",
                hint=f"report with `Post`, or {_APPROVE}",
            )


def _modes(inventory: Inventory) -> Iterator[Violation]:
    for manifest in policies(inventory):
        if approved(manifest):
            continue
        stated = [(index, dig(option, "value")) for index, option in _options(manifest)]
        if not stated:
            yield Violation(
                manifest=manifest,
                steps=("spec", "options") if manifest.get("spec", "options") is not None else ("spec",),
                message="this policy does not say `policy-mode`, so its actions take place",
                hint=f"add the option `{MODE}: {MONITOR}`, or {_APPROVE}",
            )
        for index, value in stated:
            if value != MONITOR:
                yield Violation(
                    manifest=manifest,
                    steps=("spec", "options", index),
                    message=f"the mode of this policy is `{value}`, and nobody has approved that here",
                    hint=f"set it to `{MONITOR}`, or {_APPROVE}",
                )


def _options(manifest: Manifest) -> Iterator[tuple[Step, JsonValue]]:
    for index, option in enumerate(items(manifest.get("spec", "options"))):
        if dig(option, "name") == MODE:
            yield index, option


def _overrides(inventory: Inventory) -> Iterator[Violation]:
    for hook, part in actions(inventory):
        call = hook.name("call")
        if part.name("action") != "Override" or hook.steps[1] != "kprobes":
            continue
        if not call.startswith("security_") and hook.body.get("syscall") is not True:
            yield Violation(
                manifest=part.manifest,
                steps=(*part.steps, "action"),
                message=f"`{call}` cannot be overridden: the kernel allows it on system calls and `security_` hooks",
                hint="hook the `security_` function that decides about it",
            )


def _deprecated(inventory: Inventory) -> Iterator[Violation]:
    for _, part in actions(inventory):
        if part.name("action") in DEPRECATED:
            yield Violation(
                manifest=part.manifest,
                steps=(*part.steps, "action"),
                message=f"`{part.name('action')}` is deprecated",
                hint="hook `security_file_permission`, which sees the file at each access",
            )


def _unlimited(inventory: Inventory) -> Iterator[Violation]:
    """Without actions, Tetragon posts."""
    for _, selector in selectors(inventory):
        stated = list(selector.inside("matchActions"))
        if not stated or any(part.name("action") == "Post" and not part.name("rateLimit") for part in stated):
            yield Violation(
                manifest=selector.manifest,
                steps=selector.at("matchActions"),
                message="this selector reports every match, however often it happens",
                hint="write `matchActions: [{action: Post, rateLimit: 1m}]`",
            )


def _rate_limits(inventory: Inventory) -> Iterator[Violation]:
    for _, part in actions(inventory):
        problem = _limit_problem(part)
        if problem:
            yield Violation(
                manifest=part.manifest,
                steps=(*part.steps, "rateLimit"),
                message=problem,
                hint="write a number with `s`, `m` or `h` on `Post`, with the scope `thread`, `process` or `global`",
            )


def _limit_problem(part: Part) -> str | None:
    limit, scope = part.name("rateLimit"), part.name("rateLimitScope")
    if not limit:
        return None
    if part.name("action") != "Post":
        return f"`{part.name('action')}` cannot be limited, only `Post` can"
    if not _LIMIT.fullmatch(limit):
        return f"`{limit}` is no limit"
    return f"`{scope}` is no scope of a limit" if scope and scope not in _SCOPES else None


RULES = (
    InventoryRule("tetragon/interferes", ADVICE, _interfering, scope=OBJECT),
    InventoryRule("tetragon/not-monitoring", ADVICE, _modes, scope=OBJECT),
    InventoryRule("tetragon/override", REFUSED, _overrides, scope=OBJECT),
    InventoryRule("tetragon/deprecated-action", ADVICE, _deprecated, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("tetragon/unlimited", ADVICE, _unlimited, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("tetragon/rate-limit", REFUSED, _rate_limits, scope=OBJECT),
)
