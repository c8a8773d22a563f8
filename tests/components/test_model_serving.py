"""What a served model emits: two tracks that differ only where they may, and what guards them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
from pydantic import ValidationError

from aurora_constructs.components.model_serving.gate import GATE
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from components.building import MODEL_STORE, Built, build
from components.serving_cases import DESIGN_EXAMPLE, EDGE, of_kind, serving

# Pointers in which the canary's Deployment may differ: its name, its replicas, its track and its version.
MAY_DIFFER = {
    "/metadata/name",
    "/metadata/labels/aurora.example.com~1track",
    "/spec/replicas",
    "/spec/selector/matchLabels/aurora.example.com~1track",
    "/spec/template/metadata/labels/aurora.example.com~1track",
    "/spec/template/metadata/labels/aurora.example.com~1model-version",
}


def leaves(value: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    children = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    if not children:
        yield pointer, value
    for key, child in children:
        yield from leaves(child, f"{pointer}/{str(key).replace('/', '~1')}")


@pytest.fixture(scope="module")
def gateway() -> Built:
    return serving()


@pytest.fixture(scope="module")
def nginx() -> Built:
    return serving(profile="nginx")


def pod_of(deployment: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def matches(selector: dict[str, str], deployment: dict[str, Any]) -> bool:
    labels: dict[str, str] = deployment["spec"]["template"]["metadata"]["labels"]
    return selector.items() <= labels.items()


def test_the_entry_of_the_design_is_enough() -> None:
    spec = ModelServingSpec.model_validate(DESIGN_EXAMPLE)
    assert (spec.edge, spec.storage, spec.image) == ("edge", "model-store", "inference")


def test_stable_and_canary_differ_only_in_version_replicas_and_names(gateway: Built) -> None:
    stable = dict(leaves(gateway.one("Deployment", name="aurora-inference")))
    canary = dict(leaves(gateway.one("Deployment", name="aurora-inference-canary")))
    assert stable.keys() == canary.keys()
    different = {pointer for pointer in stable if stable[pointer] != canary[pointer]}
    versions = {pointer for pointer in different if {stable[pointer], canary[pointer]} == VERSIONS}
    assert different - versions <= MAY_DIFFER | SPREAD_TRACKS
    assert all(pointer.endswith("/value") or "model-version" in pointer for pointer in versions)


VERSIONS = {"v20260901-120000", "v20261101-090000"}
SPREAD_TRACKS = {
    f"/spec/template/spec/topologySpreadConstraints/{index}/labelSelector/matchLabels/aurora.example.com~1track"
    for index in (0, 1)
}


def test_every_selector_matches_the_pods_of_one_track_only(gateway: Built) -> None:
    deployments = of_kind(gateway, "Deployment")
    selectors = [body["spec"]["selector"] for body in of_kind(gateway, "Service")]
    selectors += [body["spec"]["selector"]["matchLabels"] for body in of_kind(gateway, "PodDisruptionBudget")]
    selectors += [body["spec"]["selector"]["matchLabels"] for body in deployments]
    assert len(selectors) == 6
    for selector in selectors:
        assert sum(matches(selector, deployment) for deployment in deployments) == 1
        assert not {key for key in selector if "version" in key or "instance" in key}


def test_the_stable_service_never_selects_the_canary(gateway: Built) -> None:
    selector = gateway.one("Service", name="aurora-inference")["spec"]["selector"]
    assert matches(selector, gateway.one("Deployment", name="aurora-inference"))
    assert not matches(selector, gateway.one("Deployment", name="aurora-inference-canary"))


def test_the_model_volume_is_read_only_twice_and_never_in_the_server(gateway: Built) -> None:
    for deployment in of_kind(gateway, "Deployment"):
        pod = pod_of(deployment)
        (volume,) = (volume for volume in pod["volumes"] if "persistentVolumeClaim" in volume)
        assert volume["persistentVolumeClaim"] == {"claimName": "aurora-model-pvc", "readOnly": True}
        (mount,) = (mount for mount in pod["initContainers"][0]["volumeMounts"] if mount["name"] == volume["name"])
        assert mount["readOnly"] is True
        assert volume["name"] not in {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}


def test_the_server_reads_the_copy_that_the_gate_made(gateway: Built) -> None:
    pod = pod_of(gateway.one("Deployment", name="aurora-inference"))
    (copy,) = (volume for volume in pod["volumes"] if volume["name"] == "model")
    assert copy["emptyDir"] == {"sizeLimit": "1Gi"}
    paths = [
        {mount["mountPath"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}["/model"]
        for container in (pod["initContainers"][0], pod["containers"][0])
    ]
    assert paths == [False, True]


def test_a_change_of_the_gate_rolls_the_pods(gateway: Built) -> None:
    script = gateway.one("ConfigMap", name="aurora-inference-gate")["data"][GATE.file_name]
    checksum = hashlib.sha256(script.encode()).hexdigest()
    for deployment in of_kind(gateway, "Deployment"):
        annotations = deployment["spec"]["template"]["metadata"]["annotations"]
        assert annotations == {"aurora.example.com/model-gate-checksum": checksum}


def test_pods_hold_no_secret_and_no_token(gateway: Built) -> None:
    text = str(gateway.emitted)
    assert "secretKeyRef" not in text
    assert "secretRef" not in text
    assert not of_kind(gateway, "Secret")
    assert {pod_of(body)["automountServiceAccountToken"] for body in of_kind(gateway, "Deployment")} == {False}
    assert gateway.one("ServiceAccount", name="aurora-inference")["automountServiceAccountToken"] is False


def test_pods_may_reach_nothing_but_name_resolution(gateway: Built) -> None:
    policy = gateway.one("NetworkPolicy", name="aurora-inference")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    (egress,) = policy["egress"]
    assert {(port["port"], port["protocol"]) for port in egress["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert egress["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    sources = [rule["from"][0]["namespaceSelector"]["matchExpressions"][0]["values"] for rule in policy["ingress"]]
    assert sources == [["aurora-edge"], ["monitoring"]]
    assert all(rule["ports"] == [{"port": 8080, "protocol": "TCP"}] for rule in policy["ingress"])
    assert all(matches(policy["podSelector"]["matchLabels"], body) for body in of_kind(gateway, "Deployment"))


def test_nothing_of_a_served_model_names_the_control_plane(gateway: Built, nginx: Built) -> None:
    assert "control-plane" not in str(gateway.emitted + nginx.emitted)


@pytest.mark.parametrize("replicas", [2, 3, 10])
def test_an_eviction_leaves_a_stable_pod(replicas: int) -> None:
    found = serving(stable={"version": "v20260901-120000", "replicas": replicas})
    stable = found.one("PodDisruptionBudget", name="aurora-inference")["spec"]
    pods = found.one("Deployment", name="aurora-inference")["spec"]["replicas"]
    assert pods == replicas
    assert pods - stable["maxUnavailable"] >= 1
    for budget in of_kind(found, "PodDisruptionBudget"):
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_a_new_pod_serves_before_an_old_one_ends(gateway: Built) -> None:
    for deployment in of_kind(gateway, "Deployment"):
        assert deployment["spec"]["strategy"] == {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
        }
        (server,) = pod_of(deployment)["containers"]
        drain = server["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert 0 < drain < pod_of(deployment)["terminationGracePeriodSeconds"]


def test_readiness_needs_the_model_and_liveness_does_not(gateway: Built) -> None:
    (server,) = pod_of(gateway.one("Deployment", name="aurora-inference"))["containers"]
    paths = {name: server[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/ready", "readiness": "/ready", "liveness": "/health"}
    startup = server["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 300


def test_replicas_spread_over_hosts_and_zones(gateway: Built) -> None:
    constraints = pod_of(gateway.one("Deployment", name="aurora-inference"))["topologySpreadConstraints"]
    assert {entry["topologyKey"] for entry in constraints} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_series_get_track_and_version_from_the_pod(gateway: Built) -> None:
    monitor = gateway.one("PodMonitor", name="aurora-inference")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert {entry["targetLabel"]: entry["sourceLabels"] for entry in endpoint["relabelings"]} == {
        "track": ["__meta_kubernetes_pod_label_aurora_example_com_track"],
        "model_version": ["__meta_kubernetes_pod_label_aurora_example_com_model_version"],
    }
    assert monitor["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    assert all(matches(monitor["spec"]["selector"]["matchLabels"], body) for body in of_kind(gateway, "Deployment"))


def test_the_record_says_what_the_workloads_run(gateway: Built, nginx: Built) -> None:
    record = gateway.one("MLDeployment", name="aurora-inference")["spec"]
    assert record["stable"] == {"version": "v20260901-120000", "replicas": 3}
    assert (record["canary"]["version"], record["canary"]["weight"]) == ("v20261101-090000", 10)
    assert record["traffic"]["provider"] == "Gateway"
    assert "tlsSecretName" not in record["traffic"]
    assert nginx.one("MLDeployment", name="aurora-inference")["spec"]["traffic"]["tlsSecretName"] == "aurora-edge-tls"


@pytest.mark.parametrize("profile", ["gateway", "nginx"])
@pytest.mark.parametrize("version", ["1.33", "1.36"])
def test_built_in_kinds_fit_the_schemas_of_kubernetes(profile: str, version: str) -> None:
    for body in serving(profile=profile).emitted:
        if "." not in body["apiVersion"].split("/")[0] or body["apiVersion"].startswith("networking.k8s.io/"):
            kubernetes_validate.validate(body, version, strict=True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stable": {"version": "v20260901-120000", "replicas": 1}}, "greater than or equal to 2"),
        ({"stable": {"version": "La test", "replicas": 3}}, "pattern"),
        ({"canary": {"version": "v20260901-120000", "weight": 10}}, "a canary tries another version"),
        ({"canary": {"version": "v20261101-090000", "weight": 101}}, "less than or equal to 100"),
        ({"canary": {"version": "v20261101-090000", "weight": 10, "replicas": 0}}, "greater than or equal to 1"),
        ({"canary": {"version": "v20261101-090000", "weight": 1, "header": {"name": "a b"}}}, "pattern"),
        ({"host": "*.example.com"}, "pattern"),
    ],
)
def test_an_entry_that_cannot_be_served_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelServingSpec.model_validate({**DESIGN_EXAMPLE, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"store": {**MODEL_STORE, "namespace": "elsewhere"}}, "claims of its own namespace"),
        ({"model": "unknown"}, "has no model `unknown`"),
        ({"name": "a" * 34}, "more than 40 characters"),
    ],
)
def test_what_does_not_fit_its_surroundings_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        serving(**changes)


def test_a_hook_after_the_sync_writes_the_aliases_and_nothing_reaches_its_pods(gateway: Built) -> None:
    (job,) = of_kind(gateway, "Job")
    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": "PostSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    }
    template = job["spec"]["template"]
    (container,) = template["spec"]["containers"]
    pins = ["california-housing/canary=v20261101-090000", "california-housing/stable=v20260901-120000"]
    assert container["args"] == ["publish-aliases", *pins] and "command" not in container
    assert [one.get("readOnly", False) for one in container["volumeMounts"] if one["name"] == "models"] == [False]
    labels = template["metadata"]["labels"]
    for service in of_kind(gateway, "Service"):
        assert not service["spec"]["selector"].items() <= labels.items()
    selecting = [
        policy["spec"]
        for policy in of_kind(gateway, "NetworkPolicy")
        if policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    ]
    assert [(sorted(one["policyTypes"]), one.get("ingress"), one.get("egress")) for one in selecting] == [
        (["Egress", "Ingress"], None, None)
    ]


def test_without_a_canary_its_alias_is_taken_away() -> None:
    (job,) = of_kind(serving(canary=None), "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"][1:] == ["california-housing/stable=v20260901-120000"]


def test_a_model_that_two_components_serve_has_no_alias_of_its_own() -> None:
    first, second = dict(DESIGN_EXAMPLE), {**DESIGN_EXAMPLE, "host": "second.example.com"}
    entries = {"model-store": MODEL_STORE, "edge": {**EDGE, "profile": "gateway"}, "a": first, "b": second}
    with pytest.raises(ValueError, match="`a` serves `california-housing` of `model-store` too"):
        build("b", entries)
    assert build("a", entries)


def test_a_rate_limit_reaches_the_server_and_not_the_gate() -> None:
    for deployment in of_kind(serving(rateLimit=0), "Deployment"):
        pod = pod_of(deployment)
        given = [
            {one["name"]: one["value"] for one in each["env"]} for each in (*pod["initContainers"], *pod["containers"])
        ]
        assert [env.get("RATE_LIMIT") for env in given] == [None, "0"]
    with pytest.raises(ValidationError, match="rateLimit"):
        ModelServingSpec.model_validate({**DESIGN_EXAMPLE, "rateLimit": -1})
