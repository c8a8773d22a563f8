"""What people write for the control plane. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.spec import (
    ComponentReference,
    ImageName,
    LabelValue,
    Namespace,
    NamespacedSpec,
    Resources,
    Spec,
)


class Replicas(Spec):
    """Bounds of the number of pods; the autoscaler owns the number itself."""

    minimum: Annotated[int, Field(ge=2, le=50)] = 2
    """The fewest; one pod could not outlive its node."""
    maximum: Annotated[int, Field(ge=2, le=50)] = 5
    """The most."""
    cpu_percent: Annotated[int, Field(ge=10, le=100)] = 70
    """The share of the CPU request to aim at."""

    @model_validator(mode="after")
    def _ordered(self) -> Replicas:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")
        return self


class ApiKey(Spec):
    """Where the API key is kept; by default under `<environment>/<component>`."""

    path: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=253)] | None = None
    """The path in the secret store; it names the environment, so that none reads another one's."""
    property: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=253)] = "api-key"
    """The field at that path."""
    refresh_interval: Annotated[str, StringConstraints(pattern=r"^[0-9]+h[0-9]+m[0-9]+s$", max_length=16)] = "1h0m0s"
    """How often it is read again, as the operator writes it; the pods see a new key when they restart."""


class ControlPlaneSpec(NamespacedSpec):
    """The FastAPI control plane: stateless, scaled by load, no part of serving or training."""

    kind: Literal["ControlPlane"] = "ControlPlane"
    storage: Annotated[str, ComponentReference(("ModelStore",))] = "model-store"
    """The model store that it reads; it must be in the same namespace."""
    secrets: Annotated[str, ComponentReference(("SecretStore",))] = "secrets"
    """The store with the API key."""
    image: ImageName = "control-plane"
    """The control plane's image."""
    replicas: Replicas = Replicas()
    """How many pods."""
    resources: Resources = Resources(cpu="200m", memory="256Mi", memory_limit="512Mi")
    """What each asks for."""
    api_key: ApiKey = ApiKey()
    """Where the API key is kept."""
    client_namespaces: list[Namespace] = []
    """The namespaces whose pods may call it; none by default."""
    monitoring_namespace: Namespace = "monitoring"
    """The namespace of Prometheus, which may read the metrics."""
    release: LabelValue = "kube-prometheus-stack"
    """The `release` label that Prometheus selects monitors by."""
