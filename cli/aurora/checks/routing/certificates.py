"""Rules about certificates: they cover the hosts that are served with them.

Source: RFC 6125 (a wildcard stands for one label); cert-manager 1.21, Certificates and its Ingress
annotations; docs/facts/secrets.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from aurora.checks.routing import listeners
from aurora.cluster import routes, workloads
from aurora.cluster.attachments import attachments
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import BROKEN, REFUSED, InventoryRule, Violation

GROUP = "cert-manager.io"
Secret = tuple[str, str]


def certificates(inventory: Inventory) -> dict[Secret, list[Manifest]]:
    """Give the Certificates by namespace and name of the Secret that they are kept in."""
    found: dict[Secret, list[Manifest]] = defaultdict(list)
    for certificate in inventory.of_kind("Certificate", group=GROUP):
        found[workloads.namespace_of(certificate), text(certificate.get("spec", "secretName"))].append(certificate)
    return found


def covers(names: Iterable[str], host: str) -> bool:
    """Tell whether a certificate for these names is valid for a host; a wildcard stands for one label."""
    parent = host.partition(".")[2]
    return any(name == host or (name.startswith("*.") and bool(parent) and name[2:] == parent) for name in names)


def _served(inventory: Inventory) -> Iterator[tuple[Manifest, tuple[Step, ...], str, list[Secret]]]:
    """Yield every host that is served over TLS, where it is stated, and the Secrets that it is served with."""
    for ingress in routes.ingresses(inventory):
        for number, entry in enumerate(items(ingress.get("spec", "tls"))):
            for index, host in enumerate(items(dig(entry, "hosts"))):
                secret = (workloads.namespace_of(ingress), text(dig(entry, "secretName")))
                yield ingress, ("spec", "tls", number, "hosts", index), text(host), [secret]
    for attachment in attachments(inventory):
        open_listeners = [entry for entry in attachment.listeners if listeners.admits(inventory, attachment, entry)]
        for number, written in enumerate(items(attachment.route.get("spec", "hostnames"))):
            secrets = [
                secret
                for listener in open_listeners
                if listeners.hosts_meet(text(listener.get("hostname")), text(written))
                for secret in _secrets(attachment.gateway, listener)
            ]
            yield attachment.route, ("spec", "hostnames", number), text(written), secrets


def _secrets(gateway: Manifest, listener: JsonObject) -> Iterator[Secret]:
    for reference in items(dig(listener, "tls", "certificateRefs")):
        body = mapping(reference)
        yield text(body.get("namespace")) or workloads.namespace_of(gateway), text(body.get("name"))


def _uncovered(inventory: Inventory) -> Iterator[Violation]:
    known = certificates(inventory)
    for manifest, steps, host, secrets in _served(inventory):
        owners = [certificate for secret in secrets for certificate in known.get(secret, ())]
        names = [text(name) for owner in owners for name in items(owner.get("spec", "dnsNames"))]
        names += [text(owner.get("spec", "commonName")) for owner in owners]
        if owners and not covers(names, host):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"the host `{host}` is not on {owners[0].id}, which it is served with",
                hint="add the host to the Certificate's `dnsNames`",
            )


def _bare_hosts(inventory: Inventory) -> Iterator[Violation]:
    """Find hosts of an Ingress that its TLS leaves out: they get the controller's own certificate."""
    for ingress in routes.ingresses(inventory):
        covered = [text(host) for entry in items(ingress.get("spec", "tls")) for host in items(dig(entry, "hosts"))]
        if not covered:
            continue
        for number, rule in enumerate(items(ingress.get("spec", "rules"))):
            host = text(dig(rule, "host"))
            if host and not covers(covered, host):
                yield Violation(
                    manifest=ingress,
                    steps=("spec", "rules", number, "host"),
                    message=f"the Ingress serves `{host}`, which its `tls` leaves out",
                    hint="add the host to `spec.tls`",
                )


def _find_uncovered(inventory: Inventory) -> Iterator[Violation]:
    yield from _uncovered(inventory)
    yield from _bare_hosts(inventory)


def _wildcards(inventory: Inventory) -> Iterator[Violation]:
    for certificate in inventory.of_kind("Certificate", group=GROUP):
        issuer = _issuer(inventory, certificate)
        solvers = items(issuer.get("spec", "acme", "solvers")) if issuer else []
        if not solvers or any(dig(solver, "dns01") is not None for solver in solvers):
            continue
        for number, name in enumerate(items(certificate.get("spec", "dnsNames"))):
            if text(name).startswith("*."):
                yield Violation(
                    manifest=certificate,
                    steps=("spec", "dnsNames", number),
                    message=f"`{name}` cannot be proved over HTTP, the only way that the issuer has",
                    hint="give the issuer a DNS01 solver, or list the hosts",
                )


def _issuer(inventory: Inventory, certificate: Manifest) -> Manifest | None:
    reference = mapping(certificate.get("spec", "issuerRef"))
    kind = text(reference.get("kind")) or "Issuer"
    namespace = certificate.id.namespace if kind == "Issuer" else None
    return inventory.find(kind, text(reference.get("name")), group=GROUP, namespace=namespace)


RULES = (
    InventoryRule("routing/host-without-certificate", BROKEN, _find_uncovered),
    InventoryRule("routing/wildcard-over-http", REFUSED, _wildcards),
)
