"""Facts about the check `references`: what routes name."""

from __future__ import annotations

import pytest

from aurora.checks.references import CHECK
from aurora.model.inventory import External
from checks.inventory_cases import judge, pointers


def rules(*streams: str, closed: bool = True, externals: tuple[External, ...] = ()) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed, externals=externals)}


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: %s\n"
INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"
    "spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: %s}}}]}}]}\n"
)


@pytest.mark.parametrize(
    ("service", "port", "field"),
    [
        pytest.param("{ports: [{name: http, port: 80}]}", "{name: http}", None, id="by name"),
        pytest.param("{ports: [{name: http, port: 80}]}", "{number: 80}", None, id="by number"),
        pytest.param("{ports: [{name: http, port: 80}]}", "{name: https}", "name", id="no such name"),
        pytest.param(
            "{ports: [{name: http, port: 80, targetPort: 8080}]}", "{number: 8080}", "number", id="the pod's port"
        ),
        pytest.param(
            "{type: ExternalName, externalName: a.example.com}", "{number: 80}", None, id="outside the cluster"
        ),
    ],
)
def test_the_port_of_a_backend(service: str, port: str, field: str | None) -> None:
    expected = [f"/spec/rules/0/http/paths/0/backend/service/port/{field}"] if field else []
    assert pointers(judge(CHECK, SERVICE % service, INGRESS % port), "references/backend-port") == expected


ACTION = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
    "metadata: {name: web, namespace: shop, annotations: {alb.ingress.kubernetes.io/actions.split: '%s'}}\n"
    "spec: {rules: [{http: {paths: [{backend: {service: {name: split, port: {name: use-annotation}}}}]}}]}\n"
)
ONE_GROUP = '{"Type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": %s}]}}'


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        pytest.param(ONE_GROUP % 80, None, id="a number"),
        pytest.param(ONE_GROUP % '"80"', None, id="a number in quotes"),
        pytest.param(ONE_GROUP % '"http"', None, id="a name"),
        pytest.param(ONE_GROUP % 81, "references/backend-port", id="no such port"),
        pytest.param((ONE_GROUP % 80).replace("web", "gone"), "references/backend-service", id="no such Service"),
        pytest.param('{"type": "redirect"}', None, id="no Service at all"),
        pytest.param("no JSON", None, id="unreadable"),
        pytest.param(
            ONE_GROUP.replace('"serviceName": "web", "servicePort": %s', '"targetGroupARN": "a"'), None, id="an ARN"
        ),
    ],
)
def test_an_action_of_the_aws_load_balancer_leads_to_its_services(action: str, rule: str | None) -> None:
    ports = SERVICE % "{ports: [{name: http, port: 80}]}"
    at = "/metadata/annotations/alb.ingress.kubernetes.io~1actions.split"
    found = judge(CHECK, ports, ACTION % action)
    for each in ("references/backend-service", "references/backend-port"):
        assert pointers(found, each) == ([at] if each == rule else [])


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        pytest.param("{name: edge, namespace: edge}", set(), id="a Gateway of another namespace"),
        pytest.param("{name: edge}", {"references/gateway"}, id="its own namespace by default"),
        pytest.param("{name: web, kind: Service, group: ''}", set(), id="a Service"),
        pytest.param("{name: edge, namespace: edge, sectionName: https}", set(), id="a listener"),
        pytest.param(
            "{name: edge, namespace: edge, sectionName: http}", {"references/listener"}, id="no such listener"
        ),
    ],
)
def test_the_parent_of_a_route(parent: str, found: set[str]) -> None:
    gateway = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: edge}\n"
        "spec: {listeners: [{name: https}]}\n"
    )
    route = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\n"
        f"spec: {{parentRefs: [{parent}]}}\n"
    )
    assert rules(gateway, route, SERVICE % "{}") - {"references/namespace"} == found


@pytest.mark.parametrize(
    ("certificate", "missed"),
    [
        ("{name: tls}", True),
        ("{name: tls, kind: Secret, group: ''}", True),
        ("{name: tls, kind: Bundle, group: example.com}", False),
        ("{name: tls, kind: Secret, group: example.com}", False),
        ("{name: tls, kind: ConfigMap}", False),
    ],
)
def test_the_certificate_of_a_listener(certificate: str, missed: bool) -> None:
    gateway = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: edge}\n"
        f"spec: {{listeners: [{{name: https, tls: {{certificateRefs: [{certificate}]}}}}]}}\n"
    )
    expected = ["/spec/listeners/0/tls/certificateRefs/0/name"] if missed else []
    assert pointers(judge(CHECK, gateway), "references/secret") == expected


CANARIES = "canary: [{predictor: {name: next}}], "
MADE = (
    "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: iris, namespace: shop}\n"
    "spec: {%spredictor: {model: {modelFormat: {name: sklearn}}}}\n"
)


@pytest.mark.parametrize(
    ("service", "spec", "found"),
    [
        pytest.param("iris-predictor", "", set(), id="of a predictor"),
        pytest.param("iris-next-predictor", CANARIES, set(), id="of a canary"),
        pytest.param("iris-next-predictor", "", {"references/backend-service"}, id="of a canary that is not there"),
        pytest.param("iris-transformer", "", {"references/backend-service"}, id="of a part that is not there"),
        pytest.param("iris", "", {"references/backend-service"}, id="of no part"),
    ],
)
def test_a_service_that_a_controller_makes_is_no_missing_one(service: str, spec: str, found: set[str]) -> None:
    ingress = (INGRESS % "{number: 80}").replace("service: {name: web", f"service: {{name: {service}")
    softened = {rule for rule in rules(ingress, MADE % spec) if rule == "references/backend-service"}
    assert softened == found


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ("", False),
        ("--http_port=8080", False),
        ("--http_port=9090", True),
        ("--http_port, '9090'", True),
        ("--rest_api_port=8080, --port=9000", False),
        ("--http_port=$(PORT)", False),
    ],
)
def test_the_port_of_a_custom_model_server(args: str, found: bool) -> None:
    containers = f"containers: [{{name: kserve-container, image: 'r.example.com/server:1', args: [{args}]}}]"
    service = (MADE % "").replace("model: {modelFormat: {name: sklearn}}", containers)
    assert ("references/model-server-port" in rules(service)) is found
