"""Whether a pod template keeps a control: one small question each. Judges no namespace and no policy.

Sources: Pod Security Standards (k8s.io/pod-security-admission v0.35.4) for what they cover; the API types of
core/v1 for the rest.
"""

import re

from aurora.model import quantity
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.pod_template import Container, PodTemplate
from aurora_constructs import labels
from aurora_constructs.names import Names

HOST_NAMESPACES = ("hostIPC", "hostNetwork", "hostPID")
SHARED_VOLUMES = ("persistentVolumeClaim", "nfs", "csi")
GPU_PREFIXES = ("nvidia.com/gpu", "nvidia.com/mig-", "amd.com/gpu")
RESTRICTED_CAPABILITY = "NET_BIND_SERVICE"
"""The one capability that the restricted level lets a container add."""
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
_SECCOMP = frozenset({"RuntimeDefault", "Localhost"})


def is_true(value: JsonValue | None) -> bool:
    """Tell whether a value is stated and true."""
    return value is True


def is_seccomp_profile(value: JsonValue | None) -> bool:
    """Tell whether a seccomp profile confines."""
    return dig(value, "type") in _SECCOMP


def forbids_escalation(container: Container) -> bool:
    """Tell whether a container's processes get no more rights than the first one had."""
    return dig(container.body, "securityContext", "allowPrivilegeEscalation") is False


def is_unprivileged(container: Container) -> bool:
    """Tell whether a container is not privileged."""
    return dig(container.body, "securityContext", "privileged") is not True


def has_read_only_root(container: Container) -> bool:
    """Tell whether a container cannot change its own files."""
    return dig(container.body, "securityContext", "readOnlyRootFilesystem") is True


def drops_all(container: Container) -> bool:
    """Tell whether a container gives up every capability."""
    return "ALL" in items(dig(container.body, "securityContext", "capabilities", "drop"))


def adds_nothing(container: Container) -> bool:
    """Tell whether a container takes no capability beyond the one that the restricted level lets it have."""
    added = items(dig(container.body, "securityContext", "capabilities", "add"))
    return all(capability == RESTRICTED_CAPABILITY for capability in added)


def is_pinned(image: str) -> bool:
    """Tell whether an image is named by its digest."""
    return bool(_DIGEST.fullmatch(image))


def has_fixed_tag(image: str) -> bool:
    """Tell whether an image has a tag other than `latest`, or a digest and no tag; a port before a slash is no tag."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag != "latest" and bool(tag or digest)


def is_limited(container: Container) -> bool:
    """Tell whether a container requests CPU and memory and limits its memory."""
    wanted = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
    amounts = [quantity.read(dig(container.body, "resources", *steps)) for steps in wanted]
    return all(amount is not None and amount > 0 for amount in amounts)


def shares_no_host_namespace(pod: PodTemplate) -> bool:
    """Tell whether a pod has namespaces of its own."""
    return not any(pod.get(field) is True for field in HOST_NAMESPACES)


def mounts_no_host_path(pod: PodTemplate) -> bool:
    """Tell whether a pod sees none of its node's files."""
    return not any("hostPath" in volume for _, volume in pod.volumes)


def has_no_token(pod: PodTemplate) -> bool:
    """Tell whether a pod says that it gets no token for the API."""
    return pod.get("automountServiceAccountToken") is False


def reads_models_only(pod: PodTemplate) -> bool:
    """Tell whether every volume that outlives the pod is read-only in its source."""
    return all(
        dig(volume, kind, "readOnly") is True for _, volume in pod.volumes for kind in SHARED_VOLUMES if kind in volume
    )


def says_what_it_is(pod: PodTemplate, names: Names) -> bool:
    """Tell whether a pod has the platform's labels, and one that serves says by those of `names` which model."""
    wanted = [labels.NAME, labels.COMPONENT]
    if pod.labels.get(labels.COMPONENT) == labels.INFERENCE:
        wanted += [names.model, names.model_version]
    return all(pod.labels.get(key) for key in wanted)


def wants_gpu(pod: PodTemplate) -> bool:
    """Tell whether a pod asks for a GPU."""
    return any(_gpus(container) for container in pod.containers)


def asks_for_gpus_rightly(pod: PodTemplate) -> bool:
    """Tell whether a pod limits GPUs to what it requests and tolerates the taint of GPU nodes."""
    equal = all(limit == request for container in pod.containers for limit, request in _gpus(container))
    tolerated = any(text(dig(entry, "key")).startswith(GPU_PREFIXES) for entry in items(pod.get("tolerations")))
    return equal and tolerated


def _gpus(container: Container) -> list[tuple[JsonValue | None, JsonValue | None]]:
    """Give limit and request of each GPU resource; a request that is left out is the limit (core/v1 defaults)."""
    limits, requests = (mapping(dig(container.body, "resources", part)) for part in ("limits", "requests"))
    names = [name for name in {**limits, **requests} if name.startswith(GPU_PREFIXES)]
    return [(limits.get(name), requests.get(name, limits.get(name))) for name in names]
