"""What is asked of the program, and what it said before to the same: only the rest is asked again.

The levels of namespaces sum up all pods of a run, so that a change to one asks for all that may have pods.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aurora.checks.server.planted import Planted
from aurora.errors import ToolOutputError
from aurora.model.resource import ResourceId
from aurora.tools.protocol import JUDGED, Conversation, Reply, Request
from aurora.tools.remembered import Remembered

CONFIGURE, LEVELS = "configure", "levels"
WITH_PODS: Mapping[str, set[str]] = {
    "": {"Pod", "PodTemplate", "ReplicationController"},
    "apps": {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"},
    "argoproj.io": {
        "AnalysisRun",
        "AnalysisTemplate",
        "ClusterAnalysisTemplate",
        "ClusterWorkflowTemplate",
        "CronWorkflow",
        "Experiment",
        "Rollout",
        "Workflow",
        "WorkflowTemplate",
    },
    "batch": {"CronJob", "Job"},
    "jobset.x-k8s.io": {"JobSet"},
    "keda.sh": {"ScaledJob"},
    "kubeflow.org": {"MPIJob"},
    "kueue.x-k8s.io": {"Workload"},
    "monitoring.coreos.com": {"Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"},
    "ray.io": {"RayCluster", "RayCronJob", "RayJob", "RayService"},
    "serving.kserve.io": {
        "ClusterServingRuntime",
        "ClusterStorageContainer",
        "InferenceService",
        "LLMInferenceService",
        "LLMInferenceServiceConfig",
        "ServingRuntime",
    },
    "trainer.kubeflow.org": {"ClusterTrainingRuntime", "TrainJob", "TrainingRuntime"},
}
"""The kinds by group in which the program looks for pods: its own table, to which a test holds this one."""

Ask = Callable[[Sequence[Request]], Conversation]
"""Starts the program, configures it, and asks it."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything that a run must answer: about objects, whose identities stand beside them, and planted ones."""

    objects: tuple[Request, ...]
    resources: tuple[ResourceId, ...]
    planted: tuple[Planted, ...]

    @property
    def named(self) -> Iterator[tuple[Request, ResourceId]]:
        """The objects with their identities."""
        return zip(self.objects, self.resources, strict=True)

    @property
    def with_pods(self) -> tuple[Request, ...]:
        """The objects in which the program looks for pods."""
        return tuple(
            request for request, resource in self.named if resource.kind in WITH_PODS.get(resource.group, set())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the program said, now or before; `recalled` counts the objects that it was not asked about again."""

    kubernetes: str
    configured: Mapping[str, Any]
    levels: Sequence[Mapping[str, Any]]
    replies: Mapping[str, Reply]
    planted: tuple[Planted, ...]
    recalled: int


def answered(questions: Questions, known: Remembered, program: str, ask: Ask) -> Answers:
    """Answer from memory, and start the program for what is left.

    Raises:
        ToolError: the program gave no proof that it looked at what it was asked.
    """
    keys = _keys(questions, known)
    recalled = known.recall(keys.values())
    said = {name: recalled[key] for name, key in keys.items() if key in recalled}
    replies = {request.id: Reply(**said[request.id]) for request in questions.objects if request.id in said}
    if len(said) == len(keys):
        return _answers(said, replies, questions.planted, recalled=len(replies))
    again = set() if LEVELS in said else {request.id for request in questions.with_pods}
    asked = [request for request in questions.objects if request.id in again or request.id not in said]
    sums = [] if LEVELS in said else [Request(LEVELS, "podSecurityLevels", {})]
    bait = _bait(questions, {request.id for request in asked}, said)
    conversation = ask([*asked, *sums, *(entry.request for entry in bait)])
    fresh = tuple(_caught(conversation, bait, questions, program))
    caught = tuple(entry for entry in questions.planted if entry in fresh or entry not in bait)
    kept = dict(_worth_keeping(conversation, asked, fresh, questions))
    known.keep({keys[name]: value for name, value in kept.items()})
    replies |= {request.id: conversation.replies[request.id] for request in asked}
    now = {CONFIGURE: _start(conversation), LEVELS: said[LEVELS] if LEVELS in said else _levels(conversation)}
    return _answers(now, replies, caught, recalled=len(questions.objects) - len(asked))


def _bait(questions: Questions, asked: Collection[str], said: Mapping[str, Any]) -> list[Planted]:
    """Plant what speaks for every run and for the kinds that are asked about, and what was not caught before."""
    kinds = {(resource.api_version, resource.kind) for request, resource in questions.named if request.id in asked}
    return [
        entry
        for entry in questions.planted
        if entry.kind is None or entry.kind in kinds or entry.request.id not in said
    ]


def _answers(
    said: Mapping[str, Any], replies: Mapping[str, Reply], caught: tuple[Planted, ...], *, recalled: int
) -> Answers:
    return Answers(
        kubernetes=said[CONFIGURE]["kubernetes"],
        configured=said[CONFIGURE]["configured"],
        levels=said[LEVELS],
        replies=replies,
        planted=caught,
        recalled=recalled,
    )


def _keys(questions: Questions, known: Remembered) -> dict[str, str]:
    """Give the key of each answer by the id of its question."""
    requests = (*questions.objects, *(entry.request for entry in questions.planted))
    keys = {request.id: known.key(request.name, *_parts(request)) for request in requests}
    pods = [part for request in questions.with_pods for part in (request.id, keys[request.id])]
    return {**keys, CONFIGURE: known.key(CONFIGURE), LEVELS: known.key(LEVELS, *pods)}


def _parts(request: Request) -> tuple[str, str]:
    """Write a question down: its text as it is, since to quote a thousand of them costs more than to hash them."""
    text = request.body.get("text")
    return (
        (text, json.dumps({**request.body, "text": True})) if isinstance(text, str) else ("", json.dumps(request.body))
    )


def _start(conversation: Conversation) -> dict[str, Any]:
    return {"kubernetes": conversation.kubernetes, "configured": conversation.replies[CONFIGURE].result}


def _levels(conversation: Conversation) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = conversation.replies[LEVELS].result.get("namespaces", ())
    return found


def _worth_keeping(
    conversation: Conversation, asked: Iterable[Request], caught: Iterable[Planted], questions: Questions
) -> Iterator[tuple[str, Any]]:
    """Yield the answers that are verdicts: what was not judged, for whatever reason, is asked again."""
    yield CONFIGURE, _start(conversation)
    for request in asked:
        if conversation.replies[request.id].outcome == JUDGED:
            yield request.id, asdict(conversation.replies[request.id])
    for entry in caught:
        yield entry.request.id, True
    if LEVELS in conversation.replies and all(
        conversation.replies[request.id].outcome == JUDGED for request in questions.with_pods
    ):
        yield LEVELS, _levels(conversation)


def _caught(
    conversation: Conversation, violations: Iterable[Planted], questions: Questions, program: str
) -> Iterator[Planted]:
    """Yield the planted violations that were caught, and refuse a run in which one got past.

    A kind of which no real object has a verdict, as for want of a definition, has none for the planted one either:
    each of the real ones is an error and no pass.
    """
    judged = _judged_kinds(conversation, questions)
    for entry in violations:
        reply = conversation.replies[entry.request.id]
        if reply.outcome != JUDGED and entry.kind is not None and entry.kind not in judged:
            continue
        found = {finding.get("rule") for finding in reply.result.get("findings", ())}
        if not found & entry.rules:
            raise ToolOutputError(
                f"`{program}` did not report the planted violation `{entry.request.id}`: its verdicts prove nothing",
                hint="report this with the output of `aurora --version`",
            )
        yield entry


def _judged_kinds(conversation: Conversation, questions: Questions) -> set[tuple[str, str]]:
    """Give the kinds of objects with a verdict; what was not asked again was judged before."""
    replies = ((conversation.replies.get(request.id), resource) for request, resource in questions.named)
    return {
        (resource.api_version, resource.kind) for reply, resource in replies if reply is None or reply.outcome == JUDGED
    }
