"""The order of objects within one Argo CD Application, by kind. Data and one function, no cdk8s.

Waves between Applications belong to the component kinds (`aurora_constructs.catalogue`). Source of the
order: what an object needs must exist before it (domain, section 17).
"""

from __future__ import annotations

FIRST, FOUNDATION, PLATFORM, DEFAULT, WORKLOAD, INTENT, EXPOSURE = -40, -30, -10, 0, 10, 20, 40

_WAVES: dict[tuple[str, str], int] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): FIRST,
    ("", "Namespace"): FOUNDATION,
    ("", "ResourceQuota"): FOUNDATION + 1,
    ("", "LimitRange"): FOUNDATION + 1,
    ("", "PersistentVolume"): PLATFORM,
    ("cert-manager.io", "ClusterIssuer"): PLATFORM,
    ("external-secrets.io", "ClusterSecretStore"): PLATFORM,
    ("gateway.networking.k8s.io", "GatewayClass"): PLATFORM,
    ("scheduling.k8s.io", "PriorityClass"): PLATFORM,
    ("storage.k8s.io", "StorageClass"): PLATFORM,
    ("apps", "DaemonSet"): WORKLOAD,
    ("apps", "Deployment"): WORKLOAD,
    ("apps", "StatefulSet"): WORKLOAD,
    ("autoscaling", "HorizontalPodAutoscaler"): WORKLOAD,
    ("batch", "CronJob"): WORKLOAD,
    ("batch", "Job"): WORKLOAD,
    ("ml.aurora.example.com", "MLDeployment"): INTENT,
    ("ml.aurora.example.com", "MLTrainingJob"): INTENT,
    ("gateway.networking.k8s.io", "HTTPRoute"): EXPOSURE,
    ("monitoring.coreos.com", "PodMonitor"): EXPOSURE,
    ("monitoring.coreos.com", "PrometheusRule"): EXPOSURE,
    ("monitoring.coreos.com", "ServiceMonitor"): EXPOSURE,
    ("networking.k8s.io", "Ingress"): EXPOSURE,
}


def wave_of(group: str, kind: str) -> int:
    """Give the wave of a kind; what the table does not name is configuration and comes at 0."""
    return _WAVES.get((group, kind), DEFAULT)
