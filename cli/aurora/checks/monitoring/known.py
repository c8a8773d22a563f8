"""Rules about metrics: what an expression reads is exported, collected, and has the labels that it names.

Only of an environment's own objects: there everything is known that is collected. What charts render is written for
what they collect themselves. A metric of `kind: Metric` among the externals is collected by somebody else, with any
label.
"""

from collections.abc import Iterator

from aurora.checks.monitoring import stored
from aurora.checks.monitoring.alerting import entries
from aurora.checks.monitoring.catalogue import catalogue, exported
from aurora.checks.monitoring.uses import Use, uses
from aurora.cluster import promql, promql_labels
from aurora.cluster.promql_labels import Labels
from aurora.model.inventory import Inventory
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora_constructs.labels import METRICS
from aurora_constructs.spelling import closest

METRIC = "Metric"
"""The kind, not one of Kubernetes, of externals that are metrics."""


def _read(inventory: Inventory) -> Iterator[tuple[Use, promql.Expr]]:
    for use in uses(inventory):
        tree = use.tree
        if tree is not None and use.expression and use.manifest.rendered_by is None:
            yield use, tree


def _elsewhere(inventory: Inventory) -> set[str]:
    return {external.name for external in inventory.externals if external.kind == METRIC and not external.group}


def _recorded(inventory: Inventory) -> dict[str, Labels]:
    """Give the recorded metrics with the labels that they can have; each is read after those that it is made of."""
    return inventory.once(_find_recorded)


def _find_recorded(inventory: Inventory) -> dict[str, Labels]:
    recordings = [(entry, tree) for entry in entries(inventory) if entry.record and (tree := entry.tree) is not None]
    found: dict[str, Labels] = {}
    waiting = {entry.record for entry, _ in recordings}
    for _ in recordings:
        if not waiting:
            break
        for entry, tree in recordings:
            if entry.record in waiting and waiting.isdisjoint(promql.metrics(tree) - {entry.record}):
                labels = promql_labels.read(tree, lambda name: _labels(inventory, name, found)).labels
                found[entry.record] = None if labels is None else labels | set(entry.labels)
                waiting = waiting - {entry.record}
    return {**dict.fromkeys(waiting), **found}


def _labels(inventory: Inventory, name: str, recorded: dict[str, Labels]) -> Labels:
    """Give the labels of a metric; any label where another rule says that the metric itself is not there."""
    return recorded[name] if name in recorded else stored.series(inventory).get(name)


def _unknown(inventory: Inventory) -> Iterator[Violation]:
    known = {*exported(), *_recorded(inventory), *_elsewhere(inventory)}
    for use, tree in _read(inventory):
        # Of recorded metrics that nothing records there is a rule of its own.
        for name in sorted(name for name in promql.metrics(tree) - known if name.count(":") < 2):
            near = closest(name, known)
            hint = f"did you mean `{near}`?" if near else "correct the name"
            yield Violation(
                manifest=use.manifest,
                steps=use.steps,
                message=f"`{name}` is in no catalogue of metrics: nobody is known to export it",
                hint=f"{hint} If somebody exports it, say so: an external of `kind: {METRIC}`, `name: {name}`",
            )


def _uncollected(inventory: Inventory) -> Iterator[Violation]:
    there = {*stored.series(inventory), *_recorded(inventory), *_elsewhere(inventory)}
    for use, tree in _read(inventory):
        for name in sorted((promql.metrics(tree) - there) & exported().keys()):
            source = exported()[name]
            yield Violation(
                manifest=use.manifest,
                steps=use.steps,
                message=f"`{name}` is exported by {source.what}, and nothing collects that here",
                hint=f"what collects it: {source.way}",
            )


def _strange_labels(inventory: Inventory) -> Iterator[Violation]:
    recorded = _recorded(inventory)
    for use, tree in _read(inventory):
        reading = promql_labels.read(tree, lambda name: _labels(inventory, name, recorded))
        strays = list(reading.strays)
        if reading.labels is not None:
            left = reading.labels | use.given
            strays += [(label, left) for label in use.words if label not in left]
        for label, known in dict.fromkeys(strays):
            near = closest(label, known)
            has = f"has {', '.join(f'`{name}`' for name in sorted(known))}" if known else "has no label"
            yield Violation(
                manifest=use.manifest,
                steps=use.steps,
                message=f"nothing here has the label `{label}`: what it is looked for in {has}",
                hint=f"did you mean `{near}`?" if near else "a scrape renames labels that it sets itself: `exported_…`",
            )


def _strange_sources(inventory: Inventory) -> Iterator[Violation]:
    key = inventory.names.key(METRICS)
    for monitor in stored.monitors(inventory):
        for name in stored.named(inventory, monitor):
            if name not in catalogue():
                near = closest(name, catalogue())
                yield Violation(
                    manifest=monitor,
                    steps=("metadata", "annotations", key),
                    message=f"`{name}` is no source of the catalogue of metrics",
                    hint=f"did you mean `{near}`?" if near else f"name one of {', '.join(sorted(catalogue()))}",
                )


RULES = (
    InventoryRule("monitoring/unknown-metric", BROKEN, _unknown, own=True),
    InventoryRule("monitoring/uncollected-metric", BROKEN, _uncollected, own=True),
    InventoryRule("monitoring/unknown-label", BROKEN, _strange_labels, own=True),
    InventoryRule("monitoring/unknown-source", BROKEN, _strange_sources, own=True),
)
