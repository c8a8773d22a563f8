"""The way in from outside, as the components that are routed through an edge see it, and their routes.

Components ask here for what kind of way it is and where requests come from, and know neither controller nor provider.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import network, services
from aurora_constructs.cluster import Way
from aurora_constructs.components.edge import gateway
from aurora_constructs.components.edge.spec import HTTPS_LISTENER, EdgeSpec
from aurora_constructs.platform import Platform

NGINX = "nginx.ingress.kubernetes.io"
SSL_REDIRECT = {f"{NGINX}/ssl-redirect": "true"}
"""The annotations of a main Ingress: none of cert-manager's, since the edge emits the Certificate."""
ALB = "alb.ingress.kubernetes.io"


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
    backends: Sequence[Mapping[str, Any]], paths: Sequence[str], headers: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Send requests whose path begins with one of `paths`, and that carry the headers, to backends by weight."""
    conditions = {"headers": list(headers)} if headers else {}
    matches = [{"path": gateway.prefix(path), **conditions} for path in paths]
    return {"matches": matches, "backendRefs": list(backends)}


def http_route(owner: services.Owner, name: str, *, way: WayIn, host: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Add the HTTPRoute of a host through the edge's Gateway."""
    parent = gateway.parent(way.platform.names.object(way.edge), way.spec.namespace, HTTPS_LISTENER)
    owner.custom(
        "route",
        api_version=gateway.API_VERSION,
        kind="HTTPRoute",
        name=name,
        namespace=owner.namespace_name,
        body={"spec": {"parentRefs": [parent], "hostnames": [host], "rules": list(rules)}},
    )


def ingress(
    owner: services.Owner,
    id: str,  # noqa: A002 - cdk8s' name
    name: str,
    *,
    way: WayIn,
    host: str,
    paths: Sequence[str],
    annotations: Mapping[str, str] = SSL_REDIRECT,
    tls: bool,
) -> None:
    """Add an Ingress to the Service of its name; of a pair, both need the same paths, and only the main one TLS."""
    port = k8s.ServiceBackendPort(name=services.HTTP)
    target = k8s.IngressBackend(service=k8s.IngressServiceBackend(name=name, port=port))
    routed = [k8s.HttpIngressPath(path=path, path_type="Prefix", backend=target) for path in paths]
    k8s.KubeIngress(
        owner,
        id,
        metadata=owner.meta(name, annotations=annotations),
        spec=k8s.IngressSpec(
            ingress_class_name=way.ingress_class,
            rules=[k8s.IngressRule(host=host, http=k8s.HttpIngressRuleValue(paths=routed))],
            tls=[k8s.IngressTls(hosts=[host], secret_name=way.tls_secret)] if tls else None,
        ),
    )


def route(owner: services.Owner, name: str, *, way: WayIn, host: str, paths: Sequence[str], health_path: str) -> None:
    """Route paths of a host to the Service of that name; a load balancer asks the pods for `health_path` by itself."""
    if way.kind == "gateway":
        http_route(owner, name, way=way, host=host, rules=[rule([backend(name, 100)], paths)])
    elif way.kind == "nginx":
        ingress(owner, "ingress", name, way=way, host=host, paths=paths, tls=True)
    else:
        # With a certificate alone, the controller would open no port that redirects to HTTPS.
        ports = '[{"HTTP": 80}, {"HTTPS": 443}]'
        annotations = {f"{ALB}/healthcheck-path": health_path, f"{ALB}/listen-ports": ports}
        ingress(owner, "ingress", name, way=way, host=host, paths=paths, annotations=annotations, tls=False)
