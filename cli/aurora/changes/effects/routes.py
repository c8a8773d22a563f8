"""Effects of changing Ingresses, NetworkPolicies and the kinds of the Gateway API."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_GATEWAY = "gateway.networking.k8s.io"
_ingress = Subject(
    "ingress",
    (("networking.k8s.io", "Ingress"),),
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: inference-canary
  namespace: aurora
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "10"
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    alb.ingress.kubernetes.io/actions.split: '{"type": "forward"}'
    alb.ingress.kubernetes.io/scheme: internal
    cert-manager.io/cluster-issuer: staging
    external-dns.alpha.kubernetes.io/hostname: ml.example.com
    haproxy-ingress.example.com/timeout: 5s
spec:
  ingressClassName: nginx
  tls: [{hosts: [ml.example.com], secretName: edge-tls}]
  rules:
  - host: ml.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: canary, port: {number: 80}}}}
""",
)
_class = Subject(
    "ingressclass",
    (("networking.k8s.io", "IngressClass"),),
    """\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "false"}}
spec:
  controller: k8s.io/ingress-nginx
  parameters: {kind: ConfigMap, name: edge}
""",
)
_policy = Subject(
    "networkpolicy",
    (("networking.k8s.io", "NetworkPolicy"),),
    """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: inference, namespace: aurora}
spec:
  podSelector: {matchLabels: {app: inference}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: gateway}}}]
    ports: [{port: 8080}]
""",
)
_NGINX = "ingress-nginx: user guide, annotations"

_ingresses = (
    _ingress.row(
        "canary",
        "metadata.annotations[nginx.ingress.kubernetes.io/canary*]",
        effect=Effect.TRAFFIC_SHIFT,
        words="ingress-nginx sends another share of requests, or those with another header or cookie, to the canary",
        source=f"{_NGINX}, canary",
        swap=('canary-weight: "10"', 'canary-weight: "25"'),
    ),
    _ingress.row(
        "action",
        "metadata.annotations[alb.ingress.kubernetes.io/actions.*]",
        "metadata.annotations[alb.ingress.kubernetes.io/conditions.*]",
        effect=Effect.TRAFFIC_SHIFT,
        words="the load balancer's rule sends requests to other targets or in other shares",
        source="AWS Load Balancer Controller: Ingress annotations, traffic routing",
        swap=('"forward"', '"redirect"'),
    ),
    _ingress.row(
        "class",
        "spec.ingressClassName",
        "metadata.annotations[kubernetes.io/ingress.class]",
        effect=Effect.TRAFFIC_SHIFT,
        words="another controller serves the hosts, as a rule at another address; the old one drops them",
        source="kubernetes.io/docs/concepts/services-networking/ingress: Ingress class",
        swap=("ingressClassName: nginx", "ingressClassName: alb"),
    ),
    _ingress.row(
        "rules",
        "spec.rules.**",
        "spec.defaultBackend.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="hosts and paths lead to other Services at once",
        source="kubernetes.io/docs/concepts/services-networking/ingress: Ingress rules",
        swap=("name: canary, port", "name: stable, port"),
        ordered=True,
    ),
    _ingress.row(
        "tls",
        "spec.tls.**",
        effect=Effect.IN_PLACE,
        words="new connections get the certificate of the Secret that is named now",
        source="kubernetes.io/docs/concepts/services-networking/ingress: TLS",
        swap=("edge-tls", "edge-tls-2"),
    ),
    _ingress.row(
        "certificate-annotation",
        "metadata.annotations[cert-manager.io/*]",
        "metadata.annotations[acme.cert-manager.io/*]",
        effect=Effect.IN_PLACE,
        words="cert-manager changes the Certificate that it keeps for the Ingress, which may issue a new one",
        source="cert-manager: usage, annotated Ingress resource",
        swap=("cluster-issuer: staging", "cluster-issuer: production"),
    ),
    _ingress.row(
        "controller-annotation",
        "metadata.annotations[*ingress*/*]",
        "metadata.annotations[external-dns.*/*]",
        "metadata.annotations[haproxy.org/*]",
        "metadata.annotations[konghq.com/*]",
        effect=Effect.IN_PLACE,
        words="the controllers that read the annotation configure the edge anew; no pod of the application restarts",
        source=f"{_NGINX}; AWS Load Balancer Controller: Ingress annotations",
        swap=("proxy-body-size: 8m", "proxy-body-size: 64m"),
    ),
    _class.row(
        "controller",
        "spec.controller",
        effect=Effect.REFUSED,
        words="the controller of a class is immutable: make a class of another name and move the Ingresses",
        source="pkg/apis/networking/validation/validation.go: validateIngressClassSpecUpdate",
        swap=("k8s.io/ingress-nginx", "k8s.io/other"),
    ),
    _class.row(
        "parameters",
        "spec.parameters.**",
        "metadata.annotations[ingressclass.kubernetes.io/is-default-class]",
        effect=Effect.IN_PLACE,
        words="the controller reads other parameters; being the default counts for Ingresses that are made from now on",
        source="kubernetes.io/docs/concepts/services-networking/ingress: IngressClass scope, default IngressClass",
        swap=("name: edge", "name: edge-2"),
    ),
)

_policies = (
    _policy.row(
        "pods",
        "spec.podSelector.**",
        effect=Effect.IN_PLACE,
        words="the policy holds for other pods: those that no policy selects any more accept everything",
        source="kubernetes.io/docs/concepts/services-networking/network-policies: the two sorts of pod isolation",
        swap=("podSelector: {matchLabels: {app: inference}}", "podSelector: {}"),
    ),
    _policy.row(
        "directions",
        "spec.policyTypes.**",
        effect=Effect.IN_PLACE,
        words="a direction that is added is denied except for its rules, one that is left out is open to all",
        source="kubernetes.io/docs/concepts/services-networking/network-policies: the NetworkPolicy resource",
        swap=("[Ingress]", "[Ingress, Egress]"),
    ),
    _policy.row(
        "rules",
        "spec.ingress.**",
        "spec.egress.**",
        effect=Effect.IN_PLACE,
        words="the network plugin allows or blocks other connections within seconds; no pod restarts",
        source="kubernetes.io/docs/concepts/services-networking/network-policies: pod lifecycle",
        swap=("app: gateway", "app: console"),
    ),
)

ROWS: tuple[Row, ...] = (*_ingresses, *_policies)
