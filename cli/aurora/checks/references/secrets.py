"""Rules about Secrets that are named: somebody provides them, with the keys that are read."""

from collections.abc import Iterator

from aurora.cluster.references.classes import credentials
from aurora.cluster.references.lookup import absent, exists
from aurora.cluster.references.pods import named_by_pods, of_kind, reference
from aurora.cluster.references.provided_secrets import ProvidedSecrets, provided_secrets
from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, InventoryRule, Violation


def _secrets(inventory: Inventory) -> Iterator[Violation]:
    provided = provided_secrets(inventory)
    for wanted in (*of_kind(inventory, "Secret"), *credentials(inventory)):
        if not provided.exists(wanted.namespace, wanted.name) and not exists(inventory, wanted):
            yield absent(inventory, wanted)


def _secret_keys(inventory: Inventory) -> Iterator[Violation]:
    provided = provided_secrets(inventory)
    for found in named_by_pods(inventory, "Secret"):
        namespace = reference(found).namespace
        for key in found.keys:
            if provided.lacks(namespace, found.name, key.name):
                yield Violation(
                    manifest=found.pod.manifest,
                    steps=key.steps,
                    message=f"Secret `{found.name}` will have no key `{key.name}`",
                    hint=_key_hint(provided, namespace, found.name),
                )


def _key_hint(provided: ProvidedSecrets, namespace: str | None, name: str) -> str:
    entries = provided.get(namespace, name)
    keys = sorted({key for entry in entries for key in entry.keys or ()})
    return f"{entries[0].maker.id} gives it {', '.join(f'`{key}`' for key in keys[:10]) or 'no keys'}"


RULES = (
    InventoryRule("references/secret", BROKEN, _secrets, softens=True),
    InventoryRule("references/secret-key", BROKEN, _secret_keys),
)
