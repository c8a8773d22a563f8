"""The status that operators, clouds and controllers without a place here would give, once all is well.

The status of each kind stands beside what is known of it: `kinds/<group>/status.yaml`. In it, `observedGeneration` is
that of the object, and a text such as `$.spec.parentRefs.0.name` is what the object has there. Must not know which
objects there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aurora.kinds.table import CORE, FOLDER
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping
from aurora.rehearsal.again import Again
from aurora.rehearsal.server import Server
from aurora.tables import opened

_FILE = "status.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A kind whose status is simulated: in whose stead, what the status is, and what an object has that gets it."""

    group: str
    version: str
    kind: str
    instead_of: str
    status: JsonObject
    where: JsonObject

    @property
    def api_version(self) -> str:
        """Its `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version


def simulated(folder: Path = FOLDER) -> tuple[Simulated, ...]:
    """Read which kinds are simulated.

    Raises:
        TableError: parts of a file are not what such a file holds; says where.
    """
    return tuple(each for path in sorted(folder.glob(f"*/{_FILE}")) for each in _read(path))


def _read(path: Path) -> Iterator[Simulated]:
    group = "" if path.parent.name == CORE else path.parent.name
    with opened(path) as table:
        for kind in table.values:
            entry = table.entry(kind)
            if entry is None:
                continue
            entry.only("version", "insteadOf", "status", "where")
            yield Simulated(
                group=group,
                version=entry.text("version"),
                kind=kind,
                instead_of=entry.text("insteadOf"),
                status=mapping(entry.value("status")),
                where=mapping(entry.values.get("where")),
            )


def of(inventory: Inventory) -> tuple[Simulated, ...]:
    """Give the simulated kinds that an environment has objects of."""
    there = {(each.id.group, each.id.kind) for each in inventory.manifests}
    return tuple(each for each in simulated() if (each.group, each.kind) in there)


def wanted(kind: Simulated, body: JsonObject) -> JsonObject:
    """Give the status that an object gets."""
    return mapping(_filled(kind.status, body))


def _filled(value: JsonValue, body: JsonObject) -> JsonValue:
    if isinstance(value, list):
        return [_filled(each, body) for each in value]
    if isinstance(value, str) and value.startswith("$."):
        return dig(body, *(int(step) if step.isdecimal() else step for step in value[2:].split(".")))
    if not isinstance(value, dict):
        return value
    generation = dig(body, "metadata", "generation")
    return {key: generation if key == "observedGeneration" else _filled(each, body) for key, each in value.items()}


def has(there: JsonValue | None, asked: JsonValue) -> bool:
    """Tell whether a value has everything that is asked for; of a list, some entry has to have what one asks for."""
    if isinstance(asked, dict):
        return isinstance(there, dict) and all(key in there and has(there[key], each) for key, each in asked.items())
    if isinstance(asked, list):
        return isinstance(there, list) and all(any(has(one, each) for one in there) for each in asked)
    return there == asked


def _timed(value: JsonValue, now: str) -> JsonValue:
    """Add to conditions the time at which they became what they are."""
    if isinstance(value, list):
        return [_timed(each, now) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _timed(each, now) for key, each in value.items()}
    return {**inner, "lastTransitionTime": now} if {"type", "status"} <= value.keys() else inner


class Statuses(Again):
    """Gives objects their status."""

    def __init__(self, server: Server, kinds: Sequence[Simulated]) -> None:
        super().__init__(server)
        self._kinds = kinds

    def turn(self) -> None:
        """Look at all objects of the kinds that are served."""
        for kind in self._kinds:
            for body in self.server.every(kind.api_version, kind.kind):
                status = wanted(kind, body)
                if has(body, kind.where) and not has(body.get("status"), status):
                    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                    path = self.server.path_of({**body, "apiVersion": kind.api_version, "kind": kind.kind})
                    self.server.merge(f"{path}/status", {"status": _timed(status, now)})


def kubelets(*, jobs_end: bool = True) -> list[JsonObject]:
    """Give what kwok does in the stead of kubelets: nodes and pods become ready, pods of Jobs succeed, or they go.

    Source of the form: kwok 0.8, API `Stage`.
    """
    there: JsonObject = {"key": ".metadata.deletionTimestamp", "operator": "DoesNotExist"}
    bound: JsonObject = {"key": ".spec.nodeName", "operator": "Exists"}
    of_jobs: JsonObject = {"key": ".metadata.ownerReferences.[].kind", "operator": "In", "values": ["Job"]}
    gone: JsonObject = {"key": ".metadata.deletionTimestamp", "operator": "Exists"}
    not_ready: JsonObject = {
        "key": '.status.conditions.[] | select( .type == "Ready" ) | .status',
        "operator": "NotIn",
        "values": ["True"],
    }
    complete = _stage("complete", [there, of_jobs, _phase("Running")], {"statusTemplate": _COMPLETE})
    return [
        _stage("ready", [not_ready], {"statusTemplate": _NODE}, kind="Node"),
        _stage("ready", [there, bound, _phase("Pending")], {"statusTemplate": _READY}),
        *([complete] if jobs_end else []),
        _stage("gone", [gone], {"delete": True}),
    ]


def _phase(name: str) -> JsonObject:
    return {"key": ".status.phase", "operator": "In", "values": [name]}


def _stage(name: str, selected: list[JsonValue], then: JsonObject, *, kind: str = "Pod") -> JsonObject:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"{kind.lower()}-{name}"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": kind},
            "selector": {"matchExpressions": selected},
            "next": then,
        },
    }


_NODE = """\
{{ $now := Now }}
conditions:
- type: Ready
  status: "True"
  reason: Simulated
  message: simulated
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
"""
_CONTAINERS = """\
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0
  ready: %s
  state: %s
{{ end }}
"""
_READY = (
    """\
{{ $now := Now }}
phase: Running
{{ with .metadata }}
podIP: {{ PodIPWith $.spec.nodeName ( or $.spec.hostNetwork false ) .uid .name .namespace | Quote }}
{{ end }}
startTime: {{ $now | Quote }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
"""
    + _CONTAINERS % ("true", "{running: {startedAt: {{ $now | Quote }}}}")
)
_COMPLETE = (
    """\
{{ $now := Now }}
phase: Succeeded
"""
    + _CONTAINERS
    % (
        "false",
        "{terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}",
    )
)
