"""Makes one finding of two about one field: the server's words, with kubeconform named beside it.

A finding is identified by object and pointer. What only one of the two saw stays as it is. Of a kind without a
definition, neither can say anything: that is one finding for all its objects.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from aurora.checks.schema_rules import UNKNOWN_KIND
from aurora.model.finding import Finding, order
from aurora.model.resource import ResourceId

FIRST, SECOND = "server", "schema"

UNJUDGED = "server/unjudged"

Key = tuple[str | None, ResourceId | None, str | None]


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop the findings of `schema` on fields that `server` spoke of, and name both checks on the one that stays."""
    given = tuple(_by_kind(findings))
    first = {_key(finding) for finding in given if finding.check == FIRST}
    second = {_key(finding) for finding in given if finding.check == SECOND}
    return tuple(
        replace(finding, sources=(FIRST, SECOND)) if finding.check == FIRST and _key(finding) in second else finding
        for finding in given
        if not (finding.check == SECOND and _key(finding) in first)
    )


def _key(finding: Finding) -> Key:
    return finding.environment, finding.resource, finding.pointer


def _by_kind(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Say once a kind that its definition is missing: at the first of its objects, with the number of the others."""
    unknown: dict[tuple[str | None, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.resource is not None and _misses_definition(finding):
            unknown[finding.environment, finding.resource.api_version, finding.resource.kind].append(finding)
        else:
            yield finding
    for said in unknown.values():
        told = [finding for finding in said if finding.check == SECOND] or said
        first, *others = sorted(told, key=order)
        more = (
            f"; {len(others)} more {'objects are' if len(others) > 1 else 'object is'} of this kind" if others else ""
        )
        checks = {finding.check for finding in said}
        both = (FIRST, SECOND) if len(checks) > 1 else ()
        yield replace(first, message=f"{first.message}{more}", sources=both)


def _misses_definition(finding: Finding) -> bool:
    about_kind = finding.check == FIRST and finding.rule == UNJUDGED and finding.pointer == "/apiVersion"
    return about_kind or finding.rule == UNKNOWN_KIND.id
