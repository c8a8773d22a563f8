"""Pods, good and bad, in every kind that carries one."""

from __future__ import annotations

from copy import deepcopy

from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.policies.planting import Route

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"registry.example.com/app:1.0.0@{DIGEST}"
RESOURCES: JsonObject = {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
LABELS: JsonObject = {"app.kubernetes.io/name": "app", "app.kubernetes.io/component": "training"}
SERVING: JsonObject = {
    "app.kubernetes.io/name": "app",
    "app.kubernetes.io/component": "inference",
    "aurora.example.com/model": "california-housing",
    "aurora.example.com/model-version": "v20260901-120000",
}

API_VERSIONS = {
    "Pod": "v1",
    "Deployment": "apps/v1",
    "DaemonSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}


def container(name: str = "app", *, without: str = "", **changes: JsonValue) -> JsonObject:
    """Give a container that every policy accepts, with changes."""
    body: JsonObject = {"name": name, "image": IMAGE, "resources": deepcopy(RESOURCES), **changes}
    body.pop(without, None)
    return body


def pod(*containers: JsonObject, labels: JsonValue = None, **spec: JsonValue) -> JsonObject:
    """Give a pod of one good container, or of these."""
    metadata: JsonObject = {"labels": deepcopy(LABELS) if labels is None else labels}
    return {"metadata": metadata, "spec": {"containers": list(containers) or [container()], **spec}}


def in_kind(kind: str, template: JsonObject, *, name: str, namespace: str) -> JsonObject:
    """Wrap a pod into a kind."""
    body: JsonObject = dict(template)
    steps = Route(API_VERSIONS[kind], kind, namespace).template or ()
    for step in reversed(steps[1:]):
        body = {step: body}
    identity: JsonObject = {"name": name, "namespace": namespace}
    own = {} if steps else mapping(template.get("metadata"))
    spec = body if steps else template["spec"]
    return {"apiVersion": API_VERSIONS[kind], "kind": kind, "metadata": {**own, **identity}, "spec": spec}
