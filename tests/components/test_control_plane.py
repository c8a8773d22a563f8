"""The control plane: scaled, read-only, reached by few."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.building import CONTROL_PLANE, MODEL_STORE, SECRETS, Built, build, specification, without


def control_plane(**changes: Any) -> Built:
    entry = without(CONTROL_PLANE, **changes)
    return build("control-plane", {"model-store": MODEL_STORE, "secrets": SECRETS, "control-plane": entry})


@pytest.fixture(scope="module")
def built() -> Built:
    return control_plane(clientNamespaces=["aurora-system"])


def container(built: Built) -> dict[str, Any]:
    (found,) = built.one("Deployment")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def test_the_autoscaler_owns_the_replicas(built: Built) -> None:
    assert "replicas" not in built.one("Deployment")["spec"]
    scaler = built.one("HorizontalPodAutoscaler")
    assert scaler["apiVersion"] == "autoscaling/v2"
    assert scaler["spec"]["minReplicas"] >= 2
    assert scaler["spec"]["scaleTargetRef"]["name"] == built.one("Deployment")["metadata"]["name"]
    (metric,) = scaler["spec"]["metrics"]
    assert metric["resource"]["name"] in container(built)["resources"]["requests"]


def test_a_drain_takes_one_pod_at_a_time_and_broken_ones_at_once(built: Built) -> None:
    budget = built.one("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    labels = built.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()


def test_models_are_read_only_in_the_volume_and_in_the_mount(built: Built) -> None:
    volumes = built.one("Deployment")["spec"]["template"]["spec"]["volumes"]
    (models,) = [volume for volume in volumes if "persistentVolumeClaim" in volume]
    (mount,) = [mount for mount in container(built)["volumeMounts"] if mount["name"] == models["name"]]
    assert models["persistentVolumeClaim"] == {"claimName": "aurora-model-pvc", "readOnly": True}
    assert mount == {"name": models["name"], "mountPath": "/shared-models", "readOnly": True}


def test_a_rate_limit_that_is_stated_reaches_the_program(built: Built) -> None:
    limited = {one["name"]: one.get("value") for one in container(control_plane(rateLimit=5))["env"]}
    assert limited["RATE_LIMIT"] == "5"
    assert "RATE_LIMIT" not in {one["name"] for one in container(built)["env"]}


def test_its_role_only_reads_nodes_and_storage_classes(built: Built) -> None:
    rules = built.one("ClusterRole")["rules"]
    assert {resource for rule in rules for resource in rule["resources"]} == {"nodes", "storageclasses"}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert built.one("ClusterRoleBinding")["roleRef"]["name"] == built.one("ClusterRole")["metadata"]["name"]
    assert not {"Role", "RoleBinding"} & set(built.kinds)


def test_the_api_key_comes_from_this_environments_path_through_the_store(built: Built) -> None:
    spec = built.one("ExternalSecret")["spec"]
    store = build("secrets", {"secrets": SECRETS}).one("ClusterSecretStore")
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": store["metadata"]["name"]}
    assert spec["data"][0]["remoteRef"]["key"] == "example/control-plane"


def test_every_default_of_the_external_secret_is_spelled_out(built: Built) -> None:
    secret = built.one("ExternalSecret")
    assert secret["apiVersion"] == "external-secrets.io/v1"
    spec = secret["spec"]
    assert (spec["refreshPolicy"], spec["refreshInterval"]) == ("Periodic", "1h0m0s")
    assert spec["target"]["creationPolicy"] == "Owner"
    assert spec["target"]["deletionPolicy"] == "Retain"
    assert spec["target"]["template"] == {"engineVersion": "v2", "mergePolicy": "Replace"}
    remote = spec["data"][0]["remoteRef"]
    assert (remote["conversionStrategy"], remote["decodingStrategy"], remote["metadataPolicy"]) == (
        "Default",
        "None",
        "None",
    )


def test_the_pod_reads_the_key_that_the_external_secret_writes(built: Built) -> None:
    spec = built.one("ExternalSecret")["spec"]
    (variable,) = [entry for entry in container(built)["env"] if "valueFrom" in entry]
    reference = variable["valueFrom"]["secretKeyRef"]
    assert reference["name"] == spec["target"]["name"]
    assert reference["key"] == spec["data"][0]["secretKey"]
    assert "Secret" not in built.kinds


def test_every_probe_asks_for_health_on_the_http_port(built: Built) -> None:
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container(built)[name]["httpGet"]["path"] == "/health"
        assert container(built)[name]["httpGet"]["port"] == "http"


def test_service_and_monitor_find_the_pods_by_port_name(built: Built) -> None:
    service = built.one("Service")
    labels = built.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    (port,) = service["spec"]["ports"]
    assert port["targetPort"] in {entry["name"] for entry in container(built)["ports"]}
    monitor = built.one("ServiceMonitor")["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert monitor["endpoints"][0]["port"] == port["name"]
    assert monitor["endpoints"][0]["path"] == "/metrics"


def test_only_prometheus_and_the_listed_clients_may_call_it(built: Built) -> None:
    (rule,) = built.one("NetworkPolicy")["spec"]["ingress"]
    (peer,) = rule["from"]
    assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == ["aurora-system", "monitoring"]
    (alone,) = control_plane().one("NetworkPolicy")["spec"]["ingress"]
    assert alone["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["monitoring"]


def test_it_reaches_dns_and_the_api_server_only(built: Built) -> None:
    policy = built.one("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    dns, api = policy["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert api["to"] == [{"ipBlock": {"cidr": "10.0.0.10/32"}}]


def test_pods_are_spread_and_replaced_without_a_gap(built: Built) -> None:
    spec = built.one("Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    keys = {constraint["topologyKey"] for constraint in spec["template"]["spec"]["topologySpreadConstraints"]}
    assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


@pytest.mark.parametrize("replicas", [{"minimum": 1}, {"minimum": 4, "maximum": 3}, {"maximum": 51}, {"cpuPercent": 0}])
def test_replicas_that_cannot_survive_a_node_or_contradict_are_refused(replicas: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        specification(without(CONTROL_PLANE, replicas=replicas))


def test_a_reference_to_another_kind_is_an_error() -> None:
    with pytest.raises(TypeError, match="is a SecretStore"):
        build("control-plane", {"secrets": SECRETS, "control-plane": without(CONTROL_PLANE, storage="secrets")})
