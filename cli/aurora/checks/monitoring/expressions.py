"""Rules about PromQL: expressions that can be read and that say what they are meant to.

Source: Prometheus' documentation of `histogram_quantile`, `absent` and arithmetic on empty and zero
values; docs/facts/monitoring.md. Which metrics exist is judged in `known`.
"""

from collections.abc import Iterator

from aurora.checks.monitoring.alerting import PrometheusEntry, entries
from aurora.cluster import promql, surroundings
from aurora.cluster.promql import Call, Expr
from aurora.model.inventory import Inventory
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation

_DIVISION = frozenset({"/"})
_ABOVE = frozenset({">", ">="})
_AND = frozenset({"and"})


def _violation(entry: PrometheusEntry, message: str, hint: str) -> Violation:
    return Violation(manifest=entry.manifest, steps=(*entry.steps, "expr"), message=message, hint=hint)


def _syntax(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        try:
            promql.parse(entry.expression)
        except ValueError as error:
            yield _violation(entry, f"the expression is no PromQL: {error}", "try it in Prometheus")


def _no_result(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        kind = promql.result(entry.tree) if entry.tree is not None else ""
        if kind:
            message = f"the result is {kind}, and a rule needs a vector or a number: it fails at every evaluation"
            yield _violation(entry, message, "write a function around it, such as `rate(…)` or `avg_over_time(…)`")


def _without_le(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        if entry.tree is not None and any(loses_buckets(call.args[-1]) for call in quantiles(entry.tree)):
            yield _violation(
                entry,
                "the aggregation below `histogram_quantile` loses the label `le`",
                "write `sum by (le, …) (rate(…_bucket[5m]))`",
            )


def quantiles(tree: Expr) -> Iterator[Call]:
    """Yield the quantiles of an expression that have an argument."""
    return (call for call in promql.calls(tree, frozenset({"histogram_quantile"})) if call.args)


def loses_buckets(tree: Expr) -> bool:
    """Tell whether an aggregation of a classic histogram's buckets drops what tells them apart."""
    for node in promql.nodes(tree):
        if isinstance(node, promql.AggregateExpr) and promql.drops_label(node, "le"):
            return any(name.endswith("_bucket") or ":" in name for name in promql.metrics(node))
    return False


def _ratios(inventory: Inventory) -> frozenset[str]:
    """Give the recorded metrics that are quotients of rates, or made of such."""
    recorded = [(entry.record, entry.tree) for entry in entries(inventory) if entry.record]
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(name for name, tree in recorded if tree is not None and _is_ratio(tree, found))
        if more <= found:
            return found
        found |= more


def _is_ratio(tree: Expr, recorded: frozenset[str]) -> bool:
    divided = any(_may_be_small(node.rhs) for node in promql.binaries(tree, _DIVISION))
    return divided or not recorded.isdisjoint(promql.metrics(tree))


def _may_be_small(divisor: Expr) -> bool:
    """Tell whether a divisor is a rate that nothing keeps at a minimum; a mere `> 0` does not."""
    names = promql.metrics(divisor)
    rate = promql.counts_events(divisor) or any(":" in name and "rate" in name for name in names)
    kept = _minimums(divisor) or any(promql.calls(divisor, frozenset({"clamp_min"})))
    return rate and not kept


def _minimums(tree: Expr) -> bool:
    """Tell whether something in an expression is compared with a minimum above 0."""
    return any(promql.is_number(node.rhs) and promql.number(node.rhs) != 0 for node in promql.binaries(tree, _ABOVE))


def _unguarded(inventory: Inventory) -> Iterator[Violation]:
    recorded = _ratios(inventory)
    for entry in entries(inventory):
        tree = entry.tree
        if entry.alert and tree is not None and _is_ratio(tree, recorded) and not _guarded(tree, recorded):
            yield _violation(
                entry,
                "with few requests one failure makes this ratio large, and without any it is no number",
                "add `and` with a minimum rate of the divisor, such as `and sum(rate(…[5m])) > 0.1`",
            )


def _guarded(tree: Expr, recorded: frozenset[str]) -> bool:
    """Look for a minimum: one side of an `and` compares something that is no ratio with a number."""
    return any(
        _minimums(side) and not _is_ratio(side, recorded)
        for both in promql.binaries(tree, _AND)
        for side in (both.lhs, both.rhs)
    )


def _vanished(inventory: Inventory) -> Iterator[Violation]:
    alerts = [(entry, entry.tree) for entry in entries(inventory) if entry.alert]
    watched = any(_watches_absence(tree) for _, tree in alerts if tree is not None)
    for entry, tree in alerts:
        if tree is not None and not watched and _only_down(tree):
            yield _violation(
                entry,
                "`up == 0` says nothing about a target that is gone from the list of targets",
                'write `absent(up{job="…"} == 1)`, or add an alert on `absent(up{…})`',
            )


def _only_down(tree: Expr) -> bool:
    """Find `up == 0` and `up < 1`; the parser keeps the operands in their order."""
    return any(
        isinstance(node.lhs, promql.VectorSelector)
        and promql.metric(node.lhs) == "up"
        and promql.number(node.rhs) == (0 if str(node.op) == "==" else 1)
        for node in promql.binaries(tree, frozenset({"==", "<"}))
    )


def _watches_absence(tree: Expr) -> bool:
    return any("up" in promql.metrics(call) for call in promql.calls(tree, promql.ABSENT))


def _unrecorded(inventory: Inventory) -> Iterator[Violation]:
    known = {entry.record for entry in entries(inventory)}
    families = {inventory.names.part_of, *(_family(name) for name in known)}
    from_charts = any(chart in surroundings.MONITORING_CHARTS for chart, _ in surroundings.charts(inventory))
    for entry in entries(inventory):
        names = promql.metrics(entry.tree) if entry.tree is not None else set()
        for name in sorted(names - known):
            # Charts bring recording rules of their own, about other metrics than ours.
            if name.count(":") > 1 and (not from_charts or _family(name) in families):
                yield _violation(
                    entry,
                    f"`{name}` has the name of a recorded metric, and nothing records it",
                    "add the recording rule, or correct the name",
                )


def _family(name: str) -> str:
    """Give the first word of the metric in `level:metric:operation`, which exporters begin all their metrics with."""
    return (*name.split(":"), "")[1].partition("_")[0]


RULES = (
    InventoryRule("monitoring/promql", REFUSED, _syntax, scope=OBJECT),
    InventoryRule("monitoring/no-vector", BROKEN, _no_result, scope=OBJECT),
    InventoryRule("monitoring/quantile-without-le", BROKEN, _without_le, scope=OBJECT),
    InventoryRule("monitoring/unguarded-ratio", ADVICE, _unguarded),
    InventoryRule("monitoring/vanished-target", ADVICE, _vanished),
    InventoryRule("monitoring/unrecorded", BROKEN, _unrecorded, softens=True),
)
