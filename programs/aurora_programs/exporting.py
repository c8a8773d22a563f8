"""Metrics of the contract as objects of the Prometheus client."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from aurora_contract.metrics import Metric


def counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    """Give the counter. The client adds `_total` itself."""
    assert metric.type == "counter", metric.name  # noqa: S101 - a mistake of ours
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


def gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    """Give the gauge."""
    assert metric.type == "gauge", metric.name  # noqa: S101 - as above
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)


def histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    """Give the histogram, with the client's own buckets: 5 ms to 10 s."""
    assert metric.type == "histogram", metric.name  # noqa: S101 - as above
    return Histogram(metric.name, metric.help, metric.labels, registry=registry)
