"""The environment on its cluster: what is applied, who serves, and how scenarios wait."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aurora_contract import store, variables
from chaos.cluster import MERGE, ControlPlane, Object, Server, conditions
from chaos.edge import Edge
from chaos.kubelet import Kubelets
from chaos.load import Load
from demo import committed

GENERATED = committed.GENERATED / committed.ENVIRONMENT
SCHEMAS = committed.GENERATED.parent / "schemas"
ROUTES = SCHEMAS / "httproutes.gateway.networking.k8s.io.json"
NAMESPACE = "aurora"
APPS, BATCH, PODS = (
    f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments",
    f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs",
    f"/api/v1/namespaces/{NAMESPACE}/pods",
)
ROUTE = f"/apis/gateway.networking.k8s.io/v1/namespaces/{NAMESPACE}/httproutes/aurora-inference"
DATASET = "housing.csv"
STABLE, CANARY = "aurora-inference", "aurora-inference-canary"
PATHS = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "Namespace": "/api/v1/namespaces",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "LimitRange": f"/api/v1/namespaces/{NAMESPACE}/limitranges",
    "ResourceQuota": f"/api/v1/namespaces/{NAMESPACE}/resourcequotas",
    "ServiceAccount": f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
    "ConfigMap": f"/api/v1/namespaces/{NAMESPACE}/configmaps",
    "PersistentVolumeClaim": f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims",
    "Service": f"/api/v1/namespaces/{NAMESPACE}/services",
    "Deployment": APPS,
    "Job": BATCH,
    "PodDisruptionBudget": f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets",
    "HTTPRoute": ROUTE.rpartition("/")[0],
    "MLTrainingJob": f"/apis/ml.aurora.example.com/v1alpha1/namespaces/{NAMESPACE}/mltrainingjobs",
    "MLDeployment": f"/apis/ml.aurora.example.com/v1alpha1/namespaces/{NAMESPACE}/mldeployments",
}


class LateError(Exception):
    """Something that was waited for did not happen."""


@dataclass(slots=True)
class Scene:
    """What scenarios act on."""

    plane: ControlPlane
    kubelets: Kubelets
    edge: Edge
    load: Load
    claim: Path
    versions: dict[str, str]

    @property
    def server(self) -> Server:
        """The API server."""
        return self.plane.server

    def pods(self, track: str) -> list[Object]:
        """Give the pods of a track that nobody deleted."""
        found = self.server.listed(f"{PODS}?labelSelector=aurora.example.com/track={track}")
        return [each for each in found if not each["metadata"].get("deletionTimestamp")]

    def ready(self, track: str) -> list[Object]:
        """Give those of them that are ready."""
        return [pod for pod in self.pods(track) if "Ready" in conditions(pod)]

    def whole(self) -> bool:
        """Tell whether both tracks have all their pods, of the newest template, and the edge knows them."""
        replicas = 0
        for name in (STABLE, CANARY):
            found = self.server.do("GET", f"{APPS}/{name}")
            wanted, status = found["spec"]["replicas"], found.get("status", {})
            current = status.get("observedGeneration") == found["metadata"]["generation"]
            numbers = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")]
            if not current or numbers != [wanted] * 3:
                return False
            replicas += wanted
        return len(self.edge.servers) == replicas

    def container(self, name: str, changes: Object) -> None:
        """Change the containers of a Deployment's template: the main one and the gate alike."""
        path = f"{APPS}/{name}"
        spec = self.server.do("GET", path)["spec"]["template"]["spec"]
        for each in (*spec["containers"], *spec["initContainers"]):
            each["image"] = changes.get("image", each["image"])
            for one in each["env"]:
                one["value"] = changes.get("env", {}).get(one["name"], one["value"])
        body = {key: spec[key] for key in ("containers", "initContainers")}
        self.server.do("PATCH", path, {"spec": {"template": {"spec": body}}}, MERGE)

    def train(self, version: str) -> str:
        """Create the Job of a version from the committed template, as the operator does, and give its name."""
        (path,) = (GENERATED / "training").rglob("configmap.*.yaml")
        job: Object = json.loads(yaml.safe_load(path.read_text())["data"]["job.json"])
        (container,) = job["spec"]["template"]["spec"]["containers"]
        stated = {variables.MODEL_VERSION: version, variables.DATASET: f"{store.MOUNT_PATH}/{DATASET}"}
        for one in container["env"]:
            one["value"] = stated.get(one["name"], one["value"])
        job["metadata"]["name"] = f"california-housing-{version}"
        job["spec"]["backoffLimit"] = 0
        self.server.do("POST", BATCH, job)
        return str(job["metadata"]["name"])

    def training(self, version: str) -> Object:
        """Give the committed resource of a training, for another version."""
        (path,) = (GENERATED / "training").rglob("mltrainingjob.*.yaml")
        text = path.read_text()
        return dict(yaml.safe_load(text.replace(yaml.safe_load(text)["spec"]["output"]["version"], version)))

    def job(self, name: str, kind: str) -> bool:
        """Tell whether a Job ended, with a condition.

        Raises:
            LateError: it ended otherwise.
        """
        found = set(conditions(self.server.do("GET", f"{BATCH}/{name}"))) & {"Complete", "Failed"}
        if found - {kind}:
            raise LateError(f"the Job {name} is {', '.join(found)}: {self.said(name)}")
        return kind in found

    def said(self, job: str) -> Any:
        """Give the termination message of a Job's pod."""
        (pod,) = self.server.listed(f"{PODS}?labelSelector=job-name={job}")
        return json.loads(pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"])


def until(what: str, true: Callable[[], bool], seconds: float = 120.0) -> float:
    """Wait until something is true, and give the seconds.

    Raises:
        LateError: it is not true in time.
    """
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > seconds:
            raise LateError(f"{what}: not after {seconds:.0f} s")
        time.sleep(0.1)
    return round(time.monotonic() - begun, 1)


def apply(server: Server, folder: str, *kinds: str) -> None:
    """Apply the committed objects of these kinds in a component, in this order."""
    objects = [yaml.safe_load(path.read_text()) for path in sorted((GENERATED / folder).rglob("*.yaml"))]
    for kind in kinds:
        for each in objects:
            if each["kind"] == kind:
                server.apply(PATHS[kind], each)


def define(server: Server) -> None:
    """Apply our definitions, and that of routes from the pack."""
    apply(server, "api", "CustomResourceDefinition")
    routes = json.loads(ROUTES.read_text())
    routes["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, of a rehearsal"}
    server.apply(PATHS["CustomResourceDefinition"], routes)
    for each in ("MLTrainingJob", "MLDeployment", "HTTPRoute"):
        until(f"{each} is served", lambda path=PATHS[each]: server.ask("GET", path)[0] == 200)  # type: ignore[misc]


def prepare(server: Server) -> None:
    """Apply namespaces, quotas, accounts, the claim with a volume, and what pods read."""
    define(server)
    apply(server, "namespaces", "Namespace", "LimitRange", "ResourceQuota")
    for folder in ("training", "inference", "model-store"):
        apply(server, folder, "StorageClass", "ServiceAccount", "ConfigMap", "PersistentVolumeClaim")
    (claim,) = server.listed(PATHS["PersistentVolumeClaim"])
    spec, name = claim["spec"], claim["metadata"]["name"]
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "models"},
        "spec": {
            "capacity": spec["resources"]["requests"],
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"],
            "hostPath": {"path": "/simulated"},
            "claimRef": {"namespace": NAMESPACE, "name": name},
        },
    }
    server.apply("/api/v1/persistentvolumes", volume)
    path = f"{PATHS['PersistentVolumeClaim']}/{name}"
    until("the claim is bound", lambda: server.do("GET", path)["status"].get("phase") == "Bound")
