"""Waivers: an environment lets one object break one rule until a day, and says why.

A waiver that is over, or that nothing needs, is a finding itself.
"""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import replace

from aurora.environment import rules
from aurora.environment.model import Environment, LoadedWaiver
from aurora.environment.rules import found
from aurora.environment.spec import Waiver
from aurora.environment.wording import suggestion, visible
from aurora.model.finding import Finding

Key = tuple[str, str, str, str]


def apply(
    findings: Iterable[Finding],
    environment: Environment,
    today: datetime.date,
    *,
    checks: Collection[str] | None = None,
    known: Collection[str] = (),
    fixed: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Mark the findings that a waiver covers, and add one for each waiver that is over, unused or of no such rule.

    `checks` are the names of the checks that ran, where not all did: whether a waiver of another check's rule
    is needed, nobody knows. `known` are the ids of all rules, where they are known; those of `fixed` are never waived.
    """
    holding: dict[Key, Waiver] = {}
    for loaded in environment.waivers:
        if today <= loaded.waiver.expires and loaded.waiver.rule.partition("/")[0] not in fixed:
            holding.setdefault(_covers(loaded.waiver), loaded.waiver)
    used: set[int] = set()
    judged: list[Finding] = []
    for finding in findings:
        waiver = holding.get(_key(finding)) if finding.environment in (None, environment.name) else None
        if waiver is not None:
            used.add(id(waiver))
        judged.append(finding if waiver is None else replace(finding, waived=waiver.reason))
    for loaded in environment.waivers:
        wrong = _misnamed(loaded, known, fixed)
        if wrong is None and today > loaded.waiver.expires:
            wrong = _expired(loaded)
        elif wrong is None and id(loaded.waiver) not in used and _was_checked(loaded.waiver, checks):
            wrong = _unused(loaded)
        judged += [replace(wrong, environment=environment.name)] if wrong else []
    return tuple(judged)


def _misnamed(loaded: LoadedWaiver, known: Collection[str], fixed: Collection[str]) -> Finding | None:
    """Find a waiver that no finding can ever need; rules of policies are known to the check alone."""
    rule = loaded.waiver.rule
    if rule.partition("/")[0] in fixed:
        message, hint = f"`{rule}` cannot be waived: without it nothing is proved", "remove the waiver"
    elif known and rule not in known and not rule.startswith("policy/"):
        message, hint = f"`{rule}` is no rule", suggestion(rule, known, otherwise="there are")
    else:
        return None
    return found(rules.WAIVER_UNUSED, loaded.place, message, hint=hint)


def _covers(waiver: Waiver) -> Key:
    return (waiver.rule, waiver.kind, waiver.namespace, waiver.name)


def _key(finding: Finding) -> Key:
    resource = finding.resource
    if resource is None:
        return (finding.rule, "", "", "")
    return (finding.rule, resource.kind, resource.namespace or "", resource.name)


def _was_checked(waiver: Waiver, checks: Collection[str] | None) -> bool:
    return checks is None or waiver.rule.partition("/")[0] in checks


def _object(waiver: Waiver) -> str:
    where = f"{waiver.namespace}/" if waiver.namespace else ""
    return visible(f"{waiver.kind} {where}{waiver.name}", longest=200)


def _expired(loaded: LoadedWaiver) -> Finding:
    waiver = loaded.waiver
    message = f"the waiver of `{waiver.rule}` for `{_object(waiver)}` held until {waiver.expires.isoformat()}"
    hint = "correct the object and remove the waiver, or give it another day and say why"
    return found(rules.WAIVER_EXPIRED, loaded.place, message, hint=hint)


def _unused(loaded: LoadedWaiver) -> Finding:
    message = f"nothing needs the waiver of `{loaded.waiver.rule}` for `{_object(loaded.waiver)}`"
    return found(rules.WAIVER_UNUSED, loaded.place, message, hint="remove it")
