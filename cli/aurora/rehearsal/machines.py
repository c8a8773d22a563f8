"""The nodes and volumes of a rehearsal's cluster: what a cloud or an administrator would give. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.cluster.node_pools import NodePool, pools
from aurora.errors import ToolCrashedError
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, mapping, text
from aurora.rehearsal.again import Again
from aurora.rehearsal.server import Server

_A_POOL = 2
_ROOM: JsonObject = {"cpu": "512", "memory": "4Ti", "pods": "500", "ephemeral-storage": "8Ti", "nvidia.com/gpu": "64"}


def nodes(inventory: Inventory) -> list[JsonObject]:
    """Give nodes for every pool of an environment, and some without a pool where it has none.

    They are large: whether pods fit machines is judged by the check `scheduling`, not here.
    """
    known = pools(inventory)
    found = [_node(f"{pool.name}-{index}", _labels(pool, index), pool) for pool in known for index in range(_A_POOL)]
    return found or [
        _node(f"node-{index}", {"topology.kubernetes.io/zone": f"zone-{index}"}, None) for index in range(3)
    ]


def _labels(pool: NodePool, index: int) -> dict[str, str]:
    several = {key: sorted(values) for key, values in pool.labels.items() if values}
    first = pool.nodes[0] if pool.nodes else None
    if first is not None:
        own = {**first.labels, **first.late}
        several = {**{key: sorted(values) for key, values in own.items() if values}, **several}
    return {key: values[index % len(values)] for key, values in several.items()}


def _node(name: str, labels: dict[str, str], pool: NodePool | None) -> JsonObject:
    usual = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    taints: list[JsonObject] = [
        {"key": taint.key, "effect": taint.effect, **({"value": taint.value} if taint.value else {})}
        for taint in (pool.taints if pool else ())
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**usual, **labels}},
        "spec": {"taints": list(taints)} if taints else {},
    }


def add(server: Server, found: list[JsonObject]) -> None:
    """Create nodes; kwok makes them ready.

    Raises:
        ToolCrashedError: the server refuses one.
    """
    room: JsonObject = {"allocatable": _ROOM, "capacity": _ROOM}
    for node in found:
        name = text(dig(node, "metadata", "name"))
        made = server.call("POST", "/api/v1/nodes", node)
        if made.done:
            made = server.call(
                "PATCH", f"/api/v1/nodes/{name}/status", {"status": room}, content="application/merge-patch+json"
            )
        if not made.done:
            raise ToolCrashedError(f"the rehearsal's API server refuses the node `{name}`: {made.message}")


class Volumes(Again):
    """Gives every claim that waits a volume of its own, in the stead of storage drivers."""

    def turn(self) -> None:
        """Look for claims that wait."""
        for volume in self._missing():
            self.server.call("POST", "/api/v1/persistentvolumes", volume)

    def _missing(self) -> Iterator[JsonObject]:
        for claim in self.server.listed("/api/v1/persistentvolumeclaims"):
            spec, metadata = mapping(claim.get("spec")), mapping(claim.get("metadata"))
            if spec.get("volumeName") or text(dig(claim, "status", "phase")) != "Pending":
                continue
            names = {key: metadata.get(key) for key in ("name", "namespace", "uid")}
            yield {
                "metadata": {"name": f"volume-{text(metadata.get('uid'))}"},
                "spec": {
                    "capacity": dig(spec, "resources", "requests"),
                    "accessModes": spec.get("accessModes"),
                    "volumeMode": spec.get("volumeMode"),
                    "storageClassName": spec.get("storageClassName"),
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": "/simulated"},
                    "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **names},
                },
            }
