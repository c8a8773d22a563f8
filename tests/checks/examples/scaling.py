"""The objects that tests of the scaling rules are made of: one good model server and what surrounds it."""

from __future__ import annotations

from aurora.model.examples import altered, stream

MODEL = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: model, app.kubernetes.io/component: inference}}
    spec:
      containers:
        - name: serve
          image: r.example.com/serve:1
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: model, namespace: ml}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: model}
  minReplicas: 2
  maxReplicas: 10
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
  behavior: {scaleDown: {policies: [{type: Percent, value: 50, periodSeconds: 60}]}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml}
spec: {selector: {app.kubernetes.io/name: model}, ports: [{port: 80, targetPort: 8080}]}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: model, namespace: ml}
spec:
  minAvailable: 2
  selector: {matchLabels: {app.kubernetes.io/name: model}}
  unhealthyPodEvictionPolicy: AlwaysAllow
"""
STATIC = altered(
    altered(
        MODEL,
        "spec:\n  template:",
        "spec:\n"
        "  replicas: 3\n"
        "  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}\n"
        "  template:",
    ),
    "      containers:\n",
    "      topologySpreadConstraints:\n"
    "        - maxSkew: 1\n"
    "          topologyKey: kubernetes.io/hostname\n"
    "          whenUnsatisfiable: ScheduleAnyway\n"
    "          labelSelector: {matchLabels: {app.kubernetes.io/name: model}}\n"
    "      containers:\n",
)
SERVED = stream(STATIC, SERVICE, BUDGET)
"""Three replicas, spread over hosts, behind a Service and with a budget: survives the loss of a node."""
