"""The catalogue of metrics: every name that a rule or a panel may use, who exports it, and with which labels.

Those of Aurora's own programs come from the contract. A metric that nobody exports makes
an alert that never fires. Data only; a test holds every expression to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aurora_contract import metrics as contract

TARGET_LABELS = frozenset({"container", "endpoint", "instance", "job", "namespace", "pod"})
"""What Prometheus adds to every series of a target in Kubernetes."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; a histogram has its series with the suffix `_bucket`, and their label `le`, in its name."""

    name: str
    source: str
    labels: frozenset[str] = frozenset()


def _metric(name: str, source: str, *labels: str) -> Metric:
    return Metric(name, source, frozenset(labels))


def _own(exported: Sequence[contract.Metric], source: str, *relabelled: str, honoured: bool = False) -> list[Metric]:
    """Give the series of Aurora's own programs as Prometheus stores them; a monitor may honour their labels."""
    return [
        _metric(
            series,
            source,
            *(metric.labels if honoured else map(_stored, metric.labels)),
            *relabelled,
            *_of_series(series),
        )
        for metric in exported
        for series in metric.series
    ]


def _of_series(series: str) -> tuple[str, ...]:
    return ("le",) if series.endswith("_bucket") else ()


def _stored(label: str) -> str:
    """Give the name under which a label arrives: the target keeps those that it sets itself."""
    return f"exported_{label}" if label in TARGET_LABELS else label


_INFERENCE = "inference runtime; `track` and `model_version` by relabelling from the pod"
_TRAINING = "operator; its monitor honours `namespace` and `job`, which are those of the run"
_CERT_MANAGER = "cert-manager"
_STATE = "kube-state-metrics"
_TETRAGON = "Tetragon's agents"

METRICS: tuple[Metric, ...] = (
    _metric("up", "Prometheus", "track", "model_version"),
    *_own(contract.INFERENCE, _INFERENCE, "track", "model_version"),
    *_own(contract.OPERATOR, _TRAINING, honoured=True),
    _metric("kube_pod_container_status_restarts_total", _STATE, "uid"),
    _metric("kube_pod_init_container_status_restarts_total", _STATE, "uid"),
    _metric("kubelet_volume_stats_used_bytes", "kubelet", "persistentvolumeclaim"),
    _metric("kubelet_volume_stats_capacity_bytes", "kubelet", "persistentvolumeclaim"),
    # A scrape renames what it sets itself: the exporters' own namespace or job gets a prefix.
    _metric("certmanager_certificate_expiration_timestamp_seconds", _CERT_MANAGER, "exported_namespace", "name"),
    _metric("externalsecret_sync_calls_error", "External Secrets Operator", "exported_namespace", "name"),
    _metric("argocd_app_info", "Argo CD", "health_status", "name", "project", "sync_status"),
    # Tetragon's chart honours labels: `namespace` and `pod` are those of the pod that was watched; `node` is its own.
    _metric("tetragon_policy_events_total", _TETRAGON, "policy", "hook", "workload", "binary", "node"),
    _metric("tetragon_tracingpolicy_loaded", _TETRAGON, "state", "node"),
)

BY_NAME = {metric.name: metric for metric in METRICS}
