"""What ExternalSecrets read, and with whose identity their store is entered. Must not judge.

Source: external-secrets 2.9, `externalsecret_types.go`, `secretstore_aws_types.go`, `secretstore_azurekv_types.go`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster.references.provided_secrets import EXTERNAL_SECRETS
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading: the store, the key of what is read, or with `searched` a search, and the steps to it."""

    manifest: Manifest
    store: Manifest | None
    steps: Steps
    key: str
    searched: bool = False


def reads(inventory: Inventory) -> tuple[Read, ...]:
    """Give what all ExternalSecrets of an inventory read."""
    return inventory.every(_reads)


def _reads(inventory: Inventory) -> Iterator[Read]:
    for manifest in inventory.of_kind("ExternalSecret", group=EXTERNAL_SECRETS):
        for entry, steps, searched in _places(manifest):
            reference = mapping(dig(manifest.body, *entry, "sourceRef", "storeRef")) or mapping(
                manifest.get("spec", "secretStoreRef")
            )
            kind, name = text(reference.get("kind")) or "SecretStore", text(reference.get("name"))
            namespace = manifest.id.namespace if kind == "SecretStore" else None
            store = inventory.find(kind, name, group=EXTERNAL_SECRETS, namespace=namespace)
            key = text(manifest.get(*steps))
            yield Read(manifest=manifest, store=store, steps=steps, key=key, searched=searched)


def _places(manifest: Manifest) -> Iterator[tuple[Steps, Steps, bool]]:
    """Yield each entry, the place of its key, and whether it is a search."""
    for index, _ in enumerate(items(manifest.get("spec", "data"))):
        entry: Steps = ("spec", "data", index)
        yield entry, (*entry, "remoteRef", "key"), False
    for index, body in enumerate(items(manifest.get("spec", "dataFrom"))):
        entry = ("spec", "dataFrom", index)
        if dig(body, "extract") is not None:
            yield entry, (*entry, "extract", "key"), False
        if dig(body, "find") is not None:
            yield entry, (*entry, "find", "path"), True


def entered_as(store: Manifest) -> tuple[str, str] | None:
    """Give namespace and name of the account that a store is entered as; None for the operator's own."""
    provider = mapping(store.get("spec", "provider"))
    found = mapping(dig(provider, "aws", "auth", "jwt", "serviceAccountRef")) or mapping(
        dig(provider, "azurekv", "serviceAccountRef")
    )
    name = text(found.get("name"))
    return (text(found.get("namespace")) or store.id.namespace or "default", name) if name else None


def place(store: Manifest) -> str:
    """Give what tells places for secrets of one cloud apart: a service of AWS, or the address of a vault."""
    provider = mapping(store.get("spec", "provider"))
    return text(dig(provider, "aws", "service")) or text(dig(provider, "azurekv", "vaultUrl")).rstrip("/")
