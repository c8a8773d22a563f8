"""What people write for the edge, and what every component that is routed through one has. Imports no cdk8s."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.spec import Cidr, ComponentReference, Hostname, Name, NamespacedSpec, Port, Spec

Profile = Literal["gateway", "nginx"]

ControllerName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9/._~%!$&'()*+,;=:-]+$", max_length=253)
]
"""A domain and a path, as a GatewayClass names its controller."""


class Acme(Spec):
    """The certificate authority."""

    server: Literal["staging", "production"] = "staging"
    """Which of Let's Encrypt's servers; staging issues untrusted certificates and has generous limits."""
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[a-z0-9.-]+$", max_length=254)]
    """Where the authority sends notices about the account."""


class EdgeSpec(NamespacedSpec):
    """The way in from outside; `namespace` is that of the Gateway, or of the NGINX controller."""

    kind: Literal["Edge"] = "Edge"
    profile: Profile = "gateway"
    """Gateway API, or the Ingress pair of the retired NGINX controller."""
    acme: Acme
    """The certificate authority."""
    load_balancers: Annotated[list[Cidr], Field(min_length=1)]
    """Addresses of the HAProxy machines, as pods see them.

    Only they may connect: with the PROXY protocol, whoever connects states the client's address.
    """
    gateway_class: Name = "haproxy"
    """Profile `gateway`: the GatewayClass to create."""
    controller_name: ControllerName = "haproxy-ingress.github.io/controller"
    """Profile `gateway`: the controller that implements the class."""
    ingress_class: Name = "nginx"
    """Profile `nginx`: the IngressClass that the controller's chart creates."""
    pod_ports: Annotated[list[Port], Field(min_length=1)] = [80, 443]
    """Ports on which the controller's pods listen, which may differ from those of its Service."""
    monitoring_namespace: Name = "monitoring"
    """The namespace of Prometheus."""
    metrics_port: Port = 10254
    """The port on which the controller's pods serve metrics."""
    webhook_port: Port = 8443
    """Profile `nginx`: the port of the controller's admission webhook."""


class RoutedSpec(NamespacedSpec):
    """A component that an edge routes a host to.

    Edges find their hosts by this class, so that every route's host is on a certificate.
    """

    HOST_LABEL: ClassVar[str]
    """The first label of the host where none is stated."""
    POD_COMPONENT: ClassVar[str]
    """The pods' value of `app.kubernetes.io/component`: what the edge's network policy opens the way to."""

    edge: Annotated[str | None, ComponentReference(("Edge",))] = "edge"
    """The edge that requests come through; none where it is null."""
    host: Hostname | None = None
    """The host of the route; by default a label of the environment's domain."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        raise NotImplementedError

    def hostname(self, domain: str) -> str:
        """Give the host of the route in an environment of this domain."""
        return self.host or f"{self.HOST_LABEL}.{domain}"


def object_name(edge: str) -> str:
    """Name the Gateway, the issuer and the certificates of an edge."""
    return f"aurora-{edge}"


def tls_secret(edge: str) -> str:
    """Name the Secret that an edge's certificate is kept in."""
    return f"aurora-{edge}-tls"


HTTPS_LISTENER = "https"
HTTP_LISTENER = "http"
