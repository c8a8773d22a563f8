"""What the report says of environments: capacity is the quota check's arithmetic, routing and versions are read."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks.scaling import CHECK as SCALING
from aurora.model.control_matrix import Objects
from aurora.model.inventory import Inventory
from aurora.model.overview import Capacity, Standing, Version
from aurora.overview.capacity import capacity
from aurora.overview.versions import versions
from aurora.paths import RepositoryPaths
from overview.overview_cases import PATHS, ROOT, committed
from reference.platform import NAMES

GI = 2**30


def namespaces(stream: str) -> dict[str, Capacity]:
    found = manifests.read(stream.encode(), "stream.yaml")
    assert found.findings == ()
    return {entry.namespace: entry for entry in capacity(Inventory(found.manifests, closed=True))}


def amounts(stream: str) -> dict[str, tuple[float, float | None]]:
    return {
        entry.item: (float(entry.most), None if entry.quota is None else float(entry.quota))
        for entry in namespaces(stream)["shop"].amounts
    }


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  strategy: {rollingUpdate: {maxSurge: 1}}
  template:
    spec:
      containers:
        - name: web
          resources:
            requests: {cpu: 500m, memory: 1Gi, nvidia.com/gpu: 1}
            limits: {memory: 2Gi, nvidia.com/gpu: 1}
"""
QUOTA = """\
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {cpu: "4", limits.memory: 16Gi, pods: "10", services: "5", requests.nvidia.com/gpu: "2"}}
"""


def test_every_replica_and_the_surge_of_an_update_count() -> None:
    assert amounts(DEPLOYMENT) == {
        "pods": (4, None),
        "requests.cpu": (2, None),
        "requests.memory": (4 * GI, None),
        "limits.memory": (8 * GI, None),
        "requests.nvidia.com/gpu": (4, None),
    }


def test_quotas_stand_beside_what_they_bound_whatever_they_call_it() -> None:
    found = amounts(DEPLOYMENT + QUOTA)
    assert found["requests.cpu"] == (2, 4)
    assert found["pods"] == (4, 10)
    assert found["limits.memory"] == (8 * GI, 16 * GI)
    assert found["requests.nvidia.com/gpu"] == (4, 2)
    assert "services" not in found  # nothing here counts them


def test_the_lowest_of_two_quotas_counts() -> None:
    second = QUOTA.replace("name: quota", "name: second").replace('cpu: "4"', 'requests.cpu: "3"')
    assert amounts(DEPLOYMENT + QUOTA + second)["requests.cpu"] == (2, 3)


def test_an_autoscaler_counts_with_its_maximum() -> None:
    scaler = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 7}
"""
    assert amounts(DEPLOYMENT + scaler)["pods"] == (8, None)


def test_claims_and_templates_of_claims_are_storage() -> None:
    stream = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: shop}
spec: {resources: {requests: {storage: 10Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 3
  template: {spec: {containers: [{name: db}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 5Gi}}}}]
"""
    found = amounts(stream)
    assert found["requests.storage"] == (25 * GI, None)
    assert found["persistentvolumeclaims"] == (4, None)


def test_what_is_left_out_is_said() -> None:
    daemons = """\
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {template: {spec: {containers: [{name: agent}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: job, namespace: shop}
data: {job.json: '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}}'}
"""
    scoped = QUOTA.replace("spec: {", "spec: {scopes: [BestEffort], ")
    found = namespaces(DEPLOYMENT + daemons + scoped)["shop"]
    assert [note.split(":")[0] for note in found.notes] == [
        "not counted, since nothing bounds their number",
        "not counted",
        "not compared",
    ]
    assert "DaemonSet shop/agent" in found.notes[0]
    assert all(entry.quota is None for entry in found.amounts)


def test_the_report_exceeds_a_quota_exactly_where_the_check_does() -> None:
    (rule,) = [entry for entry in SCALING.rules if entry.id == "scaling/quota-exceeded"]
    for gpus in range(1, 7):
        stream = DEPLOYMENT + QUOTA.replace('gpu: "2"', f'gpu: "{gpus}"')
        read = manifests.read(stream.encode(), "stream.yaml")
        judged = any(rule.find(Inventory(read.manifests, closed=True)))
        over = any(quota is not None and most > quota for most, quota in amounts(stream).values())
        assert judged is over is (gpus < 4)


# The committed environments.


def test_both_profiles_say_where_requests_go() -> None:
    (prod,) = committed("aurora-prod").environments[0].routes
    assert prod.hosts == ("inference.ml.example.com",)
    assert [(entry.service, entry.share, entry.versions) for entry in prod.backends] == [
        ("aurora/aurora-inference-canary", None, ("v20261101-090000",)),
        ("aurora/aurora-inference", Fraction(9, 10), ("v20260901-120000",)),
        ("aurora/aurora-inference-canary", Fraction(1, 10), ("v20261101-090000",)),
    ]
    assert prod.backends[0].condition == "requests with a certain header"
    dev = [entry for route in committed("aurora-dev").environments[0].routes for entry in route.backends]
    assert {(entry.service, entry.share) for entry in dev} == {
        ("aurora/aurora-inference-canary", Fraction(1, 4)),
        ("aurora/aurora-inference", Fraction(3, 4)),
    }
    assert [entry.pods for entry in dev if "canary" in entry.service] == ["1 pod"]


@pytest.mark.parametrize("name", NAMES)
def test_every_component_is_listed_with_its_objects_and_line(name: str) -> None:
    (found,) = committed(name).environments
    files = list((PATHS.generated / name).rglob("*.yaml"))
    own = [path for path in files if path.relative_to(PATHS.generated / name).parts[0] != "argocd"]
    assert found.objects == Objects(committed=len(files), rendered=0)
    assert sum(component.objects for component in found.components) == len(own)
    for component in found.components:
        line = (ROOT / component.place.path).read_text().splitlines()[component.place.line - 1]
        assert component.name in line


@pytest.mark.parametrize("name", NAMES)
def test_versions_are_compared_with_the_current_ones(name: str) -> None:
    (found,) = committed(name).environments
    standings = {version.path: version.standing for version in found.versions}
    assert standings["cluster.kubernetes"] is Standing.CURRENT
    assert standings["components.platform.charts.kyverno.version"] is Standing.CURRENT
    own = [path for path, standing in standings.items() if standing is Standing.OWN]
    assert any("ingress" in path for path in own)
    assert "images.inference.tag" in own
    assert Standing.OTHER not in standings.values()


def test_an_overridden_version_says_what_is_current_and_where_it_is_written(tmp_path: Path) -> None:
    shutil.copytree(PATHS.environments, tmp_path / "environments")
    paths = RepositoryPaths(tmp_path)
    file = paths.environment("aurora-dev")
    file.write_text(file.read_text().replace("    charts:\n", "    charts:\n      kyverno: {version: 3.8.0}\n", 1))
    (found,) = [entry for entry in versions(paths, "aurora-dev") if entry.path.endswith("kyverno.version")]
    assert (found.value, found.current, found.standing) == ("3.8.0", "3.9.0", Standing.OTHER)
    assert found.place is not None
    assert found.place.path == "environments/aurora-dev.yaml"


def test_a_repository_without_current_versions_has_only_its_own(tmp_path: Path) -> None:
    paths = RepositoryPaths(tmp_path)
    paths.environments.mkdir()
    paths.environment("a").write_text("metadata: {name: a}\ncluster: {kubernetes: '1.35'}\n")
    assert [(entry.path, entry.standing) for entry in versions(paths, "a")] == [("cluster.kubernetes", Standing.OWN)]


def test_a_version_without_place_is_possible() -> None:
    assert Version(path="a", value="1", current="2", place=None).standing is Standing.OTHER
