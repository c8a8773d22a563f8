"""The rule that every alert, and every query by which something is scaled, has unit tests.

They stand in `cases.yaml` of Monitoring, for the rules and queries of its tables, and promtool runs them in the
project's tests. What is emitted is one of these where it has the same words but for the values that are filled in.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from aurora import tables
from aurora.checks.monitoring.uses import SCALED, uses
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.rule import ADVICE, InventoryRule, Violation

ALERT_CASES = ("fires", "silent", "no_data")
QUERY_CASES = ("data", "no_data")
_OPEN = re.compile(r"<[a-z_]+>")


@cache
def tested() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """Give the forms of the expressions that have unit tests, by the name of the alert; queries have none."""
    cases = tables.of_component("monitoring/cases")
    found: dict[str, list[re.Pattern[str]]] = {"": []}
    for section in items(tables.of_component("monitoring/rules").get("sections")):
        for rule in map(mapping, items(mapping(section).get("rules"))):
            name = text(rule.get("alert"))
            known = mapping(dig(cases, "alerts", text(mapping(section).get("id")), name))
            if name and known.keys() >= set(ALERT_CASES):
                found.setdefault(name, []).append(_form(text(rule.get("expr"))))
    for name, query in mapping(tables.of_component("monitoring/queries").get("queries")).items():
        if mapping(dig(cases, "queries", name)).keys() >= set(QUERY_CASES):
            found[""].append(_form(text(query)))
    return {name: tuple(forms) for name, forms in found.items()}


def _form(template: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, _OPEN.split(template))))


def _untested(inventory: Inventory) -> Iterator[Violation]:
    for use in uses(inventory):
        scales = use.manifest.id.kind in SCALED
        if use.manifest.rendered_by is None and (use.alert or scales):
            if any(form.fullmatch(use.expression) for form in tested().get(use.alert, ())):
                continue
            what = "the query" if scales else f"the alert `{use.alert}`"
            yield Violation(
                manifest=use.manifest,
                steps=use.steps,
                message=f"{what} has no unit test: nobody knows what it does with data, and without any",
                hint="use one of Monitoring's, or test it elsewhere and waive the rule for this object with a reason",
            )


RULES = (InventoryRule("monitoring/untested", ADVICE, _untested, own=True),)
