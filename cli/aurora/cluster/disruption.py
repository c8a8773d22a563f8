"""PodDisruptionBudgets and the pods that they protect, and the budgets that let nothing be evicted.

Source: Kubernetes 1.35, disruption controller (`getExpectedPodCount` rounds percentages up; a budget whose
expected count is 0, or not known (`getExpectedScale`), allows no eviction).

Says what is so; whether it is an error is not decided here.
"""

from collections.abc import Iterator

from aurora.cluster import workloads
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import Violation

UNSCALED_KINDS = frozenset(
    {
        *(("apps", "DaemonSet"), ("batch", "CronJob"), ("batch", "Job"), ("jobset.x-k8s.io", "JobSet")),
        *(("keda.sh", "ScaledJob"), ("argoproj.io", "Workflow"), ("argoproj.io", "CronWorkflow")),
    }
)
"""Kinds whose pods belong to a Job, a DaemonSet or a Workflow, which have no subresource `scale`."""
SERVING_KINDS = frozenset({"Deployment", "StatefulSet"})


def budgets(inventory: Inventory) -> Iterator[tuple[Manifest, list[PodTemplate]]]:
    """Yield every PodDisruptionBudget with the pods that it selects."""
    index = workloads.index(inventory)
    for budget in inventory.of_kind("PodDisruptionBudget", group="policy"):
        yield budget, index.selected(workloads.namespace_of(budget), budget.get("spec", "selector"))


def blocking(inventory: Inventory) -> Iterator[Violation]:
    """Find budgets that let no pod be evicted."""
    index = workloads.index(inventory)
    for budget, pods in budgets(inventory):
        counted = [index.replicas(pod) for pod in pods]
        least = sum(each.least for each in counted if each) if pods and all(counted) else None
        needed, allowed = _bounds(budget)
        if needed is None and allowed is None:
            yield _blocked(
                budget, "selector", "neither `minAvailable` nor `maxUnavailable` is set: nothing may be evicted"
            )
        elif allowed is not None and not counts.scaled(allowed, least or 1, round_up=True):
            yield _blocked(budget, "maxUnavailable", f"`maxUnavailable` {allowed} lets no pod be evicted, ever")
        elif needed is not None and least is not None:
            kept = counts.scaled(needed, least, round_up=True)
            if kept is None or (least > 0 and kept >= least):
                yield _blocked(
                    budget, "minAvailable", f"`minAvailable` {needed} of {least} replicas lets no pod be evicted"
                )
        elif counts.is_percentage(needed) and counts.scaled(needed, 1, round_up=False):
            yield _blocked(budget, "minAvailable", f"`minAvailable` {needed} lets no pod be evicted, ever")


def _bounds(budget: Manifest) -> tuple[JsonValue | None, JsonValue | None]:
    return budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")


def unscaled(inventory: Inventory) -> Iterator[Violation]:
    """Find budgets that need the number of pods that there should be, where no controller states one.

    Pods without a controller are left out of the sum; another pod whose controller has no `scale` spoils it.
    """
    for budget, pods in budgets(inventory):
        needed, allowed = _bounds(budget)
        if not pods or (allowed is None and not counts.is_percentage(needed)):
            continue
        key = "minAvailable" if allowed is None else "maxUnavailable"
        spoiling = [pod.manifest for pod in pods if _kind(pod) in UNSCALED_KINDS and not _is_hook(pod.manifest)]
        if spoiling:
            message = f"nobody can tell how many pods {spoiling[0].id} should have, so `{key}` allows no eviction"
        elif all(_kind(pod) == ("", "Pod") for pod in pods):
            message = f"no controller makes these pods, so that `{key}` is a share of 0 pods and allows no eviction"
        else:
            continue
        yield Violation(
            manifest=budget,
            steps=("spec", key),
            message=message,
            hint="for such pods only `minAvailable` with a whole number works, below their count",
        )


def _kind(pod: PodTemplate) -> tuple[str, str]:
    return pod.manifest.id.group, pod.manifest.id.kind


def _is_hook(manifest: Manifest) -> bool:
    return any(key.endswith(("helm.sh/hook", "argocd.argoproj.io/hook")) for key in manifest.annotations)


def _blocked(budget: Manifest, key: str, message: str) -> Violation:
    return Violation(
        manifest=budget,
        steps=("spec", key),
        message=message,
        hint="leave at least one replica to evict, or set `maxUnavailable: 1`",
    )


def serving(inventory: Inventory) -> Iterator[PodTemplate]:
    """Yield the Deployments and StatefulSets that a Service sends requests to."""
    index = workloads.index(inventory)
    return (pod for pod in inventory.pods() if pod.manifest.id.kind in SERVING_KINDS and index.services_of(pod))
