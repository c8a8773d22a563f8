"""What people write for the edge, and what every component that is routed through one has. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs import labels
from aurora_constructs.cloud import DnsZone
from aurora_constructs.cluster import UnavailableError, Way
from aurora_constructs.cluster.encryption import CLIENTS, LOAD_BALANCER
from aurora_constructs.platform import Platform
from aurora_constructs.spec import (
    Cidr,
    ComponentReference,
    Hostname,
    Name,
    NamespacedSpec,
    Port,
    Problem,
    Spec,
    Subject,
    Weight,
)

CertificateArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}$")
]
"""A certificate of AWS Certificate Manager."""

ControllerName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9/._~%!$&'()*+,;=:-]+$", max_length=253)
]
"""A domain and a path, as a GatewayClass names its controller."""


class DnsChallenge(Spec):
    """Answers to the authority by names of a zone, where it cannot reach the edge itself."""

    zone: Name
    """The entry of `cluster.resources` with the zone of the hosts."""
    identity: Name
    """The entry of `cluster.identities` that cert-manager's pods act as; its chart gives them that identity."""


class Acme(Spec):
    """The certificate authority."""

    server: Literal["staging", "production"] = "staging"
    """Which of Let's Encrypt's servers; staging issues untrusted certificates and has generous limits."""
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[a-z0-9.-]+$", max_length=254)]
    """Where the authority sends notices about the account."""
    dns: DnsChallenge | None = None
    """How names answer its challenges; over HTTP through the edge when left out."""


class EdgeSpec(NamespacedSpec):
    """The way in from outside; `namespace` is that of the Gateway, or of the NGINX controller."""

    kind: Literal["Edge"] = "Edge"
    profile: Way | None = None
    """Gateway API, the Ingress pair of the retired NGINX controller, or an AWS Application Load Balancer.

    The cluster's usual way in when left out.
    """
    acme: Acme | None = None
    """Profiles `gateway` and `nginx`: the certificate authority."""
    certificates: list[CertificateArn] = []
    """Profile `alb`: the certificates that the load balancer shows.

    None where `cluster.plainHops` accepts that clients speak plain HTTP to the load balancer.
    """
    load_balancers: list[Cidr] = []
    """Addresses of the load balancers, as pods see them; those that the cluster states when left out.

    Only they may connect: with the PROXY protocol, whoever connects states the client's address.
    """
    proxy_protocol: bool = True
    """Profiles `gateway` and `nginx`: whether the load balancers speak the PROXY protocol."""
    scheme: Literal["internal", "internet-facing"] = "internal"
    """Profile `alb`: from where the load balancer can be reached."""
    gateway_class: Name = "haproxy"
    """Profile `gateway`: the GatewayClass to create."""
    controller_name: ControllerName = "haproxy-ingress.github.io/controller"
    """Profile `gateway`: the controller that implements the class."""
    ingress_class: Name | None = None
    """Profile `nginx`: the IngressClass that the controller's chart creates, by default `nginx`.

    Profile `alb`: the IngressClass to create, by default that of the edge's name.
    """
    pod_ports: Annotated[list[Port], Field(min_length=1)] = [80, 443]
    """Ports on which the controller's pods listen, which may differ from those of its Service."""
    metrics: bool = True
    """Profiles `gateway` and `nginx`: whether Prometheus collects the proxies' metrics, at their port `metrics`."""
    metrics_port: Port | None = None
    """That port's number; by default that of the charts: 9101 for haproxy-ingress, 10254 for ingress-nginx."""
    webhook_port: Port = 8443
    """Profile `nginx`: the port of the controller's admission webhook."""

    def way(self, platform: Platform) -> Way:
        """Give the kind of this way in."""
        return self.profile or platform.cluster.way_in

    def plain(self, platform: Platform) -> bool:
        """Whether clients speak plain HTTP to it, which the cluster's facts accept."""
        without = self.way(platform) == "alb" and not self.certificates
        return without and platform.cluster.accepts_plain(CLIENTS, LOAD_BALANCER)

    def addresses(self, platform: Platform) -> list[Cidr]:
        """Give the addresses of the load balancers, as pods see them."""
        return self.load_balancers or platform.cluster.edge.load_balancers

    def serves_all(self, platform: Platform) -> bool:
        """Whether requests may come from everywhere."""
        inside = self.way(platform) == "alb" and self.scheme == "internal"
        return not inside and platform.cluster.edge.serves_all

    def routed(self, name: str, platform: Platform) -> dict[str, RoutedSpec]:
        """Give the components that are routed through this edge, by name."""
        return {key: spec for key, spec in platform.of_kind(RoutedSpec).items() if spec.edge == name}

    def routed_by_host(self, name: str, platform: Platform) -> dict[str, RoutedSpec]:
        """Give the components that are routed through this edge, by host in their order."""
        routed = self.routed(name, platform).values()
        return dict(sorted((spec.hostname(platform.domain), spec) for spec in routed))

    def solver_namespaces(self, name: str, platform: Platform) -> list[str]:
        """Give the namespaces in which pods answer challenges."""
        by_names = self.acme is not None and self.acme.dns is not None
        return [] if by_names else list(self.certificate_hosts(name, platform))

    def certificate_hosts(self, name: str, platform: Platform) -> dict[str, list[str]]:
        """Give the hosts by the namespace of their certificate.

        A Gateway reads its Secret beside itself, an Ingress beside the Ingress: there the certificate lives.
        """
        routed = self.routed_by_host(name, platform)
        if self.way(platform) == "gateway":
            return {self.namespace: list(routed)}
        hosts: dict[str, list[str]] = {}
        for host, spec in routed.items():
            hosts.setdefault(spec.namespace, []).append(host)
        return dict(sorted(hosts.items()))

    def scraped_port(self, platform: Platform) -> int | None:
        """Give the port at which Prometheus collects the proxies' metrics; None where it does not."""
        usual = 9101 if self.way(platform) == "gateway" else 10254
        return (self.metrics_port or usual) if self.metrics else None

    def exporter(self, platform: Platform) -> Literal["haproxy", "nginx"] | None:
        """Give whose metrics of requests Prometheus collects; None where it collects none that are known."""
        haproxy = self.controller_name.startswith("haproxy-ingress.github.io/")
        known: dict[Way, Literal["haproxy", "nginx"]] = {
            "nginx": "nginx",
            **({"gateway": "haproxy"} if haproxy else {}),
        }
        return known.get(self.way(platform)) if self.metrics else None

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the requests that its proxies count."""
        exporter = self.exporter(platform)
        if exporter:
            yield Subject(f"{exporter}-requests", self.namespace, platform.names.object(name))

    def _unknown_way(self, platform: Platform) -> Iterator[Problem]:
        if self.way(platform) == "gateway" and not platform.has_kind("gateway.networking.k8s.io/Gateway"):
            message = f"the profile `{platform.cluster.profile}` has no Gateway API"
            yield Problem((), message, "say `profile: nginx`, or `alb` on EKS", needs="cluster")

    def _foreign_certificates(self, platform: Platform) -> Iterator[Problem]:
        try:
            here = [platform.cluster.fact("region"), platform.cluster.fact("account")]
        except UnavailableError:
            return
        for index, arn in enumerate(self.certificates):
            place = arn.split(":")[3:5]
            if place != here:
                message = f"is of {place[0]} and account {place[1]}, the load balancer of {here[0]} and {here[1]}"
                hint = "name a certificate of the load balancer's own region and account"
                yield Problem(("certificates", index), message, hint, needs="cluster")

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find an edge that nothing is routed through, that cannot show a certificate or lets nobody in."""
        if not self.routed(name, platform):
            hint = "remove the edge, or let a component name it"
            message = f"no component names `{name}` as its edge: a certificate needs a host"
            yield Problem((), message, hint, needs="components")
        yield from self._unknown_way(platform)
        if self.way(platform) == "alb" and not self.certificates and not self.plain(platform):
            accepted = f"`{{source: {CLIENTS}, target: {LOAD_BALANCER}, reason: …}}` under `cluster.plainHops`"
            hint = f"list the certificates' ARNs under `certificates`, or accept plain HTTP by {accepted}"
            yield Problem((), "an Application Load Balancer needs a certificate", hint, needs="cluster")
        yield from self._foreign_certificates(platform)
        if self.way(platform) != "alb" and self.acme is None:
            hint = "add `acme: {email: …}`"
            yield Problem((), "has no `acme`: nobody would issue its certificates", hint, needs="cluster")
        if self.acme and self.acme.dns:
            yield from platform.resource_problems(self.acme.dns.zone, DnsZone, "acme", "dns", "zone")
            yield from platform.identity_problems(self.acme.dns.identity, "acme", "dns", "identity")
        elif self.acme and self.way(platform) != "alb" and not platform.cluster.edge.serves_all:
            message = "the certificate authority is not in `cluster.edge.sourceRanges`: its challenges would not arrive"
            yield Problem(("acme",), message, "answer them by names: `acme: {dns: {…}}`", needs="cluster")
        if not self.addresses(platform):
            hint = "list them under `cluster.edge.loadBalancers`, or under the edge's own `loadBalancers`"
            yield Problem((), "lets nobody in: the load balancers' addresses are not known", hint, needs="cluster")
        if self.way(platform) != "alb" and platform.claimant(proxies_of(name)) is None:
            hint = f"add a component `kind: EdgeProxy` with `namespace: {self.namespace}` and `edge: {name}`"
            message = "no component describes its proxies: they would have no settings and no network policies"
            yield Problem((), message, hint, needs="pools")


class CanaryHeader(Spec):
    """A request header that always reaches the canary, whatever the weight."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][-A-Za-z0-9]*$", max_length=64)] = "X-Aurora-Track"
    """The header's name."""
    value: Annotated[str, StringConstraints(pattern=r"^[-A-Za-z0-9_.]+$", max_length=128)] = "canary"
    """The header's value."""


class CanaryShare(Spec):
    """The requests that the version on trial gets."""

    weight: Weight | None = None
    """The share of requests in percent; 0 leaves only those that carry the header, if there is one.

    Stated where a version is on trial, unless the strategy is `rollouts`.
    """
    header: CanaryHeader | None = None
    """A header that always reaches the canary; none by default, so that clients cannot choose the track."""


class RoutedSpec(NamespacedSpec):
    """A component that an edge routes a host to.

    Edges find their hosts by this class, so that every route's host is on a certificate.
    """

    HOST_LABEL: ClassVar[str]
    """The first label of the host where none is stated."""
    POD_COMPONENT: ClassVar[str]
    """The pods' value of `app.kubernetes.io/component`: what the edge's network policy opens the way to."""
    ASKS_WHO: ClassVar[bool] = True
    """Whether it knows its callers, or is meant for all; otherwise only an edge of limited sources may lead to it."""

    edge: Annotated[str | None, ComponentReference(("Edge",))] = "edge"
    """The edge that requests come through; none where it is null."""
    host: Hostname | None = None
    """The host of the route; by default a label of the environment's domain."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        raise NotImplementedError

    @property
    def routed_pods(self) -> dict[str, str]:
        """The labels of the pods behind the route, in the component's namespace."""
        return {labels.COMPONENT: self.POD_COMPONENT}

    @classmethod
    def edge_is_optional(cls) -> bool:
        """Whether the component has no route where no edge is named: a null in an environment gives the default."""
        return cls.model_fields["edge"].default is None

    def hostname(self, domain: str) -> str:
        """Give the host of the route in an environment of this domain."""
        return self.host or f"{self.HOST_LABEL}.{domain}"

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the host, where requests come through an edge."""
        if self.edge is not None:
            yield f"host {self.hostname(platform.domain)}"

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find another component with the same host, of which the older would silently win, and an edge for all."""
        edge = platform.find(self.edge, EdgeSpec) if self.edge else None
        if edge and not self.ASKS_WHO and edge.serves_all(platform):
            message = f"everybody can reach it through `{self.edge}`, and it has no login of its own"
            inward = "write `edge: null`" if self.edge_is_optional() else "choose an edge of `scheme: internal`"
            hint = f"list who may come in under `cluster.edge.sourceRanges`, or {inward}"
            yield Problem(("edge",), message, hint, needs="cluster")
        for claim in RoutedSpec.claims(self, platform):
            other = platform.claimant(claim)
            if other is not None and other != name:
                message = f"components `{other}` and `{name}` both claim the host `{claim.removeprefix('host ')}`"
                yield Problem(("host",), message, "give one of them another `host`", needs="cluster")


def proxies_of(edge: str) -> str:
    """Name what the one component claims that describes an edge's proxies."""
    return f"proxies of {edge}"


HTTPS_LISTENER = "https"
HTTP_LISTENER = "http"
