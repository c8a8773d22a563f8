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
from aurora.environment.wording import visible
from aurora.model.finding import Finding

Key = tuple[str, str, str, str]


def apply(
    findings: Iterable[Finding],
    environment: Environment,
    today: datetime.date,
    *,
    checks: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Mark the findings that a waiver covers, and add one for each waiver that is over or unused.

    `checks` are the names of the checks that ran, where not all did: whether a waiver of another check's rule
    is needed, nobody knows.
    """
    holding: dict[Key, Waiver] = {}
    for loaded in environment.waivers:
        if today <= loaded.waiver.expires:
            holding.setdefault(_covers(loaded.waiver), loaded.waiver)
    used: set[int] = set()
    judged: list[Finding] = []
    for finding in findings:
        waiver = holding.get(_key(finding)) if finding.environment in (None, environment.name) else None
        if waiver is not None:
            used.add(id(waiver))
        judged.append(finding if waiver is None else replace(finding, waived=waiver.reason))
    for loaded in environment.waivers:
        if today > loaded.waiver.expires:
            judged.append(_expired(loaded, environment.name))
        elif id(loaded.waiver) not in used and _was_checked(loaded.waiver, checks):
            judged.append(_unused(loaded, environment.name))
    return tuple(judged)


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


def _expired(loaded: LoadedWaiver, environment: str) -> Finding:
    waiver = loaded.waiver
    message = f"the waiver of `{waiver.rule}` for `{_object(waiver)}` held until {waiver.expires.isoformat()}"
    hint = "correct the object and remove the waiver, or give it another day and say why"
    return replace(found(rules.WAIVER_EXPIRED, loaded.place, message, hint=hint), environment=environment)


def _unused(loaded: LoadedWaiver, environment: str) -> Finding:
    waiver = loaded.waiver
    message = f"nothing needs the waiver of `{waiver.rule}` for `{_object(waiver)}`"
    return replace(found(rules.WAIVER_UNUSED, loaded.place, message, hint="remove it"), environment=environment)
