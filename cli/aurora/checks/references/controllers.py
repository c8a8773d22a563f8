"""Rules about what controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from collections.abc import Iterator

from aurora.cluster.references.classes import storage_classes
from aurora.cluster.references.fields import ISSUERS, PROJECT, SCALED, STORES, of_kinds, others
from aurora.cluster.references.lookup import missing
from aurora.cluster.references.provided_secrets import provided_secrets
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, REFUSED, InventoryRule, Violation
from aurora.model.tree import texts

ISSUER_HOME = "cert-manager"
"""Where the Secrets of ClusterIssuers lie, unless `--cluster-resource-namespace` says another one."""
_MADE = "privateKeySecretRef"
"""cert-manager makes this Secret itself."""


def _issuer_secrets(inventory: Inventory) -> Iterator[Violation]:
    """Find Secrets of ClusterIssuers that only another namespace gets; not one in which a cert-manager runs."""
    secrets = provided_secrets(inventory)
    homes = {pod.namespace for pod in inventory.pods() if "cert-manager" in pod.manifest.id.name} | {ISSUER_HOME}
    for issuer in inventory.of_kind("ClusterIssuer", group="cert-manager.io"):
        for steps, name in texts(issuer.get("spec"), ("spec",)):
            names = steps[-1] == "secretName" or (steps[-1] == "name" and str(steps[-2]).endswith("SecretRef"))
            found = [each for each in inventory.namespaces() if secrets.get(each, name)] if names else []
            if not found or _MADE in steps or not homes.isdisjoint(found):
                continue
            yield Violation(
                manifest=issuer,
                steps=steps,
                message=f"a ClusterIssuer reads `{name}` in cert-manager's own namespace, and it is in `{found[0]}`",
                hint=f"write it into `{ISSUER_HOME}`, or make this an Issuer in `{found[0]}`",
            )


RULES = (
    InventoryRule("references/scale-target", BROKEN, missing(of_kinds(verb=SCALED)), softens=True),
    InventoryRule("references/storage-class", BROKEN, missing(storage_classes), softens=True),
    InventoryRule("references/secret-store", BROKEN, missing(of_kinds(*STORES)), softens=True),
    InventoryRule("references/issuer", BROKEN, missing(of_kinds(*ISSUERS)), softens=True),
    InventoryRule("references/issuer-secret", BROKEN, _issuer_secrets, severity=Severity.WARNING),
    InventoryRule("references/project", REFUSED, missing(of_kinds(PROJECT)), softens=True),
    InventoryRule("references/object", BROKEN, missing(others), softens=True),
)
