"""Requests that must come back with a finding: proof that the program looks at what it is asked about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aurora.errors import ToolOutputError
from aurora.server_validation.session import PROGRAM
from aurora.tools.protocol import JUDGED, Reply, Request

PREFIX = "planted:"
POD_SECURITY = "pod-security/enforce"
OUTSIDE_LIMIT_RANGE = "scaling/outside-limit-range"
LIMIT_RANGE_DEFAULT = "scaling/limit-range-default"

Kind = tuple[str, str]
"""The apiVersion and kind of an object."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One request that must come back with a finding of one of the rules, and where it compares, these differences.

    `kind` is that of the real objects that it speaks for; None where it speaks for every run.
    """

    request: Request
    rules: frozenset[str]
    kind: Kind | None = None
    differences: tuple[str, ...] = ()

    def is_reported(self, reply: Reply) -> bool:
        """Tell whether the program saw what is wrong."""
        verdict = reply.result.get("verdict") or reply.result
        rules = {finding.get("rule") for finding in verdict.get("findings", ())}
        pointers = tuple(entry.get("pointer") for entry in reply.result.get("differences", ()))
        return bool(rules & self.rules) and pointers == self.differences


def caught(
    planted: Iterable[Planted], replies: Mapping[str, Reply], *, judged: Collection[Kind] = ()
) -> tuple[Planted, ...]:
    """Give the planted requests that were reported, and refuse a run in which one got past.

    `judged` are the kinds of real objects with a verdict. Where a kind has none, as for want of a definition, its
    planted object has none either: each of the real ones is an error and no pass.

    Raises:
        ToolOutputError: the program did not report what it must.
    """
    found: list[Planted] = []
    for entry in planted:
        reply = replies[entry.request.id]
        if reply.outcome != JUDGED and entry.kind is not None and entry.kind not in judged:
            continue
        if not entry.is_reported(reply):
            raise ToolOutputError(
                f"`{PROGRAM}` did not report the planted violation `{entry.request.id}`: its verdicts prove nothing",
                hint="report this with the output of `aurora --version`",
            )
        found.append(entry)
    return tuple(found)


def limit_range(namespace: str) -> dict[str, Any]:
    """Describe the LimitRange that a planted pod exceeds."""
    limits = [{"type": "Container", "max": {"memory": "1Gi"}}]
    metadata = {"name": "planted", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": limits}}


def beyond_limits(namespace: str, want: Iterable[str]) -> tuple[Planted, ...]:
    """Plant a pod outside of that LimitRange, and one that its default limit makes invalid."""
    made = ((OUTSIDE_LIMIT_RANGE, "limits"), (LIMIT_RANGE_DEFAULT, "requests"))
    return tuple(_beyond(rule, part, namespace, want) for rule, part in made)


def _beyond(rule: str, part: str, namespace: str, want: Iterable[str]) -> Planted:
    body = _pod(namespace, {}, resources={part: {"memory": "2Gi"}})
    return Planted(Request(f"{PREFIX}{rule}", "judge", {"object": body, "want": list(want)}), frozenset({rule}))


def pod(namespace: str, want: Iterable[str]) -> Planted:
    """Plant a pod that every level of Pod Security above `privileged` refuses."""
    body = _pod(namespace, {"hostNetwork": True})
    request = Request(f"{PREFIX}pod-security", "judge", {"object": body, "want": list(want)})
    return Planted(request, frozenset({POD_SECURITY}))


def _pod(namespace: str, settings: Mapping[str, Any], **of_container: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "registry.example.com/c:v1", **of_container}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "planted", "namespace": namespace},
        "spec": {**settings, "containers": [container]},
    }
