"""How every Application is compared and synced. Imports no cdk8s."""

from collections.abc import Collection
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
    # A kind may come from another Application of an earlier wave: the rest of the objects need not wait for it.
    "SkipDryRunOnMissingResource=true",
)


def sync_policy(features: Collection[str], retries: int | None, *, prune: bool = True) -> dict[str, Any]:
    """Sync, prune and heal by itself, with retries that wait longer each time; None is without end.

    After its last retry Argo CD does not try a revision again, and production stays at one revision, a tag. `features`
    are those of `versions.FEATURES` that the cluster has.
    """
    enabled = {"enabled": True} if "application-enabled" in features else {}
    refresh = {"refresh": True} if "application-refresh" in features else {}
    return {
        "automated": {**enabled, "prune": prune, "selfHeal": True},
        "retry": {
            "limit": -1 if retries is None else retries,
            **refresh,
            "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
        },
        "syncOptions": list(_OPTIONS),
    }
