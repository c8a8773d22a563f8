"""Every rule of every PrometheusRule, with the place of each. Finds facts; never judges them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aurora.cluster import promql
from aurora.cluster.scrapes import GROUP
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.place import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusEntry:
    """One alerting or recording rule, and the steps to it."""

    manifest: Manifest
    steps: tuple[Step, ...]
    group: str
    body: JsonObject

    @property
    def alert(self) -> str:
        """The alert's name; empty for a recording rule."""
        return text(self.body.get("alert"))

    @property
    def record(self) -> str:
        """The recorded metric's name; empty for an alert."""
        return text(self.body.get("record"))

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that the rule adds."""
        return string_map(self.body.get("labels"))

    @property
    def expression(self) -> str:
        """The expression as text; the definition allows a number as well."""
        stated = self.body.get("expr")
        number = counts.integer(stated)
        return text(stated) if number is None else str(number)

    @property
    def tree(self) -> promql.Expr | None:
        """The expression, read; None where it is no PromQL, which a rule of its own finds."""
        return promql.read(self.expression)


def groups(inventory: Inventory) -> Iterator[tuple[Manifest, int, JsonObject]]:
    """Yield the groups of every PrometheusRule with their place in the list."""
    for manifest in inventory.of_kind("PrometheusRule", group=GROUP):
        for number, group in enumerate(items(manifest.get("spec", "groups"))):
            yield manifest, number, mapping(group)


def entries(inventory: Inventory) -> Iterator[PrometheusEntry]:
    """Yield every alerting and recording rule."""
    for manifest, number, group in groups(inventory):
        for index, rule in enumerate(items(group.get("rules"))):
            yield PrometheusEntry(
                manifest=manifest,
                steps=("spec", "groups", number, "rules", index),
                group=text(group.get("name")),
                body=mapping(rule),
            )
