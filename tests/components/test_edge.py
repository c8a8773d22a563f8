"""The way in: one owner per certificate, nothing in the clear, and nobody in who should not be."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
from pydantic import ValidationError

from components.building import MODEL_STORE, NO_API_SERVER, Built, build, specification, without

EDGE = {
    "kind": "Edge",
    "namespace": "aurora-edge",
    "acme": {"server": "production", "email": "platform@example.com"},
    "loadBalancers": ["192.0.2.10/32", "192.0.2.11/32"],
}
SERVING = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "california-housing",
    "stable": {"version": "v20260901-120000", "replicas": 3},
}
OTHER = {**SERVING, "namespace": "fraud", "host": "fraud.example.net"}


def edge(routed: dict[str, Any] | None = None, **changes: Any) -> Built:
    around = {"inference": SERVING, "other": OTHER} if routed is None else routed
    return build("edge", {"model-store": MODEL_STORE, "edge": without(EDGE, **changes), **around})


@pytest.fixture(scope="module")
def gateway() -> Built:
    return edge()


@pytest.fixture(scope="module")
def nginx() -> Built:
    return edge(profile="nginx")


def of_kind(built: Built, kind: str) -> list[dict[str, Any]]:
    return [body for body in built.emitted if body["kind"] == kind]


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


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_a_challenge_is_reachable_where_its_certificate_is(profile: str) -> None:
    built = edge(profile=profile)
    namespaces = {body["metadata"]["namespace"] for body in of_kind(built, "Certificate")}
    ways = [body for body in of_kind(built, "NetworkPolicy") if body["metadata"]["name"] == "aurora-edge-solver"]
    assert {body["metadata"]["namespace"] for body in ways} == namespaces
    for body in ways:
        assert body["spec"]["podSelector"]["matchLabels"] == {"acme.cert-manager.io/http01-solver": "true"}
        assert peers(body["spec"]["ingress"], "from") == {("aurora-edge", 8089)}
    egress = built.one("NetworkPolicy", name="aurora-edge")["spec"]["egress"]
    assert {(namespace, 8089) for namespace in namespaces} <= peers(egress, "to")


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


def test_plain_requests_are_sent_to_https(gateway: Built) -> None:
    route = gateway.one("HTTPRoute")["spec"]
    assert route["parentRefs"][0]["sectionName"] == "http"
    (rule,) = route["rules"]
    assert rule["filters"] == [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]
    assert "backendRefs" not in rule
    assert route["hostnames"] == gateway.one("Certificate")["spec"]["dnsNames"]


def test_the_gateway_names_the_settings_and_its_class(gateway: Built) -> None:
    spec = gateway.one("Gateway")["spec"]
    settings = gateway.one("ConfigMap")
    assert spec["infrastructure"]["parametersRef"] == {
        "group": "",
        "kind": "ConfigMap",
        "name": settings["metadata"]["name"],
    }
    assert settings["metadata"]["namespace"] == gateway.one("Gateway")["metadata"]["namespace"]
    assert spec["gatewayClassName"] == gateway.one("GatewayClass")["metadata"]["name"]


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_the_proxy_protocol_is_on_and_settings_are_strings(profile: str) -> None:
    data = edge(profile=profile).one("ConfigMap")["data"]
    assert data["use-proxy-protocol"] == "true"
    assert all(isinstance(value, str) for value in data.values())


def test_nginx_believes_the_load_balancers_and_no_client(nginx: Built) -> None:
    data = nginx.one("ConfigMap")["data"]
    assert data["proxy-real-ip-cidr"] == "192.0.2.10/32,192.0.2.11/32"
    assert (data["use-forwarded-headers"], data["allow-snippet-annotations"]) == ("false", "false")


def test_profile_nginx_emits_nothing_of_the_gateway_api(nginx: Built) -> None:
    assert not [body for body in nginx.emitted if body["apiVersion"].startswith("gateway.")]
    assert "IngressClass" not in nginx.kinds


def test_only_load_balancers_may_connect_to_the_ports_of_the_pods(gateway: Built) -> None:
    ingress = gateway.one("NetworkPolicy", name="aurora-edge")["spec"]["ingress"]
    assert all(rule["from"] for rule in ingress)
    assert peers(ingress, "from") == {
        ("192.0.2.10/32", 80),
        ("192.0.2.10/32", 443),
        ("192.0.2.11/32", 80),
        ("192.0.2.11/32", 443),
        ("monitoring", 10254),
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


def test_an_unknown_api_server_is_refused() -> None:
    with pytest.raises(ValueError, match="apiServerCidrs"):
        build("edge", {"model-store": MODEL_STORE, "edge": EDGE, "inference": SERVING}, cluster=NO_API_SERVER)


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


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_built_in_kinds_fit_the_schemas_of_kubernetes(profile: str) -> None:
    for body in edge(profile=profile).emitted:
        if body["kind"] in ("ConfigMap", "NetworkPolicy"):
            kubernetes_validate.validate(body, "1.35", strict=True)
