"""Rules about the order of a sync: nothing is applied before what it needs, and no wave waits for a later one.

A tie is no fault: within a wave Argo CD orders by kind, and controllers try again. Source:
`docs/facts/gitops.md` and `docs/facts/secrets.md`.
"""

from collections import defaultdict
from collections.abc import Iterator

from aurora.cluster.applications import GROUP, deployments
from aurora.cluster.needs import Need, needs
from aurora.cluster.references.lookup import Reference, find
from aurora.cluster.references.pods import named_by_pods, reference
from aurora.cluster.sync_order import INTEGER, SyncOrder, is_applied, phase, sync_order, wave
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora.model.tree import mappings, texts
from aurora_constructs.labels import SYNC_WAVE

Steps = tuple[Step, ...]
PHASE_NAMES = {-1: "PreSync ", 0: "", 1: "PostSync ", 2: "SyncFail "}
APPLICATION_HEALTH = "health.argoproj.io_Application"
"""Part of the setting that makes a sync wait for child Applications (argo-cd docs, health)."""


def _inversions(inventory: Inventory) -> Iterator[Violation]:
    """One finding for each object: the first thing that it needs and that comes later."""
    order = sync_order(inventory)
    judged: set[int] = set()
    for need in needs(inventory):
        if id(need.manifest) in judged or not order.is_after(need.needed, need.manifest):
            continue
        synced = _is_synced(need.manifest) and _is_synced(need.needed)
        if synced and not order.is_moved(need.needed, need.manifest):
            judged.add(id(need.manifest))
            yield _inverted(need, order)


def _is_synced(manifest: Manifest) -> bool:
    return manifest.emitted and is_applied(manifest)


def _inverted(need: Need, order: SyncOrder) -> Violation:
    return Violation(
        manifest=need.manifest,
        steps=_wave_steps(need.manifest),
        message=f"this {need.manifest.id.kind} is applied {_when(need.manifest, order)}, before {need.needed.id}, "
        f"which it needs and which is applied {_when(need.needed, order)}",
        hint="move what is needed into an earlier wave, or what needs it into a later one",
    )


def _when(manifest: Manifest, order: SyncOrder) -> str:
    when = f"in {PHASE_NAMES[phase(manifest)]}wave {wave(manifest)}"
    owner = order.owner(manifest)
    if owner is None or order.owner(owner) is None:
        return when
    return f"{when} of `{owner.id.name}`, which is in wave {wave(owner)}"


def _wave_steps(manifest: Manifest) -> Steps:
    return ("metadata", "annotations", SYNC_WAVE) if SYNC_WAVE in manifest.annotations else ("metadata",)


def _unread_waves(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.manifests:
        stated = manifest.annotations.get(SYNC_WAVE)
        if stated is not None and not INTEGER.fullmatch(stated):
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", SYNC_WAVE),
                message=f"`{stated}` is no whole number, so Argo CD takes it for wave 0",
                hint="write a whole number in quotes, such as `'-10'`",
            )


def _waiting_claims(inventory: Inventory) -> Iterator[Violation]:
    order = sync_order(inventory)
    users: dict[int, list[Manifest]] = defaultdict(list)
    for found in named_by_pods(inventory, "PersistentVolumeClaim"):
        claim = find(inventory, reference(found))
        if claim is not None:
            users[id(claim)].append(found.pod.manifest)
    for claim in inventory.of_kind("PersistentVolumeClaim", group=""):
        pods = users.get(id(claim), [])
        if pods and _waits_for_pod(claim, inventory) and all(order.is_after(user, claim) for user in pods):
            yield Violation(
                manifest=claim,
                steps=_wave_steps(claim),
                message=f"the claim waits for its first pod, but {pods[0].id} is applied in a later wave, "
                "which waits for the claim",
                hint="put the claim into the wave of its first pod, or use a class that binds at once",
            )


def _waits_for_pod(claim: Manifest, inventory: Inventory) -> bool:
    name = text(claim.get("spec", "storageClassName"))
    steps = ("spec", "storageClassName")
    wanted = Reference(manifest=claim, steps=steps, kind="StorageClass", name=name, group="storage.k8s.io")
    found = find(inventory, wanted)
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def _unwatched(inventory: Inventory) -> Iterator[Violation]:
    """Waves between Applications need a health check that Argo CD has left out since 1.8."""
    found = deployments(inventory)
    roots = [application for application in found.applications if found.is_root(application)]
    if not roots or _restores_health(inventory):
        return
    for root in roots:
        children = [
            manifest
            for manifest in found.synced_by(root)
            if (manifest.id.group, manifest.id.kind) == (GROUP, "Application") and manifest is not root.manifest
        ]
        if len({wave(child) for child in children}) > 1:
            yield Violation(
                manifest=root.manifest,
                message=f"{len(children)} Applications are in waves of `{root.name}`, but nothing makes Argo CD wait "
                "for an Application's health",
                hint=f"set `resource.customizations.{APPLICATION_HEALTH}` in `argocd-cm`",
            )


def _restores_health(inventory: Inventory) -> bool:
    """Looks into `argocd-cm` and into the values of whatever chart installs it; an external one is its owner's."""
    if any((entry.kind, entry.name) == ("ConfigMap", "argocd-cm") for entry in inventory.externals):
        return True
    holders = [*inventory.of_kind("ConfigMap", group=""), *inventory.of_kind("Application", group=GROUP)]
    for manifest in holders:
        body = manifest.get("data") if manifest.id.kind == "ConfigMap" else manifest.get("spec")
        if any(APPLICATION_HEALTH in key for _, found in mappings(body) for key in found):
            return True
        if any(APPLICATION_HEALTH in found for _, found in texts(body)):
            return True
    return False


RULES = (
    InventoryRule("gitops/wave-order", BROKEN, _inversions),
    InventoryRule("gitops/wave-number", REFUSED, _unread_waves, scope=OBJECT),
    InventoryRule("gitops/waiting-claim", BROKEN, _waiting_claims),
    InventoryRule("gitops/application-health", BROKEN, _unwatched, softens=True),
)
