"""What the versions in a cluster offer, and which software the versions of charts install. Imports no cdk8s.

Components ask `Platform`, which answers from here: none of them compares versions. Sources: docs/facts/versions.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT = "current"
"""The profile of a cluster that names none."""

FEATURES: Mapping[str, tuple[str, tuple[int, int]]] = {
    # Argo CD, pkg/apis/application/v1alpha1/types.go: `automated.enabled` and `retry.refresh` of an Application.
    "application-enabled": ("argo-cd", (3, 1)),
    "application-refresh": ("argo-cd", (3, 2)),
    # Tetragon 1.4, pkg/sensors/tracing/options.go; 1.3 passes over an option that it does not know.
    "tracing-policy-mode": ("tetragon", (1, 4)),
}
"""What no definition shows: the component that offers it, and since which minor version."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A Helm chart: the project whose software it installs, and the version of that in versions of the chart."""

    project: str
    versions: Mapping[str, str]


CHARTS: Mapping[str, Chart] = {
    "argo-cd": Chart("argo-cd", {"10.1.1": "3.4.4", "7.9.0": "2.14.11"}),
    "argo-workflows": Chart("argo-workflows", {"1.0.18": "4.0.6", "0.46.1": "3.7.4"}),
    "aws-ebs-csi-driver": Chart("aws-ebs-csi-driver", {"2.64.0": "1.64.0"}),
    "aws-efs-csi-driver": Chart("aws-efs-csi-driver", {"4.4.1": "3.4.1"}),
    "aws-load-balancer-controller": Chart("aws-load-balancer-controller", {"3.5.0": "3.5.0", "1.16.0": "2.16.0"}),
    "cert-manager": Chart("cert-manager", {"1.21.1": "1.21.1", "1.19.1": "1.19.1"}),
    "cluster-autoscaler": Chart("cluster-autoscaler", {"9.59.0": "1.35.0"}),
    "dcgm-exporter": Chart("dcgm-exporter", {"4.8.2": "4.8.2"}),
    "external-secrets": Chart("external-secrets", {"2.9.0": "2.9.0", "1.1.1": "1.1.1"}),
    "ingress-nginx": Chart("ingress-nginx", {"4.15.1": "1.15.1", "4.14.1": "1.14.1"}),
    "jobset": Chart("jobset", {"0.12.0": "0.12.0"}),
    "karpenter": Chart("karpenter", {"1.14.1": "1.14.1", "1.8.0": "1.8.0"}),
    "karpenter-crd": Chart("karpenter", {"1.14.1": "1.14.1", "1.8.0": "1.8.0"}),
    "keda": Chart("keda", {"2.20.2": "2.20.2", "2.18.3": "2.18.3"}),
    "kserve-crd": Chart("kserve", {"0.20.0": "0.20.0", "0.16.0": "0.16.0"}),
    "kserve-resources": Chart("kserve", {"0.20.0": "0.20.0", "0.16.0": "0.16.0"}),
    "kube-prometheus-stack": Chart("prometheus-operator", {"88.5.3": "0.93.1", "72.6.2": "0.82.2"}),
    "kubeflow-trainer": Chart("kubeflow-trainer", {"2.3.0": "2.3.0"}),
    "kuberay-operator": Chart("kuberay", {"1.7.0": "1.7.0"}),
    "kueue": Chart("kueue", {"0.19.2": "0.19.2"}),
    "kyverno": Chart("kyverno", {"3.9.0": "1.19.0", "3.3.4": "1.13.2"}),
    "metrics-server": Chart("metrics-server", {"3.13.1": "0.8.1"}),
    "mlflow": Chart("mlflow", {"1.11.5": "3.15.1", "1.8.1": "3.7.0"}),
    "nvidia-device-plugin": Chart("nvidia-device-plugin", {"0.19.0": "0.19.0", "0.17.0": "0.17.0"}),
    "prometheus-operator-crds": Chart("prometheus-operator", {"31.0.1": "0.93.1"}),
    "snapshot-controller": Chart("external-snapshotter", {"5.2.0": "8.6.0"}),
    "tetragon": Chart("tetragon", {"1.7.0": "1.7.0", "1.3.0": "1.3.0"}),
    "vertical-pod-autoscaler": Chart("vertical-pod-autoscaler", {"0.11.0": "1.7.1"}),
}
"""Charts by name; a version that is not here is believed to install what its entry states."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the definitions of a profile are: the kinds that they lack, as `group/Kind`, and each project's version."""

    lacking: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def offers(self, feature: str) -> bool:
        """Tell whether these versions have a feature; a project that is not listed is taken to be the newest.

        Raises:
            KeyError: there is no such feature.
        """
        project, since = FEATURES[feature]
        return (minor(self.versions.get(project, "")) or since) >= since


def minor(version: str) -> tuple[int, int] | None:
    """Give the first two numbers of a version, with or without a `v` in front; None where it has none."""
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def installed(chart: str, version: str, stated: str = "") -> tuple[str, str]:
    """Give the project that a chart installs and its version: as known, or as stated; empty where neither is."""
    known = CHARTS.get(chart, Chart(chart, {}))
    return known.project, known.versions.get(version.removeprefix("v"), stated.removeprefix("v"))


def profile_of(project: str, version: str, definitions: Mapping[str, Definitions]) -> str | None:
    """Give the one profile that has a minor version of a project; None where none or several have it."""
    wanted = minor(version)
    listed = [
        name for name, entry in definitions.items() if wanted and minor(entry.versions.get(project, "")) == wanted
    ]
    return listed[0] if len(listed) == 1 else None
