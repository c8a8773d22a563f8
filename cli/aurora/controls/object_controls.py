"""Whether what is no pod keeps a control: Services, Applications, network policies, allowed registries.

Counts like `authored`; judges no policy.
"""

import ipaddress
import json

from aurora.cluster.network_flows import EGRESS, INGRESS, Port, endpoint
from aurora.cluster.network_simulation import flows
from aurora.controls.authored import Tally, images, pods
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

EXPOSED = frozenset({"LoadBalancer", "NodePort"})
STRANGER = ipaddress.ip_address("192.0.2.1")
"""An address of nobody (RFC 5737): what may connect to it may connect to anybody."""
REGISTRY_POLICY, REGISTRY_VALUE = "restrict-image-registries", "allowedRegistries"
POLICY_GROUP = "policies.kyverno.io"


def services_stay_inside(inventory: Inventory, namespace: str) -> Tally:
    """Count the Services that open no way in from outside the cluster."""
    found = [entry for entry in inventory.of_kind("Service", group="") if entry.id.namespace == namespace]
    kept = sum(
        entry.get("spec", "type") not in EXPOSED and not items(entry.get("spec", "externalIPs")) for entry in found
    )
    return Tally(kept, len(found), "Service")


def applications_of_known_sources(inventory: Inventory, namespace: str) -> Tally:
    """Count the Applications whose sources their project lists by name."""
    found = [
        entry for entry in inventory.of_kind("Application", group="argoproj.io") if entry.id.namespace == namespace
    ]
    return Tally(sum(_is_listed(inventory, entry) for entry in found), len(found), "Application")


def _is_listed(inventory: Inventory, application: Manifest) -> bool:
    project = inventory.find(
        "AppProject", text(application.get("spec", "project")), group="argoproj.io", namespace=application.id.namespace
    )
    allowed = [text(entry) for entry in items(project.get("spec", "sourceRepos"))] if project else []
    sources = [application.get("spec", "source"), *items(application.get("spec", "sources"))]
    repositories = [text(dig(source, "repoURL")) for source in sources if source is not None]
    return bool(repositories) and all(repository in allowed for repository in repositories)


def outbound_is_closed(inventory: Inventory, namespace: str) -> Tally:
    """Count the pods that network policies isolate, so that they reach no address which none of them lists."""
    known = flows(inventory)

    def closed(pod: PodTemplate) -> bool:
        source = endpoint(pod)
        return known.isolated(source, EGRESS) and not known.releases(source, STRANGER, Port(443))

    return pods(closed)(inventory, namespace)


def inbound_is_closed(inventory: Inventory, namespace: str) -> Tally:
    """Count the pods that network policies isolate from callers which none of them lists."""
    known = flows(inventory)

    def closed(pod: PodTemplate) -> bool:
        target = endpoint(pod)
        return known.isolated(target, INGRESS) and not known.admits(target, STRANGER, Port(443))

    return pods(closed)(inventory, namespace)


def images_of_known_registries(inventory: Inventory, namespace: str) -> Tally:
    """Count the pods whose every image comes from a registry that the environment's own policy lists."""
    allowed = tuple(f"{registry.rstrip('/')}/" for registry in registries(inventory))
    return images(lambda image: image.startswith(allowed))(inventory, namespace)


def registries(inventory: Inventory) -> tuple[str, ...]:
    """Give the registries that the environment's policy allows; none where it binds no such policy."""
    policy = inventory.find("ValidatingPolicy", REGISTRY_POLICY, group=POLICY_GROUP)
    for variable in items(policy.get("spec", "variables")) if policy else ():
        if dig(variable, "name") == REGISTRY_VALUE:
            return tuple(text(entry) for entry in items(_literal(text(dig(variable, "expression")))) if entry)
    return ()


def _literal(expression: str) -> JsonValue:
    """Read an expression that is a list of texts, as a binding writes it; any other is left unread."""
    try:
        value: JsonValue = json.loads(expression)
    except ValueError:
        return None
    return value
