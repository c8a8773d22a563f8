"""What of an environment comes back after a loss, how much of it is gone, and the commands of each restore, as a page.

Read from the annotations of objects, from Velero's schedules and from the facts of buckets. Decides nothing: the check
`recovery` does. Sources of the commands: Velero 1.18, `velero restore create --help`; AWS CLI, `s3api`; Azure CLI,
`storage blob`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurora.cluster import backups
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora_constructs.aws import Bucket
from aurora_constructs.azure import BlobContainer
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.cluster.cloud_facts import resources_of
from aurora_constructs.durations import duration
from aurora_constructs.recovery import CHECKS, words

HEAD = """\
# Recovery

What is promised for the day on which something is lost, by which backups it is kept, and how it comes back. Written by
`aurora recovery --write docs/recovery.md` from the environments; a test compares them. The check `recovery` holds the
promises against the schedules ([rules](rules/recovery.md)). How long a restore takes is no manifest's to prove:
measure the commands below in a drill.

What Git states comes back from Git: a new cluster gets it as [a fresh cluster does](bring-up.md). Backups are for what
Git does not state: the content of volumes, and what controllers and people made. Secrets come back from their store.
"""
NOTHING = "Nothing is promised: no environment has a component with `recovery`.\n"
COLUMNS = ("what", "at most lost", "back within", "kept by", "a backup every", "kept for")


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that comes back: a row of the table, and the commands that bring it back, with a word about each."""

    title: str
    cells: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]


def page(inventories: Sequence[tuple[str, Inventory]]) -> str:
    """Give the page of some environments, by their names."""
    parts = [HEAD]
    for name, inventory in inventories:
        found = [*_objects(inventory), *_buckets(inventory)]
        if found:
            parts.append("\n".join(_section(name, inventory, found)))
    return "\n".join(parts if len(parts) > 1 else [HEAD, NOTHING])


def _section(name: str, inventory: Inventory, found: Sequence[Promise]) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    yield from (f"| {' | '.join(each.cells)} |" for each in found)
    yield ""
    tried = sorted(_tried(inventory))
    yield (
        f"A restore is tried on a schedule: {'; '.join(tried)}.\n" if tried else "No restore is tried on a schedule.\n"
    )
    for each in found:
        yield f"### {name}: {each.title}\n"
        for number, (word, command) in enumerate(each.steps, start=1):
            yield f"{number}. {word}\n\n   ```sh\n   {command}\n   ```"
        yield ""


def _tried(inventory: Inventory) -> Iterator[str]:
    key = inventory.names.key(CHECKS)
    for manifest in inventory.of_kind("CronJob", group="batch"):
        if key in manifest.annotations:
            zone = text(manifest.get("spec", "timeZone")) or "UTC"
            yield f"`{manifest.annotations[key]}` at `{text(manifest.get('spec', 'schedule'))}` ({zone})"


def _objects(inventory: Inventory) -> Iterator[Promise]:
    schedules = backups.schedules(inventory)
    for objective in backups.objectives(inventory):
        keeping = [each for each in schedules if backups.uncovered(inventory, objective, each) is None]
        keeping.sort(key=lambda each: (each.gap, each.name))
        kind, name = objective.manifest.id.kind, objective.manifest.id.name
        claim = kind == backups.CLAIM
        title = f"{kind} {objective.namespace}/{name}" if claim else f"{kind} {name}"
        yield Promise(title, _cells(title, objective, keeping), tuple(_steps(objective, keeping, claim=claim)))


def _cells(title: str, objective: backups.Objective, keeping: Sequence[backups.Schedule]) -> tuple[str, ...]:
    kept = [duration(text(each.template.get("ttl"))) for each in keeping]
    return (
        title,
        objective.rpo,
        objective.rto,
        ", ".join(f"`{each.name}` in `{text(each.template.get('storageLocation'))}`" for each in keeping),
        ", ".join(words(each.gap) for each in keeping if each.gap),
        ", ".join(words(time) if time else "30d" for time in kept),
    )


def _steps(
    objective: backups.Objective, keeping: Sequence[backups.Schedule], *, claim: bool
) -> Iterator[tuple[str, str]]:
    if not keeping:
        return
    namespace, first = objective.namespace, keeping[0]
    velero = first.manifest.id.namespace
    yield (
        (
            "See which backups there are; the newest that is `Completed` is taken. "
            "Where the region is lost, those of the other location count."
        ),
        f"velero -n {velero} backup get --selector velero.io/schedule-name={first.name}",
    )
    beside = f"{namespace}-restored"
    restore = (
        f"velero -n {velero} restore create {beside} --from-schedule {first.name} --include-namespaces {namespace}"
    )
    if claim:
        name = objective.manifest.id.name
        taken = "persistentvolumeclaims,persistentvolumes,pods,serviceaccounts,configmaps"
        into = f"--namespace-mappings {namespace}:{beside} --restore-volumes --wait"
        meaning = (
            "Restore it beside what is there: Velero leaves alone a claim that exists. "
            "The pods that mount it come along, since files are written through them."
        )
        yield meaning, f"{restore} --include-resources {taken} {into}"
        yield "See that every volume came back whole.", f"velero -n {velero} restore describe {beside} --details"
        yield "Look at the volume that was restored.", f"kubectl -n {beside} get pvc {name} -o wide"
        volume = f"$(kubectl -n {beside} get pvc {name} -o jsonpath='{{.spec.volumeName}}')"
        keep = """'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'"""
        reason = "Keep the volume whatever becomes of the claim, before a claim of the old name is bound to it."
        yield reason, f"kubectl patch pv {volume} -p {keep}"
    else:
        yield "Restore what is missing; Velero leaves alone what exists.", f"{restore} --wait"
        yield "See what came back, and what did not.", f"velero -n {velero} restore describe {beside} --details"


def _buckets(inventory: Inventory) -> Iterator[Promise]:
    for name, store in sorted(resources_of(inventory.cluster).items()):
        if not isinstance(store, ObjectStore) or store.recovery is None:
            continue
        replica = f", and `{store.replica}`" if store.replica else ""
        cells = (
            f"bucket `{name}`",
            store.recovery.rpo,
            store.recovery.rto,
            f"its versions{replica}",
            "every write",
            f"{store.keeps_days}d",
        )
        yield Promise(f"bucket {name}", cells, tuple(_versions(store)))


def _versions(store: ObjectStore) -> Iterator[tuple[str, str]]:
    if isinstance(store, Bucket):
        yield (
            "Find the version of the moment that is wanted; `PREFIX` is the beginning of the keys.",
            f"aws s3api list-object-versions --bucket {store.bucket} --prefix PREFIX",
        )
        source = f"'{store.bucket}/KEY?versionId=VERSION'"
        command = f"aws s3api copy-object --bucket {store.bucket} --key KEY --copy-source {source}"
        yield "Put that version on top; nothing is lost by it.", command
    elif isinstance(store, BlobContainer):
        where = f"--account-name {store.account} --container-name {store.container} --auth-mode login"
        yield "Find what was deleted or replaced.", f"az storage blob list {where} --include dv"
        yield "Bring back what was deleted.", f"az storage blob undelete {where} --name NAME"
