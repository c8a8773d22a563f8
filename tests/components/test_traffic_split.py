"""How traffic is split between stable and canary, with either profile of the edge."""

from __future__ import annotations

import pytest

from aurora_constructs.components.model_serving.gate import GATE
from components.building import Built
from components.serving_cases import canary, of_kind, serving

NGINX = "nginx.ingress.kubernetes.io"


@pytest.fixture(scope="module")
def gateway() -> Built:
    return serving()


@pytest.fixture(scope="module")
def nginx() -> Built:
    return serving(profile="nginx")


@pytest.mark.parametrize("weight", [0, 1, 10, 100])
def test_the_canary_gets_its_weight_and_stable_the_rest(weight: int) -> None:
    route = serving(canary=canary(weight)).one("HTTPRoute", name="aurora-inference")["spec"]
    header, weighted = route["rules"]
    assert {backend["name"]: backend["weight"] for backend in weighted["backendRefs"]} == {
        "aurora-inference": 100 - weight,
        "aurora-inference-canary": weight,
    }
    assert [backend["name"] for backend in header["backendRefs"]] == ["aurora-inference-canary"]


def test_the_header_rule_is_more_specific_than_the_weighted_one(gateway: Built) -> None:
    header, weighted = gateway.one("HTTPRoute", name="aurora-inference")["spec"]["rules"]
    assert weighted["matches"] == [{"path": {"type": "PathPrefix", "value": "/predict"}}]
    assert header["matches"] == [
        {**weighted["matches"][0], "headers": [{"type": "Exact", "name": "X-Aurora-Track", "value": "canary"}]}
    ]


def test_clients_cannot_choose_the_canary_unless_a_header_is_stated() -> None:
    split = {"version": "v20261101-090000", "weight": 10}
    (rule,) = serving(canary=split).one("HTTPRoute", name="aurora-inference")["spec"]["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/predict"}}]
    annotations = serving(canary=split, profile="nginx").one("Ingress", name="aurora-inference-canary")["metadata"]
    assert not [key for key in annotations["annotations"] if "header" in key]


def test_the_route_takes_only_the_listener_with_tls(gateway: Built) -> None:
    assert gateway.one("HTTPRoute", name="aurora-inference")["spec"]["parentRefs"] == [
        {
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "name": "aurora-edge",
            "namespace": "aurora-edge",
            "sectionName": "https",
        }
    ]


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
def test_without_a_canary_nothing_of_one_exists(profile: str) -> None:
    found = serving(canary=None, profile=profile)
    assert "canary" not in str(found.emitted).replace(GATE.text, "")
    if profile == "gateway":
        (rule,) = found.one("HTTPRoute", name="aurora-inference")["spec"]["rules"]
        assert [backend["weight"] for backend in rule["backendRefs"]] == [100]
    else:
        assert len(of_kind(found, "Ingress")) == 1


def test_each_profile_has_its_own_kind_of_route(gateway: Built, nginx: Built) -> None:
    assert (len(of_kind(gateway, "HTTPRoute")), len(of_kind(gateway, "Ingress"))) == (1, 0)
    assert (len(of_kind(nginx, "HTTPRoute")), len(of_kind(nginx, "Ingress"))) == (0, 2)


def test_both_ingresses_have_the_same_host_path_and_class(nginx: Built) -> None:
    main, canary = (nginx.one("Ingress", name=name)["spec"] for name in ("aurora-inference", "aurora-inference-canary"))
    for spec, service in ((main, "aurora-inference"), (canary, "aurora-inference-canary")):
        (rule,) = spec["rules"]
        (path,) = rule["http"]["paths"]
        assert (rule["host"], path["path"], path["pathType"]) == ("inference.example.com", "/predict", "Prefix")
        assert path["backend"] == {"service": {"name": service, "port": {"name": "http"}}}
        assert spec["ingressClassName"] == "nginx"


def test_only_the_main_ingress_has_tls(nginx: Built) -> None:
    assert nginx.one("Ingress", name="aurora-inference")["spec"]["tls"] == [
        {"hosts": ["inference.example.com"], "secretName": "aurora-edge-tls"}
    ]
    assert "tls" not in nginx.one("Ingress", name="aurora-inference-canary")["spec"]


def test_the_annotations_of_the_canary_are_strings_and_none_is_cert_managers(nginx: Built) -> None:
    assert nginx.one("Ingress", name="aurora-inference-canary")["metadata"]["annotations"] == {
        f"{NGINX}/canary": "true",
        f"{NGINX}/canary-by-header": "X-Aurora-Track",
        f"{NGINX}/canary-by-header-value": "canary",
        f"{NGINX}/canary-weight": "10",
    }
    assert "cert-manager" not in str(of_kind(nginx, "Ingress"))
