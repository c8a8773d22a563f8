"""Makes one finding of two about one field: the server's words, with kubeconform named beside it.

A finding is identified by object and pointer. What only one of the two saw stays as it is.
"""

from collections.abc import Iterable
from dataclasses import replace

from aurora.model.finding import Finding
from aurora.model.resource import ResourceId

FIRST, SECOND = "server", "schema"

Key = tuple[str | None, ResourceId | None, str | None]


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop the findings of `schema` on fields that `server` spoke of, and name both checks on the one that stays."""
    given = tuple(findings)
    first = {_key(finding) for finding in given if finding.check == FIRST}
    second = {_key(finding) for finding in given if finding.check == SECOND}
    return tuple(
        replace(finding, sources=(FIRST, SECOND)) if finding.check == FIRST and _key(finding) in second else finding
        for finding in given
        if not (finding.check == SECOND and _key(finding) in first)
    )


def _key(finding: Finding) -> Key:
    return finding.environment, finding.resource, finding.pointer
