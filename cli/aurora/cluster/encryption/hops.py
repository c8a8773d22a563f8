"""The connections of an environment, each with whether it uses TLS, where that ends, and what says so.

Sources: AWS Load Balancer Controller 3.5 and ingress-nginx 1.15, annotation `backend-protocol` (HTTP by default);
Gateway API 1.6, listeners and BackendTLSPolicy; prometheus-operator 0.93, `scheme` (`http` by default); Kubernetes
1.35: webhooks and the API server are called over HTTPS alone; libpq, `sslmode` (`prefer` by default, which falls back
to plain text).
Finds facts; never judges them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from aurora.cluster import api_access, dependencies, routes, scrapes, services, workloads
from aurora.cluster.accounts import accounts
from aurora.cluster.encryption import edges, mounts
from aurora.cluster.references import traffic
from aurora.model.encryption import Encrypted, Hop
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.tree import texts
from aurora_constructs.cloud import PostgreSql
from aurora_constructs.cluster.cloud_facts import resources_of

YES, NO, UNKNOWN = Encrypted.YES, Encrypted.NO, Encrypted.UNKNOWN
PROMETHEUS, API_SERVER, ARGO_CD, SECRETS = "Prometheus", "API server", "Argo CD", "External Secrets"
_SAFE = frozenset({"https", "grpcs", "wss", "rediss", "amqps", "ssh"})
_OPEN = frozenset({"http", "grpc", "ws", "redis", "amqp"})
_SSL = re.compile(r"[?&]sslmode=([a-z-]+)")
_DEMANDS_TLS = frozenset({"require", "verify-ca", "verify-full"})
_ADDRESS = re.compile(
    r"([a-z][a-z0-9+]*)://([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?(?::[0-9]+)?(?:/\S*)?"
)
_NOT_CALLED = frozenset({"Application", "ConfigMap", "CustomResourceDefinition", "ExternalSecret"})
"""Kinds whose texts are settings of others, values of charts or descriptions."""


def hops(inventory: Inventory) -> tuple[Hop, ...]:
    """Give every connection that manifests and facts tell of, each once, with the exception that covers a plain one."""
    return inventory.every(_hops)


def _hops(inventory: Inventory) -> Iterator[Hop]:
    finders = (
        edges.entries,
        _backends,
        _called,
        _addressed,
        _scraped,
        _api,
        _databases,
        _clouds,
        _secrets,
        mounts.mounts,
        _sources,
    )
    found = dict.fromkeys(hop for find in finders for hop in find(inventory))
    return (_accepted(inventory, hop) for hop in found)


def _accepted(inventory: Inventory, hop: Hop) -> Hop:
    """Add the reason of the exception that covers a plain hop."""
    stated = inventory.cluster.plain_hops if inventory.cluster else None
    for exception in (stated or {}).values() if hop.tls is NO else ():
        if exception.covers(hop.source, hop.target):
            return replace(hop, accepted=exception.reason)
    return hop


def by_scheme(scheme: str) -> Encrypted:
    """Tell whether a protocol of this name uses TLS."""
    return YES if scheme in _SAFE else NO if scheme in _OPEN else UNKNOWN


def _backends(inventory: Inventory) -> Iterator[Hop]:
    """Yield what an edge does for the pods behind it."""
    for backend in routes.backends(inventory):
        tls, says = edges.to_backend(inventory, backend)
        pods = routes.pods_behind(inventory, backend)
        names = [str(pod.manifest.id) for pod in pods] or [f"Service {backend.namespace}/{backend.service}"]
        for source in edges.names_of(inventory, backend.manifest):
            for name in names:
                yield Hop(
                    source=source, target=name, tls=tls, says=says, manifest=backend.manifest, steps=backend.steps
                )


def _called(inventory: Inventory) -> Iterator[Hop]:
    """Yield which Services pods name in their settings."""
    for each in dependencies.dependencies(inventory):
        if each.pod in workloads.index(inventory).behind(each.service):
            continue  # its own name, as a list of allowed hosts has it
        yield Hop(
            source=str(each.pod.manifest.id),
            target=str(each.service.id),
            tls=by_scheme(each.scheme),
            says=f"`{each.scheme}://` in its settings" if each.scheme else "its settings name no protocol",
            manifest=each.pod.manifest,
            steps=each.steps,
        )


def _addressed(inventory: Inventory) -> Iterator[Hop]:
    """Yield which Services objects without pods name by address, as a trigger of KEDA does."""
    withpods = {id(pod.manifest) for pod in inventory.pods()}
    for manifest in inventory.manifests:
        if id(manifest) in withpods or manifest.id.kind in _NOT_CALLED:
            continue
        for steps, written in texts(manifest.get("spec"), ("spec",)):
            found = _ADDRESS.fullmatch(written)
            if found and (".svc" in written or services.find(inventory, found[3], found[2])):
                yield Hop(
                    source=str(manifest.id),
                    target=f"Service {found[3]}/{found[2]}",
                    tls=by_scheme(found[1]),
                    says=f"`{found[1]}://` in its address",
                    manifest=manifest,
                    steps=steps,
                )


def _scraped(inventory: Inventory) -> Iterator[Hop]:
    for scrape in scrapes.scrapes(inventory):
        scheme = (text(scrape.monitor.get(*scrape.steps, "scheme")) or "http").lower()
        for target in scrape.targets:
            yield Hop(
                source=PROMETHEUS,
                target=str(target.pod.manifest.id),
                tls=by_scheme(scheme),
                says=f"`scheme: {scheme}` of {scrape.monitor.id}",
                manifest=scrape.monitor,
                steps=scrape.steps,
            )


def _api(inventory: Inventory) -> Iterator[Hop]:
    for pod in inventory.whole_pods():
        if api_access.calls(inventory, pod):
            says = "the API server serves HTTPS alone"
            yield Hop(source=str(pod.manifest.id), target=API_SERVER, tls=YES, says=says, manifest=pod.manifest)
    for call in traffic.calls(inventory):
        says = "the API server calls webhooks over HTTPS alone"
        yield Hop(source=API_SERVER, target=str(call.service.id), tls=YES, says=says, manifest=call.manifest)


def _databases(inventory: Inventory) -> Iterator[Hop]:
    """Yield the databases of the cloud that an address in a Secret's template, or in a pod's settings, names."""
    for name, resource in resources_of(inventory.cluster).items():
        if not isinstance(resource, PostgreSql):
            continue
        for manifest, steps, source, written in _addresses(inventory):
            if resource.host in written:
                mode = _SSL.search(written)
                stated = mode[1] if mode else "prefer"
                yield Hop(
                    source=source,
                    target=f"postgresql {name}",
                    tls=YES if stated in _DEMANDS_TLS else NO,
                    says=f"`sslmode={stated}`" + ("" if mode else ", the default, which falls back to plain text"),
                    manifest=manifest,
                    steps=steps,
                )


def _addresses(inventory: Inventory) -> Iterator[tuple[Manifest, tuple[Step, ...], str, str]]:
    for secret in inventory.of_kind("ExternalSecret"):
        name = f"pods with Secret {secret.id.namespace}/{text(secret.get('spec', 'target', 'name')) or secret.id.name}"
        data = ("spec", "target", "template", "data")
        for steps, written in texts(secret.get(*data), data):
            yield secret, steps, name, written
    for pod in inventory.pods():
        for steps, written in dependencies.settings(inventory, pod):
            yield pod.manifest, steps, str(pod.manifest.id), written


def _clouds(inventory: Inventory) -> Iterator[Hop]:
    """Yield what accounts need of the cloud's services, which answer HTTPS and nothing else."""
    known = resources_of(inventory.cluster)
    for account in accounts(inventory):
        for name in account.needs:
            resource = known.get(name)
            if resource is not None and not isinstance(resource, PostgreSql):
                yield Hop(
                    source=f"ServiceAccount {account.full_name}",
                    target=f"{getattr(resource, 'type', 'resource')} {name}",
                    tls=YES,
                    says="its library calls the service's HTTPS address",
                    manifest=account.manifest,
                )


def _secrets(inventory: Inventory) -> Iterator[Hop]:
    """Yield where secrets come from: the clouds' services by HTTPS, Vault by its address."""
    for kind in ("ClusterSecretStore", "SecretStore"):
        for store in inventory.of_kind(kind, group="external-secrets.io"):
            server = text(store.get("spec", "provider", "vault", "server"))
            scheme = server.partition("://")[0] if server else "https"
            says = f"`{scheme}://` in the address of Vault" if server else "the cloud's service answers HTTPS alone"
            yield Hop(source=SECRETS, target=str(store.id), tls=by_scheme(scheme), says=says, manifest=store)


def _sources(inventory: Inventory) -> Iterator[Hop]:
    """Yield where Argo CD fetches from; an address without a scheme is a registry, or Git by SSH."""
    for application in inventory.of_kind("Application", group="argoproj.io"):
        for source in [application.get("spec", "source"), *items(application.get("spec", "sources"))]:
            url = text(dig(source, "repoURL"))
            scheme = url.partition("://")[0] if "://" in url else "ssh" if "@" in url else "https"
            if url:
                says = f"`{scheme}`" if "://" in url or "@" in url else "a registry is called over HTTPS"
                yield Hop(source=ARGO_CD, target=url, tls=by_scheme(scheme), says=says, manifest=application)
