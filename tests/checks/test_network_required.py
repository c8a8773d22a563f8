"""Facts about the connections that the check `network` demands or forbids."""

from __future__ import annotations

import pytest

from aurora.checks.network import CHECK
from aurora.model.examples import altered, stream
from checks.examples.network import CLOSED, DENY, FROM_EDGE, MODEL, ROUTE, SERVICE
from checks.inventory_cases import judge, pointers

ROUTED = stream(MODEL, SERVICE, CLOSED, ROUTE)
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: %s}
spec: {gatewayClassName: haproxy, listeners: []}
"""
CHART = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s, namespace: argocd}
spec: {destination: {namespace: %s}, sources: [{chart: %s, repoURL: charts.example.com, targetRevision: 1.0.0}]}
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: model, namespace: ml}
spec: {selector: {matchLabels: {app.kubernetes.io/name: model}}, podMetricsEndpoints: [{port: http}]}
"""
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: operator, namespace: ml}\n%s"
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: operator, namespace: ml}]
"""


def found(*streams: str, closed: bool = True) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)}


def policy(name: str, spec: str, namespace: str = "ml") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )


def client(setting: str, namespace: str = "web") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: client, namespace: {namespace}}}\n"
        "spec: {template: {metadata: {labels: {app: client}}, "
        f"spec: {{containers: [{{name: c, image: r.example.com/c:1, env: [{{name: A, value: '{setting}'}}]}}]}}}}}}\n"
    )


@pytest.mark.parametrize(
    ("surroundings", "entered_from", "open_"),
    [
        ([], "aurora-edge", True),
        ([], "web", False),
        ([GATEWAY % "web"], "web", True),
        ([GATEWAY % "web"], "aurora-edge", False),
        ([CHART % ("nginx", "web", "ingress-nginx")], "web", True),
        ([CHART % ("shop", "web", "shop")], "web", False),
    ],
)
def test_the_edge_is_where_gateways_and_controllers_run(
    surroundings: list[str], entered_from: str, open_: bool
) -> None:
    entry = altered(FROM_EDGE, "metadata.name: aurora-edge", f"metadata.name: {entered_from}")
    assert ("network/edge-blocked" not in found(ROUTED, entry, *surroundings)) is open_


@pytest.mark.parametrize(
    ("change", "open_"),
    [
        (("ports: [{port: http}]", "ports: [{port: 8080}]"), True),
        (("ports: [{port: http}]", "ports: [{port: 80}]"), False),
        (("ports: [{port: http}]", "ports: [{port: metrics}]"), False),
        (("component: inference", "component: training"), False),
        (("policyTypes: [Ingress]", "policyTypes: [Egress]"), False),
    ],
)
def test_the_edge_must_reach_the_pods_port_not_the_services(change: tuple[str, str], open_: bool) -> None:
    assert ("network/edge-blocked" not in found(ROUTED, altered(FROM_EDGE, *change))) is open_


def test_the_edges_own_policies_must_let_it_out() -> None:
    deny = altered(DENY, "namespace: ml", "namespace: aurora-edge")
    out = policy(
        "out",
        "podSelector: {}, policyTypes: [Egress], egress: "
        "[{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ml}}}], ports: [{port: http}]}]",
        namespace="aurora-edge",
    )
    assert pointers(judge(CHECK, ROUTED, FROM_EDGE, deny), "network/edge-blocked") == ["/spec/rules/0/backendRefs/0"]
    assert found(ROUTED, FROM_EDGE, deny, out) == set()


def test_a_part_of_a_repository_says_nothing_about_an_edge_that_it_does_not_hold() -> None:
    assert "network/edge-blocked" not in found(ROUTED, closed=False)


def test_load_balancers_of_aws_are_addresses_and_no_pods() -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: model, namespace: ml}\nspec: "
        "{ingressClassName: %s, rules: [{http: {paths: [{path: /, pathType: Prefix, "
        "backend: {service: {name: model, port: {name: http}}}}]}}]}\n"
    )
    assert "network/edge-blocked" in found(MODEL, SERVICE, CLOSED, ingress % "nginx")
    entry = altered(
        FROM_EDGE,
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: aurora-edge}}}",
        "{ipBlock: {cidr: 10.0.0.0/20}}",
    )
    assert "network/edge-blocked" in found(MODEL, SERVICE, CLOSED, ingress % "alb")
    assert "network/edge-blocked" in found(MODEL, SERVICE, CLOSED, FROM_EDGE, ingress % "alb")
    assert "network/edge-blocked" not in found(MODEL, SERVICE, CLOSED, entry, ingress % "alb")


@pytest.mark.parametrize(("namespace", "open_"), [("monitoring", True), ("web", False)])
def test_prometheus_must_reach_what_it_is_told_to_scrape(namespace: str, open_: bool) -> None:
    entry = altered(FROM_EDGE, "metadata.name: aurora-edge", f"metadata.name: {namespace}")
    rules = found(MODEL, CLOSED, MONITOR, entry)
    assert ("network/metrics-blocked" not in rules) is open_


def test_prometheus_runs_where_its_chart_is_installed() -> None:
    entry = altered(FROM_EDGE, "metadata.name: aurora-edge", "metadata.name: observability")
    chart = CHART % ("prometheus", "observability", "kube-prometheus-stack")
    assert "network/metrics-blocked" not in found(MODEL, CLOSED, MONITOR, entry, chart)


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("http://model.ml", True),
        ("http://model.ml.svc.cluster.local:80/v1", True),
        ("model.ml:80", True),
        ("model.ml.svc", True),
        ("http://model", False),
        ("http://model.ml:81", False),
        ("https://model.example.com", False),
        ("the model.mlx of today", False),
        ("s3://bucket/model", False),
    ],
)
def test_a_setting_that_names_a_service_is_a_connection_that_must_be_open(setting: str, meant: bool) -> None:
    assert ("network/dependency-blocked" in found(client(setting), MODEL, SERVICE, CLOSED)) is meant


def test_a_name_without_namespace_means_a_service_of_the_own_one() -> None:
    near = client("http://model", namespace="ml")
    assert pointers(judge(CHECK, near, MODEL, SERVICE, CLOSED), "network/dependency-blocked") == [
        "/spec/template/spec/containers/0/env/0/value"
    ]


@pytest.mark.parametrize(("setting", "meant"), [("ml", False), ("http://ml", True), ("ml.ml", True)])
def test_a_word_that_is_the_own_namespace_is_no_host(setting: str, meant: bool) -> None:
    service = SERVICE.replace("name: model", "name: ml", 1)
    assert ("network/dependency-blocked" in found(client(setting, "ml"), MODEL, service, CLOSED)) is meant


def test_namespaces_whose_pods_name_inference_may_be_let_in() -> None:
    entry = altered(FROM_EDGE, "metadata.name: aurora-edge", "metadata.name: web")
    rule = "network/inference-open-to-others"
    assert rule in found(MODEL, SERVICE, CLOSED, entry)
    assert rule not in found(MODEL, SERVICE, CLOSED, entry, client("http://model.ml"))


@pytest.mark.parametrize(
    ("peer", "message"),
    [
        ("{namespaceSelector: {}}", "pods of namespaces that nobody knows"),
        ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: argocd}}}", "pods of `argocd`"),
        ("{namespaceSelector: {matchLabels: {team: shop}}}", "pods of `shop`"),
        ("{ipBlock: {cidr: 10.0.0.0/8}}", "addresses outside the cluster, past the edge"),
    ],
)
def test_who_else_may_reach_inference_is_said(peer: str, message: str) -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
    entry = altered(FROM_EDGE, "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: aurora-edge}}}", peer)
    findings = [
        f for f in judge(CHECK, MODEL, CLOSED, entry, namespace) if f.rule == "network/inference-open-to-others"
    ]
    assert [(finding.message, finding.pointer) for finding in findings] == [
        (f"inference may be reached by {message}", "/spec/ingress/0/from/0")
    ]


@pytest.mark.parametrize(
    ("pod", "account", "calls"),
    [
        ("automountServiceAccountToken: true", "", True),
        ("automountServiceAccountToken: false", "", False),
        ("dnsPolicy: ClusterFirst", "automountServiceAccountToken: true\n", True),
        ("dnsPolicy: ClusterFirst", "automountServiceAccountToken: false\n", False),
        ("automountServiceAccountToken: false", "automountServiceAccountToken: true\n", False),
        ("dnsPolicy: ClusterFirst", "", True),
    ],
)
def test_pods_with_a_token_and_rights_must_reach_the_api_server(pod: str, account: str, calls: bool) -> None:
    operator = altered(MODEL, "automountServiceAccountToken: false", f"serviceAccountName: operator\n      {pod}")
    parts = (operator, CLOSED, ACCOUNT % account, BINDING)
    assert ("network/api-server-blocked" in found(*parts)) is calls


@pytest.mark.parametrize(
    ("rule", "open_"),
    [
        ("{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 6443}]}", True),
        ("{to: [{ipBlock: {cidr: 10.0.0.0/24}}]}", True),
        ("{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 8443}]}", False),
        ("{to: [{namespaceSelector: {}}], ports: [{port: 443}]}", False),
    ],
)
def test_the_api_server_is_an_address_not_a_pod(rule: str, open_: bool) -> None:
    operator = altered(MODEL, "automountServiceAccountToken: false", "automountServiceAccountToken: true")
    out = policy("out", f"podSelector: {{}}, policyTypes: [Egress], egress: [{rule}]")
    assert ("network/api-server-blocked" not in found(operator, CLOSED, out)) is open_


def test_policies_for_pods_that_controllers_make_are_not_dead() -> None:
    solver = policy(
        "solver", "podSelector: {matchLabels: {acme.cert-manager.io/http01-solver: 'true'}}, policyTypes: [Ingress]"
    )
    other = policy("other", "podSelector: {matchLabels: {app: gone}}, policyTypes: [Ingress]")
    assert found(MODEL, CLOSED, solver) == set()
    assert found(MODEL, CLOSED, other) == {"network/dead-policy"}
    assert found(MODEL, CLOSED, other, CHART % ("more", "ml", "more")) == set()


@pytest.mark.parametrize(
    ("key", "written", "dead"),
    [
        (
            "job.json",
            '{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "t"}, "spec": {"template": %s}}',
            False,
        ),
        (
            "job.yaml",
            "{apiVersion: batch/v1, kind: Job, metadata: {name: t, namespace: ml}, spec: {template: %s}}",
            False,
        ),
        (
            "job.yaml",
            "{apiVersion: batch/v1, kind: Job, metadata: {name: t, namespace: web}, spec: {template: %s}}",
            True,
        ),
        ("job.txt", "{apiVersion: batch/v1, kind: Job, metadata: {name: t}, spec: {template: %s}}", True),
        ("job.yaml", "{containers: %s", True),
    ],
)
def test_policies_for_pods_of_a_template_are_not_dead(key: str, written: str, dead: bool) -> None:
    template = '{"metadata": {"labels": {"app": "train"}}, "spec": {"containers": []}}'
    config_map = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: job, namespace: ml}\n"
        f"data:\n  {key}: |\n    {written % template}\n"
    )
    training = policy("training", "podSelector: {matchLabels: {app: train}}, policyTypes: [Ingress]")
    assert ("network/dead-policy" in found(MODEL, CLOSED, training, config_map)) is dead
