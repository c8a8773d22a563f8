"""The objects that tests of the routing rules are made of: a good pair of tracks, by both kinds of routes."""

from __future__ import annotations

from aurora.model.examples import stream

STABLE_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: stable, namespace: ml}
spec:
  ingressClassName: nginx
  tls: [{hosts: [a.example.com], secretName: a-tls}]
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: stable, port: {number: 80}}}}]}
"""
CANARY_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: canary
  namespace: ml
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "10"
spec:
  ingressClassName: nginx
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: canary, port: {number: 80}}}}]}
"""
ACTION_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: model
  namespace: ml
  annotations:
    alb.ingress.kubernetes.io/actions.tracks: >-
      {"type": "forward", "forwardConfig": {"targetGroups": [
      {"serviceName": "stable", "servicePort": 80, "weight": 90},
      {"serviceName": "canary", "servicePort": 80, "weight": 10}]}}
spec:
  ingressClassName: alb
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: tracks, port: {name: use-annotation}}}}]}
"""
INGRESS_PAIR = stream(STABLE_INGRESS, CANARY_INGRESS)

ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: model, namespace: ml}
spec:
  parentRefs: [{name: edge, namespace: edge, sectionName: https}]
  hostnames: [a.example.com]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}, headers: [{name: x-canary, value: always}]}]
      backendRefs: [{name: canary, port: 80}]
    - matches: [{path: {type: PathPrefix, value: /}}]
      backendRefs: [{name: stable, port: 80, weight: 90}, {name: canary, port: 80, weight: 10}]
"""
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  gatewayClassName: haproxy
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      hostname: "*.example.com"
      tls: {certificateRefs: [{name: a-tls}]}
      allowedRoutes:
        namespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: ml}}}
"""
ATTACHED_ROUTE = stream(GATEWAY, ROUTE)

SERVICES = """\
apiVersion: v1
kind: Service
metadata: {name: stable, namespace: ml}
spec: {selector: {app: model, aurora.example.com/track: stable}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: canary, namespace: ml}
spec: {selector: {app: model, aurora.example.com/track: canary}, ports: [{port: 80, targetPort: http}]}
"""
DEPLOYMENTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: stable, namespace: ml}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: model, aurora.example.com/track: stable}}
    spec:
      containers:
        - name: serve
          image: r.example.com/serve:1
          env: [{name: MODEL_VERSION, value: v20260901-120000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: canary, namespace: ml}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: model, aurora.example.com/track: canary}}
    spec:
      containers:
        - name: serve
          image: r.example.com/serve:1
          env: [{name: MODEL_VERSION, value: v20261101-090000}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
"""
SERVED = stream(SERVICES, DEPLOYMENTS)
