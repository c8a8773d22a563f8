"""Asks the API server's own code which pods a namespace refuses, for its Pod Security level or its LimitRanges.

One run of the program for one question. A planted pod that must be refused has to come back refused: a program that
lets it pass proves nothing about the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aurora.changes.consequences.view import PodVerdict
from aurora.cluster import claims
from aurora.kinds import table
from aurora.manifests import typed
from aurora.model import place
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import Violation
from aurora.server_validation.planted import (
    OUTSIDE_LIMIT_RANGE,
    POD_SECURITY,
    Planted,
    beyond_limits,
    caught,
    limit_range,
    pod,
)
from aurora.server_validation.session import LIMIT_RANGES, session
from aurora.tools.protocol import JUDGED, Reply, Request
from aurora.tools.settings import Settings

_WANTED = ["podSecurity"]
_PLANTED = "aurora-planted"


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
        described = [{"name": namespace, "labels": dict(labels)}]
        replies = self._replies(workloads, _WANTED, [pod(namespace, _WANTED)], namespaces=described)
        return tuple(verdict for workload, reply in replies for verdict in _verdicts(workload, reply))

    def outside(self, inventory: Inventory) -> Iterator[Violation]:
        """Yield what the LimitRanges of an inventory refuse of its pods and claims; what is not judged is left out.

        Raises:
            ToolError: the program is missing, failed, lost an answer, or let a planted pod pass.
        """
        ranges = [manifest.body for manifest in inventory.of_kind("LimitRange", group="")]
        if not ranges:
            return
        groups = {manifest.id.group for manifest in inventory.manifests}
        for manifest, reply in self._replies(
            inventory.manifests,
            [LIMIT_RANGES],
            beyond_limits(_PLANTED, [LIMIT_RANGES]),
            kinds={(manifest.id.group, manifest.id.kind) for manifest in inventory.custom()},
            claims=claims.for_programs(groups),
            admissionObjects=[*ranges, limit_range(_PLANTED)],
        ):
            for finding in reply.result.get("findings", ()):
                if finding["rule"] == OUTSIDE_LIMIT_RANGE:
                    steps = typed(manifest, place.steps(finding["pointer"]))
                    yield Violation(manifest=manifest, steps=steps, message=finding["message"])

    def _replies(
        self, manifests: Sequence[Manifest], want: list[str], planted: Sequence[Planted], **setup: Any
    ) -> Iterator[tuple[Manifest, Reply]]:
        requests = [
            Request(f"object:{number}", "judge", {"text": manifest.text, "want": want})
            for number, manifest in enumerate(manifests)
        ]
        places = table.pods_for_programs({"", *(manifest.id.group for manifest in manifests)})
        opened = session(self.locate_tool, self.settings, kubernetes=self.kubernetes, pods=places, **setup)
        replies = opened.ask([*requests, *(entry.request for entry in planted)]).replies
        caught(planted, replies)
        return ((manifest, replies[f"object:{number}"]) for number, manifest in enumerate(manifests))


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
