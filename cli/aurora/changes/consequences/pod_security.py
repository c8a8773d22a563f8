"""Asks the API server's own code which pods a namespace refuses.

One run of the program for one question. A planted pod that every level above `privileged` refuses must come back
refused: a program that lets it pass proves nothing about the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.changes.consequences.view import PodVerdict
from aurora.kinds import table
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import POD_SECURITY, caught, pod
from aurora.server_validation.session import session
from aurora.tools.protocol import JUDGED, Reply, Request
from aurora.tools.settings import Settings

_WANTED = ["podSecurity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramJudge:
    """Judges with the program `server-validation`."""

    locate_tool: Callable[[str], Path]
    settings: Settings
    kubernetes: str

    def __call__(
        self, namespace: str, labels: Mapping[str, str], workloads: tuple[Manifest, ...]
    ) -> Iterable[PodVerdict]:
        """Give the workloads whose pods the namespace refuses, and those that the program could not judge.

        Raises:
            ToolError: the program is missing, failed, lost an answer, or let the planted pod pass.
        """
        requests = [
            Request(f"object:{number}", "judge", {"text": workload.text, "want": _WANTED})
            for number, workload in enumerate(workloads)
        ]
        planted = pod(namespace, _WANTED)
        described = [{"name": namespace, "labels": dict(labels)}]
        places = table.pods_for_programs({"", *(workload.id.group for workload in workloads)})
        opened = session(self.locate_tool, self.settings, kubernetes=self.kubernetes, namespaces=described, pods=places)
        replies = opened.ask([*requests, planted.request]).replies
        caught([planted], replies)
        return tuple(
            verdict
            for number, workload in enumerate(workloads)
            for verdict in _verdicts(workload, replies[f"object:{number}"])
        )


def _messages(reply: Reply) -> Iterator[str]:
    for finding in reply.result.get("findings", ()):
        if finding.get("rule") == POD_SECURITY:
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
