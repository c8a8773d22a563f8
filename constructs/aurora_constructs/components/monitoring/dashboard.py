"""The Grafana dashboard of the served models: panels of the table `dashboard.yaml`, each at its place. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from aurora_constructs.filling import fill
from aurora_constructs.names import Names

LABEL = {"grafana_dashboard": "1"}
"""What Grafana's sidecar looks for."""

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2


def dashboard_json(table: Mapping[str, Any], names: Names) -> str:
    """Write the dashboard in Grafana's own form: the same bytes every time."""
    values = {"uid": names.object("inference"), "title": names.part_of.capitalize(), "tag": names.part_of}
    found = fill(table, values)
    found["panels"] = [_panel(index, panel) for index, panel in enumerate(found["panels"])]
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _panel(index: int, panel: Mapping[str, Any]) -> dict[str, Any]:
    """Those beside each other have the same size."""
    row, column = divmod(index, _COLUMNS)
    return {
        "title": panel["title"],
        "description": panel["description"],
        "type": panel["type"],
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel["unit"]}, "overrides": []},
        "options": {},
        "targets": [_target(position, query) for position, query in enumerate(panel["queries"])],
    }


def _target(position: int, query: Mapping[str, Any]) -> dict[str, Any]:
    instant = query.get("instant", False)
    return {
        "refId": chr(ord("A") + position),
        "datasource": _SOURCE,
        "expr": query["expr"],
        "legendFormat": query["legend"],
        "instant": instant,
        "range": not instant,
    }
