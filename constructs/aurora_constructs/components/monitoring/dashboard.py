"""Grafana dashboards of what the environment has: panels of the table `dashboard.yaml`, each at its place. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from aurora_constructs.components.monitoring.selection import any_of, chosen
from aurora_constructs.filling import fill
from aurora_constructs.names import Names
from aurora_constructs.spec import Spec, Subject

LABEL = {"grafana_dashboard": "1"}
"""What Grafana's sidecar looks for."""

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2


class Query(Spec):
    """What a panel asks Prometheus, and how it names each series of the answer; `about` and `beside` as for rules."""

    expr: Annotated[str, Field(min_length=1)]
    legend: str
    instant: bool = False
    about: list[str] = []
    beside: list[str] = []


class Panel(Spec):
    """One picture; `unit` is one of Grafana's own."""

    title: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=1)]
    type: Literal["stat", "timeseries"]
    unit: Literal["bool_yes_no", "none", "percent", "percentunit", "reqps", "s", "short"]
    queries: Annotated[list[Query], Field(min_length=1)]


class Dashboard(Spec):
    """One dashboard: `name` makes its uid, `suffix` the name of its ConfigMap."""

    name: str
    suffix: str
    title: str
    description: str
    about: list[str]
    panels: Annotated[list[Panel], Field(min_length=1)]


def dashboard_json(entry: Mapping[str, Any], names: Names, subjects: Sequence[Subject]) -> str:
    """Write a dashboard in Grafana's own form: the same bytes every time.

    It has a fixed uid and no id: a database gives ids, and links to a dashboard must survive its import. The data
    source is a variable, since its name differs from one Grafana to the next.

    Raises:
        ValidationError: the table's entry is no dashboard.
    """
    made = Dashboard.model_validate(fill(entry, {"title": names.part_of.capitalize(), **_values(entry, subjects)}))
    variable = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}
    found = {
        "uid": names.object(made.name),
        "title": made.title,
        "description": made.description,
        "tags": [names.part_of],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [variable]},
        "annotations": {"list": []},
        "links": [],
        "panels": [_panel(index, panel, asked) for index, (panel, asked) in enumerate(_shown(made, subjects))],
    }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _values(entry: Mapping[str, Any], subjects: Sequence[Subject]) -> dict[str, str]:
    about = chosen(entry, subjects)
    return {
        "namespaces": any_of(each.namespace for each in about),
        "names": any_of(each.name for each in about),
    }


def _shown(made: Dashboard, subjects: Sequence[Subject]) -> Iterator[tuple[Panel, list[Query]]]:
    """Give the panels that have something to ask for, with that."""
    for panel in made.panels:
        asked = list(_asked(panel, subjects))
        if asked:
            yield panel, asked


def _panel(index: int, panel: Panel, asked: Sequence[Query]) -> dict[str, Any]:
    """Those beside each other have the same size."""
    row, column = divmod(index, _COLUMNS)
    return {
        "title": panel.title,
        "description": panel.description,
        "type": panel.type,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": {},
        "targets": [_target(position, query) for position, query in enumerate(asked)],
    }


def _asked(panel: Panel, subjects: Sequence[Subject]) -> Iterator[Query]:
    for query in panel.queries:
        needed = query.model_dump(include={"about", "beside"}, exclude_defaults=True)
        if "about" not in needed or chosen(needed, subjects):
            yield query


def _target(position: int, query: Query) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + position),
        "datasource": _SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": query.instant,
        "range": not query.instant,
    }
