"""The edges between objects: what they name, what they select, what they make, and where requests go.

A link's target is an object of the inventory, or a name that may lead elsewhere. Must not judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from aurora.cluster import routes, scrapes, splits, surroundings, workloads
from aurora.cluster.applications import deployments
from aurora.cluster.network_flows import EVERY_SELECTOR
from aurora.cluster.pod_references import pod_references
from aurora.cluster.references.lookup import Reference
from aurora.cluster.references.provided_secrets import provided_secrets
from aurora.cluster.references.relations import of_pod, relations
from aurora.model import selectors
from aurora.model.inventory import Inventory
from aurora.model.json_value import items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.object_graph import COMPONENT
from aurora.model.resource import ResourceId
from aurora.policies.handing import Surroundings
from aurora.policies.matching import Subject, constraints
from aurora.tracing.hooks import GROUP as TRACING
from aurora.tracing.hooks import NAMESPACED

_POLICIES = "policies.kyverno.io"


@dataclass(frozen=True, slots=True)
class Link:
    """From an object to another one: to an object itself, or to whatever has that name."""

    source: Manifest
    target: Manifest | Reference
    how: str


def links(inventory: Inventory) -> Iterator[Link]:
    """Yield every link between the objects of an inventory; the same one may come twice."""
    for relation in relations(inventory):
        if not relation.optional or inventory.exists(
            relation.reference.kind, relation.reference.name, namespace=relation.reference.namespace
        ):
            yield Link(relation.reference.manifest, relation.reference, relation.verb)
    yield from _traffic(inventory)
    yield from _selections(inventory)
    yield from _watchers(inventory)
    yield from _made_secrets(inventory)
    yield from _templates(inventory)
    yield from _definitions(inventory)
    yield from _judgements(inventory)


def _traffic(inventory: Inventory) -> Iterator[Link]:
    """Routes to Services, with the share of requests where they are divided."""
    shares = splits.shares(inventory)
    for backend in routes.backends(inventory):
        if backend.service:
            share = shares.get(backend.place)
            target = Reference(
                manifest=backend.manifest,
                steps=backend.steps,
                kind="Service",
                name=backend.service,
                namespace=backend.namespace,
            )
            plain = "routes by header" if splits.by_header(backend) else "routes"
            yield Link(backend.manifest, target, plain if share is None else f"routes {percent(share)}")


def percent(share: Fraction) -> str:
    """Write a share as people do."""
    return f"{float(share * 100):.4g} %"


def _selections(inventory: Inventory) -> Iterator[Link]:
    index = workloads.index(inventory)
    for service in inventory.of_kind("Service", group=""):
        for pod in index.behind(service):
            yield Link(service, pod.manifest, "selects")
    for budget in inventory.of_kind("PodDisruptionBudget", group="policy"):
        for pod in index.selected(workloads.namespace_of(budget), budget.get("spec", "selector")):
            yield Link(budget, pod.manifest, "protects")
    for policy in inventory.of_kind("NetworkPolicy", group="networking.k8s.io"):
        selector = policy.get("spec", "podSelector")
        for pod in index.selected(workloads.namespace_of(policy), EVERY_SELECTOR if selector is None else selector):
            yield Link(policy, pod.manifest, "isolates")


def _watchers(inventory: Inventory) -> Iterator[Link]:
    """What looks at workloads from outside: monitors and tracing policies."""
    for scrape in scrapes.scrapes(inventory):
        for target in scrape.targets:
            yield Link(scrape.monitor, target.pod.manifest, "scrapes")
    for policy in inventory.of_kind(NAMESPACED, group=TRACING):
        selector = policy.get("spec", "podSelector")
        for pod in inventory.pods_in(workloads.namespace_of(policy)):
            if not selector or selectors.matches(selector, pod.labels):
                yield Link(policy, pod.manifest, "watches")


def _made_secrets(inventory: Inventory) -> Iterator[Link]:
    for (namespace, name), makers in provided_secrets(inventory).secrets.items():
        for entry in makers:
            if entry.maker.id.kind != "Secret":
                target = Reference(manifest=entry.maker, steps=(), kind="Secret", name=name, namespace=namespace)
                yield Link(entry.maker, target, "makes")


def _templates(inventory: Inventory) -> Iterator[Link]:
    """ConfigMaps that hold pods for controllers: what those pods will name."""
    holders = {entry.source: entry for entry in inventory.of_kind("ConfigMap", group="")}
    for pod in surroundings.pods_to_come(inventory):
        holder = holders.get(pod.manifest.source)
        for found in pod_references(pod) if holder else ():
            relation = of_pod(found)
            if holder is not None and not relation.optional:
                yield Link(holder, relation.reference, f"its pods: {relation.verb}")


def _definitions(inventory: Inventory) -> Iterator[Link]:
    defined = {
        (text(crd.get("spec", "group")), text(crd.get("spec", "names", "kind"))): crd
        for crd in inventory.of_kind("CustomResourceDefinition", group="apiextensions.k8s.io")
    }
    for manifest in inventory.custom():
        crd = defined.get((manifest.id.group, manifest.id.kind))
        if crd is not None:
            yield Link(manifest, crd, "defined by")


def _judgements(inventory: Inventory) -> Iterator[Link]:
    """Kyverno policies and the namespaces that they select, with what they do there."""
    known = Surroundings(inventory)
    for policy in inventory.manifests:
        if policy.id.group != _POLICIES or not policy.id.kind.endswith("Policy"):
            continue
        asked = constraints(mapping(policy.get("spec")))
        for namespace in inventory.of_kind("Namespace", group=""):
            if asked.selects_namespace(_namespace(namespace.id.name, known)):
                yield Link(policy, namespace, _verb(policy))


def _namespace(name: str, known: Surroundings) -> Subject:
    return Subject(
        group="",
        version="v1",
        resource="namespaces",
        namespace=name,
        name=name,
        labels={},
        namespace_labels=known.labels(name),
    )


def _verb(policy: Manifest) -> str:
    if policy.id.kind == "GeneratingPolicy":
        return "generates in"
    verbs = {"Deny": "refuses in", "Audit": "audits", "Warn": "warns in"}
    actions = [text(action) for action in items(policy.get("spec", "validationActions"))]
    return ", ".join(verbs.get(action, action) for action in actions) or "judges"


def synced(inventory: Inventory) -> Iterator[tuple[Manifest, str]]:
    """Yield every Application with each component whose objects it syncs."""
    found = deployments(inventory)
    for application in found.applications:
        files = (manifest for manifest in found.synced_by(application) if manifest.rendered_by is None)
        components = {manifest.component for manifest in files if manifest.component}
        for component in sorted(components):
            yield application.manifest, component


def component_id(environment: str, component: str) -> ResourceId:
    """Name the node of a component."""
    return ResourceId(environment, COMPONENT, None, component)
