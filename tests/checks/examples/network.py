"""The objects that tests of the network rules are made of: a namespace with a model server, closed and opened."""

from __future__ import annotations

from aurora.model.examples import stream

MODEL = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: model, app.kubernetes.io/component: inference}}
    spec:
      automountServiceAccountToken: false
      containers:
        - {name: serve, image: r.example.com/serve:1, ports: [{name: http, containerPort: 8080}]}
      volumes: [{name: models, persistentVolumeClaim: {claimName: models, readOnly: true}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml, labels: {app.kubernetes.io/name: model}}
spec: {selector: {app.kubernetes.io/name: model}, ports: [{name: http, port: 80, targetPort: http}]}
"""
DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: ml}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
DNS = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns, namespace: ml}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""
CLOSED = stream(DENY, DNS)
"""Nothing but name resolution."""
FROM_EDGE = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-edge, namespace: ml}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/component: inference}}
  policyTypes: [Ingress]
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: aurora-edge}}}]
      ports: [{port: http}]
"""
CONTROL_PLANE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: control-plane, namespace: ml}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: control-plane, app.kubernetes.io/component: control-plane}}
    spec:
      containers:
        - {name: api, image: r.example.com/api:1, ports: [{name: http, containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: control-plane, namespace: ml}
spec: {selector: {app.kubernetes.io/name: control-plane}, ports: [{name: http, port: 80, targetPort: http}]}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: model, namespace: ml}
spec:
  parentRefs: [{name: edge, namespace: aurora-edge}]
  rules: [{backendRefs: [{name: model, port: 80}]}]
"""
TO_OBJECT_STORE = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: to-object-store, namespace: ml}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: model}}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]
      ports: [{port: 443}]
"""
