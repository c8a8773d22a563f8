"""Every kind with pods in the table: one broken pod is told as in a Job, at the exact place, in each form."""

from __future__ import annotations

import pytest

from aurora.checks import references, scaling, storage
from aurora.checks.check import InventoryCheck
from aurora.cluster import workloads
from aurora.cluster.replicas import Replicas
from aurora.kinds import table
from aurora.kinds.entry import Form, Kind, PodPlace
from aurora.kinds.paths import EACH, Path
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora.yamlio import writing
from checks.inventory_cases import judge, read

NAMESPACE = "shop"
CONTAINER: JsonObject = {
    "name": "work",
    "image": "registry.example.com/work:v1",
    "envFrom": [{"secretRef": {"name": "missing-secret"}}],
    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    "lifecycle": {"preStop": {"sleep": {"seconds": 60}}},
    "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
}
VOLUME: JsonObject = {"name": "data", "persistentVolumeClaim": {"claimName": "missing-claim"}}
SCRATCH: JsonObject = {"name": "scratch", "emptyDir": {}}
SPEC: JsonObject = {
    "serviceAccountName": "missing-account",
    "containers": [CONTAINER],
    "volumes": [VOLUME, SCRATCH],
}
IN_SPEC = {
    ("references/service-account", "/serviceAccountName"),
    ("references/claim", "/volumes/0/persistentVolumeClaim/claimName"),
    ("storage/unbounded", "/volumes/1/emptyDir"),
}
IN_CONTAINER = {
    ("references/secret", "/envFrom/0/secretRef/name"),
    ("scaling/request-over-limit", "/resources/limits/cpu"),
}
"""What the pod says that is wrong; partial pods are judged by no more."""
LEFT_OUT = {("storage/unused-volume", "/volumes/1/name")}, {("scaling/grace-below-sleep", "/lifecycle/preStop")}
"""What is wrong only if nothing is added to the pod: in its spec, in its container."""
CHECKS: tuple[InventoryCheck, ...] = (references.CHECK, scaling.CHECK, storage.CHECK)

PLACES = [(kind, place) for kind in table.every() for place in kind.pods]


def named(entry: tuple[Kind, PodPlace]) -> str:
    kind, place = entry
    return f"{kind.name}:{'.'.join(place.at)}"


def written(form: Form) -> JsonObject:
    """Write the broken pod in a form."""
    match form:
        case Form.TEMPLATE:
            return {"spec": SPEC}
        case Form.COMPONENT:
            return {**SPEC, "containers": [], "model": CONTAINER}
        case Form.CONTAINER:
            return CONTAINER
        case Form.WORKFLOW:
            account: JsonObject = {"serviceAccountName": SPEC["serviceAccountName"], "volumes": SPEC["volumes"]}
            return {**account, "templates": [{"name": "one", "container": CONTAINER}]}
    return SPEC


def at(path: Path, value: JsonValue) -> JsonValue:
    """Put a value where a path leads; `*` becomes a list with one item."""
    for step in reversed(path):
        value = [value] if step == EACH else {step: value}
    return value


def probe(kind: Kind, place: PodPlace) -> set[tuple[str, str]]:
    """Judge an object of a kind whose one pod is broken; give the rule and the pointer of each finding."""
    body = at(place.at, written(place.form))
    assert isinstance(body, dict)
    metadata: JsonObject = {"name": "probe", **({"namespace": NAMESPACE} if kind.namespaced else {})}
    api_version = f"{kind.group}/v1" if kind.group else "v1"
    stream = (
        writing.dump({"apiVersion": api_version, "kind": kind.name, **body, "metadata": metadata}),
        f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {NAMESPACE}}}\n",
    )
    return {(found.rule, found.pointer or "") for check in CHECKS for found in judge(check, *stream)}


def roots(place: PodPlace) -> tuple[str, str]:
    """Give the pointers to the pod's spec and to its container, written down by hand for each form."""
    root = "".join(f"/{'0' if step == EACH else step}" for step in place.at)
    match place.form:
        case Form.TEMPLATE:
            return f"{root}/spec", f"{root}/spec/containers/0"
        case Form.COMPONENT:
            return root, f"{root}/model"
        case Form.CONTAINER:
            return "", root
        case Form.WORKFLOW:
            return root, f"{root}/templates/0/container"
    return root, f"{root}/containers/0"


def expected(place: PodPlace) -> set[tuple[str, str]]:
    spec, container = roots(place)
    partial = place.partial or place.form is Form.COMPONENT
    in_spec = IN_SPEC if partial else IN_SPEC | LEFT_OUT[0]
    in_container = IN_CONTAINER if partial else IN_CONTAINER | LEFT_OUT[1]
    told = {(rule, container + end) for rule, end in in_container}
    return told | ({(rule, spec + end) for rule, end in in_spec} if place.form is not Form.CONTAINER else set())


@pytest.mark.parametrize("entry", PLACES, ids=named)
def test_a_broken_pod_is_told_as_in_a_job_at_the_exact_place(entry: tuple[Kind, PodPlace]) -> None:
    assert probe(*entry) == expected(entry[1])


def test_a_secret_of_any_namespace_serves_the_pods_of_a_kind_without_one() -> None:
    """Whoever uses a cluster-scoped runtime chooses the namespace, so only what is nowhere is missing."""
    runtime = (
        "apiVersion: serving.kserve.io/v1alpha1\nkind: ClusterServingRuntime\nmetadata: {name: server}\n"
        "spec: {containers: [{name: kserve-container, envFrom: [{secretRef: {name: hub}}]}]}\n"
    )
    provided = "apiVersion: v1\nkind: Secret\nmetadata: {name: hub, namespace: shop}\n"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    assert [found.rule for found in judge(references.CHECK, runtime, namespace)] == ["references/secret"]
    assert judge(references.CHECK, runtime, provided, namespace) == []


def pods(text: str) -> list[PodTemplate]:
    return [pod for manifest in read(text) for pod in pod_templates(manifest)]


WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: train, namespace: shop}
spec:
  serviceAccountName: runner
  podMetadata: {labels: {team: ml}}
  volumes: [{name: data, emptyDir: {}}]
  templateDefaults: {tolerations: [{key: gpu}], nodeSelector: {a: b}}
  templates:
    - {name: steps, steps: [[{name: a, template: fit}]]}
    - name: fit
      metadata: {labels: {step: fit}}
      nodeSelector: {c: d}
      initContainers: [{name: fetch}]
      container: {image: "registry.example.com/fit:v1"}
      sidecars: [{name: log}]
    - name: pair
      serviceAccountName: other
      podSpecPatch: "hostNetwork: true"
      containerSet: {containers: [{name: one}, {name: two}]}
"""


def test_a_workflow_makes_a_pod_of_each_template_with_containers() -> None:
    fit, pair = pods(WORKFLOW)
    assert [container.name for container in fit.containers] == ["fetch", "main", "log"]
    assert [container.init for container in fit.containers] == [True, False, False]
    assert (fit.labels, fit.partial) == ({"team": "ml", "step": "fit"}, "")
    assert fit.at("serviceAccountName") == ("spec", "serviceAccountName")
    assert fit.at("tolerations", 0) == ("spec", "templateDefaults", "tolerations", 0)
    assert (fit.get("nodeSelector"), fit.at("nodeSelector")) == ({"c": "d"}, ("spec", "templates", 1, "nodeSelector"))
    assert [steps for steps, _ in fit.volumes] == [("spec", "volumes", 0)]
    assert [container.steps[-3:] for container in pair.containers] == [
        ("containerSet", "containers", 0),
        ("containerSet", "containers", 1),
    ]
    assert (pair.get("serviceAccountName"), pair.partial) == ("other", "`podSpecPatch` changes the pod")


SHARED = """\
apiVersion: argoproj.io/v1alpha1
kind: %s
metadata: {name: shared, namespace: shop}
spec:
  %s
  serviceAccountName: %s
  podPriorityClassName: "{{workflow.parameters.priority}}"
  volumes:
    - {name: data, emptyDir: {}}
    - {name: spare, emptyDir: {}}
    - {name: "{{workflow.parameters.volume}}", secret: {secretName: "{{workflow.parameters.secret}}"}}
    - {name: claim, persistentVolumeClaim: {claimName: "{{workflow.parameters.claim}}"}}
  volumeClaimTemplates: [{metadata: {name: work}, spec: {accessModes: [ReadWriteOnce], storageClassName: ""}}]
  templates:
    - name: one
      inputs: {artifacts: [{name: a, s3: {accessKeySecret: {name: "{{inputs.parameters.keys}}", key: k}}}]}
      container: {volumeMounts: [{name: work, mountPath: /w}, {name: data, mountPath: /d}]}
    - name: two
      container:
        envFrom: [{configMapRef: {name: "{{inputs.parameters.settings}}"}}]
        volumeMounts: [{name: work, mountPath: /w}, {name: claim, mountPath: /c}]
"""


@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate", "CronWorkflow"])
def test_templates_of_a_workflow_share_its_volumes_and_what_is_wrong_with_them(kind: str) -> None:
    cron = kind == "CronWorkflow"
    text = SHARED % (kind, "workflowSpec:" if cron else "suspend: false", "nobody")
    text = text.replace("\n  ", "\n    ").replace("\n    workflowSpec", "\n  workflowSpec") if cron else text
    at = "/spec/workflowSpec" if cron else "/spec"
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    found = [
        (finding.rule, finding.pointer)
        for check in (references.CHECK, storage.CHECK)
        for finding in judge(check, text, namespace)
    ]
    assert sorted(found, key=str) == [
        ("references/service-account", f"{at}/serviceAccountName"),
        ("storage/unbounded", f"{at}/volumes/0/emptyDir"),
        ("storage/unbounded", f"{at}/volumes/1/emptyDir"),
        ("storage/unused-volume", f"{at}/volumes/1/name"),
    ]
    filled = text.replace("nobody", '"{{workflow.parameters.account}}"')
    filled = filled.replace("mountPath: /d}", 'mountPath: /d}, {name: "{{inputs.parameters.any}}", mountPath: /e}')
    left = {finding.rule for check in (references.CHECK, storage.CHECK) for finding in judge(check, filled, namespace)}
    assert left == {"storage/unbounded"}


def test_a_component_with_containers_of_its_own_is_whole() -> None:
    (pod,) = pods(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a, namespace: shop}\n"
        "spec: {predictor: {labels: {app: a}, containers: [{name: kserve-container}]}}\n"
    )
    made = {"serving.kserve.io/inferenceservice": "a", "component": "predictor"}
    assert (pod.partial, pod.labels) == ("", {"app": "a", **made})
    assert pod.metadata_at("labels") == ("spec", "predictor", "labels")


JOBS = "{replicas: 2, template: {spec: {parallelism: 3, template: {}}}}"
WORKERS = "{replicas: 2, minReplicas: 1, maxReplicas: 4, numOfHosts: 2, template: {}}"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("apps/v1, kind: Deployment, spec: {replicas: 3, template: {}}", 3, 3),
        ("batch/v1, kind: Job, spec: {parallelism: 4, completions: 2, template: {}}", 2, 2),
        ("argoproj.io/v1alpha1, kind: Rollout, spec: {replicas: 2, template: {}}", 2, 2),
        (f"jobset.x-k8s.io/v1, kind: JobSet, spec: {{replicatedJobs: [{JOBS}]}}", 6, 6),
        (f"ray.io/v1, kind: RayCluster, spec: {{workerGroupSpecs: [{WORKERS}]}}", 2, 8),
        ("keda.sh/v1alpha1, kind: ScaledJob, spec: {jobTargetRef: {parallelism: 2, template: {}}}", 0, 200),
        ("serving.kserve.io/v1, kind: InferenceService, spec: {predictor: {minReplicas: 0, maxReplicas: 2}}", 0, 2),
        ("monitoring.coreos.com/v1, kind: Prometheus, spec: {shards: 2, replicas: 2}", 4, 4),
    ],
)
def test_the_number_of_pods_is_read_from_the_fields_of_the_table(text: str, least: int, most: int) -> None:
    manifest = read(f"{{apiVersion: {text}, metadata: {{name: a, namespace: shop}}}}\n")[0]
    inventory = Inventory((manifest,))
    (pod,) = inventory.pods()
    assert workloads.index(inventory).replicas(pod) == Replicas(least, most)


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: set, namespace: shop}
spec:
  volumes: [{name: work, emptyDir: {sizeLimit: 1Gi}}]
  volumeClaimTemplates: [{metadata: {name: kept}, spec: {accessModes: [ReadWriteMany], storageClassName: disks}}]
  templates:
    - name: all
      containerSet:
        volumeMounts: [{name: work, mountPath: /w}, {name: kept, mountPath: /k}]
        containers: [{name: one}, {name: two}]
"""
DISKS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: disks}\nprovisioner: ebs.csi.aws.com\n"


def test_containers_of_a_set_share_its_mounts() -> None:
    found = [(entry.rule, entry.pointer) for entry in judge(storage.CHECK, SET)]
    assert found == []
    missing = judge(storage.CHECK, SET.replace("{name: work, mountPath", "{name: wrok, mountPath"))
    assert {(entry.rule, entry.pointer) for entry in missing} == {
        ("storage/no-volume", "/spec/templates/0/containerSet/volumeMounts/0/name"),
        ("storage/unused-volume", "/spec/volumes/0/name"),
    }


def test_claim_templates_of_a_workflow_are_claims() -> None:
    (found,) = judge(storage.CHECK, SET, DISKS)
    assert (found.rule, found.pointer) == ("storage/access-mode", "/spec/volumeClaimTemplates/0/spec/accessModes/0")
    classes = [entry for entry in judge(references.CHECK, SET) if entry.rule == "references/storage-class"]
    assert [entry.pointer for entry in classes] == ["/spec/volumeClaimTemplates/0/spec/storageClassName"]


CALLER = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: caller, namespace: shop}
spec:
  volumes: [{name: work, emptyDir: {sizeLimit: 1Gi}}]
  templates:
    - {name: main, dag: {tasks: [{name: a, templateRef: {name: library, template: fit, clusterScope: %s}}]}}
    - {name: own, container: {}}
"""
LIBRARY = """\
apiVersion: argoproj.io/v1alpha1
kind: %sWorkflowTemplate
metadata: {name: library%s}
spec: {templates: [{name: fit, container: {volumeMounts: [{name: work, mountPath: /w}]}}]}
"""


@pytest.mark.parametrize(("prefix", "place"), [("", ", namespace: shop"), ("Cluster", "")])
def test_a_template_of_another_object_is_there_and_shares_the_volumes(prefix: str, place: str) -> None:
    caller, library = CALLER % str(bool(prefix)).lower(), LIBRARY % (prefix, place)
    checks = (references.CHECK, storage.CHECK)
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    assert [entry.message for check in checks for entry in judge(check, caller, library, namespace)] == []
    (missing,) = [entry for check in checks for entry in judge(check, caller, namespace)]
    assert (missing.pointer, f"{prefix}WorkflowTemplate" in missing.message) == (
        "/spec/templates/0/dag/tasks/0/templateRef/name",
        True,
    )
