"""Gathers the overview of environments as they are committed; the checks' report is handed in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from aurora import pipeline, validation
from aurora.cluster.encryption.hops import hops
from aurora.cluster.encryption.stores import stores
from aurora.cluster.pool_demand import pools
from aurora.controls import matrix
from aurora.environment.model import Environment
from aurora.memory.store import Memory
from aurora.model.encryption import Encryption
from aurora.model.inventory import Inventory
from aurora.model.overview import ComponentLine, EnvironmentOverview, Overview
from aurora.model.report import Report
from aurora.overview import prices as price_lists
from aurora.overview.capacity import capacity
from aurora.overview.costs import costs, known_machines
from aurora.overview.routing import routing
from aurora.overview.versions import versions
from aurora.paths import RepositoryPaths


def overview(
    paths: RepositoryPaths,
    names: Sequence[str],
    report: Report,
    *,
    left_out: Sequence[str] = (),
    memory: Memory | None = None,
    prices: Path | None = None,
) -> Overview:
    """Gather what the page says of the named environments, or of all; `left_out` names the checks that were not run.

    `prices` is a price list: with it, the page says what node pools cost.

    Raises:
        InputError: an environment's file, a committed manifest or the price list cannot be used.
        UsageError: there is no such environment or price list, or an environment was never compiled.
        StorageError: a file cannot be read.
        ToolError: a chart has an archive, and the renderer is missing.
    """
    environments = pipeline.load_environments(paths, names)
    committed = [validation.readable(paths, environment) for environment in environments]
    inventories = validation.with_charts(paths, committed, memory)
    found = [_of(paths, *pair) for pair in zip(environments, inventories, strict=True)]
    if prices is not None:
        known = price_lists.read(prices, known_machines([each.pools for each in found]))
        found = [replace(each, costs=costs(each.pools, known) if each.pools.lines else None) for each in found]
    return Overview(
        tuple(found),
        report,
        matrix.of(inventories, paths),
        tuple(left_out),
    )


def _of(paths: RepositoryPaths, environment: Environment, inventory: Inventory) -> EnvironmentOverview:
    return EnvironmentOverview(
        name=environment.name,
        facts=tuple(_facts(environment)),
        objects=matrix.objects(inventory),
        components=tuple(_components(environment, inventory)),
        routes=tuple(routing(inventory)),
        capacity=tuple(capacity(inventory)),
        pools=pools(inventory),
        versions=tuple(versions(paths, environment.name)),
        encryption=_encryption(inventory),
    )


def _encryption(inventory: Inventory) -> Encryption:
    stated = inventory.cluster is not None and inventory.cluster.plain_hops is not None
    return Encryption(hops(inventory), stores(inventory), judged=stated)


def _facts(environment: Environment) -> Iterator[tuple[str, str]]:
    spec = environment.spec
    yield "file", environment.path
    yield "provider", spec.cluster.provider
    yield "Kubernetes", spec.cluster.kubernetes
    yield "domain", spec.cluster.domain
    yield "repository", spec.gitops.repository
    yield "revision", spec.gitops.revision
    yield "serves users", "yes" if spec.gitops.production else "no"
    yield "layers", ", ".join(spec.extends) or "none"
    yield "waivers", str(len(environment.waivers))


def _components(environment: Environment, inventory: Inventory) -> Iterator[ComponentLine]:
    for component in environment.components:
        own = [manifest for manifest in inventory.manifests if manifest.component == component.name]
        yield ComponentLine(
            name=component.name,
            kind=component.kind.name,
            namespaces=tuple(sorted({manifest.id.namespace for manifest in own if manifest.id.namespace})),
            objects=len(own),
            pods=sum(pod.manifest.component == component.name for pod in inventory.pods()),
            place=component.place,
        )
