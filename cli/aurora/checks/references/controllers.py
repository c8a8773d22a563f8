"""Rules about what controllers are pointed at: scaled workloads, storage classes, stores, issuers, projects."""

from collections.abc import Iterator

from aurora.cluster.references.classes import storage_classes
from aurora.cluster.references.fields import ISSUERS, PROJECT, SCALED, STORES, of_kinds, others
from aurora.cluster.references.lookup import missing
from aurora.cluster.references.provided_secrets import provided_secrets
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
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


def _cohort_cycles(inventory: Inventory) -> Iterator[Violation]:
    """Find Cohorts that are among their own ancestors (`hierarchy.HasCycle` of Kueue)."""
    cohorts = {cohort.id.name: cohort for cohort in inventory.of_kind("Cohort", group="kueue.x-k8s.io")}
    parents = {name: text(cohort.get("spec", "parentName")) for name, cohort in cohorts.items()}
    for name, cohort in cohorts.items():
        above: list[str] = []
        while (parent := parents.get(above[-1] if above else name, "")) and parent not in above:
            above.append(parent)
        if name in above:
            yield Violation(
                manifest=cohort,
                steps=("spec", "parentName"),
                message=f"this Cohort is above itself: {' below '.join([name, *above])}",
                hint="take one of the parents away",
            )


RULES = (
    InventoryRule("references/cohort-cycle", BROKEN, _cohort_cycles),
    InventoryRule("references/scale-target", BROKEN, missing(of_kinds(verb=SCALED)), softens=True),
    InventoryRule("references/storage-class", BROKEN, missing(storage_classes), softens=True),
    InventoryRule("references/secret-store", BROKEN, missing(of_kinds(*STORES)), softens=True),
    InventoryRule("references/issuer", BROKEN, missing(of_kinds(*ISSUERS)), softens=True),
    InventoryRule("references/issuer-secret", BROKEN, _issuer_secrets, severity=Severity.WARNING),
    InventoryRule("references/project", REFUSED, missing(of_kinds(PROJECT)), softens=True),
    InventoryRule("references/object", BROKEN, missing(others), softens=True),
)
