"""The Grafana dashboard of the served models, as data. Pure.

It has a fixed uid and no id: a database gives ids, and links to a dashboard must survive its import. The
data source is a variable, since its name differs from one Grafana to the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aurora_constructs.components.monitoring import recordings
from aurora_constructs.names import Names
from aurora_contract import metrics

LABEL = {"grafana_dashboard": "1"}
"""What Grafana's sidecar looks for."""

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_VERSION = "{{job}} {{track}} {{model_version}}"
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One expression and the name of its series."""

    expr: str
    legend: str
    instant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; those beside each other have the same size."""

    title: str
    description: str
    type: Literal["timeseries", "stat", "table"]
    unit: str
    queries: Sequence[Query]


def panels() -> tuple[Panel, ...]:
    """Give the panels, from left to right and from top to bottom."""
    return (*_requests(), *_models())


def _requests() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Request rate",
            description="Requests per second.",
            type="timeseries",
            unit="reqps",
            queries=[Query(expr=recordings.REQUESTS, legend=_VERSION)],
        ),
        Panel(
            title="Error ratio",
            description="Share of requests that fail per model version.",
            type="timeseries",
            unit="percentunit",
            queries=[Query(expr=recordings.ERROR_RATIO, legend=_VERSION)],
        ),
        Panel(
            title="Latency",
            description="Median, 95th and 99th percentile of the request duration per model version.",
            type="timeseries",
            unit="s",
            queries=[
                Query(expr=recordings.quantile(0.5, recordings.BY_VERSION), legend=f"p50 {_VERSION}"),
                Query(expr=recordings.LATENCY, legend=f"p95 {_VERSION}"),
                Query(expr=recordings.quantile(0.99, recordings.BY_VERSION), legend=f"p99 {_VERSION}"),
            ],
        ),
    )


def _models() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Canary compared with stable",
            description="How many times the stable track's errors and latency the canary has.",
            type="timeseries",
            unit="none",
            queries=[
                Query(expr=recordings.CANARY_ERRORS, legend="errors {{job}}"),
                Query(expr=recordings.CANARY_LATENCY, legend="latency {{job}}"),
            ],
        ),
        Panel(
            title="Model version",
            description="Pods per track and model version.",
            type="stat",
            unit="short",
            queries=[
                Query(
                    expr=f"count by ({recordings.BY_VERSION}) ({metrics.MODEL_VERSION_INFO.name})",
                    legend=_VERSION,
                    instant=True,
                )
            ],
        ),
        Panel(
            title="Model loaded",
            description="1 where every pod of the track has its model loaded, 0 where one has not.",
            type="stat",
            unit="bool_yes_no",
            queries=[
                Query(
                    expr=f"min by ({recordings.BY_VERSION}) ({metrics.MODEL_LOADED.name})",
                    legend=_VERSION,
                    instant=True,
                )
            ],
        ),
    )


def dashboard(names: Names) -> dict[str, Any]:
    """Give the dashboard in Grafana's own form."""
    return {
        "uid": names.object("inference"),
        "title": f"{names.part_of.capitalize()} inference",
        "description": "Stable and canary models side by side.",
        "tags": [names.part_of],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [_datasource()]},
        "annotations": {"list": []},
        "links": [],
        "panels": [_panel(index, panel) for index, panel in enumerate(panels())],
    }


def dashboard_json(names: Names) -> str:
    """Write the dashboard: the same bytes every time."""
    return json.dumps(dashboard(names), indent=2, sort_keys=True) + "\n"


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}


def _panel(index: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(index, _COLUMNS)
    return {
        "title": panel.title,
        "description": panel.description,
        "type": panel.type,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": {},
        "targets": [_target(position, query) for position, query in enumerate(panel.queries)],
    }


def _target(position: int, query: Query) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + position),
        "datasource": _SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": query.instant,
        "range": not query.instant,
    }
