"""Requests that must come back with a finding: proof that the program looks at what it is asked about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aurora.errors import ToolOutputError
from aurora.server_validation.session import PROGRAM
from aurora.tools.protocol import JUDGED, Reply, Request

PREFIX = "planted:"
POD_SECURITY = "pod-security/enforce"

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


def pod(namespace: str, want: Iterable[str]) -> Planted:
    """Plant a pod that every level of Pod Security above `privileged` refuses."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "planted", "namespace": namespace},
        "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/c:v1"}]},
    }
    request = Request(f"{PREFIX}pod-security", "judge", {"object": body, "want": list(want)})
    return Planted(request, frozenset({POD_SECURITY}))
