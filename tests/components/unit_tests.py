"""Monitoring's rules, queries and their cases as promtool reads them: open values filled in, words left out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aurora import tables
from aurora_constructs.components.monitoring.spec import Thresholds
from aurora_constructs.filling import fill
from aurora_contract import metrics, programs

LIMITS = Thresholds()
VALUES = {
    **{name: f"{value:g}" for name, value in LIMITS.model_dump().items()},
    "certificate_seconds": LIMITS.certificate_days * 24 * 3600,
    "failed": metrics.FAILED,
    "gate": programs.MODEL_GATE.container,
    "server": programs.INFERENCE.container,
    "namespace": "shop",
    "namespaces": "shop|team",
    "name": "app",
    "names": "app|other",
    "proxy": "model",
    "job": "app",
    "environment": "example",
    "component": "model",
}
COMPARED: dict[str, str] = fill(tables.of_component("monitoring/analyses")["queries"], VALUES)
VALUES |= {f"compared_{name}": query for name, query in COMPARED.items()}


def sections() -> list[dict[str, Any]]:
    """Give the sections of rules with their open values filled in."""
    found: list[dict[str, Any]] = fill(tables.of_component("monitoring/rules")["sections"], VALUES)
    return found


def queries() -> dict[str, str]:
    """Give the queries of triggers, filled in."""
    found: dict[str, str] = fill(tables.of_component("monitoring/queries")["queries"], VALUES)
    return found


def cases() -> dict[str, Any]:
    """Give the cases, filled in."""
    found: dict[str, Any] = fill(tables.of_component("monitoring/cases"), VALUES)
    return found


def write(folder: Path, tests: Iterable[Mapping[str, Any]]) -> list[str]:
    """Write files for promtool, two for each section with the rules that it needs; give the names of those of tests."""
    by_section: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for test in tests:
        by_section[str(test["name"]).partition("/")[0]].append(test)
    for name, own in by_section.items():
        needed = [each for each in sections() if each["id"] == name or each.get("group") == "recordings"]
        groups = [{"name": each["id"], "rules": [_wordless(rule) for rule in each["rules"]]} for each in needed]
        (folder / f"{name}.rules").write_text(json.dumps({"groups": groups}))
        order = [each["id"] for each in needed]
        body = {"rule_files": [f"{name}.rules"], "evaluation_interval": "30s", "group_eval_order": order, "tests": own}
        (folder / f"{name}.tests").write_text(json.dumps({**body, "fuzzy_compare": True}))
    return [f"{name}.tests" for name in by_section]


def _wordless(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the annotations: words are no part of a verdict."""
    return {key: value for key, value in rule.items() if key != "annotations"}


def of_alerts() -> Iterator[dict[str, Any]]:
    """Yield a test for each case of each alert, with the labels that the rule gives."""
    written = {
        (section["id"], rule["alert"]): rule for section in sections() for rule in section["rules"] if "alert" in rule
    }
    for section, alerts in cases()["alerts"].items():
        for alert, known in alerts.items():
            for case, body in known.items():
                if case != "labels":
                    expected = [
                        {"exp_labels": {**labels, **written[section, alert]["labels"]}}
                        for labels in body.get("alerts", [])
                    ]
                    test = {"eval_time": body["at"], "alertname": alert, "exp_alerts": expected}
                    given = _series(body, known.get("labels", ""))
                    yield {**given, "name": f"{section}/{alert}/{case}", "alert_rule_test": [test]}


def of_queries() -> Iterator[dict[str, Any]]:
    """Yield a test for each case of each query: it gives one value, and nothing tells it apart."""
    for name, known in cases()["queries"].items():
        for case, body in known.items():
            expected = [{"labels": "{}", "value": body["value"]}]
            test = {"expr": queries()[name], "eval_time": body["at"], "exp_samples": expected}
            yield {**_series(body, ""), "name": f"{name}/{case}", "promql_expr_test": [test]}


def _series(body: Mapping[str, Any], labels: str) -> dict[str, Any]:
    given = [
        {"series": fill(series.replace("{*", "{" + labels), VALUES), "values": values}
        for series, values in body.get("series", {}).items()
    ]
    return {"interval": "30s", "input_series": given}
