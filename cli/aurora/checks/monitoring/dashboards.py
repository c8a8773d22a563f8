"""Rules about Grafana dashboards in ConfigMaps, as the sidecar of kube-prometheus-stack loads them.

Source: docs/facts/monitoring.md; Kubernetes 1.35 (a ConfigMap holds at most 1 MiB).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.checks.monitoring import expressions
from aurora.cluster import promql
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation

LABEL = "grafana_dashboard"
MAX_BYTES = 1024 * 1024
_VARIABLE = re.compile(r"\$(?:\{[^}]{1,64}\}|\w{1,64})")
_TEXT = re.compile(r'("(?:\\.|[^"\\])*")')


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard: its ConfigMap, the key that it stands under, and its JSON; None where that is broken."""

    manifest: Manifest
    key: str
    body: JsonObject | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Where it stands."""
        return ("data", self.key)


def config_maps(inventory: Inventory) -> Iterator[Manifest]:
    """Yield the ConfigMaps that Grafana's sidecar loads."""
    return (found for found in inventory.of_kind("ConfigMap", group="") if LABEL in found.labels)


def dashboards(inventory: Inventory) -> Iterator[Dashboard]:
    """Yield every dashboard."""
    for manifest in config_maps(inventory):
        for key, written in mapping(manifest.get("data")).items():
            yield Dashboard(manifest, key, _json(written))


def _json(written: JsonValue) -> JsonObject | None:
    try:
        found = json.loads(text(written))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _broken(inventory: Inventory) -> Iterator[Violation]:
    for dashboard in dashboards(inventory):
        if dashboard.body is None:
            yield Violation(
                manifest=dashboard.manifest,
                steps=dashboard.steps,
                message=f"`{dashboard.key}` is no JSON object, so Grafana shows nothing",
                hint="export the dashboard again",
            )
    for manifest in config_maps(inventory):
        size = sum(len(text(written).encode()) for written in mapping(manifest.get("data")).values())
        if size > MAX_BYTES:
            yield Violation(
                manifest=manifest,
                steps=("data",),
                message=f"{size} bytes: a ConfigMap holds at most {MAX_BYTES}",
                hint="give each dashboard a ConfigMap of its own",
            )


def _identity(inventory: Inventory) -> Iterator[Violation]:
    seen: dict[str, Dashboard] = {}
    for dashboard in dashboards(inventory):
        body = dashboard.body
        if body is None:
            continue
        for problem in _identity_problems(body):
            yield _unidentified(dashboard, problem)
        uid = text(body.get("uid"))
        earlier = seen.setdefault(uid, dashboard) if uid else dashboard
        if earlier is not dashboard:
            yield _unidentified(dashboard, f"the `uid` is that of `{earlier.key}` in {earlier.manifest.id}")


def _identity_problems(body: JsonObject) -> Iterator[str]:
    for key in ("uid", "title"):
        if not text(body.get(key)):
            yield f"there is no `{key}`"
    if body.get("id") is not None:
        yield f"the `id` {body['id']} belongs to the Grafana that it was exported from"


def _unidentified(dashboard: Dashboard, problem: str) -> Violation:
    return Violation(
        manifest=dashboard.manifest,
        steps=dashboard.steps,
        message=f"`{dashboard.key}`: {problem}",
        hint="state a `uid` of its own and a `title`, and leave `id` out",
    )


def _datasource(inventory: Inventory) -> Iterator[Violation]:
    for dashboard in dashboards(inventory):
        body = dashboard.body
        if body is None:
            continue
        variables = items(dig(body, "templating", "list"))
        known = {text(dig(entry, "name")) for entry in variables if dig(entry, "type") == "datasource"}
        fixed = sorted({name for name in _sources(body) if not _is_variable(name, known)})
        if not known or fixed:
            what = f"panels use the data source `{fixed[0]}`" if fixed else "no variable chooses the data source"
            yield Violation(
                manifest=dashboard.manifest,
                steps=dashboard.steps,
                message=f"`{dashboard.key}`: {what}",
                hint="add a variable of type `datasource`, and use it in every panel",
            )


def _is_variable(name: str, known: set[str]) -> bool:
    return name.startswith("-- ") or name == "grafana" or name.strip("${}") in known


def _sources(body: JsonObject) -> Iterator[str]:
    for part in parts(body.get("panels")):
        source = part.get("datasource")
        name = text(source) or text(dig(source, "uid"))
        if name:
            yield name


def parts(value: JsonValue | None) -> Iterator[JsonObject]:
    """Yield panels, the panels in rows, and the queries of both."""
    waiting = [mapping(entry) for entry in items(value)]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(mapping(entry) for key in ("panels", "targets") for entry in items(part.get(key)))


def _queries(inventory: Inventory) -> Iterator[Violation]:
    for dashboard in dashboards(inventory):
        for part in parts(mapping(dashboard.body).get("panels")):
            expression = text(part.get("expr"))
            problem = _query_problem(expression) if expression else None
            if problem:
                yield Violation(
                    manifest=dashboard.manifest,
                    steps=dashboard.steps,
                    message=f"`{dashboard.key}`: the query `{expression[:80]}` {problem}",
                    hint="try it in Grafana's explore view",
                )


def _query_problem(expression: str) -> str | None:
    try:
        tree = promql.parse(substituted(expression))
    except ValueError as error:
        return f"is no PromQL: {error}"
    if any(expressions.loses_buckets(call.args[-1]) for call in expressions.quantiles(tree)):
        return "loses the label `le` below `histogram_quantile`"
    return None


def substituted(expression: str) -> str:
    """Put a duration where Grafana puts the value of a variable; texts keep theirs, since any text may stand there."""
    parts = _TEXT.split(expression)
    return "".join(part if part.startswith('"') else _VARIABLE.sub("5m", part) for part in parts)


RULES = (
    InventoryRule("monitoring/dashboard-unreadable", REFUSED, _broken, scope=OBJECT),
    InventoryRule("monitoring/dashboard-identity", ADVICE, _identity),
    InventoryRule("monitoring/dashboard-datasource", ADVICE, _datasource, scope=OBJECT),
    InventoryRule("monitoring/dashboard-query", BROKEN, _queries, scope=OBJECT),
)
