"""What a step of a version on trial does: as the diff says, and as the cluster shows, object by object."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from aurora import pipeline
from aurora.changes.judging import Means
from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.errors import UsageError
from aurora.model.change import Change, Effect
from aurora.model.clock import Clock
from aurora.model.diff import Diff
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping
from aurora.model.manifest import Manifest
from aurora.model.resource import ResourceId
from aurora.paths import RepositoryPaths
from aurora.rehearsal.prepared import belongs
from aurora.rehearsal.server import NOT_FOUND, Server
from aurora.render import files
from aurora.rollout import effects, planning
from aurora.rollout.request import Request
from aurora_constructs.strategies import TrialledSpec
from aurora_constructs.trials import Kind, Move

Snapshot = Mapping[ResourceId, str]
"""A hash of each object without its status; empty for one that is not there."""
_HOOK, _REVISION = "argocd.argoproj.io/hook", "targetRevision"
_WRITTEN_HERE = ("deployment.kubernetes.io/", "deprecated.daemonset.template.generation", "argocd.argoproj.io/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A step: in words, what the diff says of it, and the files that it comes to."""

    words: str
    diff: Diff
    files: Mapping[str, bytes]


def next_step(paths: RepositoryPaths, environment: str, means: Means) -> Edited | None:
    """Work out the next legal share of the first version on trial; None where no version is on trial.

    Raises:
        InputError: the environment cannot be compiled.
        ToolError: server validation failed.
    """
    stack = load_layers(paths, environment)
    (loaded,) = pipeline.load_environments(paths, [environment])
    for component in loaded.components:
        if stack.tree is None or not isinstance(component.spec, TrialledSpec):
            continue
        written = trials.read(stack.tree, component.name)
        if written is None or written.state.weight is None:
            continue
        for weight in component.spec.plan(loaded.platform).stops:
            step = _planned(paths, environment, component.name, weight)
            if step is not None:
                return _edited(paths, step, means)
    return None


def _planned(paths: RepositoryPaths, environment: str, component: str, weight: int) -> planning.Step | None:
    move = Move(kind=Kind.WEIGHT, weight=weight)
    try:
        return planning.planned(paths, Request(environment=environment, component=component, move=move, own=True))
    except UsageError:
        return None


def _edited(paths: RepositoryPaths, step: planning.Step, means: Means) -> Edited:
    request = step.request
    with effects.edited(paths, step.texts) as after:
        diff = effects.diff(paths, after, [request.environment], means)
        (environment,) = pipeline.load_environments(after, [request.environment])
        made = files(pipeline.compile_environment(environment, Clock()).manifests)
    words = f"`aurora rollout {request.environment} {request.component} --weight {request.move.weight}`"
    return Edited(words=words, diff=diff, files=made)


def snapshot(server: Server, manifests: tuple[Manifest, ...]) -> dict[ResourceId, str]:
    """Look at every object of an environment but hooks, which every sync makes again."""
    own = (each for each in manifests if belongs(each) and _HOOK not in each.annotations)
    return {each.id: _state(server, each.body) for each in own}


def _state(server: Server, body: JsonObject) -> str:
    answer = server.get(server.path_of(body))
    if answer.status == NOT_FOUND:
        return ""
    # A release pins its Applications to its own tag, whatever else it changes.
    kept = {key: _without(value, _REVISION) for key, value in answer.body.items() if key not in ("status", "metadata")}
    labels, annotations = (mapping(dig(answer.body, "metadata", key)) for key in ("labels", "annotations"))
    own = {key: value for key, value in annotations.items() if not key.startswith(_WRITTEN_HERE)}
    return hashlib.sha256(json.dumps([kept, labels, own], sort_keys=True).encode()).hexdigest()


def _without(value: JsonValue, name: str) -> JsonValue:
    if isinstance(value, list):
        return [_without(each, name) for each in value]
    return (
        {key: _without(each, name) for key, each in value.items() if key != name} if isinstance(value, dict) else value
    )


def disagreements(diff: Diff, before: Snapshot, after: Snapshot) -> list[str]:
    """Compare what a diff says with what an environment's objects became."""
    said = {change.resource: change for change in diff.changes}
    found = []
    for resource in before.keys() | after.keys():
        old, new = before.get(resource, ""), after.get(resource, "")
        seen = (
            "created" if new and not old else "deleted" if old and not new else "unchanged" if old == new else "changed"
        )
        predicted = _predicted(said.get(resource))
        if seen != predicted:
            found.append(f"{resource}: the diff says {predicted}, the cluster shows {seen}")
    return sorted(found)


def _predicted(change: Change | None) -> str:
    if change is None or change.effect is Effect.UNCHANGED:
        return "unchanged"
    if change.effect is Effect.CREATED:
        return "created"
    return "deleted" if change.effect is Effect.DELETED else "changed"
