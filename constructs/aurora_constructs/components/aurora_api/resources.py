"""Bodies of Aurora's own custom resources: the one place that knows their field names.

Pure: values in, mappings out. What the definitions default is spelled out, so that Git says what the API
server stores. Imports no cdk8s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aurora_constructs.names import Names

VERSION = "v1alpha1"
TRAINING_JOB = "MLTrainingJob"
DEPLOYMENT = "MLDeployment"


def api_version(names: Names) -> str:
    """Give the group and the version of both kinds."""
    return f"{names.api_group}/{VERSION}"


NAME_LENGTH = 40
"""The longest name of either kind: controllers append suffixes for Jobs and pods (domain, section 2)."""

Engine = Literal["Deployment", "KServe"]
TrafficProvider = Literal["Gateway", "Nginx", "Alb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """The container that trains; fields left empty are not stated."""

    image: str
    service_account: str
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResources:
    """What one training pod asks for; `gpu_product` is the value of the node label for the GPU model."""

    cpu: str
    memory: str
    gpu_count: int = 0
    gpu_product: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUri:
    """A dataset that the trainer fetches."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetClaim:
    """A dataset on a PersistentVolumeClaim of the same namespace; `path` is relative to its root."""

    claim: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the model is published: `<base path>/<model>/versions/<version>` on the claim."""

    claim: str
    base_path: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how long a training may try."""

    backoff_limit: int
    active_deadline_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Where the run is recorded; fields left out are not stated."""

    experiment: str
    registered_model: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaling:
    """Bounds of an autoscaled track."""

    minimum: int
    maximum: int
    cpu_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StableTrack:
    """The version that serves; `scale` is a number of replicas or the bounds between which they are scaled."""

    version: str
    scale: int | Autoscaling


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryTrack:
    """The version on trial; `header` is a request header, name and value, that always reaches it."""

    version: str
    replicas: int
    weight: int
    header: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The way in; `tls_secret` is left out where the provider's listener owns the certificate."""

    provider: TrafficProvider
    host: str
    path: str = "/"
    tls_secret: str | None = None


def training_job_spec(
    *,
    model: str,
    trainer: Trainer,
    resources: TrainingResources,
    dataset: DatasetUri | DatasetClaim,
    output: Output,
    retry: Retry,
    tracking: Tracking | None = None,
    suspend: bool = False,
) -> dict[str, object]:
    """Build the `spec` of an MLTrainingJob that runs as one Kubernetes Job.

    No `ttlSecondsAfterFinished`: Argo CD would create a collected object again, and train again.
    """
    return _stated(
        {
            "model": model,
            "backend": "Job",
            "nodes": 1,
            "image": trainer.image,
            "command": list(trainer.command) or None,
            "args": list(trainer.args) or None,
            "env": [{"name": name, "value": value} for name, value in sorted(trainer.env.items())] or None,
            "serviceAccountName": trainer.service_account,
            "resources": _training_resources(resources),
            "dataset": _dataset(dataset),
            "output": {"claimName": output.claim, "basePath": output.base_path, "version": output.version},
            "retry": {
                "backoffLimit": retry.backoff_limit,
                "activeDeadlineSeconds": retry.active_deadline_seconds,
            },
            "tracking": _tracking(tracking) if tracking else None,
            "suspend": suspend,
        }
    )


def ml_deployment_spec(
    *,
    model: str,
    claim: str,
    stable: StableTrack,
    canary: CanaryTrack | None = None,
    traffic: Traffic | None = None,
    engine: Engine = "Deployment",
    analysis: str | None = None,
) -> dict[str, object]:
    """Build the `spec` of an MLDeployment; with `analysis`, the name of one, promotion waits for its verdict."""
    return _stated(
        {
            "model": model,
            "engine": engine,
            "stable": _stable(stable),
            "canary": _canary(canary) if canary else None,
            "traffic": _traffic(traffic) if traffic else None,
            "storage": {"claimName": claim},
            "promotion": _stated({"mode": "Analysis" if analysis else "Manual", "analysisRef": analysis}),
        }
    )


def _stated(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _training_resources(resources: TrainingResources) -> dict[str, object]:
    gpu = _stated({"count": resources.gpu_count, "product": resources.gpu_product}) if resources.gpu_count else None
    return _stated({"cpu": resources.cpu, "memory": resources.memory, "gpu": gpu})


def _dataset(dataset: DatasetUri | DatasetClaim) -> dict[str, object]:
    if isinstance(dataset, DatasetUri):
        return {"uri": dataset.uri}
    return {"pvc": {"claimName": dataset.claim, "path": dataset.path}}


def _tracking(tracking: Tracking) -> dict[str, object]:
    return _stated(
        {
            "experiment": tracking.experiment,
            "registeredModel": tracking.registered_model,
            "alias": tracking.alias,
        }
    )


def _stable(track: StableTrack) -> dict[str, object]:
    if isinstance(track.scale, int):
        return {"version": track.version, "replicas": track.scale}
    bounds = {
        "minReplicas": track.scale.minimum,
        "maxReplicas": track.scale.maximum,
        "targetCPUPercent": track.scale.cpu_percent,
    }
    return {"version": track.version, "autoscaling": bounds}


def _canary(track: CanaryTrack) -> dict[str, object]:
    header = {"name": track.header[0], "value": track.header[1]} if track.header else None
    return _stated({"version": track.version, "replicas": track.replicas, "weight": track.weight, "header": header})


def _traffic(traffic: Traffic) -> dict[str, object]:
    return _stated(
        {
            "provider": traffic.provider,
            "host": traffic.host,
            "path": traffic.path,
            "tlsSecretName": traffic.tls_secret,
        }
    )
