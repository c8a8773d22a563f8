"""Pods and node pools: who reaches what, with the figures, and what nobody can know."""

from __future__ import annotations

from typing import Any

import pytest

from aurora import manifests
from aurora.checks.scheduling import CHECK
from aurora.cluster.placement import placement
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult
from checks.test_rule_examples import SETTINGS
from environment.test_cluster_facts import AKS, EKS, cluster

SYSTEM = {"machine": "Standard_D4s_v3", "mode": "system", "minimum": 2, "maximum": 4}
GPU = {
    "machine": "Standard_NC4as_T4_v3",
    "capacity": "spot",
    "minimum": 0,
    "maximum": 2,
    "labels": {"nvidia.com/gpu.present": "true"},
    "taints": [{"key": "nvidia.com/gpu", "value": "true"}],
}
SPOT = "{key: kubernetes.azure.com/scalesetpriority, operator: Exists}"


def pod(spec: str = "", resources: str = "{}", *, kind: str = "Deployment", name: str = "web", more: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: ml}}
spec:
  template:
    spec:
      {spec}
      containers: [{{name: main, image: "r.example.com/{name}:1", resources: {resources}}}]
      {more}
"""


def inventory(*streams: str, facts: dict[str, Any] = AKS, **pools: Any) -> Inventory:
    read = manifests.read("\n---\n".join(streams).encode(), "example.yaml")
    assert not read.findings, read.findings
    stated = cluster(facts, pools=pools or {"system": SYSTEM, "gpu": GPU})
    return Inventory(read.manifests, environment="example", closed=True, cluster=stated)


def judge(*streams: str, facts: dict[str, Any] = AKS, **pools: Any) -> CheckResult:
    return CHECK.run(inventory(*streams, facts=facts, **pools), SETTINGS)


def messages(rule: str, *streams: str, facts: dict[str, Any] = AKS, **pools: Any) -> list[str]:
    found = judge(*streams, facts=facts, **pools).findings
    return [finding.message for finding in found if finding.rule == f"scheduling/{rule}"]


def why(*streams: str, facts: dict[str, Any] = AKS, **pools: Any) -> str:
    (message,) = messages("unreachable", *streams, facts=facts, **pools)
    return message


def gpu_pod(count: int = 1, memory: str = "8Gi", tolerations: str = f"[{SPOT}]") -> str:
    asked = f"{{limits: {{nvidia.com/gpu: {count}, memory: {memory}}}}}"
    return pod(f"tolerations: {tolerations}", asked, name="llm")


def preferring(pool: str, tolerations: str = "[{operator: Exists}]") -> str:
    term = f"{{matchExpressions: [{{key: agentpool, operator: In, values: [{pool}]}}]}}"
    affinity = f"{{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, preference: {term}}}]}}"
    return pod(f"tolerations: {tolerations}", more=f"affinity: {{nodeAffinity: {affinity}}}")


def test_a_pod_that_asks_for_nothing_runs_on_any_pool_without_taint() -> None:
    (small,) = inventory(pod()).pods()
    assert [pool.name for pool in placement(inventory(pod())).reached(small)] == ["system"]


def test_aks_tolerates_the_taint_of_a_device_for_pods_that_request_it_and_not_that_of_spot() -> None:
    assert messages("unreachable", gpu_pod()) == []
    assert "`gpu`: its taint `kubernetes.azure.com/scalesetpriority=spot:NoSchedule`" in why(gpu_pod(tolerations="[]"))


def test_eks_tolerates_nothing_for_a_pod() -> None:
    pools = {"gpu": {"machine": "g4dn.xlarge", "minimum": 0, "maximum": 2, "taints": GPU["taints"]}}
    assert "`gpu`: its taint `nvidia.com/gpu=true:NoSchedule` is not tolerated" in why(gpu_pod(), facts=EKS, **pools)
    equal = '[{key: nvidia.com/gpu, operator: Equal, value: "true"}]'
    assert messages("unreachable", gpu_pod(tolerations=equal), facts=EKS, **pools) == []
    assert messages("unreachable", gpu_pod(tolerations=equal.replace('"true"', '"yes"')), facts=EKS, **pools)


def test_more_gpus_than_a_machine_has_are_said_in_figures() -> None:
    message = why(gpu_pod(2))
    assert "`system`: needs 2 GPUs, its machines have none" in message
    assert "`gpu`: needs 2 GPUs, `Standard_NC4as_T4_v3` has 1 GPU for pods" in message


def test_memory_is_compared_with_what_the_node_leaves_to_pods() -> None:
    # Of 16 GiB, AKS keeps a quarter and 100 MiB for itself with 250 pods.
    assert messages("unreachable", pod(resources="{requests: {memory: 11Gi}}"), system=SYSTEM) == []
    message = why(pod(resources="{requests: {memory: 12Gi}}"), system=SYSTEM)
    assert message.endswith("(`system`: needs 12 GiB of memory, `Standard_D4s_v3` has 11.9 GiB of memory for pods)")


def test_an_init_container_counts_where_it_needs_more_than_the_containers_together() -> None:
    first = "initContainers: [{name: first, image: r.example.com/a:1, resources: {requests: {cpu: 7}}}]"
    assert "needs 7 CPUs" in why(pod(more=first), system=SYSTEM)


def test_what_daemon_sets_take_of_a_node_is_not_left_to_others() -> None:
    daemon = pod(resources="{requests: {memory: 2Gi}}", kind="DaemonSet", name="agent")
    workload = pod(resources="{requests: {memory: 11Gi}}")
    assert "has 9.902 GiB" in why(daemon, workload, system=SYSTEM)
    stated = {**AKS, "nodeOverhead": {"memory": "3Gi"}}
    assert "has 8.902 GiB" in why(daemon, workload, facts=stated, system=SYSTEM)
    kept_off = {**SYSTEM, "mode": "user", "taints": [{"key": "a"}]}
    assert messages("unreachable", daemon, workload, system=SYSTEM, other=kept_off) != []


def test_a_label_that_a_discovery_adds_starts_no_first_node() -> None:
    wanted = f"nodeSelector: {{nvidia.com/gpu.product: Tesla-T4}}\n      tolerations: [{SPOT}]"
    workload = pod(wanted, "{limits: {nvidia.com/gpu: 1}}")
    assert "`nvidia.com/gpu.product` comes with a running node" in why(workload)
    assert messages("unreachable", workload, gpu={**GPU, "minimum": 1}) == []


def test_required_affinity_needs_one_of_its_terms_and_all_of_its_expressions() -> None:
    def affinity(*terms: str) -> str:
        required = f"{{nodeSelectorTerms: [{', '.join(terms)}]}}"
        return pod(f"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {required}}}}}")

    arm = "{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]}"
    amd = "{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}"
    both = "{matchExpressions: [{key: kubernetes.io/os, operator: Exists}, {key: team, operator: Exists}]}"
    assert "`system`: its nodes have no label `kubernetes.io/arch: arm64`" in why(affinity(arm), system=SYSTEM)
    assert messages("unreachable", affinity(arm, amd), system=SYSTEM) == []
    assert "do not meet `team Exists" in why(affinity(both), system=SYSTEM)


def test_labels_of_providers_that_aurora_does_not_derive_decide_nothing() -> None:
    assert messages("unreachable", pod("nodeSelector: {kubernetes.azure.com/cluster: any}")) == []
    assert "no label `karpenter.sh/nodepool: gpu`" in why(
        pod("nodeSelector: {karpenter.sh/nodepool: gpu}"), system=SYSTEM
    )


@pytest.mark.parametrize("spec", ["nodeName: node-1", "schedulerName: other"])
def test_pods_that_others_place_are_not_judged(spec: str) -> None:
    assert messages("unreachable", pod(spec, "{limits: {nvidia.com/gpu: 9}}")) == []


def test_a_pod_that_a_controller_completes_may_tolerate_what_it_does_not_say() -> None:
    service = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: ml}
spec:
  predictor:
    model:
      modelFormat: {name: huggingface}
      resources: {limits: {nvidia.com/gpu: "%s"}}
"""
    assert messages("unreachable", service % 1) == []
    assert "needs 4 GPUs" in why(service % 4)


def test_a_pool_with_a_taint_and_no_tenant_is_found_also_as_a_fact() -> None:
    (finding,) = [each for each in judge(pod()).findings if each.rule == "scheduling/no-tenant"]
    assert finding.message.startswith("`cluster.pools.gpu`: no workload tolerates `nvidia.com/gpu=true:NoSchedule`")
    assert (finding.severity, finding.resource, finding.environment) == ("note", None, "example")
    assert messages("no-tenant", gpu_pod()) == []
    everywhere = pod("tolerations: [{operator: Exists}]")
    assert messages("no-tenant", everywhere) != []
    assert messages("no-tenant", preferring("gpu")) == []
    assert messages("no-tenant", preferring("system")) != []
    assert messages("no-tenant", preferring("gpu", "[]")) != []
    critical = {**SYSTEM, "taints": [{"key": "CriticalAddonsOnly", "value": "true"}]}
    assert messages("no-tenant", pod(), system=critical, other={**SYSTEM, "mode": "user"}) == []


def test_the_largest_number_of_pods_is_compared_with_the_largest_pool() -> None:
    scaler = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: llm, namespace: ml}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llm}, minReplicas: 1, maxReplicas: %s}
"""
    two, four = (messages("pool-too-small", gpu_pod(), scaler % most) for most in (1, 4))
    assert two == []
    assert [each.partition(": ")[2] for each in four] == [
        "at their largest, pods that only this pool takes request 5 GPUs, it has 2 GPUs (Deployment ml/llm 5 x 1 GPU)"
    ]


def test_a_taint_of_spot_nodes_keeps_the_device_plugin_off_and_its_default_affinity_unlabelled_nodes() -> None:
    application = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: plugin, namespace: argocd}
spec:
  source: {chart: nvidia-device-plugin, helm: {valuesObject: {%s}}}
"""
    (default,) = messages("agent-kept-off", application % "")
    assert "does not run on `gpu`: its taint `kubernetes.azure.com/scalesetpriority=spot:NoSchedule`" in default
    tolerant = application % "tolerations: [{operator: Exists}]"
    assert messages("agent-kept-off", tolerant) == []
    unlabelled = {**GPU, "labels": {}}
    (bare,) = messages("agent-kept-off", tolerant, system=SYSTEM, gpu=unlabelled)
    assert "it selects nodes by `nvidia.com/gpu.present`, which they lack" in bare
    found = application % "tolerations: [{operator: Exists}], gfd: {enabled: true}"
    assert messages("agent-kept-off", found, system=SYSTEM, gpu=unlabelled) == []


def test_an_exporter_that_is_an_object_is_judged_as_the_scheduler_does() -> None:
    exporter = pod("tolerations: [{key: nvidia.com/gpu, operator: Exists}]", kind="DaemonSet", name="dcgm-exporter")
    (message,) = messages("agent-kept-off", exporter)
    assert "does not run on `gpu`" in message
    assert message.endswith("its GPUs have no metrics")


def test_another_program_of_the_plugins_image_gives_no_gpus() -> None:
    tolerations = "tolerations: [{key: nvidia.com/gpu, operator: Exists}]"
    plugin = pod(tolerations, kind="DaemonSet", name="k8s-device-plugin")
    (message,) = messages("agent-kept-off", plugin)
    assert message.endswith("no pod gets a GPU there")
    assert len(messages("agent-kept-off", _commanded(plugin, "/usr/bin/nvidia-device-plugin"))) == 1
    assert messages("agent-kept-off", _commanded(plugin, "mps-control-daemon")) == []


def _commanded(text: str, program: str) -> str:
    return text.replace("name: main", f"name: main, command: [{program}]")


def test_a_daemon_set_that_selects_no_node_has_no_pod_that_waits() -> None:
    spec = 'nodeSelector: {nvidia.com/mps.capable: "true"}'
    assert messages("unreachable", pod(spec, kind="DaemonSet"), system=SYSTEM) == []
    assert len(messages("unreachable", pod(spec), system=SYSTEM)) == 1
    large = pod(resources="{requests: {memory: 900Gi}}", kind="DaemonSet")
    assert len(messages("unreachable", large, system=SYSTEM)) == 1


def test_pools_of_families_that_nobody_knows_take_whatever_their_labels_allow() -> None:
    pool = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: other}
spec:
  template:
    spec:
      requirements: [{key: karpenter.k8s.aws/instance-family, operator: In, values: [x9]}]
"""
    general = {"general": {"machine": "t3.large", "minimum": 1, "maximum": 2}}
    large = pod(resources="{requests: {memory: 900Gi}}")
    assert messages("unreachable", large, pool, facts=EKS, **general) == []
    picky = pod("nodeSelector: {team: ml}")
    assert "`other`: its nodes have no label `team: ml`" in why(picky, pool, facts=EKS, **general)


def test_an_environment_without_pools_is_not_judged_and_says_so_once() -> None:
    bare = Inventory(inventory(pod()).manifests, environment="example", closed=True, cluster=cluster(AKS))
    result = CHECK.run(bare, SETTINGS)
    assert result.findings == ()
    (gap,) = result.plus(result).not_judged
    assert "states no node pools" in gap.message
    foreign = Inventory(bare.manifests)
    assert CHECK.run(foreign, SETTINGS).not_judged == ()
