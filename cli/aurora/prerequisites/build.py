"""Puts together what an environment needs of its surroundings, from its facts and its committed manifests."""

from __future__ import annotations

from collections.abc import Iterator

from aurora import pipeline
from aurora.environment.asked import asked
from aurora.environment.model import Environment
from aurora.memory.store import Memory
from aurora.model.inventory import Inventory
from aurora.model.prerequisites import CloudIdentity, Prerequisites
from aurora.object_graph import build
from aurora.paths import RepositoryPaths
from aurora.prerequisites import documents
from aurora.prerequisites.holders import holders, operator_of_keda
from aurora.prerequisites.items import all_items
from aurora_constructs.aws import autoscaler_permissions
from aurora_constructs.cluster import Aks, Eks
from aurora_constructs.cluster.cloud_facts import CloudFacts


def committed(paths: RepositoryPaths, name: str, memory: Memory | None = None) -> Prerequisites:
    """Give what an environment needs as it is committed; raises what `object_graph.build.inventory` does."""
    (environment,) = pipeline.load_environments(paths, [name])
    return of(environment, build.inventory_of(paths, environment, memory))


def of(environment: Environment, inventory: Inventory) -> Prerequisites:
    """Give what an environment and its objects need."""
    identities = list(_identities(environment, inventory))
    return Prerequisites(
        environment=environment.name,
        provider=environment.spec.cluster.provider,
        items=tuple(all_items(inventory, identities, asked(environment))),
        identities=tuple(identities),
    )


def _identities(environment: Environment, inventory: Inventory) -> Iterator[CloudIdentity]:
    facts = environment.spec.cluster
    if not isinstance(facts, CloudFacts):
        return
    keda = operator_of_keda(environment)
    found = holders(environment, inventory)
    lent = [name for name, holder in found.items() if holder.borrowed]
    for name, holder in found.items():
        permitted = documents.permissions(inventory, facts, holder)
        if isinstance(facts, Eks):
            taken = lent if keda and keda.identity == name else []
            named = documents.role(facts, name)
            own = autoscaler_permissions(str(facts.fact("name"))) if holder.sizes_nodes else []
            body = documents.of_aws(facts, holder, [*permitted, *documents.taking(facts, taken), *own], keda)
        elif isinstance(facts, Aks):
            named, body = facts.identities[name], documents.of_azure(facts, holder, permitted, keda)
        yield CloudIdentity(
            name=name,
            id=named,
            accounts=tuple(sorted(holder.accounts)),
            needs=holder.needs,
            documents=body,
            published=tuple(dict.fromkeys(holder.published)),
            unknown=tuple(holder.unknown),
        )
