"""Asks the API server's own code which pods a namespace refuses.

One run of the program for one question. A planted pod that every level above `privileged` refuses must come back
refused: a program that lets it pass proves nothing about the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aurora.changes.consequences.view import PodVerdict
from aurora.errors import ToolOutputError
from aurora.tools import pins
from aurora.tools.protocol import JUDGED, Reply, Request, converse

if TYPE_CHECKING:
    from aurora.model.manifest import Manifest

RULE = "pod-security/enforce"
_PLANTED = "planted:pod-security"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramJudge:
    """Judges with the program `server-validation`; `workspace` is an empty folder of this run."""

    locate_tool: Callable[[str], Path]
    workspace: Path
    kubernetes: str
    timeout: float = 300.0

    def __call__(
        self, namespace: str, labels: Mapping[str, str], workloads: tuple[Manifest, ...]
    ) -> Iterable[PodVerdict]:
        """Give the workloads whose pods the namespace refuses, and those that the program could not judge.

        Raises:
            ToolError: the program is missing, failed, lost an answer, or let the planted pod pass.
        """
        configuration = {
            "kubernetes": self.kubernetes,
            "namespaces": [{"name": namespace, "labels": dict(labels)}],
        }
        requests = [
            Request("configure", "configure", configuration),
            *(
                Request(f"object:{number}", "judge", {"text": workload.text, "want": ["podSecurity"]})
                for number, workload in enumerate(workloads)
            ),
            Request(_PLANTED, "judge", {"object": _planted(namespace), "want": ["podSecurity"]}),
        ]
        program = self.locate_tool(pins.SERVER_VALIDATION.name)
        replies = converse(program, requests, workspace=self.workspace, timeout=self.timeout).replies
        if not tuple(_messages(replies[_PLANTED])):
            raise ToolOutputError(f"`{program.name}` let a planted pod on the host's network pass: it proves nothing")
        return tuple(
            verdict
            for number, workload in enumerate(workloads)
            for verdict in _verdicts(workload, replies[f"object:{number}"])
        )


def _planted(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "planted", "namespace": namespace},
        "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/c:v1"}]},
    }


def _messages(reply: Reply) -> Iterator[str]:
    for finding in reply.result.get("findings", ()):
        if finding.get("rule") == RULE:
            yield str(finding.get("message"))


def _verdicts(workload: Manifest, reply: Reply) -> Iterator[PodVerdict]:
    if reply.outcome != JUDGED:
        yield PodVerdict(workload, f"its pods could not be judged: {reply.message}", refused=False)
        return
    for entry in reply.result.get("notJudged", ()):
        yield PodVerdict(workload, f"its pods could not be judged: {entry.get('why')}", refused=False)
    found = dict.fromkeys(_messages(reply))
    if found:
        yield PodVerdict(workload, "; ".join(found))
