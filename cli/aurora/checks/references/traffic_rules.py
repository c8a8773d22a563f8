"""Rules about what routes name."""

from __future__ import annotations

from aurora.cluster.references import traffic
from aurora.cluster.references.fields import CONFIGURED, of_kinds
from aurora.cluster.references.lookup import missing
from aurora.model.finding import Severity
from aurora.model.rule import InventoryRule, Rule

_SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
"""
_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {number: %s}}}
"""
_INGRESS_OF_CLASS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {ingressClassName: nginx}
"""
_INGRESS_CLASS = """\
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
"""
_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {parentRefs: [{name: edge, namespace: edge, sectionName: %s}]}
"""
_GATEWAY = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {gatewayClassName: envoy, listeners: [{name: https, port: 443, protocol: HTTPS}]}
"""
_GATEWAY_CLASS = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: envoy}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
"""
_CONFIGURED_CLASS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: haproxy}
spec:
  controllerName: haproxy.org/gateway-controller
  parametersRef: {group: "", kind: ConfigMap, name: haproxy, namespace: edge}
"""
_PARAMETERS = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: haproxy, namespace: edge}\n"

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/backend-service",
            severity=Severity.ERROR,
            summary="a route to a Service that does not exist",
            why="Requests that match the route are answered with an error by the edge.",
            bad=_INGRESS % 80,
            good=_INGRESS % 80 + _SERVICE,
        ),
        find=missing(traffic.backend_services),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/backend-port",
            severity=Severity.ERROR,
            summary="a route to a port that its Service does not have",
            why="Requests that match the route are answered with an error by the edge.",
            bad=_INGRESS % 8080 + _SERVICE,
            good=_INGRESS % 80 + _SERVICE,
        ),
        find=traffic.closed_ports,
    ),
    InventoryRule(
        rule=Rule(
            id="references/ingress-class",
            severity=Severity.ERROR,
            summary="an IngressClass that does not exist",
            why="No controller takes an Ingress of an unknown class, and its status stays empty without an error.",
            bad=_INGRESS_OF_CLASS,
            good=_INGRESS_OF_CLASS + _INGRESS_CLASS,
        ),
        find=missing(of_kinds((traffic.INGRESS, "IngressClass"))),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/gateway",
            severity=Severity.ERROR,
            summary="a route whose Gateway does not exist",
            why="A route that is attached to nothing gets no traffic.",
            bad=_ROUTE % "https",
            good=_ROUTE % "https" + _GATEWAY,
        ),
        find=traffic.missing_parents,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/listener",
            severity=Severity.ERROR,
            summary="a route to a listener that its Gateway does not have",
            why="The Gateway refuses the route, so it gets no traffic.",
            bad=_ROUTE % "web" + _GATEWAY,
            good=_ROUTE % "https" + _GATEWAY,
        ),
        find=traffic.missing_listeners,
    ),
    InventoryRule(
        rule=Rule(
            id="references/gateway-class",
            severity=Severity.ERROR,
            summary="a GatewayClass that does not exist",
            why="No controller builds a Gateway of an unknown class.",
            bad=_GATEWAY.removeprefix("---\n"),
            good=_GATEWAY.removeprefix("---\n") + _GATEWAY_CLASS,
        ),
        find=missing(of_kinds((traffic.GATEWAY, "GatewayClass"))),
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/parameters",
            severity=Severity.ERROR,
            summary="parameters that do not exist",
            why="A class or Gateway whose parameters are missing is not accepted, or runs with other settings.",
            bad=_CONFIGURED_CLASS,
            good=_CONFIGURED_CLASS + _PARAMETERS,
        ),
        find=missing(of_kinds(verb=CONFIGURED)),
        softens=True,
    ),
)
