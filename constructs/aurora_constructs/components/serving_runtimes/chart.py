"""KServe's runtimes: hardened pods with a port, probes, and nothing that KServe would choose by itself."""

from collections.abc import Mapping
from typing import Any

from aurora_constructs import pods
from aurora_constructs.component import Component
from aurora_constructs.components.serving_runtimes import servers
from aurora_constructs.components.serving_runtimes.servers import Server
from aurora_constructs.components.serving_runtimes.spec import Runtime, ServingRuntimesSpec

API_VERSION = "serving.kserve.io/v1alpha1"
CONTAINER = "kserve-container"
DRAIN_SECONDS = 15
"""How long a pod goes on serving after it was told to end: until every proxy has stopped sending to it."""


class ServingRuntimes(Component[ServingRuntimesSpec]):
    """Emits a ClusterServingRuntime for each server."""

    def compose(self) -> None:
        """Add the runtimes."""
        for name, runtime in sorted(self.spec.servers.items()):
            self.custom(
                f"{name}-runtime",
                api_version=API_VERSION,
                kind="ClusterServingRuntime",
                name=self.platform.names.object(name),
                body={"spec": self._runtime(servers.SERVERS[name], runtime)},
            )

    def _runtime(self, server: Server, runtime: Runtime) -> dict[str, Any]:
        """No format is for KServe to choose: a model names its runtime, so that a new one changes no model."""
        tmp = {"name": pods.TMP, "emptyDir": {"sizeLimit": server.tmp_size}}
        return {
            "supportedModelFormats": [
                {"name": server.format_name, "version": version, "autoSelect": False} for version in server.versions
            ],
            "multiModel": False,
            "protocolVersions": list(server.protocols),
            "containers": [self._container(server, runtime)],
            "volumes": [tmp, *_shared(server.shared_memory)],
        }

    def _container(self, server: Server, runtime: Runtime) -> dict[str, Any]:
        ports = {"http": servers.PORT}
        if server.metrics_port not in (None, servers.PORT):
            ports["metrics"] = server.metrics_port
        mounts = [{"name": pods.TMP, "mountPath": "/tmp"}]  # noqa: S108 - in the container
        if server.shared_memory:
            mounts.append({"name": servers.SHARED_MEMORY, "mountPath": "/dev/shm"})  # noqa: S108 - in the container
        ready = self._asked(server.ready)
        env = [{"name": key, "value": value} for key, value in sorted(server.env.items())]
        return {
            "name": CONTAINER,
            "image": self.platform.image(runtime.image),
            "imagePullPolicy": "IfNotPresent",
            **({"command": list(server.command)} if server.command else {}),
            "args": [self._named(arg) for arg in server.args],
            **({"env": env} if env else {}),
            "ports": [{"name": key, "containerPort": port, "protocol": "TCP"} for key, port in ports.items()],
            "resources": pods.plain_requirements(runtime.resources),
            "startupProbe": {**ready, "periodSeconds": 10, "failureThreshold": server.start_seconds // 10},
            "readinessProbe": {**ready, "periodSeconds": 10, "failureThreshold": 3},
            "livenessProbe": {**self._asked(server.live), "periodSeconds": 20, "failureThreshold": 6},
            "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
            "securityContext": dict(pods.HARDENED),
            "volumeMounts": mounts,
        }

    def _asked(self, path: str) -> Mapping[str, Any]:
        """Ask for a path, or for no more than a connection where there is none."""
        if not path:
            return {"tcpSocket": {"port": "http"}, "timeoutSeconds": 5}
        return {"httpGet": {"path": self._named(path), "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 5}

    def _named(self, text: str) -> str:
        return servers.named(text, self.platform.names.model)


def _shared(size: str | None) -> list[dict[str, Any]]:
    return [{"name": servers.SHARED_MEMORY, "emptyDir": {"medium": "Memory", "sizeLimit": size}}] if size else []
