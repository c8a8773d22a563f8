"""The things that an environment needs of its surroundings, from the cluster's facts and from the manifests.

Sources: `docs/prerequisites.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora.cluster.external_secrets import place, reads
from aurora.cluster.routes import gateway_routes, hosts, ingresses
from aurora.environment.asked import Asked
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.prerequisites import CloudIdentity, Item
from aurora.prerequisites.documents import place_of
from aurora_constructs.cloud import SecretBackend
from aurora_constructs.cluster import ClusterFacts
from aurora_constructs.cluster.cloud_facts import CloudFacts

CERTIFICATES = "alb.ingress.kubernetes.io/certificate-arn"
SUBNET_ROLES = {"internet-facing": "kubernetes.io/role/elb", "internal": "kubernetes.io/role/internal-elb"}
"""The tag by which the controller finds subnets for a scheme (AWS Load Balancer Controller 3.5, subnet discovery)."""
OF_CLUSTER = ("account", "kubernetes", "name", "region", "resource_group", "subscription", "tenant")
HIDDEN = {"type"}


def all_items(inventory: Inventory, identities: list[CloudIdentity], asked: Asked) -> Iterator[Item]:
    """Yield everything but identities, in the order in which it is made."""
    facts = inventory.cluster
    if facts is None:
        return
    yield _cluster(facts)
    for name, pool in getattr(facts, "pools", {}).items():
        yield Item(kind="node-pool", name=name, facts=_stated(pool.model_dump(by_alias=True, exclude_none=True)))
    yield from _nodes(inventory)
    yield from _load_balancers(inventory)
    yield from _storage(inventory)
    if isinstance(facts, CloudFacts):
        yield from _resources(inventory, facts, identities, asked)
    yield from _names(inventory)


def _cluster(facts: ClusterFacts) -> Item:
    stated = {name: value for name in OF_CLUSTER if (value := getattr(facts, name, None))}
    mechanism = getattr(facts, "mechanism", None)
    known = mechanism.model_dump(by_alias=True) if mechanism is not None else {}
    trusted = {key: known[key] for key in ("oidcIssuer", "oidcProvider") if key in known}
    body = {**stated, "provider": facts.provider, **({"identity": known["type"]} if known else {}), **trusted}
    named = getattr(facts, "name", None) or "of the environment"
    return Item(kind="cluster", name=named, facts={**body, "domain": facts.domain})


def _stated(body: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if value not in (None, [], {})}


def _nodes(inventory: Inventory) -> Iterator[Item]:
    """Yield what Karpenter's node classes name: their role, and the tags of subnets and security groups."""
    roles: dict[str, list[str]] = {}
    tags: dict[tuple[str, str], list[str]] = {}
    for manifest in inventory.of_kind("EC2NodeClass", group="karpenter.k8s.aws"):
        role = text(manifest.get("spec", "role"))
        if role:
            roles.setdefault(role, []).append(str(manifest.id))
        for field, kind in (("subnetSelectorTerms", "subnets"), ("securityGroupSelectorTerms", "security-groups")):
            for term in items(manifest.get("spec", field)):
                for key, value in mapping(dig(term, "tags")).items():
                    tags.setdefault((kind, f"{key}={value}"), []).append(str(manifest.id))
    for role, needing in sorted(roles.items()):
        yield Item(kind="node-role", name=role, needed_by=tuple(needing))
    for (kind, tag), needing in sorted(tags.items()):
        yield Item(kind=kind, name=tag, facts={"tag": tag}, needed_by=tuple(needing))


def _load_balancers(inventory: Inventory) -> Iterator[Item]:
    """Yield the subnets in which an Application Load Balancer is made, and the certificates that it shows."""
    certificates: dict[str, list[str]] = {}
    for manifest in inventory.of_kind("IngressClassParams", group="elbv2.k8s.aws"):
        scheme = text(manifest.get("spec", "scheme"))
        tag = SUBNET_ROLES.get(scheme)
        if tag and not manifest.get("spec", "subnets"):
            cidrs = list(inventory.cluster.edge.load_balancers) if inventory.cluster else []
            body = _stated({"tag": f"{tag}=1", "cidrs": cidrs})
            yield Item(kind="subnets", name=f"{scheme} load balancers", facts=body, needed_by=(str(manifest.id),))
        for arn in items(manifest.get("spec", "certificateArn")):
            certificates.setdefault(text(arn), []).append(str(manifest.id))
    for manifest in ingresses(inventory):
        for arn in manifest.annotations.get(CERTIFICATES, "").split(","):
            if arn.strip():
                certificates.setdefault(arn.strip(), []).append(str(manifest.id))
    for arn, needing in sorted(certificates.items()):
        yield Item(kind="certificate", name=arn, needed_by=tuple(needing))


def _storage(inventory: Inventory) -> Iterator[Item]:
    """Yield the drivers of storage classes, and the file systems that exist before any claim."""
    found: dict[tuple[str, str], list[str]] = {}
    for manifest in inventory.of_kind("StorageClass", group="storage.k8s.io"):
        found.setdefault(("storage-driver", text(manifest.get("provisioner"))), []).append(str(manifest.id))
        system = text(manifest.get("parameters", "fileSystemId"))
        if system:
            found.setdefault(("file-system", system), []).append(str(manifest.id))
    for (kind, name), needing in sorted(found.items()):
        yield Item(kind=kind, name=name, needed_by=tuple(needing))


def _resources(
    inventory: Inventory, facts: CloudFacts, identities: list[CloudIdentity], asked: Asked
) -> Iterator[Item]:
    for name, resource in sorted(facts.resources.items()):
        body = _stated(resource.model_dump(by_alias=True, exclude=HIDDEN, exclude_none=True))
        if isinstance(resource, SecretBackend):
            own = place_of(resource, inventory)
            read = {each.key for each in reads(inventory) if each.store is not None and place(each.store) == own}
            body["names"] = sorted(read - {""})
        needing = [f"identity {each.name} ({each.needs[name]})" for each in identities if name in each.needs]
        needing += [f"component {component}" for component, names in asked.items() if ("resources", name) in names]
        kind = str(getattr(resource, "type", resource.PURPOSE))
        yield Item(kind=kind, name=name, facts=body, needed_by=tuple(needing))


def _names(inventory: Inventory) -> Iterator[Item]:
    needing: dict[str, list[str]] = {}
    for manifest in (*gateway_routes(inventory), *ingresses(inventory)):
        for host in filter(None, hosts(manifest)):
            needing.setdefault(host, []).append(str(manifest.id))
    for host, named in sorted(needing.items()):
        yield Item(kind="dns-name", name=host, needed_by=tuple(named))
