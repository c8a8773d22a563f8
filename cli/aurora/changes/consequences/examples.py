"""The objects that the examples of consequences are made of."""

from __future__ import annotations

from aurora.changes.consequences.row import Example
from aurora.model.examples import altered, stream

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  replicas: 2
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: model}}
  template:
    metadata: {labels: {app: model, track: stable}, annotations: {note: one}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: serve
          image: r.example.com/serve:1@sha256:aaaa
          env: [{name: MODEL_VERSION, value: v1}]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: models, mountPath: /models}]
      volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml}
spec: {type: ClusterIP, selector: {app: model}, ports: [{name: web, port: 80, targetPort: http}]}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: ml}
spec: {storageClassName: shared, accessModes: [ReadWriteMany], resources: {requests: {storage: 10Gi}}}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ml}
data: {batch: "8"}
"""
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: ml, labels: {pod-security.kubernetes.io/enforce: baseline}}
"""


def edit(example: str, old: str, new: str, *beside: str) -> Example:
    """Make an example whose change replaces one part of an object, with other objects beside it.

    Raises:
        ValueError: the part does not occur exactly once.
    """
    return Example(before=stream(example, *beside), after=stream(altered(example, old, new), *beside))


def delete(example: str, *beside: str) -> Example:
    """Make an example whose change deletes an object, with other objects beside it."""
    return Example(before=stream(example, *beside), after=stream(*beside))


def create(example: str, *beside: str) -> Example:
    """Make an example whose change creates an object, with other objects beside it."""
    return Example(before=stream(*beside), after=stream(example, *beside))
