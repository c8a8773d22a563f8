"""Which series Prometheus stores in an environment, and with which labels: the catalogue, seen through the scrapes.

Source: Prometheus 3, documentation of configuration (`honor_labels`, relabelling); prometheus-operator 0.93,
pkg/prometheus/promcfg.go (labels of targets). Finds facts; never judges them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from aurora.charts.releases import Release, releases
from aurora.checks.monitoring.catalogue import Source, catalogue
from aurora.cluster import surroundings
from aurora.cluster.scrapes import GROUP
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.manifest import Manifest
from aurora_constructs.labels import METRICS

Labels = frozenset[str]
ENDPOINTS = {"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}
_OF_PODS: Labels = frozenset({"container", "endpoint", "instance", "job", "namespace", "pod"})
_OF_TARGETS = {"PodMonitor": _OF_PODS, "ServiceMonitor": _OF_PODS | {"service"}}
_CHART_LABELS = ("helm.sh/chart", "chart")
_VERSION = re.compile(r"-v?\d+\..*")


def series(inventory: Inventory) -> Mapping[str, Labels]:
    """Give the series that are collected, with the labels that they can have."""
    return inventory.once(_series)


def named(inventory: Inventory, monitor: Manifest) -> list[str]:
    """Give the sources that a monitor says it collects."""
    stated = monitor.annotations.get(inventory.names.key(METRICS), "")
    return [name for part in stated.split(",") if (name := part.strip())]


def monitors(inventory: Inventory) -> Iterator[Manifest]:
    """Yield every monitor of Services and pods."""
    for kind in ENDPOINTS:
        yield from inventory.of_kind(kind, group=GROUP)


def _series(inventory: Inventory) -> Mapping[str, Labels]:
    found: dict[str, set[str]] = defaultdict(set)
    every = set(_OF_PODS)
    for monitor, endpoint in _endpoints(inventory):
        targets = _targets(monitor, endpoint)
        every |= targets
        brought = {*named(inventory, monitor), *_of_chart(monitor)}
        for name in brought & catalogue().keys():
            for each, own in catalogue()[name].series.items():
                found[each] |= _kept(own, targets, endpoint)
    charts = list(releases(inventory))
    elsewhere = not any(_name(release) in surroundings.MONITORING_CHARTS for release in charts)
    for source in catalogue().values():
        for each, own in source.series.items():
            for labels in _by_charts(source, own, charts, elsewhere=elsewhere):
                found[each] |= labels
            if source.always:
                found[each] |= every
    return {name: frozenset(labels) for name, labels in found.items()}


def _endpoints(inventory: Inventory) -> Iterator[tuple[Manifest, JsonObject]]:
    for monitor in monitors(inventory):
        for endpoint in items(monitor.get("spec", ENDPOINTS[monitor.id.kind])):
            yield monitor, mapping(endpoint)


def _of_chart(monitor: Manifest) -> Iterator[str]:
    """Yield the sources whose chart made a monitor that is among the objects."""
    stated = [monitor.labels.get(key, "") for key in _CHART_LABELS]
    names = {_VERSION.sub("", label) for label in stated if label}
    for source in catalogue().values():
        if any(each.chart in names for each in source.charts):
            yield source.name


def _by_charts(source: Source, own: Labels, charts: list[Release], *, elsewhere: bool) -> Iterator[Labels]:
    """Yield the labels by each chart's monitor; what Prometheus' own chart brings may be there by somebody else."""
    for scrape in source.charts:
        # Values that are not at hand may switch anything on.
        if (elsewhere and scrape.chart in surroundings.MONITORING_CHARTS) or any(
            _name(release) == scrape.chart and (release.unknown or scrape.is_on(release.values)) for release in charts
        ):
            targets = _OF_TARGETS["ServiceMonitor"] | scrape.adds
            yield targets | _renamed(own, targets, honors=scrape.honors)


def _name(release: Release) -> str:
    return release.chart.rpartition("/")[2]


def _targets(monitor: Manifest, endpoint: JsonObject) -> Labels:
    relabelled = {text(mapping(entry).get("targetLabel")) for entry in items(endpoint.get("relabelings"))}
    passed = [*items(monitor.get("spec", "targetLabels")), *items(monitor.get("spec", "podTargetLabels"))]
    added = relabelled | {re.sub(r"[^A-Za-z0-9_]", "_", text(name)) for name in passed}
    return _OF_TARGETS[monitor.id.kind] | (added - {""})


def _kept(own: Labels, targets: Labels, endpoint: JsonObject) -> Labels:
    labels = targets | _renamed(own, targets, honors=endpoint.get("honorLabels") is True)
    for entry in items(endpoint.get("metricRelabelings")):
        labels = _relabelled(labels, mapping(entry))
    return labels


def _relabelled(labels: Labels, rule: Mapping[str, JsonValue]) -> Labels:
    action, target = text(rule.get("action")).lower() or "replace", text(rule.get("targetLabel"))
    if action == "labeldrop":
        return frozenset(label for label in labels if not _matches(text(rule.get("regex")), label))
    return labels | {target} if action == "replace" and target else labels


def _matches(pattern: str, label: str) -> bool:
    try:
        return re.fullmatch(pattern, label) is not None
    except re.error:
        return False


def _renamed(own: Labels, targets: Labels, *, honors: bool) -> Labels:
    """Give a program's labels as they are stored: a target keeps those that it sets itself, unless told otherwise."""
    return own if honors else frozenset(f"exported_{label}" if label in targets else label for label in own)
