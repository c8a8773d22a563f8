"""An HTTP service of one's own: what is asked for is there, and what cannot work is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.platform import Platform
from components.building import CLUSTER, MODEL_STORE, SECRETS, Built, build, specification, without

SHOP: dict[str, Any] = {
    "kind": "WebService",
    "namespace": "aurora",
    "image": "shop",
    "resources": {"cpu": "100m", "memory": "128Mi"},
}
PREDICTING: dict[str, Any] = {
    "program": "inference",
    "env": {"MODEL_DIR": "/model", "MODEL_NAME": "m", "MODEL_VERSION": "v1"},
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
        ({"scaling": {"minimum": 4, "maximum": 3}}, "maximum 3 is below minimum 4"),
        ({"scaling": {"down": {"percent": 101, "seconds": 60}}}, "more than all pods"),
        ({"scaling": {"up": {"percent": 50, "seconds": 1801}}}, "less than or equal to 1800"),
        ({"env": {"A": "x"}, "calls": {"A": "shop"}}, "`A` is stated in `env` and in `calls`"),
        ({"secrets": {"variables": {"A": {"property": "t"}}}, "calls": {"A": "shop"}}, "in `secrets` and in `calls`"),
        ({**PREDICTING, "health": {"readiness": "/health"}}, "decides `health.readiness` .*is ready at /ready"),
        ({**PREDICTING, "port": 9000, "metrics": "/m"}, "decides `metrics` and `port`"),
        ({"program": "inference"}, "reads `MODEL_DIR`, `MODEL_NAME`, `MODEL_VERSION`, and nobody gives it"),
        ({"program": "housing-api"}, "reads `PREDICT_URL`"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        specification(without(SHOP, **changes))


def calling(**changes: Any) -> dict[str, Any]:
    return {"shop": SHOP, "till": without(SHOP, calls={"SHOP_URL": "shop"}, **changes)}


def test_who_calls_a_service_gets_its_address_and_a_way_that_nobody_else_has() -> None:
    components = {**calling(namespace="tills"), "other": SHOP}
    (rule,) = ingress(build("shop", components))
    (peer,) = rule["from"]
    assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == ["tills"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "aurora-till"
    till = build("till", components)
    (container,) = till.one("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "SHOP_URL", "value": "http://aurora-shop.aurora.svc"}]
    _, way = till.one("NetworkPolicy")["spec"]["egress"]
    assert way["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "aurora-shop"
    assert way["ports"] == [{"port": 8080, "protocol": "TCP"}]
    assert ingress(build("other", components)) is None


def test_a_service_does_not_call_itself() -> None:
    with pytest.raises(ValueError, match="`shop` calls itself"):
        service(calls={"OWN": "shop"})


def test_the_program_of_an_image_decides_port_paths_and_metrics() -> None:
    built = build("shop", {"shop": without(SHOP, **PREDICTING)})
    (container,) = built.one("Deployment")["spec"]["template"]["spec"]["containers"]
    probes = {key: container[f"{key}Probe"]["httpGet"]["path"] for key in ("startup", "readiness", "liveness")}
    assert probes == {"startup": "/ready", "readiness": "/ready", "liveness": "/health"}
    assert container["name"] == "inference"
    monitor = built.one("ServiceMonitor")
    assert monitor["metadata"]["annotations"]["aurora.example.com/metrics"] == "inference"
    targets = [one["targetLabel"] for one in monitor["spec"]["endpoints"][0]["relabelings"]]
    assert targets == ["track", "model_version"]
    labels = built.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert labels["aurora.example.com/model-version"] == "v1"


def test_a_pool_that_pods_prefer_has_to_be_there() -> None:
    with pytest.raises(ValueError, match="no node pool `spot`"):
        service(preferredPool="spot")


PLACE = "/models/aurora/california-housing/versions"


def of_version(version: str, place: str, model: str = "california-housing") -> list[str]:
    """Say what is wrong with a served version, where `v1` was published by somebody outside."""
    env = {"MODEL_DIR": place, "MODEL_NAME": model, "MODEL_VERSION": version}
    storage = {"models": {"component": "model-store", "path": "/models"}}
    shop = specification(without(SHOP, program="inference", storage=storage, env=env))
    components = {"model-store": specification(MODEL_STORE), "shop": shop}
    outside = ("california-housing/v1",)
    platform = Platform(environment="example", images={}, components=components, cluster=CLUSTER, published=outside)
    return [f"{each.steps[-1]}: {each.message}" for each in shop.problems("shop", platform)]


def test_a_version_on_a_shared_volume_is_one_that_somebody_publishes() -> None:
    waits = "MODEL_VERSION: no run publishes version `v2` of `california-housing`: its pods would wait forever"
    assert of_version("v1", f"{PLACE}/v1") == []
    assert of_version("v2", f"{PLACE}/v2") == [waits]


def test_pods_look_for_their_version_where_it_lies() -> None:
    moved = f"MODEL_DIR: `{PLACE}/v0` is not where version `v1` of `california-housing` lies"
    assert of_version("v1", f"{PLACE}/v0") == [moved]
    absent = "MODEL_NAME: model store `model-store` has no model `other`"
    assert of_version("v1", "/models/aurora/other/versions/v1", "other") == [absent]


def test_nothing_is_said_of_a_version_in_the_image() -> None:
    assert of_version("v9", "/model") == []
