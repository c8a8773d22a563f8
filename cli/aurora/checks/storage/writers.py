"""Rules about who writes to a claim that several pods share.

Training is the one writer, or what brings a dataset, beside hook Jobs that run before or after everything else, and
the deletion of what is old, which touches nothing that a writer has not finished; whoever serves reads.
Source: `docs/facts/storage.md`.
"""

from collections.abc import Iterator

from aurora.cluster.claims import Claim, Consumer, by_claim, claim_objects, consumers
from aurora.cluster.workloads import component
from aurora.model.inventory import Inventory
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, InventoryRule, Violation
from aurora_constructs.labels import CONTROL_PLANE, HOOK, INFERENCE, INGESTION, RETENTION, TRAINING

SHARED_MODES = frozenset({"ReadOnlyMany", "ReadWriteMany"})
READERS = frozenset({CONTROL_PLANE, INFERENCE})
WRITERS = frozenset({INGESTION, RETENTION, TRAINING})


def _is_shared(claim: Claim | None, users: list[Consumer]) -> bool:
    modes = set(claim.access_modes) if claim else set()
    return bool(modes & SHARED_MODES) or len({id(user.pod.manifest) for user in users}) > 1


def _is_hook(user: Consumer) -> bool:
    return user.pod.manifest.id.kind == "Job" and HOOK in user.pod.manifest.annotations


def _read_write_readers(inventory: Inventory) -> Iterator[Violation]:
    """In a part of a repository only the components that are known to be readers are judged."""
    objects = claim_objects(inventory)
    for key, users in by_claim(inventory).items():
        if not _is_shared(objects.get(key), users):
            continue
        for user in users:
            reads = component(user.pod) in READERS
            writes = component(user.pod) in WRITERS or _is_hook(user)
            if reads or (inventory.closed and not writes):
                yield from _not_read_only(user)


def _not_read_only(user: Consumer) -> Iterator[Violation]:
    places: list[tuple[tuple[Step, ...], str]] = []
    if not user.read_only:
        places.append(((*user.steps, "persistentVolumeClaim"), "volume"))
    places += [
        (mount.steps, f"mount of container `{mount.container.name}`") for mount in user.mounts if not mount.read_only
    ]
    for steps, what in places:
        yield Violation(
            manifest=user.pod.manifest,
            steps=steps,
            message=f"the {what} of the shared claim `{user.claim}` is not read-only",
            hint="set `readOnly: true` on the volume and on every mount of it",
        )


def _second_writers(inventory: Inventory) -> Iterator[Violation]:
    """Hooks run alone; of the others the first one is taken for the writer that was meant, training before all.

    Runs that train different versions write into different folders.
    """
    objects = claim_objects(inventory)
    for key, users in by_claim(inventory).items():
        writers = [user for user in users if user.writes and not _is_hook(user) and component(user.pod) != RETENTION]
        writers.sort(key=lambda user: component(user.pod) != TRAINING)
        if not _is_shared(objects.get(key), users):
            continue
        for user in writers[1:]:
            if user.pod.manifest is not writers[0].pod.manifest and not _are_two_runs(inventory, user, writers[0]):
                yield Violation(
                    manifest=user.pod.manifest,
                    steps=(*user.steps, "persistentVolumeClaim"),
                    message=f"the claim `{user.claim}` has another writer: {writers[0].pod.manifest.id}",
                    hint="mount it read-only here, or give this workload a claim of its own",
                )


def _are_two_runs(inventory: Inventory, one: Consumer, other: Consumer) -> bool:
    names = inventory.names
    runs = [[user.pod.labels.get(label, "") for label in (names.model, names.model_version)] for user in (one, other)]
    return all(component(user.pod) == TRAINING for user in (one, other)) and all(map(all, runs)) and runs[0] != runs[1]


def _other_namespaces(inventory: Inventory) -> Iterator[Violation]:
    objects = claim_objects(inventory)
    homes: dict[str, list[str]] = {}
    for namespace, name in objects:
        homes.setdefault(name, []).append(namespace)
    for user in consumers(inventory):
        home = homes.get(user.claim, [])
        external = inventory.exists("PersistentVolumeClaim", user.claim, namespace=user.pod.namespace)
        if home and not user.pod.anywhere and user.pod.namespace not in home and not external:
            yield Violation(
                manifest=user.pod.manifest,
                steps=(*user.steps, "persistentVolumeClaim", "claimName"),
                message=f"the claim `{user.claim}` is in namespace `{home[0]}`, "
                f"but a pod mounts only claims of its own namespace, `{user.pod.namespace}`",
                hint="run the pod in the claim's namespace, or give its namespace a volume and a claim of its own",
            )


RULES = (
    InventoryRule("storage/read-only", ADVICE, _read_write_readers, own=True),
    InventoryRule("storage/second-writer", ADVICE, _second_writers, own=True),
    InventoryRule("storage/claim-namespace", BROKEN, _other_namespaces, softens=True),
)
