"""Rules about StorageClasses and the access modes that they can give.

Sources: `docs/facts/storage.md`; each driver's documentation for its row of the table.
"""

from collections.abc import Iterator

from aurora.cluster.claims import by_claim, claim_objects, claims
from aurora.cluster.workloads import component
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation
from aurora_constructs.labels import INFERENCE

GROUP = "storage.k8s.io"
DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)

ENDLESS = frozenset({"efs.csi.aws.com"})
"""Drivers whose file systems grow by themselves: nothing is to be expanded (docs/facts/storage.md)."""
ONE_NODE_DRIVERS: dict[str, str] = {
    "ebs.csi.aws.com": "an EBS volume has one file system on one node; only io2 as a raw block device is shared",
    "kubernetes.io/aws-ebs": "an EBS volume has one file system on one node",
    "disk.csi.azure.com": "an Azure disk has one file system on one node",
    "kubernetes.io/azure-disk": "an Azure disk has one file system on one node",
    "rbd.csi.ceph.com": "an RBD image has one file system on one node; CephFS is shared",
    "kubernetes.io/gce-pd": "a persistent disk has one writer",
    "pd.csi.storage.gke.io": "a persistent disk has one writer",
}
"""Drivers whose file systems one node mounts at a time.

Sources: aws-ebs-csi-driver, page “multi-attach” (ReadWriteMany only for io2 in block mode), azuredisk-csi-driver
README (access mode ReadWriteOnce), the table of access modes in the Kubernetes documentation (AWSElasticBlockStore,
AzureDisk, GCEPersistentDisk, RBD), docs/facts/storage.md. Rook puts its namespace in front of a driver's name.
"""


def _one_node_driver(provisioner: str) -> str | None:
    for driver, reason in ONE_NODE_DRIVERS.items():
        if provisioner == driver or provisioner.endswith(f".{driver}"):
            return reason
    return None


def _classes(inventory: Inventory) -> dict[str, Manifest]:
    return {manifest.id.name: manifest for manifest in inventory.of_kind("StorageClass", group=GROUP)}


def _access_modes(inventory: Inventory) -> Iterator[Violation]:
    classes = _classes(inventory)
    for claim in claims(inventory):
        found = classes.get(claim.class_name)
        if found is None or claim.spec.get("volumeMode") == "Block":
            continue
        provisioner = text(found.get("provisioner"))
        reason = _one_node_driver(provisioner)
        if reason and "ReadWriteMany" in claim.access_modes:
            yield Violation(
                manifest=claim.manifest,
                steps=(*claim.steps, "accessModes", claim.access_modes.index("ReadWriteMany")),
                message=f"class `{claim.class_name}` of `{provisioner}` gives no ReadWriteMany: {reason}",
                hint="use a class of a shared file system, such as CephFS, EFS or Azure Files by NFS",
            )


def _model_classes(inventory: Inventory) -> Iterator[Violation]:
    """The model class is the one behind a claim that inference mounts."""
    classes, objects = _classes(inventory), claim_objects(inventory)
    used: set[str] = set()
    for key, users in by_claim(inventory).items():
        claim = objects.get(key)
        if claim and any(component(user.pod) == INFERENCE for user in users):
            used.add(claim.class_name)
    for name in sorted(used & set(classes)):
        yield from _model_class(classes[name])


def _model_class(manifest: Manifest) -> Iterator[Violation]:
    wanted = (
        ("reclaimPolicy", "Retain", "deleting the claim deletes every model"),
        ("allowVolumeExpansion", True, "a full volume stops every training"),
    )
    for field, value, consequence in wanted:
        if field == "allowVolumeExpansion" and text(manifest.get("provisioner")) in ENDLESS:
            continue
        if manifest.get(field) != value:
            yield Violation(
                manifest=manifest,
                steps=(field,) if field in manifest.body else (),
                message=f"models lie on class `{manifest.id.name}`, but {consequence}",
                hint=f"set `{field}: {str(value).lower() if value is True else value}`",
            )


def _parameters(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("StorageClass", group=GROUP):
        for key, value in mapping(manifest.get("parameters")).items():
            if not isinstance(value, str):
                yield Violation(
                    manifest=manifest,
                    steps=("parameters", key),
                    message=f"parameter `{key}` is no string",
                    hint="write the value in quotes",
                )


def _marked(inventory: Inventory) -> list[tuple[Manifest, str]]:
    """Give the classes that are marked as the default, with the annotation that says so."""
    return [
        (manifest, annotation)
        for manifest in inventory.of_kind("StorageClass", group=GROUP)
        for annotation in DEFAULT_ANNOTATIONS
        if manifest.annotations.get(annotation) == "true"
    ]


def _without_class(inventory: Inventory) -> Iterator[Violation]:
    """Find claims that ask for the default class, where none is; an empty name asks for a volume that exists."""
    stated = inventory.cluster is not None and inventory.cluster.has_default_class
    if not inventory.closed or stated or _marked(inventory):
        return
    for claim in claims(inventory):
        # Without a specification the server refuses the claim, and says so.
        if claim.spec and claim.spec.get("storageClassName") is None and not claim.spec.get("volumeName"):
            yield Violation(
                manifest=claim.manifest,
                steps=claim.steps,
                message="this claim names no class, and no default class is known: it waits for a volume forever",
                hint="write `storageClassName`, or state the default class: `cluster.storage.defaultClass`",
            )


def _defaults(inventory: Inventory) -> Iterator[Violation]:
    marked = _marked(inventory)
    first = marked[0][0].id.name if marked else ""
    for manifest, annotation in marked:
        if manifest.id.name != first:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", annotation),
                message=f"class `{first}` is the default class as well",
                hint="mark one class as the default",
            )


RULES = (
    InventoryRule("storage/access-mode", REFUSED, _access_modes),
    InventoryRule("storage/model-class", ADVICE, _model_classes, own=True),
    InventoryRule("storage/class-parameter", REFUSED, _parameters, scope=OBJECT),
    InventoryRule("storage/default-class", ADVICE, _defaults),
    InventoryRule("storage/no-default-class", BROKEN, _without_class),
)
