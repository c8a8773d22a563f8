"""The way in from outside, as the components that are routed through an edge see it, and their routes.

Components ask here for what kind of way it is and where requests come from, and know neither controller nor provider.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import network, services
from aurora_constructs.cluster import Way
from aurora_constructs.components.edge import gateway
from aurora_constructs.components.edge.spec import HTTPS_LISTENER, EdgeSpec, RoutedSpec
from aurora_constructs.platform import Platform

NGINX = "nginx.ingress.kubernetes.io"
SSL_REDIRECT = {f"{NGINX}/ssl-redirect": "true"}
"""The annotations of a main Ingress: none of cert-manager's, since the edge emits the Certificate."""
ALB = "alb.ingress.kubernetes.io"
ALB_ACTION = "use-annotation"
"""The name of a port that says: what is named as a Service is an action, which an annotation states."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """One edge of an environment."""

    edge: str
    spec: EdgeSpec
    platform: Platform

    @property
    def kind(self) -> Way:
        """The kind of the way in."""
        return self.spec.way(self.platform)

    @property
    def tls_secret(self) -> str:
        """The name of the Secret that the certificate is kept in."""
        return self.platform.names.object(self.edge, "-tls")

    @property
    def ingress_class(self) -> str:
        """The IngressClass of the ways in that Ingresses describe."""
        return self.spec.ingress_class or ("nginx" if self.kind == "nginx" else self.platform.names.object(self.edge))

    @property
    def scheme(self) -> str:
        """What clients speak: `https`, or `http` where the cluster's facts accept that."""
        return "http" if self.spec.plain(self.platform) else "https"

    def callers(self, port: int) -> k8s.NetworkPolicyIngressRule:
        """Let requests in on a port: from the proxies' pods, or from load balancers outside the cluster."""
        if self.kind == "alb":
            sources = network.addresses(self.spec.addresses(self.platform))
        else:
            sources = [network.pods_in([self.spec.namespace], self.platform.cluster.edge.labels)]
        return k8s.NetworkPolicyIngressRule(from_=sources, ports=network.tcp(port))


def way_in(platform: Platform, edge: str) -> WayIn:
    """Give the way in that an edge is.

    Raises:
        KeyError: there is no such component.
        TypeError: it is no edge.
    """
    return WayIn(edge, platform.component(edge, EdgeSpec), platform)


def backend(service: str, weight: int) -> dict[str, Any]:
    """Name a Service as a backend of an HTTPRoute."""
    return {"group": "", "kind": "Service", "name": service, "port": services.SERVICE_PORT, "weight": weight}


def rule(
    backends: Sequence[Mapping[str, Any]],
    paths: Sequence[str],
    headers: Sequence[Mapping[str, str]] = (),
    *,
    exact: Sequence[str] = (),
) -> dict[str, Any]:
    """Send requests to backends by weight.

    Those whose path begins with one of `paths` or is one of `exact`, and that carry the headers.
    """
    conditions = {"headers": list(headers)} if headers else {}
    matched = [*map(gateway.prefix, paths), *map(gateway.exactly, exact)]
    matches = [{"path": path, **conditions} for path in matched]
    return {"matches": matches, "backendRefs": list(backends)}


def http_route(
    owner: services.Owner,
    name: str,
    *,
    way: WayIn,
    host: str,
    rules: Sequence[Mapping[str, Any]],
    annotations: Mapping[str, str] | None = None,
) -> None:
    """Add the HTTPRoute of a host through the edge's Gateway."""
    parent = gateway.parent(way.platform.names.object(way.edge), way.spec.namespace, HTTPS_LISTENER)
    owner.custom(
        "route",
        api_version=gateway.API_VERSION,
        kind="HTTPRoute",
        name=name,
        namespace=owner.namespace_name,
        annotations=annotations,
        body={"spec": {"parentRefs": [parent], "hostnames": [host], "rules": list(rules)}},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What is routed through a way in: beginnings of paths of a host, and whole paths."""

    way: WayIn
    host: str
    paths: Sequence[str]
    exact: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an Ingress names as its Service, and the annotations of the Ingress."""

    service: str
    port: str = services.HTTP
    annotations: Mapping[str, str] = field(default_factory=lambda: SSL_REDIRECT)


def ingress(
    owner: services.Owner,
    id: str,  # noqa: A002 - cdk8s' name
    name: str,
    *,
    routed: Routed,
    target: Target,
    tls: bool,
) -> None:
    """Add an Ingress; of a pair, both need the same paths, and only the main one TLS."""
    port = k8s.ServiceBackendPort(name=target.port)
    backend = k8s.IngressBackend(service=k8s.IngressServiceBackend(name=target.service, port=port))
    ways = [*((path, "Prefix") for path in routed.paths), *((path, "Exact") for path in routed.exact)]
    paths = [k8s.HttpIngressPath(path=path, path_type=how, backend=backend) for path, how in ways]
    k8s.KubeIngress(
        owner,
        id,
        metadata=owner.meta(name, annotations=target.annotations),
        spec=k8s.IngressSpec(
            ingress_class_name=routed.way.ingress_class,
            rules=[k8s.IngressRule(host=routed.host, http=k8s.HttpIngressRuleValue(paths=paths))],
            tls=[k8s.IngressTls(hosts=[routed.host], secret_name=routed.way.tls_secret)] if tls else None,
        ),
    )


def route(
    owner: services.Owner,
    name: str,
    routed: Routed,
    *,
    health_path: str,
    service: str | None = None,
    port: str = services.HTTP,
) -> None:
    """Route paths of a host to the Service of that name, or to another one.

    A load balancer asks the pods for `health_path` by itself.
    """
    to = service or name
    if routed.way.kind == "gateway":
        rules = [rule([backend(to, 100)], routed.paths, exact=routed.exact)]
        http_route(owner, name, way=routed.way, host=routed.host, rules=rules)
    elif routed.way.kind == "nginx":
        ingress(owner, "ingress", name, routed=routed, target=Target(service=to, port=port), tls=True)
    else:
        target = Target(service=to, port=port, annotations=load_balancer(routed.way, health_path))
        ingress(owner, "ingress", name, routed=routed, target=target, tls=False)


def through_edge(
    owner: services.Owner,
    name: str,
    spec: RoutedSpec,
    *,
    paths: Sequence[str],
    health_path: str,
    exact: Sequence[str] = (),
) -> list[k8s.NetworkPolicyIngressRule]:
    """Route a component's host to the Service of that name, and give who may therefore call; nobody without an edge."""
    if spec.edge is None:
        return []
    way = way_in(owner.platform, spec.edge)
    routed = Routed(way=way, host=spec.hostname(owner.platform.domain), paths=paths, exact=exact)
    route(owner, name, routed, health_path=health_path)
    return [way.callers(spec.pod_port)]


def load_balancer(way: WayIn, health_path: str) -> dict[str, str]:
    """Give the annotations of every Ingress of a load balancer of AWS.

    With a certificate alone, the controller would open no port that redirects to HTTPS.
    """
    ports = '[{"HTTP": 80}]' if way.scheme == "http" else '[{"HTTP": 80}, {"HTTPS": 443}]'
    return {f"{ALB}/healthcheck-path": health_path, f"{ALB}/listen-ports": ports}
