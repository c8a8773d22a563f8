"""The environment on its cluster: what is applied, who serves, and how scenarios wait."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from aurora_contract import store
from chaos.cluster import MERGE, ControlPlane, Object, Server, conditions
from chaos.edge import Edge
from chaos.kubelet import Kubelets
from chaos.load import Load
from chaos.platform import Platform
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
ROLES = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
STABLE, CANARY = "aurora-inference", "aurora-inference-canary"
RIGHTS = "/apis/rbac.authorization.k8s.io/v1"
PATHS = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "Namespace": "/api/v1/namespaces",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "ClusterRole": f"{RIGHTS}/clusterroles",
    "ClusterRoleBinding": f"{RIGHTS}/clusterrolebindings",
    "Role": f"{RIGHTS}/namespaces/{NAMESPACE}/roles",
    "RoleBinding": f"{RIGHTS}/namespaces/{NAMESPACE}/rolebindings",
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
    platform: Platform
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

    def ask_for(self, version: str) -> str:
        """Ask for a version as Git does, by the operator's template and a resource; give the name of the run.

        It is not tried again where it fails, and its data is on the claim.
        """
        (template,), (resource,) = (
            [path.read_text() for path in (GENERATED / "training").rglob(f"{kind}.*.yaml")]
            for kind in ("configmap", "mltrainingjob")
        )
        stated = yaml.safe_load(resource)
        changes = {
            stated["spec"]["output"]["version"]: version,
            stated["spec"]["dataset"]["uri"]: f"{store.MOUNT_PATH}/{DATASET}",
        }
        for before, after in changes.items():
            template = template.replace(before, after)
        job: Object = json.loads(yaml.safe_load(template)["data"]["job.json"])
        job["spec"]["backoffLimit"] = 0
        self.server.apply(PATHS["ConfigMap"], {**yaml.safe_load(template), "data": {"job.json": json.dumps(job)}})
        run: Object = yaml.safe_load(resource.replace(stated["spec"]["output"]["version"], version))
        run["spec"]["retry"]["backoffLimit"] = 0
        self.server.apply(PATHS["MLTrainingJob"], run)
        return str(run["metadata"]["name"])

    def status(self, run: str) -> Object:
        """Give what the operator says of a run."""
        return dict(self.server.do("GET", f"{PATHS['MLTrainingJob']}/{run}").get("status") or {})

    def there(self, kind: str, name: str) -> bool:
        """Tell whether there is an object."""
        return self.server.ask("GET", f"{PATHS[kind]}/{name}")[0] == 200

    def ended(self, run: str, phase: str = "Succeeded") -> bool:
        """Tell whether a run ended, with a phase.

        Raises:
            LateError: it ended otherwise.
        """
        status = self.status(run)
        if status.get("phase") in {"Succeeded", "Failed"} - {phase}:
            raise LateError(f"the run {run} is {status['phase']}: {status['conditions'][0]['message']}")
        return status.get("phase") == phase

    def complete(self, job: str) -> bool:
        """Tell whether a Job is complete.

        Raises:
            LateError: it failed.
        """
        found = set(conditions(self.server.do("GET", f"{BATCH}/{job}")))
        if "Failed" in found:
            raise LateError(f"the Job {job} failed")
        return "Complete" in found


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
                stated = each["metadata"].get("namespace", NAMESPACE)
                server.apply(PATHS[kind].replace(f"/{NAMESPACE}/", f"/{stated}/"), each)


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
    for folder in ("operator", "inference", "model-store"):
        apply(server, folder, "StorageClass", "ServiceAccount", "ConfigMap", "PersistentVolumeClaim", *ROLES)
    apply(server, "training", "ServiceAccount")
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
