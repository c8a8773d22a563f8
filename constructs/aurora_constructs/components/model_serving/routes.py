"""The split of traffic between stable and canary, in the words of either profile.

Gateway profile: one HTTPRoute. NGINX profile: a main and a canary Ingress, by the rules of its canary
feature. In both, whoever owns the certificate is not the canary.
"""

from __future__ import annotations

from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs.components.edge import gateway
from aurora_constructs.components.edge.spec import HTTPS_LISTENER
from aurora_constructs.components.model_serving.spec import CanaryTrack
from aurora_constructs.services import HTTP, SERVICE_PORT

NGINX = "nginx.ingress.kubernetes.io"


def route_body(
    *, host: str, parent: tuple[str, str], stable: str, canary: str | None, split: CanaryTrack | None
) -> dict[str, Any]:
    """Build the HTTPRoute of a model.

    Args:
        host: the host of the route.
        parent: name and namespace of the Gateway.
        stable: the stable track's Service.
        canary: the canary's Service, if there is one.
        split: what the canary gets.

    The header's rule matches more than the weighted one and therefore wins; it stays open at weight 0.
    """
    backends = [_backend(stable, 100 - split.weight if split else 100)]
    rules: list[dict[str, Any]] = []
    if canary and split:
        backends.append(_backend(canary, split.weight))
        header = {"type": "Exact", "name": split.header.name, "value": split.header.value}
        match = {"path": gateway.ANY_PATH, "headers": [header]}
        rules.append({"matches": [match], "backendRefs": [_backend(canary, 1)]})
    rules.append({"matches": [{"path": gateway.ANY_PATH}], "backendRefs": backends})
    name, namespace = parent
    return {
        "spec": {"parentRefs": [gateway.parent(name, namespace, HTTPS_LISTENER)], "hostnames": [host], "rules": rules}
    }


def _backend(service: str, weight: int) -> dict[str, Any]:
    return {"group": "", "kind": "Service", "name": service, "port": SERVICE_PORT, "weight": weight}


def main_annotations() -> dict[str, str]:
    """Give the annotations of the main Ingress: none of cert-manager's, since the edge emits the Certificate."""
    return {f"{NGINX}/ssl-redirect": "true"}


def canary_annotations(split: CanaryTrack) -> dict[str, str]:
    """Give the annotations of the canary Ingress; every other setting is inherited from the main one."""
    return {
        f"{NGINX}/canary": "true",
        f"{NGINX}/canary-by-header": split.header.name,
        f"{NGINX}/canary-by-header-value": split.header.value,
        f"{NGINX}/canary-weight": str(split.weight),
    }


def ingress_spec(*, host: str, service: str, ingress_class: str, tls_secret: str | None) -> k8s.IngressSpec:
    """Describe an Ingress; both of a pair need the same host, path and path type, and only the main one TLS."""
    backend = k8s.IngressBackend(
        service=k8s.IngressServiceBackend(name=service, port=k8s.ServiceBackendPort(name=HTTP))
    )
    path = k8s.HttpIngressPath(path="/", path_type="Prefix", backend=backend)
    return k8s.IngressSpec(
        ingress_class_name=ingress_class,
        rules=[k8s.IngressRule(host=host, http=k8s.HttpIngressRuleValue(paths=[path]))],
        tls=[k8s.IngressTls(hosts=[host], secret_name=tls_secret)] if tls_secret else None,
    )
