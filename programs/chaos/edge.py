"""Stands in for HAProxy Ingress: a real HAProxy, whose servers follow the route and the EndpointSlices of the API.

The weights are those of the controller, and a change goes over the admin socket into the slots, as there. Only the
watch is simulated: it asks every `PAUSE` seconds.
"""

import socket
import threading
from contextlib import suppress
from pathlib import Path

from chaos.cluster import GoneError, Object, RefusedError, Server
from chaos.kubelet import Kubelets
from demo import asking, edge
from demo.running import Processes, free_ports

PAUSE, SLOTS = 0.2, 16


class Edge(threading.Thread):
    """A HAProxy in front of the Services of one route."""

    def __init__(self, server: Server, kubelets: Kubelets, running: Processes, program: Path) -> None:
        super().__init__(daemon=True)
        self.server, self.kubelets, self.running, self.program = server, kubelets, running, program
        (self.port,) = free_ports(1)
        self.socket = running.folder / "haproxy.sock"
        self.stopped = threading.Event()
        self.servers: list[tuple[edge.Address, int]] = []
        self.slots: dict[edge.Address, int] = {}
        self.rule = self._rule()

    def begin(self) -> None:
        """Start HAProxy without servers, then follow."""
        empty = edge.Rule(self.rule.backend, self.rule.host, self.rule.prefix, ())
        written = self.running.folder / "haproxy.cfg"
        written.write_text(edge.configuration(empty, self.port, self.socket, SLOTS))
        self.running.start("haproxy", (str(self.program), "-f", str(written), "-db"))
        self.running.ready("haproxy", lambda: asking.accepts(self.port), 30)
        self.start()

    def run(self) -> None:
        """Follow the route and its endpoints."""
        while not self.stopped.wait(PAUSE):
            with suppress(GoneError, RefusedError):
                self.rule = self._rule()
                self._change(edge.servers(self.rule))

    def stop(self) -> None:
        """End following."""
        self.stopped.set()
        if self.is_alive():
            self.join()

    def _rule(self) -> edge.Rule:
        route = self.server.do(
            "GET", "/apis/gateway.networking.k8s.io/v1/namespaces/aurora/httproutes/aurora-inference"
        )
        slices = self.server.listed("/apis/discovery.k8s.io/v1/namespaces/aurora/endpointslices")
        pods: dict[str, list[edge.Address]] = {}
        for each in slices:
            pods.setdefault(each["metadata"]["labels"]["kubernetes.io/service-name"], []).extend(self._ready(each))
        return edge.rule(route, pods)

    def _ready(self, found: Object) -> list[edge.Address]:
        addresses = [
            each["addresses"][0] for each in found.get("endpoints") or () if each.get("conditions", {}).get("ready")
        ]
        ports = [self.kubelets.port(each) for each in addresses]
        return sorted(("127.0.0.1", port) for port in ports if port)

    def _change(self, wanted: list[tuple[edge.Address, int]]) -> None:
        if wanted == self.servers:
            return
        there = {address for address, _ in wanted}
        commands = []
        for address in [each for each in self.slots if each not in there]:
            name = f"{self.rule.backend}/srv{self.slots.pop(address):03d}"
            commands += [f"set server {name} state maint", f"set server {name} addr 127.0.0.1 port 1023"]
        for address, weight in wanted:
            fresh = address not in self.slots
            free = next(each for each in range(1, SLOTS + 1) if each not in self.slots.values())
            slot = self.slots.setdefault(address, free)
            name = f"{self.rule.backend}/srv{slot:03d}"
            if fresh:
                commands.append(f"set server {name} addr {address[0]} port {address[1]}")
            commands += [f"set server {name} weight {weight}", *([f"set server {name} state ready"] if fresh else ())]
        self._tell(commands)
        self.servers = wanted

    def _tell(self, commands: list[str]) -> None:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.socket))
            asked.sendall((";".join(commands) + "\n").encode())
            while asked.recv(4096):
                pass
