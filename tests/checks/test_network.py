"""Facts about the check `network` that its rules' examples do not state."""

from __future__ import annotations

import pytest
from hypothesis import given

from aurora.checks.network import CHECK
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from checks.examples.network import CLOSED, CONTROL_PLANE, DENY, DNS, FROM_EDGE, MODEL, ROUTE, SERVICE
from checks.inventory_cases import hostile, judge, judge_manifests, pointers
from checks.random_objects import random_objects

CLOSED_MODEL = stream(MODEL, CLOSED)
SERVED = stream(MODEL, SERVICE, CLOSED, FROM_EDGE, ROUTE)


def found(*streams: str, closed: bool = True) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)}


def policy(name: str, spec: str, namespace: str = "ml") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )


def egress(rule: str) -> str:
    return policy("more", f"podSelector: {{}}, policyTypes: [Egress], egress: [{rule}]")


def test_a_closed_namespace_that_the_edge_may_enter_passes() -> None:
    assert found(SERVED) == set()


@pytest.mark.parametrize(
    ("policies", "missing"),
    [
        ([], 2),
        ([policy("d", "podSelector: {}")], 1),
        (
            [
                policy("d", "podSelector: {}, policyTypes: [Ingress]"),
                policy("e", "podSelector: {}, policyTypes: [Egress]"),
            ],
            0,
        ),
        ([policy("d", "podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress, Egress]")], 2),
        ([policy("d", "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}]")], 1),
        ([policy("d", "podSelector: {}, policyTypes: [Ingress, Egress]", namespace="web")], 2),
    ],
)
def test_each_direction_of_a_namespace_with_pods_is_denied_by_default(policies: list[str], missing: int) -> None:
    findings = [finding for finding in judge(CHECK, MODEL, *policies) if finding.rule == "network/no-default-deny"]
    assert len(findings) == missing


def test_the_missing_default_is_placed_at_the_namespace() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ml}\n"
    findings = judge(CHECK, MODEL, namespace)
    assert {str(f.resource) for f in findings if f.rule == "network/no-default-deny"} == {"Namespace ml"}
    softened = [f for f in judge(CHECK, MODEL, closed=False) if f.rule == "network/no-default-deny"]
    assert {finding.severity for finding in softened} == {Severity.WARNING}


def test_pods_on_the_hosts_network_need_no_policy() -> None:
    on_host = altered(MODEL, "    spec:\n", "    spec:\n      hostNetwork: true\n")
    assert "network/no-default-deny" not in found(on_host)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (("{port: 53, protocol: UDP}, ", ""), False),
        ((", {port: 53, protocol: TCP}", ""), False),
        (("k8s-app: kube-dns", "k8s-app: dns"), False),
        (("metadata.name: kube-system", "metadata.name: default"), False),
        (("matchLabels: {kubernetes.io/metadata.name: kube-system}", ""), True),
        (("          podSelector: {matchLabels: {k8s-app: kube-dns}}\n", ""), True),
    ],
)
def test_names_are_resolved_over_both_protocols_at_the_clusters_dns(change: tuple[str, str], right: bool) -> None:
    assert ("network/no-dns" not in found(MODEL, DENY, altered(DNS, *change))) is right


def test_a_resolver_on_the_node_will_do_and_so_will_pods_own_resolvers() -> None:
    local = egress("{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}")
    assert found(MODEL, DENY, local) == set()
    own = altered(MODEL, "    spec:\n", "    spec:\n      dnsPolicy: None\n")
    assert found(own, DENY) == set()


@pytest.mark.parametrize(
    "rule",
    [
        "{to: [{podSelector: {}}]}",
        "{to: [{podSelector: {}}], ports: [{port: 53}]}",
        "{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 443}]}",
        "{to: [{ipBlock: {cidr: 169.254.0.0/16}}], ports: [{port: 53}]}",
        "{to: [{namespaceSelector: {}}], ports: [{port: 53}]}",
        "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 443}]}",
        "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}",
        "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: 53}]}",
        "{ports: [{port: 53, endPort: 60}]}",
        "{}",
    ],
)
def test_inference_with_a_mounted_model_gets_name_resolution_only(rule: str) -> None:
    findings = judge(CHECK, CLOSED_MODEL, egress(rule))
    assert pointers(findings, "network/inference-egress") == ["/spec/egress/0"]


@pytest.mark.parametrize(
    "rule",
    [
        "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 53}]}",
        "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53}]}",
        "{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}]}",
    ],
)
def test_every_form_of_name_resolution_is_allowed(rule: str) -> None:
    assert found(CLOSED_MODEL, egress(rule)) == set()


def test_inference_without_a_mounted_model_may_have_other_ways_out() -> None:
    fetching = MODEL[: MODEL.index("      volumes:")]
    assert "network/inference-egress" not in found(fetching, CLOSED, egress("{to: [{podSelector: {}}]}"))


CONTROLLED = stream(MODEL, CONTROL_PLANE, CLOSED)
TO_CONTROL_PLANE = policy(
    "out",
    "podSelector: {matchLabels: {app.kubernetes.io/component: inference}}, policyTypes: [Egress], "
    "egress: [{to: [{podSelector: {matchLabels: {app.kubernetes.io/name: control-plane}}}], ports: [{port: http}]}]",
)
INTO_CONTROL_PLANE = policy(
    "in",
    "podSelector: {matchLabels: {app.kubernetes.io/name: control-plane}}, policyTypes: [Ingress], "
    "ingress: [{from: [{podSelector: {}}], ports: [{port: 8080}]}]",
)


def test_inference_reaches_the_control_plane_only_where_both_ends_allow_it() -> None:
    rule = "network/inference-reaches-control-plane"
    assert rule not in found(CONTROLLED, TO_CONTROL_PLANE)
    assert rule not in found(CONTROLLED, INTO_CONTROL_PLANE)
    findings = judge(CHECK, CONTROLLED, TO_CONTROL_PLANE, INTO_CONTROL_PLANE)
    assert [str(f.resource) for f in findings if f.rule == rule] == ["Deployment ml/model"]


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("env: [{name: A, value: 'http://control-plane'}]", True),
        ("env: [{name: A, value: control-plane}]", True),
        ("env: [{name: A, value: 'control-plane.ml.svc.cluster.local:80'}]", True),
        ("args: ['--platform=control-plane:80']", True),
        ("command: [sh, -c, 'curl http://$(CONTROL_PLANE_SERVICE_HOST)/health']", True),
        ("envFrom: [{configMapRef: {name: settings}}]", True),
        ("env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: platform}}}]", True),
        ("env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]", False),
        ("env: [{name: A, value: my-control-plane}]", False),
        ("env: [{name: A, value: control-planes}]", False),
        ("env: [{name: A, value: 5}]", False),
        ("args: [--mode=offline]", False),
    ],
)
def test_no_setting_of_inference_names_the_control_plane(setting: str, names: bool) -> None:
    settings = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: ml}\n"
        "data: {platform: 'http://control-plane', mode: offline}\n"
    )
    model = altered(MODEL, "name: serve, ", f"name: serve, {setting}, ")
    assert ("network/inference-names-control-plane" in found(model, CONTROL_PLANE, settings)) is names


@pytest.mark.parametrize(
    ("url", "needs"),
    [
        ("http://control-plane.ml.svc/auth", True),
        ("http://control-plane/auth", True),
        ("http://control-planes.example.com/auth", False),
        ("https://login.example.com/control-plane", False),
    ],
)
def test_no_authorisation_of_inference_asks_the_control_plane(url: str, needs: bool) -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: model, namespace: ml, annotations: "
        f"{{nginx.ingress.kubernetes.io/auth-url: '{url}'}}}}\nspec: {{rules: [{{http: {{paths: [{{path: /, "
        "pathType: Prefix, backend: {service: {name: model, port: {name: http}}}}]}}]}\n"
    )
    assert ("network/inference-route-needs-control-plane" in found(MODEL, SERVICE, CONTROL_PLANE, ingress)) is needs


@given(hostile(CHECK))
def test_no_value_anywhere_stops_the_check(inventory: Inventory) -> None:
    for finding in judge_manifests(CHECK, inventory.manifests, closed=inventory.closed):
        assert finding.message


@given(
    random_objects(
        [
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("networking.k8s.io/v1", "Ingress"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("monitoring.coreos.com/v1", "ServiceMonitor"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            ("argoproj.io/v1alpha1", "Application"),
            ("v1", "ConfigMap"),
            ("v1", "Service"),
            ("apps/v1", "Deployment"),
            ("v1", "Pod"),
        ]
    )
)
def test_any_object_is_judged_without_an_exception(inventory: Inventory) -> None:
    judge_manifests(CHECK, inventory.manifests, closed=inventory.closed)


RANGE = """\
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: a}
spec: {cidrs: [10.96.0.0/16, 'fd00:1::/108']}
"""


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("10.96.0.0/16", True),
        ("10.96.7.0/24", True),
        ("10.96.7.1/32", True),
        ("fd00:1::8/125", True),
        ("10.0.0.0/8", False),
        ("0.0.0.0/0", False),
        ("10.97.0.0/16", False),
        ("::/0", False),
    ],
)
def test_a_block_of_nothing_but_addresses_of_services_opens_nothing(block: str, told: bool) -> None:
    given = egress(f"{{to: [{{ipBlock: {{cidr: '{block}'}}}}]}}")
    rule = "network/service-address"
    assert (rule in found(RANGE, given)) == told
    assert rule not in found(given)
