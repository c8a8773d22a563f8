"""How an environment's own objects are counted for each control. Counts like `authored`; judges no policy."""

from functools import partial

from aurora.controls import object_controls, pod_controls
from aurora.controls.authored import Tallied, Tally, containers, images, of_component, pods, security
from aurora.model.inventory import Inventory
from aurora_constructs import labels

_INFERENCE = of_component(labels.INFERENCE)


def _labelled(inventory: Inventory, namespace: str) -> Tally:
    return pods(partial(pod_controls.says_what_it_is, names=inventory.names))(inventory, namespace)


COUNTS: dict[str, Tallied] = {
    "non-root": security("runAsNonRoot", pod_controls.is_true),
    "no-escalation": containers(pod_controls.forbids_escalation),
    "not-privileged": containers(pod_controls.is_unprivileged),
    "capabilities-dropped": containers(pod_controls.drops_all),
    "no-added-capabilities": containers(pod_controls.adds_nothing),
    "seccomp": security("seccompProfile", pod_controls.is_seccomp_profile),
    "host-namespaces": pods(pod_controls.shares_no_host_namespace),
    "host-path": pods(pod_controls.mounts_no_host_path),
    "read-only-root": containers(pod_controls.has_read_only_root),
    "image-digest": images(pod_controls.is_pinned),
    "image-tag": images(pod_controls.has_fixed_tag),
    "registries": object_controls.images_of_known_registries,
    "resource-limits": containers(pod_controls.is_limited),
    "labels": _labelled,
    "no-token": pods(pod_controls.has_no_token, about=_INFERENCE),
    "read-only-models": pods(pod_controls.reads_models_only, about=_INFERENCE),
    "gpu-requests": pods(pod_controls.asks_for_gpus_rightly, about=pod_controls.wants_gpu),
    "exposed-services": object_controls.services_stay_inside,
    "inbound": object_controls.inbound_is_closed,
    "outbound": object_controls.outbound_is_closed,
    "sources": object_controls.applications_of_known_sources,
}
