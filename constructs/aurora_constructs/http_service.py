"""What people write for any HTTP service of an image. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs import labels
from aurora_constructs.cloud import Needs
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.model_store.spec import namespace_problems
from aurora_constructs.components.secret_store.spec import access_problems
from aurora_constructs.platform import Platform
from aurora_constructs.scaling import Scaling
from aurora_constructs.spec import (
    ComponentReference,
    Egress,
    ImageName,
    Name,
    Namespace,
    Port,
    Problem,
    RefreshInterval,
    Resources,
    SecretValue,
    Spec,
    Text,
    UrlPath,
    Variable,
)

Folder = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$", max_length=256)]


Delay = Annotated[int, Field(ge=1, le=3600)]
"""A time after the start of a container, in seconds."""

Period = Annotated[int, Field(ge=1, le=300)]
"""A time between two questions to a container, in seconds."""


class Health(Spec):
    """How the pods say that they live and that they can serve."""

    liveness: UrlPath = "/health"
    """The path that answers as long as a restart would change nothing."""
    readiness: UrlPath = "/health"
    """The path that answers while the pod can serve."""
    start_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    """How long the start may take before the container is restarted."""
    liveness_delay_seconds: Delay | None = None
    """How long after its start a container is not asked whether it lives, whatever the start took; 0 by default."""
    liveness_period_seconds: Period = 10
    """How often it is asked whether it lives."""
    readiness_delay_seconds: Delay | None = None
    """How long after its start a container is not asked whether it can serve; 0 by default."""
    readiness_period_seconds: Period = 5
    """How often it is asked whether it can serve."""


class Mount(Spec):
    """A shared volume of another component."""

    component: Annotated[str, ComponentReference(("ModelStore",))]
    """The component that has the claim; it must be in the same namespace."""
    path: Folder
    """Where the pods see it."""
    read_only: bool = True
    """Whether they may only read."""


class Secrets(Spec):
    """Variables whose values come from a secret store."""

    store: Annotated[str, ComponentReference(("SecretStore",))] = "secrets"
    """The store."""
    variables: Annotated[dict[Variable, SecretValue], Field(min_length=1, max_length=32)]
    """The variables by name."""
    refresh_interval: RefreshInterval = "1h0m0s"
    """How often the values are read again; pods see new ones when they restart."""


class HttpServiceSpec(RoutedSpec):
    """Stateless pods on one port, spread, drained, watched, reached by whom it names."""

    image: ImageName
    """The image; its process serves HTTP on `port`, as any user, from a read-only root filesystem."""
    port: Annotated[Port, Field(ge=1024)] = 8080
    """The port on which it listens: one that needs no privilege."""
    args: Annotated[list[Text], Field(max_length=64)] = []
    """Arguments for the image's entry point."""
    env: Annotated[dict[Variable, Text], Field(max_length=64)] = {}
    """Environment variables that are no secrets."""
    secrets: Secrets | None = None
    """Environment variables that are."""
    storage: Annotated[dict[Name, Mount], Field(max_length=8)] = {}
    """Shared volumes, by a name of one's own."""
    resources: Resources
    """What each pod asks for."""
    replicas: Annotated[int, Field(ge=1, le=100)] = 2
    """Number of pods, where nothing scales it."""
    scaling: Scaling | None = None
    """Bounds between which their load decides the number of pods."""
    health: Health = Health()
    """How its pods say that they are well."""
    metrics: UrlPath | None = None
    """Where it serves metrics for Prometheus; nowhere by default."""
    edge: Annotated[str | None, ComponentReference(("Edge",))] = None
    """The edge that routes `host` to it; none by default."""
    paths: Annotated[list[UrlPath], Field(min_length=1, max_length=16)] = ["/"]
    """The beginnings of the paths that the edge routes to it."""
    identity: Name | None = None
    """The entry of `cluster.identities` that its pods act as; none by default."""
    needs: Needs = {}
    """What its pods need of the cloud: entries of `cluster.resources`, and how they use them."""
    calls: dict[Variable, Annotated[str, ComponentReference(("WebService",))]] = {}
    """The services that its pods call, by the variable that gives them its address; only who calls is let in there."""
    client_namespaces: list[Namespace] = []
    """The namespaces whose pods may call it, beside the services that name it under `calls`."""
    egress: list[Egress] = []
    """Where its pods may go beside name resolution."""
    preferred_pool: Name | None = None
    """The node pool that its pods prefer: they tolerate its taints, and run elsewhere where it has no room for them."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return self.port

    def pod_selector(self, name: str, platform: Platform) -> dict[str, str]:
        """Give the labels of its pods, where `name` is the component's."""
        return labels.selector(platform.names.object(name), self.POD_COMPONENT)

    def callers(self, name: str, platform: Platform) -> dict[str, HttpServiceSpec]:
        """Give the services that call it, by name."""
        services = platform.of_kind(HttpServiceSpec)
        return {caller: spec for caller, spec in services.items() if name in spec.calls.values()}

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a volume in another namespace, a closed store, and an identity that the cluster does not give."""
        yield from super().problems(name, platform)
        for key, mount in sorted(self.storage.items()):
            yield from namespace_problems(("storage", key, "component"), mount.component, self.namespace, platform)
        if self.secrets:
            yield from access_problems(("secrets", "store"), self.secrets.store, self.namespace, platform)
        yield from platform.identity_problems(self.identity, "identity")
        yield from platform.need_problems(self.needs, self.identity, "needs")
        yield from platform.pool_problems(self.preferred_pool, "preferredPool")
        for variable, called in sorted(self.calls.items()):
            if called == name:
                yield Problem(("calls", variable), f"`{name}` calls itself", "name another service, or leave it out")

    @model_validator(mode="after")
    def _says_one_thing(self) -> HttpServiceSpec:
        if self.scaling and "replicas" in self.model_fields_set:
            raise ValueError("`scaling` decides the number of pods: leave `replicas` out")
        if (self.edge is None) != (self.host is None):
            raise ValueError("a route needs both `edge` and `host`")
        secrets = self.secrets.variables if self.secrets else {}
        places = {"env": set(self.env), "secrets": set(secrets), "calls": set(self.calls)}
        for first, second in combinations(places, 2):
            for variable in sorted(places[first] & places[second]):
                raise ValueError(f"`{variable}` is stated in `{first}` and in `{second}`")
        return self
