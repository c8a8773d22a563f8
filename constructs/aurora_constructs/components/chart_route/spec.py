"""What people write for the route to a Service of a chart. Imports no cdk8s."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.spec import ComponentReference, LabelValue, Name, NewNamespace, Port, UrlPath


class ChartRouteSpec(RoutedSpec):
    """A host that leads to a Service of a chart, at its port 80; `namespace` is that of the Service."""

    POD_COMPONENT: ClassVar[str] = ""

    kind: Literal["ChartRoute"] = "ChartRoute"
    edge: Annotated[str, ComponentReference(("Edge",))] = "edge"
    """The edge that requests come through."""
    label: Name
    """The first label of the host, in the environment's domain."""
    service: NewNamespace
    """The Service that the chart makes; it has a port 80."""
    service_port: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$")] = "http"
    """The name of that port."""
    pods: Annotated[dict[str, LabelValue], Field(min_length=1)]
    """Labels of the pods behind the Service."""
    port: Port
    """The port of the pods."""
    health: UrlPath
    """The path of the pods' readiness probe, which a load balancer asks too."""
    paths: Annotated[list[UrlPath], Field(min_length=1, max_length=16)] = ["/"]
    """The beginnings of the paths that are routed."""

    def hostname(self, domain: str) -> str:
        """Give the host of the route in an environment of this domain."""
        return self.host or f"{self.label}.{domain}"

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return self.port

    @property
    def routed_pods(self) -> dict[str, str]:
        """The labels of the pods behind the route."""
        return self.pods
