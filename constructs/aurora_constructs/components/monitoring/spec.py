"""What people write for monitoring. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.platform import Platform
from aurora_constructs.spec import NamespacedSpec, Spec, Subject

Ratio = Annotated[float, Field(gt=0, lt=1)]
"""A share between 0 and 1."""

RequestRate = Annotated[float, Field(gt=0, le=1000)]
"""Requests in a second."""

Factor = Annotated[float, Field(gt=1, le=100)]
"""How many times as much."""


Index = Annotated[float, Field(gt=0, le=10)]
"""A population stability index."""


class Thresholds(Spec):
    """The values above which somebody is told."""

    latency_seconds: Annotated[float, Field(gt=0, le=600)] = 1.0
    """95 of 100 requests must be answered faster than this."""
    error_ratio: Ratio = 0.05
    """The share of requests that may fail."""
    requests_per_second: RequestRate = 0.1
    """The rate below which ratios and quantiles say nothing."""
    canary_errors: Factor = 2.0
    """How many times the stable track's errors the canary may have."""
    canary_latency: Factor = 1.5
    """How many times as slow as the stable track the canary may be."""
    volume_ratio: Ratio = 0.85
    """How full a volume may be."""
    certificate_days: Annotated[int, Field(ge=1, le=90)] = 14
    """How many days before its end a certificate must have been renewed."""
    restarts_per_hour: Annotated[int, Field(ge=1, le=100)] = 3
    """How often a serving container may restart in an hour."""
    pipeline_failure_ratio: Ratio = 0.1
    """The share of the workflows that end within an hour that may fail."""
    input_drift: Index = 0.2
    """How far an input may be from the data of the training, as a population stability index."""
    node_ratio: Ratio = 0.9
    """How much of its CPU or memory a node may use."""
    gpu_percent: Annotated[int, Field(ge=1, le=99)] = 20
    """How much of a GPU, in percent, a pod that has it must use over half an hour."""


class MonitoringSpec(NamespacedSpec):
    """Recording rules, alerts and the dashboard; `namespace` is that of Prometheus and Grafana."""

    kind: Literal["Monitoring"] = "Monitoring"
    nodes: bool = False
    """Whether nodes are watched too: how they are, what they use, and what is bought and not used."""
    thresholds: Thresholds = Thresholds()
    """The values above which somebody is told."""

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the nodes, where they are watched."""
        if self.nodes:
            yield Subject("nodes", self.namespace, name)
