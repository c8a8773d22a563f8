"""The check `scheduling`: every pod reaches a node pool, and every pool is fit for the pods that it is for.

Its rules are those of `docs/facts/scheduling.md`. Where no pool is known, nothing is said of pods.
"""

from __future__ import annotations

from collections.abc import Iterator

from aurora.checks.check import Beside, InventoryCheck
from aurora.checks.scheduling import agents, backends, jobs, node_pools, queues, reach
from aurora.cluster.node_pools import known
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.place import Place
from aurora.model.report import NotJudged

NAME = "scheduling"


def _beside(inventory: Inventory) -> Beside:
    """Say what no object shows: breaches of pools that are facts, and that no pool is known."""
    return tuple(_of_facts(inventory)), tuple(_unknown(inventory))


def _of_facts(inventory: Inventory) -> Iterator[Finding]:
    place = Place(f"environments/{inventory.environment}.yaml") if inventory.environment else None
    for rule, (severity, find) in reach.OF_POOLS.items():
        for each in find(inventory):
            if each.pool.manifest is None:
                yield Finding(
                    rule=rule,
                    severity=severity,
                    message=f"`cluster.pools.{each.pool.name}`: {each.message}",
                    environment=inventory.environment,
                    place=place,
                    hint=each.hint,
                )


def _unknown(inventory: Inventory) -> Iterator[NotJudged]:
    if inventory.cluster and inventory.pods() and not known(inventory):
        yield NotJudged(
            NAME,
            "whether pods find nodes: an environment states no node pools",
            "state them in `cluster.pools`, as docs/clusters.md says",
        )


_RULES = (*reach.RULES, *node_pools.RULES, *agents.RULES, *jobs.RULES, *queues.RULES, *backends.RULES)
CHECK = InventoryCheck(NAME, _RULES, _beside)
