"""Kueue's objects: flavours of the pools, queues of the cluster and of namespaces, priorities."""

from typing import Any

from aurora_constructs.component import Component
from aurora_constructs.components.training_queues.spec import Queue, Share, TrainingQueuesSpec
from aurora_constructs.labels import NAMESPACE_NAME
from aurora_constructs.machines import NVIDIA
from aurora_constructs.queues import GROUP

API = f"{GROUP}/v1beta2"


class TrainingQueues(Component[TrainingQueuesSpec]):
    """Emits a ResourceFlavor for each pool, and for each queue a ClusterQueue and its LocalQueues."""

    def compose(self) -> None:
        """Add the objects."""
        for pool in self.spec.pools:
            self.custom(
                f"{pool}-flavor",
                api_version=API,
                kind="ResourceFlavor",
                name=pool,
                body={"spec": self._flavor(pool)},
            )
        for name, queue in sorted(self.spec.queues.items()):
            self.custom(
                f"{name}-cluster-queue",
                api_version=API,
                kind="ClusterQueue",
                name=name,
                body={"spec": _cluster_queue(queue)},
            )
            for namespace in sorted(set(queue.namespaces)):
                self.custom(
                    f"{name}-{namespace}-queue",
                    api_version=API,
                    kind="LocalQueue",
                    name=name,
                    namespace=namespace,
                    body={"spec": {"clusterQueue": name}},
                )
        for name, priority in sorted(self.spec.priorities.items()):
            self.custom(
                f"{name}-priority",
                api_version=API,
                kind="WorkloadPriorityClass",
                name=name,
                body={"description": priority.description or None, "value": priority.value},
            )

    def _flavor(self, pool: str) -> dict[str, Any]:
        """Describe a pool by the labels that its pods select and the taints that they tolerate.

        Without tolerations: pods bring their own, so that Kueue changes nothing that Git states.
        """
        found = self.platform.pool(pool)
        body: dict[str, Any] = {"nodeLabels": dict(found.node_selector)}
        taints = [taint for taint in found.taints if taint.effect != "PreferNoSchedule"]
        if taints:
            body["nodeTaints"] = [taint.model_dump(exclude_defaults=False) for taint in taints]
        return body


def _cluster_queue(queue: Queue) -> dict[str, Any]:
    gpus = any(share.gpus or share.borrowed_gpus for share in queue.pools.values())
    covered = ["cpu", "memory", NVIDIA] if gpus else ["cpu", "memory"]
    flavors = [{"name": pool, "resources": _quotas(share, gpus=gpus)} for pool, share in queue.pools.items()]
    body: dict[str, Any] = {
        "namespaceSelector": {
            "matchExpressions": [{"key": NAMESPACE_NAME, "operator": "In", "values": sorted(set(queue.namespaces))}]
        },
        "preemption": _preemption(queue),
        "queueingStrategy": "BestEffortFIFO",
        "resourceGroups": [{"coveredResources": covered, "flavors": flavors}],
    }
    return {**body, "cohortName": queue.cohort} if queue.cohort else body


def _quotas(share: Share, *, gpus: bool) -> list[dict[str, Any]]:
    """Give the quotas in the order of the covered resources: Kueue reads them by their place."""
    found: list[dict[str, Any]] = [
        {"name": "cpu", "nominalQuota": share.cpu},
        {"name": "memory", "nominalQuota": share.memory},
    ]
    if gpus:
        limits = {"borrowingLimit": share.borrowed_gpus, "lendingLimit": share.lent_gpus}
        stated = {key: str(value) for key, value in limits.items() if value is not None}
        found.append({"name": NVIDIA, "nominalQuota": str(share.gpus), **stated})
    return found


def _preemption(queue: Queue) -> dict[str, Any]:
    """Say what may end runs; the defaults of the definition are written out."""
    within = "LowerPriority" if queue.preempts else "Never"
    cohort = "Any" if queue.preempts and queue.cohort else "Never"
    return {
        "borrowWithinCohort": {"policy": "Never"},
        "reclaimWithinCohort": cohort,
        "withinClusterQueue": within,
    }
