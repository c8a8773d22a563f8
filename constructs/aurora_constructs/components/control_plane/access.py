"""Who may reach the control plane, and what it may reach and read. Adds no objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network
from aurora_constructs.components.control_plane.spec import ApiKey, ControlPlaneSpec

KEY = "api-key"
KEY_VARIABLE = "AURORA_API_KEY"
READ = ("get", "list", "watch")


def secret_name(name: str) -> str:
    """Name the Secret with the API key, and the ExternalSecret that fills it."""
    return f"{name}-{KEY}"


def cluster_rules() -> list[k8s.PolicyRule]:
    """Give what its two introspection paths show: nodes and storage classes, read-only."""
    return [
        k8s.PolicyRule(api_groups=[""], resources=["nodes"], verbs=list(READ)),
        k8s.PolicyRule(api_groups=["storage.k8s.io"], resources=["storageclasses"], verbs=list(READ)),
    ]


def external_secret(key: ApiKey, *, path: str, target: str, store: str) -> dict[str, object]:
    """Describe the API key's ExternalSecret.

    Every default is spelled out, so that Git says what the API server stores. The template is there for
    its effect on metadata: without one the Secret would inherit Argo CD's own labels and annotations.
    """
    remote = {
        "key": path,
        "property": key.property,
        "conversionStrategy": "Default",
        "decodingStrategy": "None",
        "metadataPolicy": "None",
    }
    return {
        "refreshPolicy": "Periodic",
        "refreshInterval": key.refresh_interval,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": store},
        "target": {
            "name": target,
            "creationPolicy": "Owner",
            "deletionPolicy": "Retain",
            "template": {"engineVersion": "v2", "mergePolicy": "Replace"},
        },
        "data": [{"secretKey": KEY, "remoteRef": remote}],
    }


def network_policy(
    spec: ControlPlaneSpec, *, selector: Mapping[str, str], port: int, api: Sequence[str]
) -> k8s.NetworkPolicySpec:
    """Let Prometheus and the clients in, and out only to DNS and the API server.

    Raises:
        ValueError: the API server's addresses are not known.
    """
    callers = {spec.monitoring_namespace, *spec.client_namespaces}
    return k8s.NetworkPolicySpec(
        pod_selector=k8s.LabelSelector(match_labels=dict(selector)),
        policy_types=["Ingress", "Egress"],
        ingress=[k8s.NetworkPolicyIngressRule(from_=[network.pods_in(callers)], ports=network.tcp(port))],
        egress=[network.dns(), network.api_server(api)],
    )


def monitor(*, namespace: str, selector: Mapping[str, str]) -> dict[str, object]:
    """Describe how Prometheus reads the metrics: through the Service's port, by its name."""
    return {
        "namespaceSelector": {"matchNames": [namespace]},
        "selector": {"matchLabels": dict(selector)},
        "jobLabel": labels.NAME,
        "endpoints": [{"port": "http", "path": "/metrics", "scheme": "http", "interval": "30s"}],
    }
