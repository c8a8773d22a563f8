"""The operator: exactly one, with exactly the permissions that its handlers need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from components.building import MODEL_STORE, NO_API_SERVER, OPERATOR, TRAINING, Built, build, without

COMPONENTS = {"model-store": MODEL_STORE, "training": TRAINING, "operator": OPERATOR}
WRITING = {"create", "delete", "deletecollection", "patch", "update"}


@pytest.fixture(scope="module")
def built() -> Built:
    return build("operator", COMPONENTS)


def rules(*roles: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for role in roles:
        yield from role["rules"]


def every_role(built: Built) -> list[dict[str, Any]]:
    return [body for body in built.emitted if body["kind"] in {"ClusterRole", "Role"}]


def verbs_on(built_rules: Iterator[dict[str, Any]], resource: str) -> set[str]:
    return {verb for rule in built_rules if resource in rule["resources"] for verb in rule["verbs"]}


def pod(built: Built) -> dict[str, Any]:
    spec: dict[str, Any] = built.one("Deployment")["spec"]["template"]["spec"]
    return spec


def test_there_is_one_operator_and_never_two_during_an_update(built: Built) -> None:
    spec = built.one("Deployment")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    assert "PodDisruptionBudget" not in built.kinds


def test_no_rule_has_a_wildcard(built: Built) -> None:
    for rule in rules(*every_role(built)):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
        assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"])


def test_no_rule_reads_secrets(built: Built) -> None:
    assert verbs_on(rules(*every_role(built)), "secrets") == set()


def test_cluster_wide_it_writes_only_its_own_objects(built: Built) -> None:
    cluster = built.one("ClusterRole")
    writable = {resource for rule in rules(cluster) if WRITING & set(rule["verbs"]) for resource in rule["resources"]}
    assert writable == {"mldeployments", "mldeployments/status", "mltrainingjobs", "mltrainingjobs/status"}


def test_kopf_may_patch_objects_and_their_status(built: Built) -> None:
    cluster = built.one("ClusterRole")
    assert verbs_on(rules(cluster), "mltrainingjobs") == {"get", "list", "watch", "patch"}
    assert "patch" in verbs_on(rules(cluster), "mltrainingjobs/status")
    assert verbs_on(rules(cluster), "customresourcedefinitions") == {"list", "watch"}
    assert verbs_on(rules(cluster), "namespaces") == {"list", "watch"}


def test_jobs_may_be_written_only_in_training_namespaces(built: Built) -> None:
    assert verbs_on(rules(built.one("ClusterRole")), "jobs") == set()
    for namespace in ("aurora", "research"):
        role = built.one("Role", namespace=namespace)
        assert {"create", "get", "patch", "update", "delete"} <= verbs_on(rules(role), "jobs")
        assert verbs_on(rules(role), "pods") == {"get", "list", "watch"}
        assert verbs_on(rules(role), "events") == {"create"}


def test_it_reads_only_the_config_maps_with_jobs(built: Built) -> None:
    (rule,) = [rule for rule in rules(built.one("Role", namespace="aurora")) if "configmaps" in rule["resources"]]
    template = build("training", COMPONENTS).one("ConfigMap")["metadata"]["name"]
    assert rule["resourceNames"] == [template]
    assert rule["verbs"] == ["get"]
    assert verbs_on(rules(built.one("Role", namespace="research")), "configmaps") == set()


def test_every_binding_gives_its_role_to_the_operator_alone(built: Built) -> None:
    subject = {"kind": "ServiceAccount", "name": "aurora-operator", "namespace": "aurora-system"}
    bindings = [body for body in built.emitted if body["kind"].endswith("RoleBinding")]
    assert len(bindings) == 3
    for binding in bindings:
        assert binding["subjects"] == [subject]
        assert binding["roleRef"]["name"] == "aurora-operator"


def test_kopf_serves_liveness_where_the_probe_looks(built: Built) -> None:
    (container,) = pod(built)["containers"]
    assert container["command"] == ["kopf"]
    assert container["args"][:4] == ["run", "--namespace=aurora", "--namespace=research", "--standalone"]
    assert "--liveness=http://0.0.0.0:8080/healthz" in container["args"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports[container["livenessProbe"]["httpGet"]["port"]] == 8080
    assert "readinessProbe" not in container


def test_the_token_is_mounted_because_it_calls_the_api(built: Built) -> None:
    assert pod(built)["automountServiceAccountToken"] is True
    assert built.one("ServiceAccount")["automountServiceAccountToken"] is False


def test_it_reaches_dns_and_the_api_server_and_is_reached_by_prometheus(built: Built) -> None:
    policy = built.one("NetworkPolicy")["spec"]
    dns, api = policy["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert api["to"] == [{"ipBlock": {"cidr": "10.0.0.10/32"}}]
    assert 6443 in {port["port"] for port in api["ports"]}
    (scrape,) = policy["ingress"]
    assert scrape["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"] == ["monitoring"]
    metrics = next(port for port in pod(built)["containers"][0]["ports"] if port["name"] == "metrics")
    assert [port["port"] for port in scrape["ports"]] == [metrics["containerPort"]]


def test_an_unknown_api_server_is_an_error_and_never_an_open_door() -> None:
    with pytest.raises(ValueError, match="apiServerCidrs"):
        build("operator", COMPONENTS, cluster=NO_API_SERVER)


def test_the_monitor_finds_the_pods_and_keeps_the_runs_labels(built: Built) -> None:
    monitor = built.one("PodMonitor")["spec"]
    labels = built.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    assert monitor["namespaceSelector"] == {"matchNames": ["aurora-system"]}
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert endpoint["port"] in {port["name"] for port in pod(built)["containers"][0]["ports"]}
    assert endpoint["honorLabels"] is True


def test_a_namespace_that_is_listed_twice_gets_one_role() -> None:
    twice = build("operator", {**COMPONENTS, "operator": without(OPERATOR, trainingNamespaces=["aurora", "aurora"])})
    assert twice.kinds.count("Role") == twice.kinds.count("RoleBinding") == 1
