"""Figures of judging by policies: the engine beside Kyverno's command line, in one run, with equal verdicts.

As a script it lets one of them judge so many Deployments by so many policies, and prints what that took.
"""

import hashlib
import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from aurora import manifests
from aurora.commands.context import toolbox
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.policies import judging
from aurora.policies.handing import Surroundings
from aurora.policies.matching import constraints
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Row
from measuring import AURORA, KIBIBYTES_PER_MEGABYTE, ROOT, RUNS, Figure, call, median, timed

FEW, MANY = (1000, 4), (3000, 10)
SAMPLE = 100
"""The command line judges so many of the Deployments; its time is scaled."""

POLICIES = (
    "require-resource-limits",
    "disallow-latest-tag",
    "require-mlops-labels",
    "restrict-image-registries",
    "disallow-host-access",
    "disallow-privilege",
    "disallow-token-automount",
    "require-image-digest",
    "require-read-only-models",
    "restrict-gpu-pods",
)
POLICY_STAGE = (AURORA, "synth", "--check", "--only", "policy", "--no-cache")
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: server-{number:04}, namespace: ml, labels: {{app.kubernetes.io/name: server}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app.kubernetes.io/name: server-{number:04}}}}}
  template:
    metadata: {{labels: {{app.kubernetes.io/name: server-{number:04}, app.kubernetes.io/component: inference}}}}
    spec:
      automountServiceAccountToken: false
      initContainers:
        - name: prepare
          image: registry.example.com/prepare:{tag}
          volumeMounts: [{{name: models, mountPath: /models}}]
      containers:
        - name: server
          image: registry.example.com/server:{tag}
          resources: {{requests: {{cpu: "1", memory: 1Gi}}, limits: {{memory: {memory}Gi}}}}
          securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
          volumeMounts: [{{name: models, mountPath: /models, readOnly: true}}]
        - {{name: metrics, image: "registry.example.com/metrics:1.0.{number}"}}
      volumes: [{{name: models, persistentVolumeClaim: {{claimName: models}}}}]
"""


def deployment(number: int) -> str:
    """Write a Deployment; some violate some policies."""
    return _DEPLOYMENT.format(
        number=number, tag="latest" if number % 3 == 0 else f"1.{number}.0", memory=1 + number % 7
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, seconds of processors and the most memory of the program, and what it said of the sample."""

    seconds: float
    processor: float
    megabytes: float
    said: str


def measure(name: str, objects: int, policies: int) -> dict[str, float | str]:
    """Let an engine judge, and give what `Measured` holds."""
    read = manifests.read("---\n".join(map(deployment, range(objects))).encode(), "deployments.yaml")
    inventory = Inventory(read.manifests)
    surroundings = Surroundings(inventory)
    handed = [surroundings.hand(manifest) for manifest in inventory.manifests]
    if len(handed) != objects:
        raise SystemExit(f"{objects} Deployments were wanted, {len(handed)} came out")
    tools = toolbox()
    with tempfile.TemporaryDirectory() as folder:
        judge = judging.make(name, tools.locate, workspace=Path(folder), timeout=900.0, parallel=1)
        started = time.monotonic()
        said = judge.ask([_policy(each) for each in POLICIES[:policies]], handed, surroundings)
        seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if len(said.rows) != objects * policies:
        raise SystemExit(f"`{name}` gave {len(said.rows)} verdicts instead of {objects * policies}")
    return {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / KIBIBYTES_PER_MEGABYTE,
        "said": _digest(said.rows),
    }


def _policy(name: str) -> Policy:
    path = ROOT / "policies" / name / "policy.yaml"
    (manifest,) = manifests.read(path.read_bytes(), str(path)).manifests
    return Policy(manifest, constraints(mapping(manifest.get("spec"))))


def _digest(rows: tuple[Row, ...]) -> str:
    sample = {f"server-{number:04}" for number in range(SAMPLE)}
    said = sorted(
        (row.policy, row.resource.name, row.result, row.message) for row in rows if row.resource.name in sample
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _measured(name: str, objects: int, policies: int, runs: int = RUNS) -> Measured:
    """Give the run of median length."""
    script = str(ROOT / "benchmarks" / "policies.py")
    found = [json.loads(call(sys.executable, script, name, str(objects), str(policies))) for _ in range(runs)]
    return Measured(**sorted(found, key=lambda each: each["seconds"])[runs // 2])


def figures() -> list[Figure]:
    """Measure both engines on the same Deployments, and the commands that judge by policies."""
    objects, policies = FEW
    engine, cli, large = _measured("engine", *FEW), _measured("cli", SAMPLE, policies, 1), _measured("engine", *MANY)
    if engine.said != cli.said:
        raise SystemExit("the engine and the command line give other verdicts: run `make rehearse`")
    scale = objects / SAMPLE
    what = f"{objects:,} Deployments under {policies} policies"
    return [
        Figure(f"{what}: policy engine", engine.seconds, "s", None),
        Figure(f"{what}: official command line, scaled from {SAMPLE}", cli.seconds * scale, "s", None),
        Figure(f"{what}: times faster", cli.seconds * scale / engine.seconds, "x", 50.0, at_least=True),
        Figure(f"{what}: times less processor time", cli.processor * scale / engine.processor, "x", None),
        Figure(f"{MANY[0]:,} Deployments under {MANY[1]} policies: policy engine", large.seconds, "s", 8.0),
        Figure("memory of the engine for that", large.megabytes, "MB", 400.0),
        Figure(
            "policies alone on all environments",
            median(timed(*POLICY_STAGE)),
            "s",
            None,
        ),
        Figure("aurora test: every policy, suite and mutant", median(timed(AURORA, "test"), 1), "s", 90.0),
    ]


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
