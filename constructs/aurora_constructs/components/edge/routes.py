"""Routes through an edge: bodies for either profile, and the route of a component with one Service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import services
from aurora_constructs.components.edge import gateway
from aurora_constructs.components.edge.spec import HTTPS_LISTENER, EdgeSpec, object_name, tls_secret

NGINX = "nginx.ingress.kubernetes.io"
SSL_REDIRECT = {f"{NGINX}/ssl-redirect": "true"}
"""The annotations of a main Ingress: none of cert-manager's, since the edge emits the Certificate."""


def backend(service: str, weight: int) -> dict[str, Any]:
    """Name a Service as a backend of an HTTPRoute."""
    return {"group": "", "kind": "Service", "name": service, "port": services.SERVICE_PORT, "weight": weight}


def rule(backends: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Send every request to backends by weight."""
    return {"matches": [{"path": gateway.ANY_PATH}], "backendRefs": list(backends)}


def http_route(
    owner: services.Owner, name: str, *, edge_name: str, edge: EdgeSpec, host: str, rules: Sequence[Mapping[str, Any]]
) -> None:
    """Add the HTTPRoute of a host through the edge's Gateway."""
    parent = gateway.parent(object_name(edge_name), edge.namespace, HTTPS_LISTENER)
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
    edge: EdgeSpec,
    host: str,
    annotations: Mapping[str, str] = SSL_REDIRECT,
    tls: str | None,
) -> None:
    """Add an Ingress to the Service of its name; of a pair, both need the same path, and only the main one TLS."""
    port = k8s.ServiceBackendPort(name=services.HTTP)
    target = k8s.IngressBackend(service=k8s.IngressServiceBackend(name=name, port=port))
    path = k8s.HttpIngressPath(path="/", path_type="Prefix", backend=target)
    k8s.KubeIngress(
        owner,
        id,
        metadata=owner.meta(name, annotations=annotations),
        spec=k8s.IngressSpec(
            ingress_class_name=edge.ingress_class,
            rules=[k8s.IngressRule(host=host, http=k8s.HttpIngressRuleValue(paths=[path]))],
            tls=[k8s.IngressTls(hosts=[host], secret_name=tls)] if tls else None,
        ),
    )


def route(owner: services.Owner, name: str, *, edge_name: str, edge: EdgeSpec, host: str) -> None:
    """Route a host to the Service of that name."""
    if edge.profile == "gateway":
        http_route(owner, name, edge_name=edge_name, edge=edge, host=host, rules=[rule([backend(name, 100)])])
    else:
        ingress(owner, "ingress", name, edge=edge, host=host, tls=tls_secret(edge_name))
