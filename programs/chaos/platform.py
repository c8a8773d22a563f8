"""Aurora's operator and control plane as processes: the operator with its committed arguments, account and rights."""

import http.client
import json
import secrets
import sys
import urllib.request
from pathlib import Path
from subprocess import Popen
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from aurora_contract import metrics, programs, store, variables
from aurora_programs.keys import HEADER
from chaos.cluster import ControlPlane, Object
from demo import asking, committed
from demo.running import Processes, free_ports

OPERATOR, CONTROL_PLANE = programs.OPERATOR.container, programs.CONTROL_PLANE.container
READY = 60.0


class Platform:
    """What takes up runs, and what shows the store: neither is asked by a request for a prediction."""

    def __init__(self, plane: ControlPlane, running: Processes, claim: Path) -> None:
        self.plane, self.running = plane, running
        self.root = claim / Path(store.ROOT).relative_to(store.MOUNT_PATH)
        self.alive, self.measured, self.port = free_ports(3)
        self.key = secrets.token_hex(16)
        self.operator: Popen[bytes] | None = None

    def start_operator(self) -> None:
        """Start the operator, and wait until it answers its probe."""
        (path,) = (committed.GENERATED / committed.ENVIRONMENT / "operator").rglob("deployment.*.yaml")
        (container,) = yaml.safe_load(path.read_text())["spec"]["template"]["spec"]["containers"]
        ports = {each["name"]: each["containerPort"] for each in container["ports"]}
        probe = container["livenessProbe"]["httpGet"]
        arguments = [each.replace(f":{ports[probe['port']]}/", f":{self.alive}/") for each in container["args"]]
        access = self.running.folder / "operator.json"
        access.write_text(json.dumps(self.plane.access(self._token())))
        self.operator = self.running.start(
            OPERATOR,
            (sys.executable, "-m", *container["command"], *arguments),
            KUBECONFIG=str(access),
            **{variables.METRICS_PORT: str(self.measured)},
        )
        self.running.ready(OPERATOR, lambda: asking.answers(self.alive, probe["path"]), READY)

    def stop_operator(self) -> None:
        """Kill the operator."""
        self.running.kill(OPERATOR)
        self.operator = None

    @property
    def operates(self) -> bool:
        """Whether the operator that was started last still runs."""
        return self.operator is not None and self.operator.poll() is None

    def failures(self, run: str) -> float:
        """Give how often the operator's metrics say that a run failed."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.measured}{metrics.PATH}", timeout=10) as reply:
            families = list(text_string_to_metric_families(reply.read().decode()))
        samples = [each for family in families for each in family.samples if each.labels.get("job") == run]
        return float(sum(each.value for each in samples if each.name == metrics.TRAINING_FAILURES.name))

    def start_control_plane(self) -> None:
        """Start the control plane on the model store, and wait until it answers its probe."""
        self.running.python(
            CONTROL_PLANE,
            "-m",
            "aurora_programs.control_plane",
            **{
                variables.API_KEY: self.key,
                variables.MODEL_STORE: str(self.root),
                variables.PORT: str(self.port),
            },
        )
        self.running.ready(CONTROL_PLANE, lambda: asking.answers(self.port, programs.CONTROL_PLANE.readiness), READY)

    def stop_control_plane(self) -> None:
        """Kill the control plane."""
        self.running.kill(CONTROL_PLANE)

    def shown(self, path: str) -> Any:
        """Give what the control plane answers to its key; None where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={HEADER: self.key})
            return json.loads(connection.getresponse().read())
        except OSError:
            return None
        finally:
            connection.close()

    def _token(self) -> str:
        """Give a token of the operator's account, so that it may do what its committed roles say."""
        path = "/api/v1/namespaces/aurora-system/serviceaccounts/aurora-operator/token"
        asked: Object = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        return str(self.plane.server.do("POST", path, asked)["status"]["token"])
