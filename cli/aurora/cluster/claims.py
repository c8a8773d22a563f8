"""Claims for volumes, wherever they are written, and the pods that use them. Must not judge.

Source of the fields: `PersistentVolumeClaim`, `StatefulSet` and `EphemeralVolumeSource` of k8s.io/api.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aurora.cluster import workloads
from aurora.kinds import paths, table
from aurora.kinds.entry import Kind
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """The specification of a claim: an object of its own, or a template; `listed` if the table names its class."""

    manifest: Manifest
    steps: Steps
    spec: JsonObject
    listed: bool = False

    @property
    def class_name(self) -> str:
        """The StorageClass that it asks for; empty for the cluster's default or for none."""
        return text(self.spec.get("storageClassName"))

    @property
    def access_modes(self) -> list[str]:
        """Its access modes, those that are strings."""
        return [text(mode) for mode in items(self.spec.get("accessModes"))]


@dataclass(frozen=True, slots=True)
class Mount:
    """One place in a container where a volume is mounted."""

    container: Container
    steps: Steps
    read_only: bool


@dataclass(frozen=True, slots=True)
class Consumer:
    """A pod that mounts a claim of its namespace."""

    pod: PodTemplate
    steps: Steps
    claim: str
    read_only: bool
    mounts: tuple[Mount, ...]

    @property
    def writes(self) -> bool:
        """Whether some container may write: neither the volume nor its mount is read-only."""
        return not self.read_only and any(not mount.read_only for mount in self.mounts)


def claims(inventory: Inventory) -> tuple[Claim, ...]:
    """Give every claim: objects, templates of StatefulSets, of generic ephemeral volumes, and those of the table."""
    return inventory.every(_claims)


def _claims(inventory: Inventory) -> Iterator[Claim]:
    for manifest in inventory.of_kind("PersistentVolumeClaim", group=""):
        yield Claim(manifest, ("spec",), mapping(manifest.get("spec")))
    for manifest in inventory.of_kind("StatefulSet", group="apps"):
        for index, template in enumerate(items(manifest.get("spec", "volumeClaimTemplates"))):
            steps: Steps = ("spec", "volumeClaimTemplates", index, "spec")
            yield Claim(manifest, steps, mapping(dig(template, "spec")))
    for pod in inventory.pods():
        for place, volume in pod.volumes:
            spec = mapping(dig(volume, "ephemeral", "volumeClaimTemplate", "spec"))
            if spec:
                yield Claim(pod.manifest, (*place, "ephemeral", "volumeClaimTemplate", "spec"), spec)
    yield from _listed(inventory)


def _listed(inventory: Inventory) -> Iterator[Claim]:
    for manifest in inventory.manifests:
        known = table.find(manifest.id.group, manifest.id.kind)
        for at in _templates(known) if known else ():
            for steps, value in paths.follow(manifest.body, at):
                yield Claim(manifest, steps, mapping(value), listed=True)


def for_programs(groups: Iterable[str]) -> list[dict[str, object]]:
    """Write down where the claims of some groups stand, as `configure` of the server validation takes it."""
    places = {
        ("", "PersistentVolumeClaim", ("spec",)),
        ("apps", "StatefulSet", ("spec", "volumeClaimTemplates", "*", "spec")),
    }
    places |= {
        (kind.group, kind.name, at)
        for name in groups
        for kind in table.group(name).kinds.values()
        for at in _templates(kind)
    }
    return [{"group": group, "kind": kind, "at": list(at)} for group, kind, at in sorted(places)]


def _templates(kind: Kind) -> Iterator[paths.Path]:
    """Yield where a kind has the specifications of claims: there the table says that they name a class."""
    for field in kind.references:
        if field.at[1:][-2:] == ("spec", "storageClassName"):
            yield field.at[:-1]


def consumers(inventory: Inventory) -> tuple[Consumer, ...]:
    """Give every use of a claim by a pod."""
    return inventory.every(_consumers)


def _consumers(inventory: Inventory) -> Iterator[Consumer]:
    for pod in inventory.pods():
        for steps, volume in pod.volumes:
            source = mapping(volume.get("persistentVolumeClaim"))
            claim = text(source.get("claimName"))
            if claim and not pod.fills_in(claim):
                mounts = tuple(mounts_of(pod, text(volume.get("name"))))
                yield Consumer(pod, steps, claim, source.get("readOnly") is True, mounts)


def mounts_of(pod: PodTemplate, volume: str) -> Iterator[Mount]:
    """Yield where a pod's containers mount a volume; a block device is a mount that can be written."""
    for container in pod.containers:
        for steps, entry in container.mounts:
            if volume and entry.get("name") == volume:
                yield Mount(container, steps, entry.get("readOnly") is True)


def by_claim(inventory: Inventory) -> dict[tuple[str, str], list[Consumer]]:
    """Group the uses of claims by namespace and claim, in the order of the objects; found at the first call."""
    return inventory.once(_by_claim)


def _by_claim(inventory: Inventory) -> dict[tuple[str, str], list[Consumer]]:
    found: dict[tuple[str, str], list[Consumer]] = {}
    for consumer in consumers(inventory):
        found.setdefault((consumer.pod.namespace, consumer.claim), []).append(consumer)
    return found


def claim_objects(inventory: Inventory) -> dict[tuple[str, str], Claim]:
    """Give the claims that are objects, by namespace and name."""
    return {
        (workloads.namespace_of(claim.manifest), claim.manifest.id.name): claim
        for claim in claims(inventory)
        if claim.manifest.id.kind == "PersistentVolumeClaim"
    }
