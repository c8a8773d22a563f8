"""Rules about the identities that ServiceAccounts name.

Sources: EKS user guide, "Assign IAM roles to Kubernetes service accounts"; Azure Workload Identity, "Service account".
"""

from collections.abc import Iterator

from aurora.cluster.accounts import CLIENT, MECHANISMS, ROLE, accounts, named
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import ADVICE, OBJECT, InventoryRule, Violation

ACCOUNT = 4
"""The part of an ARN that is the account (IAM user guide, "Amazon Resource Names")."""
WORDS = {ROLE: "a role of AWS", CLIENT: "a client of Azure"}


def _identities(inventory: Inventory, key: str) -> list[tuple[Manifest, str]]:
    every = [(each.manifest, named(each.manifest).get(key, "")) for each in accounts(inventory) if each.manifest]
    return [(manifest, value) for manifest, value in every if value]


def _foreign(inventory: Inventory) -> Iterator[Violation]:
    """Find roles of another account, and identities that the facts do not state."""
    roles = _identities(inventory, ROLE)
    own = getattr(inventory.cluster, "account", "") or (_account(roles[0][1]) if roles else "")
    for manifest, role in roles:
        if _account(role) != own:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", ROLE),
                message=f"`{role}` is a role of account `{_account(role)}`, and the environment is in `{own}`",
                hint="name an entry of `cluster.identities`, whose roles are of the cluster's own account",
            )
    if getattr(inventory.cluster, "identities", None) is not None:
        yield from _unstated(inventory, own)


def _unstated(inventory: Inventory, own: str) -> Iterator[Violation]:
    unknown = [account.manifest for account in accounts(inventory) if account.manifest and not account.identity]
    for manifest in unknown:
        for key, value in named(manifest).items():
            if key != ROLE or _account(value) == own:
                yield Violation(
                    manifest=manifest,
                    steps=("metadata", "annotations", key),
                    message=f"`{value}` is no identity of the environment",
                    hint="add it to `cluster.identities`: who sets up the cloud learns of identities there",
                )


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[ACCOUNT] if len(parts) > ACCOUNT else ""


def _mechanisms(inventory: Inventory) -> Iterator[Violation]:
    """Find annotations of a mechanism that is not the environment's; without facts, the first one is taken for it."""
    found = [(each.manifest, key) for each in accounts(inventory) if each.manifest for key in named(each.manifest)]
    stated = getattr(getattr(inventory.cluster, "mechanism", None), "type", "")
    own = stated or (MECHANISMS[found[0][1]] if found else "")
    for manifest, key in found:
        if MECHANISMS[key] != own:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", key),
                message=f"this names {WORDS[key]}, and the environment's identities are given by `{own}`",
                hint="remove the annotation, and let `identity` name an entry of `cluster.identities`",
            )


def _default(inventory: Inventory) -> Iterator[Violation]:
    for manifest in inventory.of_kind("ServiceAccount", group=""):
        for key in named(manifest) if manifest.id.name == "default" else ():
            yield Violation(
                manifest=manifest,
                steps=("metadata", "annotations", key),
                message="every pod of the namespace that names no account acts as this identity",
                hint="give the pods that need it a ServiceAccount of their own",
            )


RULES = (
    InventoryRule("identity/foreign", ADVICE, _foreign, own=True),
    InventoryRule("identity/two-mechanisms", ADVICE, _mechanisms),
    InventoryRule("identity/default-account", ADVICE, _default, scope=OBJECT),
)
