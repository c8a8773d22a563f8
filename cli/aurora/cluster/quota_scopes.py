"""Which pods a ResourceQuota with scopes counts.

Source: Kubernetes 1.35, `podMatchesScopeFunc`. Finds facts; never judges them.
"""

from aurora.cluster import resources
from aurora.model import selectors
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

_PRIORITY = "PriorityClass"


def in_scope(quota: Manifest, pod: PodTemplate) -> bool:
    """Tell whether a quota counts a pod: all of its scopes must hold."""
    named = [text(scope) for scope in items(quota.get("spec", "scopes"))]
    selected = items(quota.get("spec", "scopeSelector", "matchExpressions"))
    return all(_holds(scope, None, pod) for scope in named) and all(
        _holds(text(dig(entry, "scopeName")), entry, pod) for entry in selected
    )


def _holds(scope: str, entry: JsonValue | None, pod: PodTemplate) -> bool:
    match scope:
        case "Terminating":
            return pod.get("activeDeadlineSeconds") is not None
        case "NotTerminating":
            return pod.get("activeDeadlineSeconds") is None
        case "BestEffort":
            return _best_effort(pod)
        case "NotBestEffort":
            return not _best_effort(pod)
        case _ if scope == _PRIORITY:
            return _has_priority(entry, pod)
        case _:
            return False


def _best_effort(pod: PodTemplate) -> bool:
    return not any(resources.of_pod(pod, part) for part in (resources.REQUESTS, resources.LIMITS))


def _has_priority(entry: JsonValue | None, pod: PodTemplate) -> bool:
    name = text(pod.get("priorityClassName"))
    if entry is None or dig(entry, "operator") == "Exists":
        return bool(name)
    expression = {**mapping(entry), "key": _PRIORITY}
    return selectors.matches({"matchExpressions": [expression]}, {_PRIORITY: name} if name else {})
