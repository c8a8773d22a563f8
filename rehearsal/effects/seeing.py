"""Which effect a change had, from two looks at the cluster and what happened to pods between them.

Restarts, additions and ends are counted from pods and their revisions, traffic from EndpointSlices and ports of
nodes, the rest from the object as it is stored. Must not know what was predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aurora.model.change import Effect
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text

_OWN = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
_BY_CONTROLLERS = ("deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation")
_REVISIONS = ("pod-template-hash", "controller-revision-hash")
_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod that is there: its name, and the revision of the template that it was made from, where it has one."""

    name: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: the object, None where it is not there, pods by uid, and the ways that lead to pods."""

    stored: JsonObject | None
    pods: Mapping[str, Pod] = field(default_factory=dict)
    ways: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """A pod that came (`ADDED`), changed or went (`DELETED`), in the order of the server."""

    type: str
    uid: str


def pods(listed: Sequence[JsonObject]) -> dict[str, Pod]:
    """Give the pods that run or wait to run; those that end or have ended are none."""
    return {
        text(dig(pod, "metadata", "uid")): Pod(text(dig(pod, "metadata", "name")), _revision(pod))
        for pod in listed
        if not dig(pod, "metadata", "deletionTimestamp") and dig(pod, "status", "phase") not in _ENDED
    }


def _revision(pod: JsonObject) -> str:
    labels = mapping(dig(pod, "metadata", "labels"))
    return next((text(labels[key]) for key in _REVISIONS if key in labels), "")


def ways(slices: Sequence[JsonObject], stored: JsonObject | None) -> frozenset[str]:
    """Give every way to a pod: an address and port of an EndpointSlice with the Service, a port of all nodes."""
    found = set()
    for entry in slices:
        service = text(dig(entry, "metadata", "labels", "kubernetes.io/service-name"))
        ports = sorted(f"{dig(port, 'port')}/{dig(port, 'protocol')}" for port in items(entry.get("ports")))
        for endpoint in items(entry.get("endpoints")):
            addresses, ready = items(dig(endpoint, "addresses")), dig(endpoint, "conditions", "ready")
            found.add(f"{service}: {addresses} {ports} ready={ready} {dig(endpoint, 'hints')}")
    for port in items(dig(stored, "spec", "ports")):
        if dig(port, "nodePort"):
            found.add(f"node: {dig(port, 'nodePort')}")
    return frozenset(found)


def seen(before: Look, after: Look, events: Sequence[Event]) -> Effect:
    """Give the effect of a change that the server took."""
    if before.stored is None or after.stored is None:
        return _coming_or_going(before, after)
    if dig(before.stored, "metadata", "uid") != dig(after.stored, "metadata", "uid"):
        return Effect.RECREATE
    moved = _pods(before.pods, after.pods, events)
    if moved is not None:
        return moved
    if before.ways != after.ways:
        return Effect.TRAFFIC_SHIFT
    return _stored(before.stored, after.stored)


def _coming_or_going(before: Look, after: Look) -> Effect:
    if after.stored is not None:
        return Effect.CREATED
    return Effect.UNCHANGED if before.stored is None else Effect.DELETED


def _pods(before: Mapping[str, Pod], after: Mapping[str, Pod], events: Sequence[Event]) -> Effect | None:
    ended, started = before.keys() - after.keys(), after.keys() - before.keys()
    if not ended and not started:
        return None
    known = {pod.revision for pod in before.values()}
    again = {before[uid].name for uid in ended} & {after[uid].name for uid in started}
    if not before or not (again or {after[uid].revision for uid in started} - known):
        return Effect.SCALE
    return Effect.ROLLING_RESTART if _served_between(frozenset(before), events) else Effect.RECREATE


def _served_between(old: frozenset[str], events: Sequence[Event]) -> bool:
    """Tell whether an old pod was there whenever a first new one came."""
    there = set(old)
    for event in events:
        if event.type == "DELETED":
            there.discard(event.uid)
        elif event.type == "ADDED" and event.uid not in old:
            return bool(there)
    return True


def _stored(before: JsonObject, after: JsonObject) -> Effect:
    old, new = _bare(before), _bare(after)
    if old == new:
        return Effect.UNCHANGED
    same = {key: value for key, value in old.items() if key != "metadata"} == {
        key: value for key, value in new.items() if key != "metadata"
    }
    alike = all(
        mapping(old["metadata"]).get(key) == mapping(new["metadata"]).get(key)
        for key in ("finalizers", "ownerReferences")
    )
    return Effect.METADATA_ONLY if same and alike else Effect.IN_PLACE


def _bare(body: JsonObject) -> JsonObject:
    """Leave out what the server and controllers write."""
    metadata = {key: value for key, value in mapping(body.get("metadata")).items() if key not in _OWN}
    annotations: dict[str, JsonValue] = {
        key: value for key, value in mapping(metadata.get("annotations")).items() if key not in _BY_CONTROLLERS
    }
    rest = {key: value for key, value in body.items() if key not in ("status", "metadata", "apiVersion")}
    return {**rest, "metadata": {**metadata, "annotations": annotations}}
