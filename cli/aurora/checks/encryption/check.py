"""Judges the connections and the stores of environments that state what may stay plain; of others nothing is said.

They work without encryption, so its rules are advice. Foreign manifests state nothing: there a mesh, or a network that
is trusted, may do what no manifest shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aurora.checks.check import SingleCheck
from aurora.cluster.encryption.hops import hops
from aurora.cluster.encryption.stores import stores
from aurora.manifests import located
from aurora.model.encryption import Encrypted, Hop, Store
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult
from aurora.model.rule import ADVICE, Rule
from aurora.tools.settings import Settings

PLAIN_HOP = Rule("encryption/plain-hop", ADVICE)
PLAIN_STORE = Rule("encryption/plain-store", ADVICE)
UNNEEDED = Rule("encryption/unneeded-exception", ADVICE)


@dataclass(frozen=True, slots=True)
class EncryptionCheck(SingleCheck):
    """Compares what is plain with the exceptions of the cluster's facts."""

    name: str = "encryption"
    rules: tuple[Rule, ...] = (PLAIN_HOP, PLAIN_STORE, UNNEEDED)

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Look at every connection and at every store."""
        del settings
        findings = (*_of_hops(inventory), *_of_stores(inventory), *_of_exceptions(inventory))
        return CheckResult(
            name=self.name,
            examined=len(inventory.manifests),
            matched=len({finding.resource for finding in findings if finding.resource}),
            findings=findings,
        )


def _of_hops(inventory: Inventory) -> Iterator[Finding]:
    if inventory.cluster is None or inventory.cluster.plain_hops is None:
        return
    for hop in hops(inventory):
        if hop.tls is Encrypted.NO and not hop.accepted:
            message = f"{hop.source} to {hop.target} is plain: {hop.says}"
            found = _finding(inventory, PLAIN_HOP, message, hop)
            yield replace(found, hint="encrypt it, or say under `cluster.plainHops` why it stays plain")


def _of_stores(inventory: Inventory) -> Iterator[Finding]:
    if inventory.cluster is None or inventory.cluster.plain_stores is None:
        return
    for store in stores(inventory):
        if store.encrypted is Encrypted.NO and not store.accepted:
            found = _finding(inventory, PLAIN_STORE, f"{store.name} is not encrypted: {store.says}", store)
            yield replace(found, hint="encrypt it, or say under `cluster.plainStores` why it stays plain")


def _of_exceptions(inventory: Inventory) -> Iterator[Finding]:
    cluster = inventory.cluster
    plain = [hop for hop in hops(inventory) if hop.tls is Encrypted.NO] if cluster and cluster.plain_hops else []
    for name, hop in ((cluster.plain_hops or {}) if cluster else {}).items():
        if not any(hop.covers(each.source, each.target) for each in plain):
            yield _unneeded(inventory, f"cluster.plainHops.{name}", "connection")
    lying = [each for each in stores(inventory) if each.encrypted is Encrypted.NO] if cluster else []
    for name, store in ((cluster.plain_stores or {}) if cluster else {}).items():
        if not any(store.covers(each.name) for each in lying):
            yield _unneeded(inventory, f"cluster.plainStores.{name}", "store")


def _unneeded(inventory: Inventory, path: str, noun: str) -> Finding:
    found = Finding.of(UNNEEDED, f"`{path}` covers no plain {noun}", hint="remove it, or correct its patterns")
    return replace(found, environment=inventory.environment)


def _finding(inventory: Inventory, rule: Rule, message: str, of: Hop | Store) -> Finding:
    """Make a finding at the object that says so; what only facts say has none."""
    if of.manifest is None:
        return replace(Finding.of(rule, message), environment=inventory.environment)
    return located(of.manifest, of.steps, rule=rule.id, message=message)


CHECK = EncryptionCheck()
