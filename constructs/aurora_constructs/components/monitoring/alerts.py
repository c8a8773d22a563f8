"""The alerts: what is wrong, since when, and what to look at. Pure.

Every expression that divides is guarded by a minimum rate; every series that may be missing is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aurora_constructs.components.monitoring import recordings
from aurora_constructs.components.monitoring.rules import Alert, any_of, number
from aurora_constructs.components.monitoring.spec import Thresholds
from aurora_contract import metrics, programs

_WHERE = "`{{ $labels.job }}` in namespace `{{ $labels.namespace }}`"
_VERSION = f"{{{{ $labels.model_version }}}} ({{{{ $labels.track }}}}) of {_WHERE}"
_GATE = programs.MODEL_GATE.container
_SERVERS = f"{programs.INFERENCE.container}|kserve-container"


def serving_alerts(limits: Thresholds, jobs: Mapping[str, Sequence[str]]) -> tuple[Alert, ...]:
    """Give the alerts about served models.

    Args:
        limits: the thresholds.
        jobs: per namespace, the names under which Prometheus scrapes its models.
    """
    return (
        *_requests(limits),
        *_canary(limits),
        *_models(),
        Alert(
            name="InferenceServiceRestarts",
            expr=(
                f"sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total"
                f'{{namespace=~"{any_of(list(jobs))}",container=~"{_SERVERS}"}}[1h])) '
                f"> {limits.restarts_per_hour}"
            ),
            hold="5m",
            severity="warning",
            summary="A serving container keeps restarting",
            description="`{{ $labels.container }}` of `{{ $labels.pod }}` in namespace `{{ $labels.namespace }}` "
            "restarted {{ $value | humanize }} times within an hour: look at its last termination.",
        ),
        *(_silence(namespace, job) for namespace in sorted(jobs) for job in sorted(jobs[namespace])),
    )


def _requests(limits: Thresholds) -> tuple[Alert, ...]:
    busy = f"and {recordings.REQUESTS} > {number(limits.requests_per_second)}"
    return (
        Alert(
            name="HighInferenceLatency",
            expr=f"{recordings.LATENCY} > {number(limits.latency_seconds)} {busy}",
            hold="5m",
            severity="warning",
            summary="Inference answers slowly",
            description=f"The 95th percentile of {_VERSION} is {{{{ $value | humanizeDuration }}}}, "
            f"the limit is {number(limits.latency_seconds)} s.",
        ),
        Alert(
            name="HighInferenceErrorRate",
            expr=f"{recordings.ERROR_RATIO} > {number(limits.error_ratio)} {busy}",
            hold="5m",
            severity="critical",
            summary="Inference fails too often",
            description=f"{{{{ $value | humanizePercentage }}}} of the requests to {_VERSION} fail.",
        ),
    )


def _canary(limits: Thresholds) -> tuple[Alert, ...]:
    busy = (
        f'and on ({recordings.BY_JOB}) {recordings.REQUESTS}{{track="canary"}} > {number(limits.requests_per_second)}'
    )
    return (
        Alert(
            name="CanaryFailsMoreThanStable",
            expr=f"{recordings.CANARY_ERRORS} > {number(limits.canary_errors)} {busy}",
            hold="10m",
            severity="warning",
            summary="The canary fails more often than the stable model",
            description=f"The canary of {_WHERE} has {{{{ $value | humanize }}}} times the error ratio of the stable "
            "track: lower its weight in Git.",
        ),
        Alert(
            name="CanarySlowerThanStable",
            expr=f"{recordings.CANARY_LATENCY} > {number(limits.canary_latency)} {busy}",
            hold="10m",
            severity="warning",
            summary="The canary answers more slowly than the stable model",
            description=f"The canary of {_WHERE} takes {{{{ $value | humanize }}}} times as long as the stable track.",
        ),
    )


def _models() -> tuple[Alert, ...]:
    return (
        Alert(
            name="ModelNotLoaded",
            expr=f"min by (namespace, job, track, pod) ({metrics.MODEL_LOADED.name}) == 0",
            hold="10m",
            severity="critical",
            summary="An inference pod runs without its model",
            description="`{{ $labels.pod }}` in namespace `{{ $labels.namespace }}` is up and has no model loaded.",
        ),
        Alert(
            name="ModelGateFails",
            expr=(
                "sum by (namespace, pod) (increase("
                f'kube_pod_init_container_status_restarts_total{{container="{_GATE}"}}[15m])) > 2'
            ),
            hold="5m",
            severity="critical",
            summary="A model version is missing or damaged in the model store",
            description="The model gate of `{{ $labels.pod }}` in namespace `{{ $labels.namespace }}` does not let it "
            "start: its log names the file.",
        ),
    )


def _silence(namespace: str, job: str) -> Alert:
    """Ask for the target itself: a target that is gone has no series that could be 0."""
    return Alert(
        name="InferenceMetricsAbsent",
        expr=f'absent(up{{namespace="{namespace}",job="{job}"}} == 1)',
        hold="5m",
        severity="critical",
        summary="No inference pod can be scraped",
        description=f"Prometheus reaches no pod of `{job}` in namespace `{namespace}`: serving may be down.",
        labels={"namespace": namespace, "job": job},
    )


def platform_alerts(limits: Thresholds, namespaces: Sequence[str], *, training: bool) -> tuple[Alert, ...]:
    """Give the alerts about what everything rests on, in these namespaces and their controllers."""
    return (
        *([_training()] if training else []),
        Alert(
            name="VolumeFillsUp",
            expr=(
                f'kubelet_volume_stats_used_bytes{{namespace=~"{any_of(namespaces)}"}} '
                f"/ (kubelet_volume_stats_capacity_bytes > 0) > {number(limits.volume_ratio)}"
            ),
            hold="15m",
            severity="warning",
            summary="A volume is nearly full",
            description="`{{ $labels.persistentvolumeclaim }}` in namespace `{{ $labels.namespace }}` is "
            "{{ $value | humanizePercentage }} full: raise its size in Git, or remove old versions.",
        ),
        Alert(
            name="CertificateExpires",
            expr=(
                "min by (exported_namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time() "
                f"< {limits.certificate_days * 24 * 3600}"
            ),
            hold="1h",
            severity="critical",
            summary="A certificate is not renewed, or was never issued",
            description="Certificate `{{ $labels.name }}` in namespace `{{ $labels.exported_namespace }}` ends within "
            f"{limits.certificate_days} days: look at its CertificateRequest and Challenge.",
        ),
        Alert(
            name="SecretSyncFails",
            expr="sum by (exported_namespace, name) (increase(externalsecret_sync_calls_error[15m])) > 0",
            hold="15m",
            severity="warning",
            summary="A secret cannot be fetched",
            description="ExternalSecret `{{ $labels.name }}` in namespace `{{ $labels.exported_namespace }}` fails to "
            "sync: pods keep the last value until they need a new one.",
        ),
        *_applications(),
    )


def _training() -> Alert:
    """A counter that is born with its first failure never increases: the second half sees it appear."""
    counter = metrics.TRAINING_FAILURES.name
    return Alert(
        name="TrainingFailed",
        expr=(
            f"max by (namespace, exported_job) (increase({counter}[1h])) > 0 "
            f"or max by (namespace, exported_job) ({counter} unless {counter} offset 1h) > 0"
        ),
        hold="1m",
        severity="warning",
        summary="A training run failed",
        description="`{{ $labels.exported_job }}` failed within the last hour; the model in service is not affected.",
    )


def _applications() -> tuple[Alert, ...]:
    described = "Application `{{ $labels.name }}` is"
    return (
        Alert(
            name="ApplicationNotHealthy",
            expr='max by (name, health_status) (argocd_app_info{health_status!~"Healthy|Suspended"}) > 0',
            hold="30m",
            severity="warning",
            summary="A part of the platform is not healthy",
            description=f"{described} {{{{ $labels.health_status }}}} for half an hour.",
        ),
        Alert(
            name="ApplicationOutOfSync",
            expr='max by (name, sync_status) (argocd_app_info{sync_status!="Synced"}) > 0',
            hold="30m",
            severity="warning",
            summary="The cluster is not what Git says",
            description=f"{described} {{{{ $labels.sync_status }}}} for half an hour: what is committed does not run.",
        ),
    )
