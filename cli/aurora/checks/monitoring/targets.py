"""Rules about what Prometheus scrapes: monitors that lead to ports, with readable times and one release."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aurora.cluster import promql, scrapes, surroundings
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.json_value import dig, items, text
from aurora.model.rule import InventoryRule, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.cluster.scrapes import Scrape
    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest

GROUP = scrapes.GROUP
KINDS = ("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe")
ENDPOINTS = {"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}
RELEASE = "release"


def _known(inventory: Inventory, scrape: Scrape) -> bool:
    """Tell whether the manifests can say what a monitor selects: charts bring objects that they do not hold."""
    from_charts = surroundings.chart_namespaces(inventory)
    return scrape.namespaces is not None and not from_charts.intersection(scrape.namespaces)


def _nothing(inventory: Inventory) -> Iterator[Violation]:
    seen: set[int] = set()
    for scrape in scrapes.scrapes(inventory):
        if not scrape.selected and id(scrape.monitor) not in seen and _known(inventory, scrape):
            seen.add(id(scrape.monitor))
            what = "Service" if scrape.monitor.id.kind == "ServiceMonitor" else "pod"
            yield Violation(
                manifest=scrape.monitor,
                steps=("spec", "selector"),
                message=f"the selector matches no {what} in {', '.join(scrape.namespaces or ())}",
                hint=f"select labels that the {what} itself carries, and name its namespace in `namespaceSelector`",
            )


def _no_port(inventory: Inventory) -> Iterator[Violation]:
    for scrape in scrapes.scrapes(inventory):
        if scrape.selected and scrape.found < scrape.selected:
            what = "Services" if scrape.monitor.id.kind == "ServiceMonitor" else "workloads"
            yield Violation(
                manifest=scrape.monitor,
                steps=scrape.steps,
                message=f"of {scrape.selected} selected {what} {scrape.found} have a port `{scrape.named}`",
                hint="a ServiceMonitor names the Service's port by its name, a PodMonitor the container's",
            )


def _times(inventory: Inventory) -> Iterator[Violation]:
    for kind, field in ENDPOINTS.items():
        for monitor in inventory.of_kind(kind, group=GROUP):
            for number, endpoint in enumerate(items(monitor.get("spec", field))):
                for key, message in _time_problems(
                    text(dig(endpoint, "interval")), text(dig(endpoint, "scrapeTimeout"))
                ):
                    yield Violation(
                        manifest=monitor,
                        steps=("spec", field, number, key),
                        message=message,
                        hint="write durations such as `30s`, the time-out not above the interval",
                    )


def _time_problems(interval: str, timeout: str) -> Iterator[tuple[str, str]]:
    read = {"interval": promql.seconds(interval), "scrapeTimeout": promql.seconds(timeout)}
    for key, written in (("interval", interval), ("scrapeTimeout", timeout)):
        if written and read[key] is None:
            yield key, f"`{written}` is no duration"
    longest, waits = read["interval"], read["scrapeTimeout"]
    if longest and waits and waits > longest:
        yield "scrapeTimeout", f"the time-out {timeout} is longer than the interval {interval}"


def _releases(inventory: Inventory) -> Iterator[Violation]:
    found: list[Manifest] = [manifest for kind in KINDS for manifest in inventory.of_kind(kind, group=GROUP)]
    stated = Counter(manifest.labels[RELEASE] for manifest in found if RELEASE in manifest.labels)
    if not stated:
        return
    usual = min(stated, key=lambda name: (-stated[name], name))
    for manifest in found:
        if manifest.labels.get(RELEASE) != usual:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "labels", RELEASE),
                message=f"the label `{RELEASE}` is not `{usual}`, as on the other monitoring objects",
                hint=f"set the label `{RELEASE}: {usual}`",
            )


_MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: model, namespace: ml, labels: {release: prometheus}}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: model}}
  endpoints: [{port: http, interval: 30s, scrapeTimeout: 10s}]
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml, labels: {app.kubernetes.io/name: model}}
spec: {selector: {app.kubernetes.io/name: model}, ports: [{name: http, port: 80, targetPort: http}]}
"""
_SCRAPED = stream(_MONITOR, _SERVICE)
_RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: model, namespace: ml, labels: {release: prometheus}}
spec: {groups: []}
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="monitoring/selects-nothing",
            severity=Severity.ERROR,
            summary="a monitor that selects no Service or pod",
            why="Nothing is scraped and nothing complains: alerts on values that do not exist never fire.",
            bad=_MONITOR,
            good=_SCRAPED,
        ),
        find=_nothing,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="monitoring/no-such-port",
            severity=Severity.ERROR,
            summary="a monitor that names a port which what it selects does not have",
            why="The operator takes the name of a Service's port; a number or another name scrapes nothing.",
            bad=altered(_SCRAPED, "{port: http, interval", "{port: metrics, interval"),
            good=_SCRAPED,
        ),
        find=_no_port,
    ),
    InventoryRule(
        rule=Rule(
            id="monitoring/scrape-times",
            severity=Severity.ERROR,
            summary="a scrape whose interval or time-out cannot be kept",
            why="The operator drops a monitor whose time-out is above its interval, with a line in its log only.",
            bad=altered(_MONITOR, "scrapeTimeout: 10s", "scrapeTimeout: 1m"),
            good=_MONITOR,
        ),
        find=_times,
    ),
    InventoryRule(
        rule=Rule(
            id="monitoring/release-label",
            severity=Severity.ERROR,
            summary="monitoring objects with different `release` labels",
            why="The stack's chart selects objects by that label: those with another one are ignored.",
            bad=stream(_MONITOR, altered(_RULE, ", labels: {release: prometheus}", "")),
            good=stream(_MONITOR, _RULE),
        ),
        find=_releases,
    ),
)
