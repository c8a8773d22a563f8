"""Bodies of the Gateway API's kinds, with the definitions' defaults spelled out.

Pure: values in, mappings out. Defaults are those of Gateway API 1.6.1, standard channel; a field left to
its default would be added by the API server and shown as drift by strict comparisons.
"""

from collections.abc import Sequence
from typing import Any

from aurora_constructs.components.edge.spec import HTTP_LISTENER, HTTPS_LISTENER
from aurora_constructs.labels import NAMESPACE_NAME

GROUP = "gateway.networking.k8s.io"
API_VERSION = f"{GROUP}/v1"

MOST_HOSTS = 16
"""How many hosts an HTTPRoute may name, by its definition."""


def prefix(path: str) -> dict[str, str]:
    """Match the paths that begin with a path, whole segments at a time."""
    return {"type": "PathPrefix", "value": path}


def exactly(path: str) -> dict[str, str]:
    """Match one path and nothing below it."""
    return {"type": "Exact", "value": path}


def gateway_class_body(controller: str) -> dict[str, Any]:
    """Build the GatewayClass that a controller implements."""
    return {"spec": {"controllerName": controller}}


def gateway_body(*, gateway_class: str, settings: str, secret: str, namespaces: Sequence[str]) -> dict[str, Any]:
    """Build a Gateway whose HTTP listener takes routes of its own namespace only.

    Redirects and challenges live there; an application cannot attach a route to it, so it cannot be
    served in the clear. No listener names a host: the routes do, and the certificate covers them all.
    """
    return {
        "spec": {
            "gatewayClassName": gateway_class,
            "infrastructure": {"parametersRef": {"group": "", "kind": "ConfigMap", "name": settings}},
            "listeners": [
                {
                    "name": HTTP_LISTENER,
                    "port": 80,
                    "protocol": "HTTP",
                    "allowedRoutes": {"kinds": _http_routes(), "namespaces": {"from": "Same"}},
                },
                {
                    "name": HTTPS_LISTENER,
                    "port": 443,
                    "protocol": "HTTPS",
                    "allowedRoutes": {"kinds": _http_routes(), "namespaces": _selected(namespaces)},
                    "tls": {"mode": "Terminate", "certificateRefs": [{"group": "", "kind": "Secret", "name": secret}]},
                },
            ],
        }
    }


def redirect_body(*, gateway: str, namespace: str, hosts: Sequence[str]) -> dict[str, Any]:
    """Build the route that sends plain HTTP to HTTPS; a challenge's exact path is more specific and wins.

    Raises:
        ValueError: there are more hosts than a route may name.
    """
    if len(hosts) > MOST_HOSTS:
        raise ValueError(f"{len(hosts)} hosts: a route names at most {MOST_HOSTS}, so a second edge is needed")
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
    return {
        "spec": {
            "parentRefs": [parent(gateway, namespace, HTTP_LISTENER)],
            "hostnames": sorted(hosts),
            "rules": [{"matches": [{"path": prefix("/")}], "filters": [redirect]}],
        }
    }


def parent(gateway: str, namespace: str, listener: str) -> dict[str, Any]:
    """Refer to one listener of a Gateway."""
    return {"group": GROUP, "kind": "Gateway", "name": gateway, "namespace": namespace, "sectionName": listener}


def _http_routes() -> list[dict[str, str]]:
    return [{"group": GROUP, "kind": "HTTPRoute"}]


def _selected(namespaces: Sequence[str]) -> dict[str, Any]:
    names = {"key": NAMESPACE_NAME, "operator": "In", "values": sorted(namespaces)}
    return {"from": "Selector", "selector": {"matchExpressions": [names]}}
