"""An HTTP service of one's own: what is asked for is there, and what cannot work is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.building import MODEL_STORE, SECRETS, Built, build, specification, without

SHOP: dict[str, Any] = {
    "kind": "WebService",
    "namespace": "aurora",
    "image": "shop",
    "resources": {"cpu": "100m", "memory": "128Mi"},
}
ALWAYS = ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"]


def service(**changes: Any) -> Built:
    around = {"model-store": MODEL_STORE, "secrets": SECRETS}
    return build("shop", {**around, "shop": without(SHOP, **changes)})


def ingress(built: Built) -> Any:
    return built.one("NetworkPolicy")["spec"].get("ingress")


@pytest.mark.parametrize(
    ("asked", "emitted"),
    [
        ({}, []),
        ({"scaling": {"minimum": 2, "maximum": 4}}, ["HorizontalPodAutoscaler"]),
        ({"metrics": "/metrics"}, ["ServiceMonitor"]),
        ({"secrets": {"variables": {"TOKEN": {"property": "token"}}}}, ["ExternalSecret"]),
    ],
)
def test_only_what_is_asked_for_is_emitted(asked: dict[str, Any], emitted: list[str]) -> None:
    assert service(**asked).kinds == sorted([*ALWAYS, *emitted])


def test_nobody_gets_in_but_who_is_named() -> None:
    assert ingress(service()) is None
    (rule,) = ingress(service(metrics="/metrics", clientNamespaces=["checkout"], port=9000))
    (peer,) = rule["from"]
    assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == ["checkout", "monitoring"]
    assert [port["port"] for port in rule["ports"]] == [9000]


def test_the_number_of_pods_has_one_owner() -> None:
    assert service(replicas=3).one("Deployment")["spec"]["replicas"] == 3
    assert "replicas" not in service(scaling={}).one("Deployment")["spec"]


def test_a_volume_of_another_namespace_is_refused() -> None:
    with pytest.raises(ValueError, match="can only use claims of its own namespace"):
        service(namespace="shop", storage={"models": {"component": "model-store", "path": "/models"}})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"replicas": 2, "scaling": {}}, "leave `replicas` out"),
        ({"host": "shop.example.com"}, "needs both"),
        ({"edge": "edge"}, "needs both"),
        ({"env": {"TOKEN": "x"}, "secrets": {"variables": {"TOKEN": {"property": "t"}}}}, "`TOKEN` is stated in"),
        ({"egress": [{"port": 443}]}, "either `cidr` or `namespace`"),
        ({"egress": [{"cidr": "192.0.2.0/28", "namespace": "payments"}]}, "either `cidr` or `namespace`"),
        ({"port": 80}, "greater than or equal to 1024"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        specification(without(SHOP, **changes))
