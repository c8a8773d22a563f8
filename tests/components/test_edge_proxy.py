"""What the proxies of an edge need before they start: who may reach them, whom they may reach, their settings."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest

from components.building import CLUSTER, MODEL_STORE, NO_API_SERVER, Built, build, without
from components.test_edge import EDGE, OTHER, PROXY, SERVING, edge, of_kind


def proxies(cluster: Any = CLUSTER, proxy: dict[str, Any] = PROXY, **changes: Any) -> Built:
    around = {"model-store": MODEL_STORE, "inference": SERVING, "other": OTHER, "edge": without(EDGE, **changes)}
    return build("edge-proxy", {**around, "edge-proxy": proxy}, cluster=cluster)


@pytest.fixture(scope="module")
def gateway() -> Built:
    return proxies()


@pytest.fixture(scope="module")
def nginx() -> Built:
    return proxies(profile="nginx")


def peers(rules: list[dict[str, Any]], direction: str) -> set[tuple[str, int]]:
    """Give who may talk and on which port, as namespace or address and number."""
    found = set()
    for rule in rules:
        for peer in rule[direction]:
            block = [peer["ipBlock"]["cidr"]] if "ipBlock" in peer else []
            expressions = peer.get("namespaceSelector", {}).get("matchExpressions", [])
            for name in block + [value for expression in expressions for value in expression["values"]]:
                found |= {(name, port["port"]) for port in rule["ports"]}
    return found


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_a_challenge_is_reachable_where_its_certificate_is(profile: str) -> None:
    built, way_in = proxies(profile=profile), edge(profile=profile)
    namespaces = {body["metadata"]["namespace"] for body in of_kind(way_in, "Certificate")}
    ways = [body for body in of_kind(built, "NetworkPolicy") if body["metadata"]["name"] == "aurora-edge-solver"]
    assert {body["metadata"]["namespace"] for body in ways} == namespaces
    for body in ways:
        assert body["spec"]["podSelector"]["matchLabels"] == {"acme.cert-manager.io/http01-solver": "true"}
        assert peers(body["spec"]["ingress"], "from") == {("aurora-edge", 8089)}
    egress = built.one("NetworkPolicy", name="aurora-edge")["spec"]["egress"]
    assert {(namespace, 8089) for namespace in namespaces} <= peers(egress, "to")


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_the_proxy_protocol_is_on_and_settings_are_strings(profile: str) -> None:
    data = proxies(profile=profile).one("ConfigMap")["data"]
    assert data["use-proxy-protocol"] == "true"
    assert all(isinstance(value, str) for value in data.values())


def test_nginx_believes_the_load_balancers_and_no_client(nginx: Built) -> None:
    data = nginx.one("ConfigMap")["data"]
    assert data["proxy-real-ip-cidr"] == "192.0.2.10/32,192.0.2.11/32"
    assert (data["use-forwarded-headers"], data["allow-snippet-annotations"]) == ("false", "false")


def test_only_load_balancers_may_connect_to_the_ports_of_the_pods(gateway: Built) -> None:
    ingress = gateway.one("NetworkPolicy", name="aurora-edge")["spec"]["ingress"]
    assert all(rule["from"] for rule in ingress)
    assert peers(ingress, "from") == {
        ("192.0.2.10/32", 80),
        ("192.0.2.10/32", 443),
        ("192.0.2.11/32", 80),
        ("192.0.2.11/32", 443),
        ("monitoring", 9101),
    }


def test_the_api_server_may_call_the_admission_webhook_of_nginx(nginx: Built) -> None:
    ingress = nginx.one("NetworkPolicy", name="aurora-edge")["spec"]["ingress"]
    assert ("10.0.0.10/32", 8443) in peers(ingress, "from")


def test_the_edge_reaches_models_name_resolution_and_the_api_server_only(gateway: Built) -> None:
    egress = gateway.one("NetworkPolicy", name="aurora-edge")["spec"]["egress"]
    assert peers(egress, "to") == {
        ("aurora", 8080),
        ("fraud", 8080),
        ("aurora-edge", 8089),
        ("kube-system", 53),
        ("10.0.0.10/32", 443),
        ("10.0.0.10/32", 6443),
    }
    assert egress[0]["to"][0]["podSelector"]["matchLabels"] == {"app.kubernetes.io/component": "inference"}


def test_an_unknown_api_server_is_refused() -> None:
    with pytest.raises(ValueError, match="apiServerCidrs"):
        proxies(cluster=NO_API_SERVER)


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_built_in_kinds_fit_the_schemas_of_kubernetes(profile: str) -> None:
    for body in proxies(profile=profile).emitted:
        kubernetes_validate.validate(body, "1.35", strict=True)


def test_the_proxies_serve_metrics_where_prometheus_may_ask_for_them(gateway: Built, nginx: Built) -> None:
    assert gateway.one("ConfigMap")["data"]["prometheus-port"] == "9101"
    assert "prometheus-port" not in nginx.one("ConfigMap")["data"]
    ingress = nginx.one("NetworkPolicy", name="aurora-edge")["spec"]["ingress"]
    assert ("monitoring", 10254) in peers(ingress, "from")
    moved = proxies(metricsPort=9999)
    assert moved.one("ConfigMap")["data"]["prometheus-port"] == "9999"
    assert ("monitoring", 9999) in peers(moved.one("NetworkPolicy", name="aurora-edge")["spec"]["ingress"], "from")
    unwatched = proxies(metrics=False)
    assert "prometheus-port" not in unwatched.one("ConfigMap")["data"]
    assert "monitoring" not in str(unwatched.emitted)


def test_a_load_balancer_outside_of_the_cluster_has_no_proxies() -> None:
    assert proxies(profile="alb", certificates=[]).emitted == ()


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"proxy": {**PROXY, "namespace": "aurora"}}, "are in `aurora-edge`, not in `aurora`: write"),
        ({"a": PROXY, "proxy": PROXY}, "`a` and `proxy` both describe the proxies of `edge`: remove one"),
    ],
)
def test_proxies_in_another_namespace_or_described_twice_are_refused(others: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build("proxy", {"edge": EDGE, "inference": SERVING, **others})
