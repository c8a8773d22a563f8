"""Effects of changing the kinds of the Gateway API."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import ABSENT, Effect

_GROUP = "gateway.networking.k8s.io"
_SITE = "gateway-api.sigs.k8s.io: API types"

_route = Subject(
    "route",
    tuple((_GROUP, kind) for kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute")),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: inference
  namespace: aurora
  annotations: {external-dns.alpha.kubernetes.io/target: edge.example.com}
spec:
  parentRefs: [{name: edge}]
  hostnames: [ml.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}}]
    backendRefs:
    - {name: stable, port: 80, weight: 90}
    - {name: canary, port: 80, weight: 10}
""",
)
_gateway = Subject(
    "gateway",
    ((_GROUP, "Gateway"),),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge, annotations: {cert-manager.io/cluster-issuer: staging}}
spec:
  gatewayClassName: envoy
  addresses: [{type: IPAddress, value: 192.0.2.10}]
  infrastructure: {labels: {team: edge}}
  listeners:
  - name: https
    hostname: ml.example.com
    port: 443
    protocol: HTTPS
    tls: {mode: Terminate, certificateRefs: [{name: edge-tls}]}
""",
)
_set = Subject(
    "listenerset",
    ((_GROUP, "ListenerSet"),),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: team, namespace: aurora}
spec:
  parentRef: {name: edge, namespace: edge}
  listeners:
  - {name: http, port: 80, protocol: HTTP}
""",
)
_class = Subject(
    "gatewayclass",
    ((_GROUP, "GatewayClass"),),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: envoy}
spec:
  controllerName: gateway.example.com/controller
  description: edge
""",
)
_grant = Subject(
    "referencegrant",
    ((_GROUP, "ReferenceGrant"),),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: routes, namespace: models}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: aurora}]
  to: [{group: "", kind: Service}]
""",
)
_backend = Subject(
    "backendtlspolicy",
    ((_GROUP, "BackendTLSPolicy"),),
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: mlflow, namespace: aurora}
spec:
  targetRefs: [{group: "", kind: Service, name: mlflow}]
  validation: {hostname: mlflow.example.com, wellKnownCACertificates: System}
""",
)

ROWS: tuple[Row, ...] = (
    _route.row(
        "weight",
        "spec.rules.backendRefs.weight",
        effect=Effect.TRAFFIC_SHIFT,
        words="requests are split in another proportion: a backend's share is its weight in the sum of the rule",
        source=f"{_SITE}, HTTPRoute, backendRefs; guides, HTTP traffic splitting",
        swap=("weight: 10", "weight: 25"),
        when=When("the backend stays", lambda _pair, leaf: leaf.before is not ABSENT and leaf.after is not ABSENT),
    ),
    _route.row(
        "rules",
        "spec.rules.**",
        "spec.hostnames.**",
        "spec.parentRefs.**",
        "spec.useDefaultGateways",
        effect=Effect.TRAFFIC_SHIFT,
        words="other requests match, or they lead to other backends, as soon as the gateway has taken the route over",
        source=f"{_SITE}, HTTPRoute, rules",
        swap=("name: stable, port", "name: stable-2, port"),
        ordered=True,
    ),
    _route.row(
        "dns",
        "metadata.annotations[external-dns.*/*]",
        effect=Effect.IN_PLACE,
        words="external-dns changes the records of the route's hosts",
        source="external-dns: annotations",
        swap=("edge.example.com", "edge-2.example.com"),
    ),
    _gateway.row(
        "certificate",
        "spec.listeners.tls.**",
        "spec.tls.**",
        effect=Effect.IN_PLACE,
        words="new connections get the certificate, or the checks of clients, that are named now",
        source=f"{_SITE}, Gateway; guides, TLS",
        swap=("name: edge-tls", "name: edge-tls-2"),
    ),
    _gateway.row(
        "listeners",
        "spec.listeners.**",
        "spec.allowedListeners.**",
        "spec.defaultScope",
        effect=Effect.TRAFFIC_SHIFT,
        words="hosts and ports open or close, and routes attach to other listeners or to none",
        source=f"{_SITE}, Gateway, listeners",
        swap=("hostname: ml.example.com", "hostname: api.example.com"),
    ),
    _gateway.row(
        "class",
        "spec.gatewayClassName",
        "spec.addresses.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="the gateway is served by another controller or at another address, where clients must find it",
        source=f"{_SITE}, Gateway, gatewayClassName and addresses",
        swap=("192.0.2.10", "192.0.2.11"),
    ),
    _gateway.row(
        "infrastructure",
        "spec.infrastructure.**",
        effect=Effect.IN_PLACE,
        words="the gateway's controller changes what it runs for the gateway; some restart their proxies",
        source=f"{_SITE}, Gateway, infrastructure",
        swap=("team: edge", "team: ml"),
    ),
    _gateway.row(
        "certificate-annotation",
        "metadata.annotations[cert-manager.io/*]",
        effect=Effect.IN_PLACE,
        words="cert-manager changes the Certificate that it keeps for the listeners, which may issue a new one",
        source="cert-manager: usage, annotated Gateway resource",
        swap=("cluster-issuer: staging", "cluster-issuer: production"),
    ),
    _set.row(
        "listeners",
        "spec.listeners.**",
        "spec.parentRef.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="hosts and ports open or close at the gateway that the set belongs to",
        source=f"{_SITE}, ListenerSet",
        swap=("port: 80", "port: 8080"),
    ),
    _class.row(
        "controller",
        "spec.controllerName",
        effect=Effect.REFUSED,
        words="the controller of a class is immutable: make a class of another name and move the gateways",
        source="GatewayClass CRD 1.6.1: rule `self == oldSelf`",
        swap=("gateway.example.com/controller", "gateway.example.com/other"),
    ),
    _class.row(
        "parameters",
        "spec.parametersRef.**",
        "spec.description",
        effect=Effect.IN_PLACE,
        words="the controller may take the new parameters over for gateways that it runs",
        source=f"{_SITE}, GatewayClass, parameters",
        swap=("description: edge", "description: public edge"),
    ),
    _grant.row(
        "grant",
        "spec.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="references across namespaces begin to work or stop: a route answers 500 for backends that it may "
        "not use",
        source=f"{_SITE}, ReferenceGrant",
        swap=("namespace: aurora}]", "namespace: research}]"),
    ),
    _backend.row(
        "validation",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the gateway's new connections to the backend are made with, or without, these checks",
        source=f"{_SITE}, BackendTLSPolicy",
        swap=("hostname: mlflow.example.com", "hostname: mlflow.aurora.svc"),
    ),
)
