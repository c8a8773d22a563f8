"""What people write for the control plane. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from aurora_constructs import labels
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.secret_store.spec import access_problems
from aurora_constructs.platform import Platform
from aurora_constructs.spec import (
    ComponentReference,
    ImageName,
    Namespace,
    Problem,
    RateLimit,
    RefreshInterval,
    Replicas,
    Resources,
    SecretProperty,
    SecretValue,
)
from aurora_contract.programs import CONTROL_PLANE


class ApiKey(SecretValue):
    """Where the API key is kept."""

    property: SecretProperty = "api-key"
    """The field at that path."""
    refresh_interval: RefreshInterval = "1h0m0s"
    """How often it is read again, as the operator writes it; the pods see a new key when they restart."""


class ControlPlaneSpec(RoutedSpec):
    """The FastAPI control plane: stateless, scaled by load, no part of serving or training."""

    HOST_LABEL: ClassVar[str] = "control-plane"
    POD_COMPONENT: ClassVar[str] = labels.CONTROL_PLANE

    kind: Literal["ControlPlane"] = "ControlPlane"
    edge: Annotated[str | None, ComponentReference(("Edge",))] = None
    """The edge that requests of people come through; none by default."""
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
    rate_limit: RateLimit | None = None
    """How many requests a second each pod answers, and the others with 429; 50 when left out."""
    client_namespaces: list[Namespace] = []
    """The namespaces whose pods may call it; none by default."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return CONTROL_PLANE.ports["http"]

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a store that is closed to the control plane's namespace."""
        yield from super().problems(name, platform)
        yield from access_problems(("secrets",), self.secrets, self.namespace, platform)
