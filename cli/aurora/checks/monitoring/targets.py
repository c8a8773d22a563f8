"""Rules about what Prometheus scrapes: monitors that lead to ports, with readable times and one release."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aurora.cluster import promql, scrapes, surroundings
from aurora.model import selectors
from aurora.model.json_value import dig, items, text
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation

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
    """Tell whether the manifests can say what a monitor selects: charts and the cluster bring objects of their own."""
    elsewhere = surroundings.chart_namespaces(inventory) | {surroundings.SYSTEM_NAMESPACE}
    if scrape.namespaces is None or elsewhere.intersection(scrape.namespaces):
        return False
    selector = scrape.monitor.get("spec", "selector")
    return "default" not in scrape.namespaces or not selectors.matches(selector, surroundings.API_SERVICE_LABELS)


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
        if scrape.selected and not scrape.found:
            what = "Services" if scrape.monitor.id.kind == "ServiceMonitor" else "workloads"
            yield Violation(
                manifest=scrape.monitor,
                steps=scrape.steps,
                message=f"none of the {scrape.selected} selected {what} has a port `{scrape.named}`",
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


RULES = (
    InventoryRule("monitoring/selects-nothing", BROKEN, _nothing, softens=True),
    InventoryRule("monitoring/no-such-port", BROKEN, _no_port),
    InventoryRule("monitoring/scrape-times", REFUSED, _times, scope=OBJECT),
    InventoryRule("monitoring/release-label", ADVICE, _releases),
)
