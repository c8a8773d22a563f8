"""Pods and the policies that refuse them."""

from __future__ import annotations

from dataclasses import dataclass

from aurora.model.json_value import JsonObject
from policies.pods import DIGEST, LABELS, RESOURCES, SERVING, container, pod

VALIDATING = (
    "disallow-latest-tag",
    "require-mlops-labels",
    "require-resource-limits",
    "restrict-image-registries",
)
TAG, TRACED, LIMITS, REGISTRY = (frozenset({name}) for name in VALIDATING)
ALL = frozenset(VALIDATING)
NONE: frozenset[str] = frozenset()
DEBUG: JsonObject = {"name": "debug", "image": "registry.example.com/debug:1"}


@dataclass(frozen=True, slots=True)
class Case:
    """A pod in a kind, the policies that refuse it, and words of their messages."""

    template: JsonObject
    refused_by: frozenset[str] = NONE
    words: tuple[str, ...] = ()
    kind: str = "Pod"


def with_image(image: str) -> JsonObject:
    return pod(container(image=image))


def with_resources(**changes: JsonObject) -> JsonObject:
    return pod(container(resources={**RESOURCES, **changes}))


CASES = {
    "good": Case(pod()),
    **{f"good {kind}": Case(pod(), kind=kind) for kind in ("Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob")},
    **{
        f"bad {kind}": Case({"spec": {"containers": [{"name": "app", "image": "nginx"}]}}, ALL, kind=kind)
        for kind in ("Pod", "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob")
    },
    "no resources": Case(pod(container(without="resources")), LIMITS, ("requests.cpu", "container app")),
    "no limits": Case(
        pod(container(resources={"requests": {"cpu": 1, "memory": "1Gi"}})),
        LIMITS,
        ("set `resources.limits.memory` of container app",),
    ),
    "no requests": Case(
        pod(container(resources={"limits": {"memory": "1Gi"}})),
        LIMITS,
        ("requests.cpu", "requests.memory"),
    ),
    "no cpu limit": Case(with_resources()),
    "numbers": Case(with_resources(requests={"cpu": 0.5, "memory": 1048576}, limits={"memory": 1048576})),
    "a limit of nothing": Case(with_resources(limits={"memory": 0}), LIMITS),
    "a limit of nothing as text": Case(with_resources(limits={"memory": "0Gi"}), LIMITS),
    "a limit that is no quantity": Case(with_resources(limits={"memory": "much"}), LIMITS),
    "an init container without resources": Case(
        pod(initContainers=[container("prepare", without="resources")]),
        LIMITS,
        ("of container prepare",),
        kind="Deployment",
    ),
    "an ephemeral container has no resources": Case(pod(ephemeralContainers=[DEBUG])),
    "an ephemeral container with latest": Case(
        pod(ephemeralContainers=[DEBUG | {"image": "registry.example.com/debug:latest"}]),
        TAG,
        ("container debug uses `registry.example.com/debug:latest`",),
    ),
    "an ephemeral container from elsewhere": Case(
        pod(ephemeralContainers=[DEBUG | {"image": "ghcr.io/debug:1"}]), REGISTRY, ("container debug",)
    ),
    "latest": Case(with_image("registry.example.com/app:latest"), TAG, ("container app uses",)),
    "no tag": Case(with_image("registry.example.com/app"), TAG),
    "an empty tag": Case(with_image("registry.example.com/app:"), TAG),
    "latest beside a digest": Case(with_image(f"registry.example.com/app:latest@{DIGEST}"), TAG),
    "a tag like latest": Case(with_image("registry.example.com/app:latest-1")),
    "a digest only": Case(with_image(f"registry.example.com/app@{DIGEST}")),
    "half a digest": Case(with_image("registry.example.com/app@sha256:0123"), TAG),
    "an init container with latest": Case(
        pod(initContainers=[container("prepare", image="registry.example.com/app:latest")]),
        TAG,
        ("container prepare",),
        kind="CronJob",
    ),
    "a port and no tag": Case(with_image("registry.example.com:5000/app"), TAG | REGISTRY),
    "a port and a tag": Case(with_image("registry.example.com:5000/app:1"), REGISTRY),
    "no image": Case(pod(container(without="image")), TAG | REGISTRY, ("container app names no image",)),
    "a short name": Case(with_image("nginx:1.29"), REGISTRY, ("container app uses `nginx:1.29`",)),
    "a name without host": Case(with_image("library/nginx:1.29"), REGISTRY),
    "a host that begins like ours": Case(with_image("registry.example.com.evil.io/app:1"), REGISTRY),
    "our host as a path": Case(with_image("evil.io/registry.example.com/app:1"), REGISTRY),
    "our host as a user": Case(with_image("registry.example.com@evil.io/app:1"), REGISTRY),
    "our host in capitals": Case(with_image("Registry.example.com/app:1"), REGISTRY),
    "a second registry": Case(with_image("registry.k8s.io/pause:3.10")),
    "one bad container of two": Case(
        pod(container(), container("sidecar", image="quay.io/sidecar:1")), REGISTRY, ("container sidecar",)
    ),
    "no labels": Case(pod(labels={}), TRACED, ("`app.kubernetes.io/name`",)),
    "an empty label": Case(
        pod(labels=LABELS | {"app.kubernetes.io/component": ""}),
        TRACED,
        ("`app.kubernetes.io/component`",),
    ),
    "a template without metadata": Case({"spec": pod()["spec"]}, TRACED, kind="Job"),
    "a served model": Case(pod(labels=SERVING), kind="Deployment"),
    "a served model without version": Case(
        pod(labels={key: value for key, value in SERVING.items() if not key.endswith("version")}),
        TRACED,
        ("`aurora.example.com/model-version`",),
        kind="Deployment",
    ),
    "a served model with an empty version": Case(
        pod(labels=SERVING | {"aurora.example.com/model-version": ""}), TRACED
    ),
}
