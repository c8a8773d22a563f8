"""Facts about the check `scaling` that its rules' examples do not state: autoscalers, budgets, lifetimes."""

from __future__ import annotations

import pytest
from hypothesis import given

from aurora.checks.scaling import CHECK
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from checks.examples.scaling import BUDGET, HPA, MODEL, SERVED, SERVICE, STATIC
from checks.inventory_cases import hostile, judge, judge_manifests, pointers
from checks.random_objects import random_objects


def found(*streams: str, closed: bool = True) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)}


def scaled_object(spec: str) -> str:
    return (
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: model, namespace: ml}\n"
        f"spec: {{scaleTargetRef: {{name: model}}, {spec}}}\n"
    )


def test_a_server_that_survives_the_loss_of_a_node_passes() -> None:
    assert found(SERVED) == set()


@pytest.mark.parametrize(
    ("least", "most", "rules"),
    [
        ("2", "10", set()),
        ("2", "2", set()),
        ("3", "2", {"scaling/bounds"}),
        ("0", "2", {"scaling/bounds"}),
        ("-1", "2", {"scaling/bounds"}),
        ("1", "0", {"scaling/bounds"}),
        ("1", "many", {"scaling/bounds"}),
        ("1", "true", {"scaling/bounds"}),
    ],
)
def test_an_autoscaler_keeps_at_least_one_replica_and_no_more_than_its_maximum(
    least: str, most: str, rules: set[str]
) -> None:
    hpa = altered(altered(HPA, "minReplicas: 2", f"minReplicas: {least}"), "maxReplicas: 10", f"maxReplicas: {most}")
    assert found(hpa) == rules


@pytest.mark.parametrize(
    ("spec", "rules"),
    [
        ("minReplicaCount: 0, maxReplicaCount: 3", set()),
        ("minReplicaCount: 4, maxReplicaCount: 3", {"scaling/bounds"}),
        ("minReplicaCount: 2", set()),
        ("minReplicaCount: 101", {"scaling/bounds"}),
        ("maxReplicaCount: 0", {"scaling/bounds"}),
    ],
)
def test_a_scaled_object_may_go_to_zero_and_has_a_default_maximum(spec: str, rules: set[str]) -> None:
    assert found(stream(MODEL, scaled_object(spec))) == rules


def test_a_scaled_object_beside_an_autoscaler_is_a_second_writer() -> None:
    findings = judge(CHECK, stream(MODEL, HPA, scaled_object("maxReplicaCount: 3")))
    assert [str(finding.resource) for finding in findings] == ["ScaledObject ml/model"]
    assert pointers(findings, "scaling/two-scalers") == ["/spec/scaleTargetRef"]


@pytest.mark.parametrize("target", ["{}", "[]", "model", "{kind: Deployment}", "{name: 3}"])
def test_autoscalers_that_name_nothing_are_no_rivals(target: str) -> None:
    first = altered(scaled_object("maxReplicaCount: 3"), "scaleTargetRef: {name: model}", f"scaleTargetRef: {target}")
    second = altered(first, "metadata: {name: model", "metadata: {name: other")
    assert "scaling/two-scalers" not in found(stream(MODEL, first, second))


def test_autoscalers_of_other_kinds_and_namespaces_are_no_rivals() -> None:
    elsewhere = altered(HPA, "metadata: {name: model, namespace: ml}", "metadata: {name: model, namespace: web}")
    stateful = altered(
        altered(HPA, "metadata: {name: model", "metadata: {name: db"), "kind: Deployment", "kind: StatefulSet"
    )
    assert found(stream(MODEL, HPA, elsewhere, stateful)) == set()


@pytest.mark.parametrize(
    ("resources", "metric", "right"),
    [
        ("{requests: {cpu: 1, memory: 1Gi}}", "cpu", True),
        ("{limits: {cpu: 1}}", "cpu", True),
        ("{requests: {memory: 1Gi}}", "cpu", False),
        ("{}", "memory", False),
        ("{requests: {cpu: much}}", "cpu", False),
    ],
)
def test_a_share_of_a_request_needs_that_request(resources: str, metric: str, right: bool) -> None:
    model = altered(MODEL, "{requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}", resources)
    hpa = altered(HPA, "resource: {name: cpu", f"resource: {{name: {metric}")
    assert ("scaling/metric-without-request" in found(stream(model, hpa))) is not right


def test_requests_may_come_from_a_limit_range_or_stand_at_the_pod() -> None:
    bare = altered(MODEL, "requests: {cpu: 500m, memory: 1Gi}", "requests: {memory: 1Gi}")
    limit_range = (
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: d, namespace: ml}\n"
        "spec: {limits: [{type: Container, max: {cpu: 4}}]}\n"
    )
    whole = altered(bare, "      containers:\n", "      resources: {requests: {cpu: 1}}\n      containers:\n")
    assert found(stream(bare, HPA)) == {"scaling/metric-without-request"}
    assert found(stream(bare, HPA, limit_range)) == set()
    assert found(stream(whole, HPA)) == set()


def test_sidecars_need_requests_and_other_init_containers_do_not() -> None:
    for policy, rules in (("Always", {"scaling/metric-without-request"}), ("OnFailure", set())):
        init = f"      initContainers: [{{name: i, image: r.example.com/i:1, restartPolicy: {policy}}}]\n"
        assert found(stream(altered(MODEL, "      containers:\n", f"{init}      containers:\n"), HPA)) == rules


def test_a_metric_of_one_container_asks_for_that_container_only() -> None:
    one = altered(
        HPA,
        "type: Resource, resource: {name: cpu,",
        "type: ContainerResource, containerResource: {name: cpu, container: serve,",
    )
    assert found(stream(MODEL, one)) == set()
    assert found(stream(MODEL, altered(one, "container: serve", "container: other"))) == {
        "scaling/metric-without-request"
    }


@pytest.mark.parametrize(
    ("policy", "right"),
    [
        ("{type: Pods, value: 1, periodSeconds: 1800}", True),
        ("{type: Pods, value: 1, periodSeconds: 1801}", False),
        ("{type: Pods, value: 1, periodSeconds: 0}", False),
        ("{type: Pods, value: 1}", False),
        ("{type: Pods, value: 0, periodSeconds: 60}", False),
    ],
)
def test_scaling_policies_keep_to_the_periods_of_the_api_server(policy: str, right: bool) -> None:
    hpa = altered(HPA, "{type: Percent, value: 50, periodSeconds: 60}", policy)
    assert (found(hpa) == set()) is right


@pytest.mark.parametrize(("window", "right"), [(0, True), (3600, True), (3601, False), (-1, False)])
def test_stabilization_keeps_to_an_hour(window: int, right: bool) -> None:
    hpa = altered(HPA, "scaleDown: {", f"scaleDown: {{stabilizationWindowSeconds: {window}, ")
    assert (found(hpa) == set()) is right


@pytest.mark.parametrize(
    ("field", "blocks"),
    [
        ("minAvailable: 2", False),
        ("minAvailable: 3", True),
        ("minAvailable: 66%", False),
        ("minAvailable: 67%", True),
        ("minAvailable: 100%", True),
        ("minAvailable: some", True),
        ("maxUnavailable: 1", False),
        ("maxUnavailable: 0", True),
        ("maxUnavailable: 0%", True),
        ("maxUnavailable: 1%", False),
        ("minAvailable: 0", False),
    ],
)
def test_a_budget_leaves_one_of_three_replicas_to_evict(field: str, blocks: bool) -> None:
    budget = altered(BUDGET, "minAvailable: 2", field)
    assert ("scaling/budget-blocks-drains" in found(stream(STATIC, budget))) is blocks


def test_a_budget_counts_the_autoscalers_minimum() -> None:
    scaled = altered(STATIC, "  replicas: 3\n", "")
    assert found(stream(scaled, HPA, BUDGET)) == {"scaling/budget-blocks-drains"}
    assert found(stream(scaled, altered(HPA, "minReplicas: 2", "minReplicas: 3"), BUDGET)) == set()


def test_a_budget_without_numbers_allows_nothing() -> None:
    assert found(stream(STATIC, altered(BUDGET, "  minAvailable: 2\n", ""))) == {"scaling/budget-blocks-drains"}


def test_a_missing_budget_is_a_warning_where_it_may_be_elsewhere() -> None:
    (finding,) = judge(CHECK, stream(STATIC, SERVICE), closed=False)
    assert (finding.rule, finding.severity) == ("scaling/no-budget", Severity.WARNING)


def test_one_replica_and_pods_without_service_need_no_budget() -> None:
    assert found(STATIC) == set()
    control_plane = altered(altered(STATIC, "replicas: 3", "replicas: 1"), "component: inference", "component: api")
    assert found(stream(control_plane, SERVICE)) == set()


@pytest.mark.parametrize(
    ("spread", "right"),
    [
        ("topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, labelSelector: {}}]", True),
        ("topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname}]", False),
        (
            "topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]",
            False,
        ),
        (
            (
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                "[{topologyKey: kubernetes.io/hostname, labelSelector: {}}]}}"
            ),
            True,
        ),
        (
            (
                "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, "
                "podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {}}}]}}"
            ),
            True,
        ),
        ("affinity: {podAffinity: {}}", False),
    ],
)
def test_replicas_are_spread_by_a_wish_that_selects_them(spread: str, right: bool) -> None:
    start = STATIC.index("      topologySpreadConstraints:")
    model = STATIC[:start] + f"      {spread}\n" + STATIC[STATIC.index("      containers:") :]
    assert ("scaling/not-spread" in found(stream(model, SERVICE, BUDGET))) is not right


def test_canaries_may_have_one_replica_and_need_no_spread() -> None:
    canary = altered(MODEL, "component: inference", "component: inference, aurora.example.com/track: canary")
    careful = altered(
        canary, "spec:\n  template:", "spec:\n  strategy: {rollingUpdate: {maxUnavailable: 0}}\n  template:"
    )
    assert found(stream(careful, SERVICE)) == set()


@pytest.mark.parametrize(
    ("strategy", "right"),
    [
        ("{type: RollingUpdate, rollingUpdate: {maxUnavailable: 0}}", True),
        ("{rollingUpdate: {maxUnavailable: 0%}}", True),
        ("{type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}", False),
        ("{type: RollingUpdate, rollingUpdate: {maxSurge: 1}}", False),
        ("{}", False),
        ("{type: Recreate}", False),
        ("{rollingUpdate: {maxUnavailable: false}}", False),
    ],
)
def test_an_update_of_inference_takes_no_replica_down(strategy: str, right: bool) -> None:
    model = altered(STATIC, "{type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}", strategy)
    assert ("scaling/update-takes-replicas" in found(stream(model, SERVICE, BUDGET))) is not right


def test_servers_on_gpus_may_be_replaced_in_place() -> None:
    model = altered(
        SERVED, "{type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}", "{type: Recreate}"
    )
    assert found(model) == {"scaling/update-takes-replicas"}
    assert found(altered(model, "limits: {memory: 1Gi}", "limits: {memory: 1Gi, nvidia.com/gpu: 1}")) == set()


@pytest.mark.parametrize(
    ("hook", "grace", "right"),
    [
        ("{sleep: {seconds: 29}}", "", True),
        ("{sleep: {seconds: 30}}", "", False),
        ("{sleep: {seconds: 30}}", "terminationGracePeriodSeconds: 60", True),
        ('{exec: {command: [sleep, "45"]}}', "terminationGracePeriodSeconds: 45", False),
        ('{exec: {command: [sh, -c, "sleep 20 && curl localhost"]}}', "terminationGracePeriodSeconds: 10", False),
        ("{httpGet: {path: /stop, port: 8080}}", "terminationGracePeriodSeconds: 1", True),
    ],
)
def test_a_sleep_before_the_end_fits_into_the_grace_period(hook: str, grace: str, right: bool) -> None:
    model = altered(MODEL, "serve:1\n", f"serve:1\n          lifecycle: {{preStop: {hook}}}\n")
    model = altered(model, "    spec:\n", f"    spec:\n      {grace}\n") if grace else model
    assert (found(model) == set()) is right


@given(hostile(CHECK))
def test_no_value_anywhere_stops_the_check(inventory: Inventory) -> None:
    for finding in judge_manifests(CHECK, inventory.manifests, closed=inventory.closed):
        assert finding.message


@given(
    random_objects(
        [
            ("autoscaling/v2", "HorizontalPodAutoscaler"),
            ("keda.sh/v1alpha1", "ScaledObject"),
            ("policy/v1", "PodDisruptionBudget"),
            ("apps/v1", "Deployment"),
            ("batch/v1", "CronJob"),
            ("v1", "ResourceQuota"),
            ("v1", "LimitRange"),
            ("v1", "Service"),
            ("v1", "Pod"),
        ]
    )
)
def test_any_object_is_judged_without_an_exception(inventory: Inventory) -> None:
    judge_manifests(CHECK, inventory.manifests, closed=inventory.closed)
