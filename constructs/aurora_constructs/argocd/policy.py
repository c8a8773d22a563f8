"""How every Application is compared and synced. Imports no cdk8s."""

from typing import Any

COMPARE_ANNOTATIONS = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
"""The API server's own view decides what differs: defaults are no drift (stable since Argo CD 3.1)."""

_OPTIONS = (
    "ApplyOutOfSyncOnly=true",
    "CreateNamespace=false",
    "FailOnSharedResource=true",
    "PruneLast=true",
    "RespectIgnoreDifferences=true",
    "ServerSideApply=true",
)


def sync_policy() -> dict[str, Any]:
    """Sync, prune and heal by itself, with retries that wait longer each time."""
    return {
        "automated": {"enabled": True, "prune": True, "selfHeal": True},
        "retry": {"limit": 5, "refresh": True, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
        "syncOptions": list(_OPTIONS),
    }
