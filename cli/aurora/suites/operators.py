"""The ways of breaking a real object, each with the policies that must refuse what comes of it.

A table and nothing else: an operator says which parts of an object it changes and into what. Must not
judge, and must not know what an environment binds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora.model.manifest import Manifest
from aurora.suites import application_breaks, pod_breaks, service_breaks
from aurora.suites.edits import Break


@dataclass(frozen=True, slots=True)
class Operator:
    """One way of breaking objects: `breaks` yields each place where it can be done, one at a time."""

    name: str
    summary: str
    killers: tuple[str, ...]
    breaks: Callable[[Manifest], Iterator[Break]]


_LIMITS = ("require-resource-limits",)
_TAG = ("disallow-latest-tag",)
_DIGEST = ("require-image-digest",)
_REGISTRY = ("restrict-image-registries",)
_LABELS = ("require-mlops-labels",)
_PRIVILEGE = ("disallow-privilege",)
_HOST = ("disallow-host-access",)
_TOKEN = ("disallow-token-automount",)
_MODELS = ("require-read-only-models",)
_GPU = ("restrict-gpu-pods",)
_EXPOSED = ("disallow-exposed-services",)
_REPOSITORIES = ("restrict-application-repositories",)

OPERATORS = (
    Operator("drop-memory-limit", "a container without memory limit", _LIMITS, pod_breaks.without("limits", "memory")),
    Operator("drop-cpu-request", "a container without CPU request", _LIMITS, pod_breaks.without("requests", "cpu")),
    Operator(
        "drop-memory-request", "a container without memory request", _LIMITS, pod_breaks.without("requests", "memory")
    ),
    Operator("drop-resources", "a container without resources", _LIMITS, pod_breaks.without_resources),
    Operator("zero-memory-limit", "a container with a memory limit of nothing", _LIMITS, pod_breaks.zero_memory_limit),
    Operator("latest-tag", "an image with the tag latest", (*_TAG, *_DIGEST), pod_breaks.latest_tag),
    Operator(
        "latest-tag-and-digest", "an image with the tag latest and a digest", _TAG, pod_breaks.latest_tag_and_digest
    ),
    Operator("drop-tag-and-digest", "an image with neither tag nor digest", (*_TAG, *_DIGEST), pod_breaks.untagged),
    Operator("drop-digest", "an image without digest", _DIGEST, pod_breaks.without_digest),
    Operator("foreign-registry", "an image of another registry", _REGISTRY, pod_breaks.foreign_registry),
    Operator(
        "lookalike-registry", "a registry that only begins like the image's", _REGISTRY, pod_breaks.lookalike_registry
    ),
    Operator("short-image", "an image without registry", _REGISTRY, pod_breaks.short_image),
    Operator(
        "image-volume",
        "a volume of another registry's image by the tag latest",
        (*_REGISTRY, *_TAG, *_DIGEST),
        pod_breaks.image_volume,
    ),
    Operator("drop-label", "a pod without one of its labels", _LABELS, pod_breaks.without_label),
    Operator("empty-label", "a pod with an empty label", _LABELS, pod_breaks.empty_label),
    Operator("privileged", "a privileged container", _PRIVILEGE, pod_breaks.privileged),
    Operator("add-capability", "a container with an added capability", _PRIVILEGE, pod_breaks.added_capability),
    Operator("host-path", "a pod with a path of its host", _HOST, pod_breaks.host_path),
    Operator("host-network", "a pod in its host's network", _HOST, pod_breaks.host_namespace("hostNetwork")),
    Operator("host-pid", "a pod among its host's processes", _HOST, pod_breaks.host_namespace("hostPID")),
    Operator("host-ipc", "a pod with its host's shared memory", _HOST, pod_breaks.host_namespace("hostIPC")),
    Operator("automount-token", "a serving pod with an API token", _TOKEN, pod_breaks.automounted_token),
    Operator("default-token", "a serving pod that does not refuse the token", _TOKEN, pod_breaks.default_token),
    Operator("writable-models", "a serving pod that can write models", _MODELS, pod_breaks.writable_models),
    Operator("gpu-without-limit", "a container that requests a GPU without limit", _GPU, pod_breaks.gpu_without_limit),
    Operator("gpu-beyond-request", "a container with more GPUs than requested", _GPU, pod_breaks.gpu_beyond_request),
    Operator("gpu-without-toleration", "a GPU pod without toleration", _GPU, pod_breaks.gpu_without_toleration),
    Operator("load-balancer", "a Service with a load balancer", _EXPOSED, service_breaks.of_type("LoadBalancer")),
    Operator("node-port", "a Service on every node's port", _EXPOSED, service_breaks.of_type("NodePort")),
    Operator("external-ip", "a Service that takes an external address", _EXPOSED, service_breaks.external_address),
    Operator("foreign-repository", "an Application of another repository", _REPOSITORIES, application_breaks.foreign),
    Operator(
        "lookalike-repository",
        "a repository that only begins like the Application's",
        _REPOSITORIES,
        application_breaks.lookalike,
    ),
)
