"""Rules about pods that act as an identity, and about what they name in the cloud.

Sources: Azure Workload Identity 1.5, "Labels and annotations" and its webhook; the addresses are those that MLflow,
KServe and the libraries of data science read.
"""

import re
from collections.abc import Iterator

from aurora.cluster.accounts import CLIENT, Account, accounts
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora.model.tree import texts
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.cluster.cloud_facts import CloudFacts

Steps = tuple[Step, ...]
USE = "azure.workload.identity/use"
CLIENT_VARIABLE = "AZURE_CLIENT_ID"
OPERATOR = "keda-operator"
"""The container of KEDA's operator."""
_STORE = re.compile(
    r"(?<![\w/.-])(?:s3a?://(?P<bucket>[a-z0-9][a-z0-9.-]+)"
    r"|https://(?P<account>[a-z0-9]+)\.blob\.core\.windows\.net/(?P<container>[a-z0-9-]+)"
    r"|(?:wasbs?|abfss?)://(?P<inside>[a-z0-9-]+)@(?P<holder>[a-z0-9]+)\.)"
)
ENDPOINT = re.compile(r"ENDPOINT(_URL)?$")
"""Variables that lead clients of S3 to another server (AWS SDKs, MLflow)."""


def _unlabelled(inventory: Inventory) -> Iterator[Violation]:
    for pod, account in _with_accounts(inventory):
        manifest = account.manifest if account else None
        if manifest and manifest.annotations.get(CLIENT) and pod.labels.get(USE) != "true" and not pod.partial:
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at("labels"),
                message=f'the pod has no label `{USE}: "true"`, so it gets no token for the client of its account',
                hint="add the label to the pod's template: one of the ServiceAccount has no effect",
                unsure=pod.manifest.rendered_by is not None,
            )


def _clientless(inventory: Inventory) -> Iterator[Violation]:
    for pod, account in _with_accounts(inventory):
        manifest = inventory.find("ServiceAccount", _name(pod), namespace=pod.namespace)
        named = account is not None and account.manifest is not None and account.manifest.annotations.get(CLIENT)
        told = named or _names_client(pod) or _asks_for_triggers(inventory, pod)
        if pod.labels.get(USE) == "true" and manifest is not None and not told:
            yield Violation(
                manifest=pod.manifest,
                steps=pod.metadata_at("labels", USE),
                message=f"the pod asks for a token, and ServiceAccount `{_name(pod)}` has no annotation `{CLIENT}`",
                hint=f"annotate the account, or set `{CLIENT_VARIABLE}` in the pod",
                unsure=pod.manifest.rendered_by is not None,
            )


def _names_client(pod: PodTemplate) -> bool:
    return CLIENT_VARIABLE in _variables(pod)


def _variables(pod: PodTemplate) -> list[str]:
    """Give the names of the variables of all its containers."""
    return [text(variable.get("name")) for container in pod.containers for _, variable in container.variables]


def _asks_for_triggers(inventory: Inventory, pod: PodTemplate) -> bool:
    """Tell whether it is KEDA's operator, whose triggers name the client themselves (KEDA 2.20, `identityId`)."""
    if not any(container.name == OPERATOR for container in pod.containers):
        return False
    kinds = ("TriggerAuthentication", "ClusterTriggerAuthentication")
    entries = [each for kind in kinds for each in inventory.of_kind(kind, group="keda.sh")]
    return any(each.get("spec", "podIdentity", "identityId") for each in entries)


def _with_accounts(inventory: Inventory) -> Iterator[tuple[PodTemplate, Account | None]]:
    known = {(account.namespace, account.name): account for account in accounts(inventory)}
    for pod in inventory.pods():
        yield pod, known.get((pod.namespace, _name(pod)))


def _name(pod: PodTemplate) -> str:
    return text(pod.get("serviceAccountName")) or "default"


def _not_needed(inventory: Inventory) -> Iterator[Violation]:
    """Find object stores that a pod names and its account does not need; whose they are tells only the cloud."""
    facts = inventory.cluster
    if facts is not None and not isinstance(facts, CloudFacts):
        return
    provided = facts.resources if facts is not None else {}
    stores = {name: resource for name, resource in provided.items() if isinstance(resource, ObjectStore)}
    for pod, account in _with_accounts(inventory):
        if pod.partial == "" and _elsewhere(pod):
            continue
        open_to = {_place(stores[name].uri("")) for name in (account.needs if account else ()) if name in stores}
        for steps, address in texts(pod.spec):
            place = _place(address)
            if place and place not in open_to and not (facts is None and account and account.needs):
                known = place in {_place(resource.uri("")) for resource in stores.values()} or facts is None
                yield Violation(
                    manifest=pod.manifest,
                    steps=pod.at(*steps),
                    message=f"the pod names `{place}`, which ServiceAccount `{_name(pod)}` does not need",
                    hint="add the resource to the component's `needs`: what an account may do follows from them",
                    unsure=not known,
                )


def _elsewhere(pod: PodTemplate) -> bool:
    """Tell whether a pod says itself where its object store answers."""
    return any(ENDPOINT.search(name) for name in _variables(pod))


def _place(address: str) -> str:
    """Give the bucket or the container that a text names; empty where there is none."""
    found = _STORE.search(address)
    if found is None:
        return ""
    if found["bucket"]:
        return f"s3://{found['bucket']}"
    return f"{found['account'] or found['holder']}/{found['container'] or found['inside']}"


RULES = (
    InventoryRule("identity/no-token", BROKEN, _unlabelled),
    InventoryRule("identity/no-client", BROKEN, _clientless),
    InventoryRule("identity/not-needed", BROKEN, _not_needed, own=True),
)
