"""What a recording rule and an alert are, and their form in a PrometheusRule. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

API_VERSION = "monitoring.coreos.com/v1"

Severity = Literal["warning", "critical"]


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that Prometheus computes and keeps."""

    record: str
    expr: str

    def body(self) -> dict[str, Any]:
        """Give the rule as a PrometheusRule has it."""
        return {"record": self.record, "expr": self.expr}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What fires when its expression has held for a while; the words are for whoever is woken by it.

    `labels` tell alerts of one name apart whose series have no labels of their own.
    """

    name: str
    expr: str
    hold: str
    severity: Severity
    summary: str
    description: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Give the rule as a PrometheusRule has it."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.hold,
            "labels": {**self.labels, "severity": self.severity},
            "annotations": {"summary": self.summary, "description": self.description},
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, at one moment."""

    name: str
    rules: Sequence[Recording | Alert]

    def body(self) -> dict[str, Any]:
        """Give the group as a PrometheusRule has it."""
        return {"name": self.name, "interval": "30s", "rules": [rule.body() for rule in self.rules]}


def number(value: float) -> str:
    """Write a number as PromQL reads it, without a tail of zeros."""
    return f"{value:g}"


def any_of(values: Sequence[str]) -> str:
    """Write a matcher's regular expression for one of several names, none of which needs escaping."""
    return "|".join(sorted(set(values)))
