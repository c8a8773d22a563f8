"""Rules about a pod's own volumes: each is declared, used, and bounded."""

from collections import defaultdict
from collections.abc import Iterator

from aurora.kinds.paths import follow
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, text
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation


def _mounted(container: Container) -> Iterator[tuple[tuple[Step, ...], str]]:
    for steps, entry in container.mounts:
        name = text(entry.get("name"))
        if name:
            yield (*steps, "name"), name


_CLAIMED = {
    "JobSet": ("spec", "volumeClaimPolicies", "*", "templates", "*", "metadata", "name"),
    "StatefulSet": ("spec", "volumeClaimTemplates", "*", "metadata", "name"),
}


def _declared(pod: PodTemplate) -> set[str]:
    """A StatefulSet, a JobSet (0.12, `addVolumes`) and a workflow declare a volume by each of their claim templates."""
    names = {text(volume.get("name")) for _, volume in pod.volumes} | set(pod.parts.claimed)
    claimed = _CLAIMED.get(pod.manifest.id.kind)
    return names | {text(name) for _, name in follow(pod.manifest.body, claimed)} if claimed else names


def _undeclared(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        declared = _declared(pod)
        # A workflow that runs a template of another object gives it its own volumes (Argo Workflows 4.1,
        # `addVolumeReferences` of workflow/controller/workflowpod.go).
        if pod.manifest.id.kind.endswith("WorkflowTemplate") or any(pod.fills_in(name) for name in declared):
            continue
        for container in pod.containers:
            for steps, name in _mounted(container):
                if name not in declared and not pod.fills_in(name):
                    yield Violation(
                        manifest=pod.manifest,
                        steps=steps,
                        message=f"the pod has no volume `{name}`",
                        hint=f"it has {', '.join(f'`{other}`' for other in sorted(declared)[:10]) or 'no volumes'}",
                    )


def _unused(inventory: Inventory) -> Iterator[Violation]:
    """Pods that are composed of one object share volumes: such a volume is unused if none of them mounts it."""
    pods: dict[tuple[int, tuple[Step, ...]], list[PodTemplate]] = defaultdict(list)
    declared: dict[tuple[int, tuple[Step, ...]], str] = {}
    for pod in inventory.pods():
        for steps, volume in pod.volumes:
            pods[id(pod.manifest), steps].append(pod)
            declared[id(pod.manifest), steps] = text(volume.get("name"))
    for (key, sharing), name in zip(pods.items(), declared.values(), strict=True):
        if name and not any(
            pod.partial or pod.parts.lent or pod.fills_in(name) or _mounts(pod, name) for pod in sharing
        ):
            yield Violation(
                manifest=sharing[0].manifest,
                steps=(*key[1], "name"),
                message=f"no container mounts the volume `{name}`",
                hint="remove the volume, or mount it",
            )


def _unused_templates(inventory: Inventory) -> Iterator[Violation]:
    """Find claims that a StatefulSet makes for each of its pods, and that no container mounts."""
    for pod in inventory.whole_pods():
        if (pod.manifest.id.group, pod.manifest.id.kind) != ("apps", "StatefulSet"):
            continue
        for steps, name in follow(pod.manifest.body, _CLAIMED["StatefulSet"]):
            if text(name) and not _mounts(pod, text(name)):
                yield Violation(
                    manifest=pod.manifest,
                    steps=steps,
                    message=f"no container mounts the volume `{name}`, and each pod gets a claim for it",
                    hint="remove the template, or mount it",
                )


def _mounts(pod: PodTemplate, volume: str) -> bool:
    used = (name for container in pod.containers for _, name in _mounted(container))
    return any(name == volume or pod.fills_in(name) for name in used)


def _unbounded(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for steps, volume in pod.volumes:
            if isinstance(volume.get("emptyDir"), dict) and dig(volume, "emptyDir", "sizeLimit") is None:
                yield Violation(
                    manifest=pod.manifest,
                    steps=(*steps, "emptyDir"),
                    message="without a limit this volume may fill its node's disk or memory",
                    hint="set `sizeLimit`",
                )


RULES = (
    InventoryRule("storage/no-volume", REFUSED, _undeclared, scope=OBJECT),
    InventoryRule("storage/unused-volume", ADVICE, _unused, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("storage/unused-claim", ADVICE, _unused_templates, severity=Severity.WARNING, scope=OBJECT),
    InventoryRule("storage/unbounded", ADVICE, _unbounded, severity=Severity.WARNING, scope=OBJECT),
)
