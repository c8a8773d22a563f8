"""Every expression that reads metrics: of rules, panels and autoscalers' triggers. Finds facts; never judges them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.checks.monitoring import dashboards
from aurora.checks.monitoring.alerting import entries
from aurora.cluster import promql
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step

KEDA = "keda.sh"
SCALED = ("ScaledObject", "ScaledJob")
_IN_WORDS = re.compile(r"\$labels\.([A-Za-z_]\w*)")
_IN_LEGEND = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One expression, where it stands, and the labels of its result that words beside it name."""

    manifest: Manifest
    steps: tuple[Step, ...]
    expression: str
    alert: str = ""
    words: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()

    @property
    def tree(self) -> promql.Expr | None:
        """The expression, read; None where it is no PromQL, which rules of their own find."""
        return promql.read(self.expression)


def uses(inventory: Inventory) -> Iterator[Use]:
    """Yield the expressions of every rule, panel and trigger."""
    for entry in entries(inventory):
        texts = [text(value) for key in ("annotations", "labels") for value in mapping(entry.body.get(key)).values()]
        yield Use(
            manifest=entry.manifest,
            steps=(*entry.steps, "expr"),
            expression=entry.expression,
            alert=entry.alert,
            words=tuple(label for each in texts for label in _IN_WORDS.findall(each)),
            given=frozenset(entry.labels),
        )
    for dashboard in dashboards.dashboards(inventory):
        for part in dashboards.parts(mapping(dashboard.body).get("panels")):
            yield Use(
                manifest=dashboard.manifest,
                steps=dashboard.steps,
                expression=dashboards.substituted(text(part.get("expr"))),
                words=tuple(_IN_LEGEND.findall(text(part.get("legendFormat")))),
            )
    yield from triggers(inventory)


def triggers(inventory: Inventory) -> Iterator[Use]:
    """Yield the queries by which KEDA scales."""
    for kind in SCALED:
        for manifest in inventory.of_kind(kind, group=KEDA):
            for number, trigger in enumerate(items(manifest.get("spec", "triggers"))):
                query = text(dig(trigger, "metadata", "query"))
                if dig(trigger, "type") == "prometheus" and query:
                    steps = ("spec", "triggers", number, "metadata", "query")
                    yield Use(manifest=manifest, steps=steps, expression=query)
