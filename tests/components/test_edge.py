"""The way in: one owner per certificate, nothing in the clear, and nobody in who should not be."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.building import MODEL_STORE, Built, build, specification, without

EDGE = {
    "kind": "Edge",
    "namespace": "aurora-edge",
    "acme": {"server": "production", "email": "platform@example.com"},
    "loadBalancers": ["192.0.2.10/32", "192.0.2.11/32"],
}
PROXY = {"kind": "EdgeProxy", "namespace": "aurora-edge"}
SERVING = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "california-housing",
    "stable": {"version": "v20260901-120000", "replicas": 3},
}
OTHER = {**SERVING, "namespace": "fraud", "host": "fraud.example.net"}


def edge(routed: dict[str, Any] | None = None, **changes: Any) -> Built:
    around = {"inference": SERVING, "other": OTHER} if routed is None else routed
    return build("edge", {"model-store": MODEL_STORE, "edge": without(EDGE, **changes), "edge-proxy": PROXY, **around})


@pytest.fixture(scope="module")
def gateway() -> Built:
    return edge()


@pytest.fixture(scope="module")
def nginx() -> Built:
    return edge(profile="nginx")


def of_kind(built: Built, kind: str) -> list[dict[str, Any]]:
    return [body for body in built.emitted if body["kind"] == kind]


def test_a_gateway_has_one_certificate_for_all_hosts_beside_it(gateway: Built) -> None:
    certificate = gateway.one("Certificate")
    assert certificate["metadata"]["namespace"] == "aurora-edge"
    assert certificate["spec"]["dnsNames"] == ["fraud.example.net", "inference.example.com"]
    assert certificate["spec"]["secretName"] == "aurora-edge-tls"


def test_ingresses_have_a_certificate_beside_each_with_its_own_hosts(nginx: Built) -> None:
    found = {body["metadata"]["namespace"]: body["spec"]["dnsNames"] for body in of_kind(nginx, "Certificate")}
    assert found == {"aurora": ["inference.example.com"], "fraud": ["fraud.example.net"]}


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_every_secret_has_one_owner_and_every_issuer_exists(profile: str) -> None:
    built = edge(profile=profile)
    owners = [
        (body["metadata"]["namespace"], body["spec"]["secretName"], body["spec"]["issuerRef"]["name"])
        for body in of_kind(built, "Certificate")
    ]
    assert len({owner[:2] for owner in owners}) == len(owners)
    assert {owner[2] for owner in owners} == {built.one("ClusterIssuer")["metadata"]["name"]}
    assert "cert-manager.io/cluster-issuer" not in str(built.emitted)
    assert not of_kind(built, "Secret")


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("staging", "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ("production", "https://acme-v02.api.letsencrypt.org/directory"),
    ],
)
def test_the_account_of_one_server_is_not_used_with_the_other(server: str, url: str) -> None:
    acme = edge(acme={"server": server, "email": "platform@example.com"}).one("ClusterIssuer")["spec"]["acme"]
    assert (acme["server"], acme["privateKeySecretRef"]["name"]) == (url, f"aurora-edge-acme-{server}")


def test_challenges_come_through_the_listener_without_tls(gateway: Built) -> None:
    (solver,) = gateway.one("ClusterIssuer")["spec"]["acme"]["solvers"]
    (parent,) = solver["http01"]["gatewayHTTPRoute"]["parentRefs"]
    assert (parent["name"], parent["namespace"], parent["sectionName"]) == ("aurora-edge", "aurora-edge", "http")
    assert parent["namespace"] == gateway.one("Certificate")["metadata"]["namespace"]


def test_challenges_come_through_the_ingress_class(nginx: Built) -> None:
    (solver,) = nginx.one("ClusterIssuer")["spec"]["acme"]["solvers"]
    assert solver["http01"]["ingress"]["ingressClassName"] == "nginx"


def test_no_application_can_be_served_in_the_clear(gateway: Built) -> None:
    listeners = {listener["name"]: listener for listener in gateway.one("Gateway")["spec"]["listeners"]}
    assert listeners["http"]["allowedRoutes"]["namespaces"] == {"from": "Same"}
    assert "tls" not in listeners["http"]
    (expression,) = listeners["https"]["allowedRoutes"]["namespaces"]["selector"]["matchExpressions"]
    assert expression["values"] == ["aurora", "fraud"]


def test_the_https_listener_names_the_certificates_secret(gateway: Built) -> None:
    (https,) = (entry for entry in gateway.one("Gateway")["spec"]["listeners"] if entry["protocol"] == "HTTPS")
    assert https["tls"] == {
        "mode": "Terminate",
        "certificateRefs": [{"group": "", "kind": "Secret", "name": gateway.one("Certificate")["spec"]["secretName"]}],
    }


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_the_proxies_metrics_are_collected_unless_nobody_wants_them(profile: str) -> None:
    monitor = edge(profile=profile).one("PodMonitor")
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["aurora-edge"]}
    assert [entry["port"] for entry in monitor["spec"]["podMetricsEndpoints"]] == ["metrics"]
    assert not of_kind(edge(profile=profile, metrics=False), "PodMonitor")


def test_an_edge_whose_proxies_nobody_describes_is_refused() -> None:
    with pytest.raises(ValueError, match="no component describes its proxies.*`edge: edge`"):
        build("edge", {"edge": EDGE, "inference": SERVING})


def test_plain_requests_are_sent_to_https(gateway: Built) -> None:
    route = gateway.one("HTTPRoute")["spec"]
    assert route["parentRefs"][0]["sectionName"] == "http"
    (rule,) = route["rules"]
    assert rule["filters"] == [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]
    assert "backendRefs" not in rule
    assert route["hostnames"] == gateway.one("Certificate")["spec"]["dnsNames"]


def test_the_gateway_names_the_settings_and_its_class(gateway: Built) -> None:
    spec = gateway.one("Gateway")["spec"]
    around = {"model-store": MODEL_STORE, "inference": SERVING, "edge": EDGE, "edge-proxy": PROXY}
    settings = build("edge-proxy", around).one("ConfigMap")["metadata"]
    named = {"group": "", "kind": "ConfigMap", "name": settings["name"]}
    assert spec["infrastructure"]["parametersRef"] == named
    assert settings["namespace"] == gateway.one("Gateway")["metadata"]["namespace"]
    assert spec["gatewayClassName"] == gateway.one("GatewayClass")["metadata"]["name"]


def test_profile_nginx_emits_nothing_of_the_gateway_api(nginx: Built) -> None:
    assert not [body for body in nginx.emitted if body["apiVersion"].startswith("gateway.")]
    assert "IngressClass" not in nginx.kinds


def test_another_edges_components_are_not_routed() -> None:
    built = edge({"inference": SERVING, "other": {**OTHER, "edge": "internal"}})
    assert built.one("Certificate")["spec"]["dnsNames"] == ["inference.example.com"]


@pytest.mark.parametrize(
    ("routed", "reason"),
    [
        ({}, "no component names `edge` as its edge"),
        ({f"m{index}": {**SERVING, "host": f"m{index}.example.com"} for index in range(17)}, "at most 16"),
    ],
)
def test_hosts_that_cannot_be_routed_are_refused(routed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        edge(routed)


@pytest.mark.parametrize(
    "changes",
    [
        {"loadBalancers": ["192.0.2.10/24"]},
        {"acme": {"email": "nobody"}},
        {"acme": {"server": "own", "email": "platform@example.com"}},
        {"profile": "elb"},
        {"certificates": ["arn:aws:iam::111122223333:server-certificate/a"]},
        {"controllerName": "haproxy"},
    ],
)
def test_an_entry_that_makes_no_edge_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        specification(without(EDGE, **changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"loadBalancers": []}, "lets nobody in"),
        ({"acme": None}, "nobody would issue its certificates"),
        ({"profile": "alb"}, "needs a certificate"),
    ],
)
def test_an_edge_that_cannot_work_is_refused_in_words(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build("edge", {"edge": without(EDGE, **changes), "inference": SERVING})


def test_of_two_components_with_one_host_the_second_is_refused() -> None:
    with pytest.raises(ValueError, match="`one` and `two` both claim the host `inference.example.com`"):
        build("two", {"model-store": MODEL_STORE, "edge": EDGE, "one": SERVING, "two": SERVING})


def test_a_load_balancer_of_aws_is_a_class_that_applications_cannot_change() -> None:
    arn = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-1111-2222-3333-444444444444"
    entry = without(EDGE, "acme", profile="alb", certificates=[arn], scheme="internet-facing")
    web = {"kind": "ModelServing"} | SERVING
    built = build("edge", {"edge": entry, "inference": web})
    assert built.kinds == ["IngressClass", "IngressClassParams"]
    parameters = built.one("IngressClassParams")
    assert built.one("IngressClass")["spec"]["parameters"]["name"] == parameters["metadata"]["name"] == "aurora-edge"
    assert parameters["spec"]["certificateArn"] == [arn]
    assert (parameters["spec"]["scheme"], parameters["spec"]["targetType"]) == ("internet-facing", "ip")
