"""The arithmetic of quotas and limit ranges, against sums that were worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from aurora.checks.scaling import CHECK
from aurora.cluster import resources
from aurora.model.examples import stream
from aurora.model.finding import Severity
from aurora.model.pod_template import pod_templates
from checks.inventory_cases import judge, pointers, read

MI = Fraction(2**20)


def deployment(
    name: str = "model", *, replicas: str = "replicas: 2", strategy: str = "", containers: str = "", spec: str = ""
) -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: ml}}\nspec:\n"
        + "".join(f"  {line}\n" for line in (replicas, strategy) if line)
        + "  template:\n    spec:\n"
        + (f"      {spec}\n" if spec else "")
        + f"      containers: [{containers or container('serve', '{cpu: 500m, memory: 256Mi}')}]\n"
    )


def container(name: str, requests: str, *, limits: str = "{}", more: str = "") -> str:
    return f"{{name: {name}, image: r.example.com/i:1, resources: {{requests: {requests}, limits: {limits}}}{more}}}"


def quota(hard: str, *, scopes: str = "") -> str:
    head = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: ml}\n"
    return f"{head}spec: {{hard: {{{hard}}}{scopes}}}\n"


def job(kind: str = "Job", *, spec: str = "parallelism: 3") -> str:
    pod = f"template: {{spec: {{containers: [{container('train', '{cpu: 1, memory: 1Gi}')}]}}}}"
    body = f"{{{spec}, {pod}}}" if kind == "Job" else f"{{{spec}, jobTemplate: {{spec: {{parallelism: 3, {pod}}}}}}}"
    return f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: train, namespace: ml}}\nspec: {body}\n"


def exceeded(*streams: str) -> list[str]:
    return pointers(judge(CHECK, *streams), "scaling/quota-exceeded")


@pytest.mark.parametrize(
    ("workload", "pods"),
    [
        (deployment(strategy="strategy: {type: Recreate}"), 2),
        (deployment(strategy="strategy: {rollingUpdate: {maxSurge: 1}}"), 3),
        (deployment(), 3),
        (deployment(replicas="replicas: 4"), 4),
        (deployment(replicas="replicas: 5"), 5),
        (deployment(replicas=""), 2),
        (deployment(replicas="replicas: 4", strategy="strategy: {rollingUpdate: {maxSurge: 50%}}"), 4),
        (deployment(replicas="replicas: 4", strategy="strategy: {rollingUpdate: {maxSurge: 0}}"), 4),
        (deployment(replicas="replicas: 8", strategy="strategy: {rollingUpdate: {maxUnavailable: 0}}"), 9),
        (job(), 3),
        (job(spec="parallelism: 3, completions: 2"), 2),
        (job("CronJob", spec="concurrencyPolicy: Forbid"), 3),
    ],
)
def test_a_workload_counts_with_its_surge(workload: str, pods: int) -> None:
    assert exceeded(workload, quota(f'pods: "{pods}"')) == []
    assert exceeded(workload, quota(f'pods: "{pods - 1}"')) == ["/spec/hard/pods"]


def test_an_autoscalers_maximum_counts() -> None:
    hpa = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: model, namespace: ml}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: model}, minReplicas: 2, maxReplicas: 8}\n"
    )
    workload = deployment(replicas="")
    assert exceeded(workload, hpa, quota("requests.cpu: 4")) == []
    assert exceeded(workload, hpa, quota("requests.cpu: 3999m")) == ["/spec/hard/requests.cpu"]


def test_workloads_add_up_and_the_largest_are_named() -> None:
    many = stream(*(deployment(f"m{number}", replicas=f"replicas: {number}") for number in range(1, 6)))
    (finding,) = judge(CHECK, many, quota("memory: 3Gi"))
    assert finding.rule == "scaling/quota-exceeded"
    assert finding.message == (
        "pods may ask for 3840Mi of `memory`, the quota is 3Gi: "
        "Deployment ml/m5 5 x 256Mi, Deployment ml/m4 4 x 256Mi, Deployment ml/m3 3 x 256Mi, and 2 more"
    )


@pytest.mark.parametrize(
    ("item", "enough", "too_little"),
    [
        ("cpu", "1500m", "1499m"),
        ("requests.cpu", "1.5", "1"),
        ("memory", "768Mi", "805306367"),
        ("limits.memory", "1536Mi", "1535Mi"),
        ("requests.nvidia.com/gpu", "3", "2"),
        ("pods", "3", "2"),
    ],
)
def test_each_item_counts_its_own_resource(item: str, enough: str, too_little: str) -> None:
    requests = "{cpu: 500m, memory: 256Mi, nvidia.com/gpu: 1}"
    workload = deployment(containers=container("serve", requests, limits="{memory: 512Mi, nvidia.com/gpu: 1}"))
    assert exceeded(workload, quota(f'{item}: "{enough}"')) == []
    assert exceeded(workload, quota(f'{item}: "{too_little}"')) == [f"/spec/hard/{item.replace('/', '~1')}"]


def test_quotas_of_other_namespaces_and_other_items_do_not_count() -> None:
    elsewhere = quota('pods: "0"').replace("namespace: ml", "namespace: web")
    assert exceeded(deployment(), elsewhere, quota('count/deployments.apps: "0", persistentvolumeclaims: "0"')) == []


@pytest.mark.parametrize(
    ("spec", "memory"),
    [
        ("", 100),
        ("initContainers: [{init}]", 100),
        ("initContainers: [{big}]", 300),
        ("initContainers: [{sidecar}]", 150),
        ("initContainers: [{sidecar}, {big}]", 350),
        ("initContainers: [{big}, {sidecar}]", 300),
        ("overhead: {memory: 10Mi}", 110),
        ("resources: {requests: {memory: 500Mi}}", 500),
    ],
)
def test_init_containers_count_where_they_ask_for_more(spec: str, memory: int) -> None:
    parts = {
        "{init}": container("init", "{memory: 90Mi}"),
        "{big}": container("big", "{memory: 300Mi}"),
        "{sidecar}": container("sidecar", "{memory: 50Mi}", more=", restartPolicy: Always"),
    }
    for name, text in parts.items():
        spec = spec.replace(name, text)
    (manifest,) = read(deployment(containers=container("serve", "{memory: 100Mi}"), spec=spec))
    (pod,) = pod_templates(manifest)
    assert resources.of_pod(pod, resources.REQUESTS) == {"memory": memory * MI}


@pytest.mark.parametrize(
    ("scopes", "counts"),
    [
        ("", True),
        (", scopes: [NotTerminating]", True),
        (", scopes: [Terminating]", False),
        (", scopes: [BestEffort]", False),
        (", scopes: [NotBestEffort, NotTerminating]", True),
        (", scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}", True),
        (", scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]}", False),
        (", scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Exists}]}", True),
        (", scopes: [PriorityClass]", True),
        (", scopes: [Unknown]", False),
    ],
)
def test_a_quota_with_scopes_counts_the_pods_in_them(scopes: str, counts: bool) -> None:
    workload = deployment(spec="priorityClassName: high")
    assert (exceeded(workload, quota('pods: "1"', scopes=scopes)) != []) is counts


@pytest.mark.parametrize(("kind", "spec"), [("CronJob", "concurrencyPolicy: Allow"), ("CronJob", "schedule: x")])
def test_workloads_without_bound_are_noted(kind: str, spec: str) -> None:
    (finding,) = judge(CHECK, job(kind, spec=spec), quota('pods: "1"'))
    assert (finding.rule, finding.severity) == ("scaling/quota-unbounded", Severity.NOTE)


@pytest.mark.parametrize(
    ("requests", "limit_range", "right"),
    [
        ("{cpu: 1, memory: 1Gi}", "", True),
        ("{memory: 1Gi}", "", False),
        ("{memory: 1Gi}", "defaultRequest: {cpu: 100m}", True),
        ("{memory: 1Gi}", "max: {cpu: 4}", True),
        ("{memory: 1Gi}", "max: {memory: 4Gi}", False),
    ],
)
def test_a_quota_makes_requests_mandatory_unless_a_limit_range_adds_them(
    requests: str, limit_range: str, right: bool
) -> None:
    parts = [deployment(containers=container("serve", requests)), quota("requests.cpu: 100, requests.memory: 100Gi")]
    if limit_range:
        parts.append(
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: d, namespace: ml}\n"
            f"spec: {{limits: [{{type: Container, {limit_range}}}]}}\n"
        )
    assert ("scaling/quota-unstated" not in {finding.rule for finding in judge(CHECK, *parts)}) is right


@pytest.mark.parametrize(
    ("item", "right"),
    [
        ("requests.nvidia.com/gpu", True),
        ("nvidia.com/gpu", False),
        ("limits.nvidia.com/gpu", False),
        ("count/jobs.batch", True),
        ("gold.storageclass.storage.k8s.io/requests.storage", True),
        ("requests.cpu", True),
    ],
)
def test_devices_have_quotas_with_the_prefix_only(item: str, right: bool) -> None:
    assert ("scaling/quota-of-devices" not in {f.rule for f in judge(CHECK, quota(f'{item}: "1"'))}) is right


@pytest.mark.parametrize(
    ("limits", "right"),
    [
        ("min: {memory: 1Mi}, defaultRequest: {memory: 2Mi}, default: {memory: 2Mi}, max: {memory: 3Mi}", True),
        ("min: {memory: 4Mi}, max: {memory: 3Mi}", False),
        ("defaultRequest: {memory: 1Gi}, max: {memory: 1G}", False),
        ("min: {cpu: 1}, max: {memory: 1}", True),
    ],
)
def test_bounds_and_defaults_of_a_limit_range_are_in_order(limits: str, right: bool) -> None:
    limit_range = (
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: d, namespace: ml}\n"
        f"spec: {{limits: [{{type: Container, {limits}}}]}}\n"
    )
    assert (judge(CHECK, limit_range) == []) is right
