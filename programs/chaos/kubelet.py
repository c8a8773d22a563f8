"""Stands in for the kubelets of all nodes: registers them, says that they live, and runs the pods they are given."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from chaos.cluster import MERGE, GoneError, Object, RefusedError, Server
from chaos.pod import Pod, now

PAUSE, LEASE = 0.2, 10.0


class Kubelets(threading.Thread):
    """All nodes: every pod that the scheduler gave to one of them runs, until its object is deleted."""

    def __init__(self, server: Server, folder: Path, claim: Path, nodes: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.server, self.folder, self.claim, self.nodes = server, folder, claim, nodes
        self.pods: dict[str, Pod] = {}
        self.stopped = threading.Event()
        self._renewed = 0.0
        self._last = 0

    def address(self) -> str:
        """Give the address of a new pod."""
        self._last += 1
        return f"10.244.{self._last // 250}.{self._last % 250 + 1}"

    def port(self, address: str) -> int | None:
        """Give the port of this machine at which the pod with an address is reached."""
        return next((pod.port for pod in list(self.pods.values()) if pod.address == address), None)

    def run(self) -> None:
        """Follow the pods; while the API server is gone, what runs goes on."""
        while not self.stopped.wait(PAUSE):
            with suppress(GoneError, RefusedError):
                self._renew()
                self._follow(self.server.listed("/api/v1/pods"))

    def stop(self) -> None:
        """End every process of every pod."""
        self.stopped.set()
        self.join()
        for pod in self.pods.values():
            pod.kill()

    def _follow(self, objects: list[Object]) -> None:
        there = {each["metadata"]["uid"]: each for each in objects if each["spec"].get("nodeName")}
        for uid, each in there.items():
            if uid not in self.pods:
                self.pods[uid] = Pod(self, each)
                self.pods[uid].start()
            elif each["metadata"].get("deletionTimestamp"):
                self.pods[uid].delete(each["metadata"].get("deletionGracePeriodSeconds", 30))
            else:
                self.pods[uid].reconcile(each)
        for uid in self.pods.keys() - there.keys():
            # Deleted by force: its processes end at once.
            self.pods.pop(uid).kill()

    def _renew(self) -> None:
        if time.monotonic() - self._renewed < LEASE:
            return
        self._renewed = time.monotonic()
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for node in self.nodes:
            spec = {"holderIdentity": node, "leaseDurationSeconds": 40, "renewTime": stamp}
            path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
            body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": node}, "spec": spec}
            self.server.apply(path, body)
            self.server.do("PATCH", f"/api/v1/nodes/{node}/status", {"status": {"conditions": [ready()]}}, MERGE)


def ready() -> Object:
    """Give the condition of a node that is ready now."""
    return {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": now()}


def register(server: Server, nodes: Sequence[str]) -> None:
    """Create the nodes, as kubelets do when they start."""
    room = {"cpu": "64", "memory": "256Gi", "pods": "100"}
    for index, name in enumerate(nodes):
        labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{index}"}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        server.do("POST", "/api/v1/nodes", node)
        status = {"status": {"capacity": room, "allocatable": room, "conditions": [ready()]}}
        server.do("PATCH", f"/api/v1/nodes/{name}/status", status, MERGE)
