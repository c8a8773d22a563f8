"""Small objects for the check `schema`, and a way to judge them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aurora import manifests
from aurora.checks.schema import SchemaCheck
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.report import CheckResult
from aurora.tools.settings import Settings


def stream(*bodies: JsonObject) -> str:
    return "\n---\n".join(json.dumps(body) for body in bodies)


def config_map(name: str = "a") -> JsonObject:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}}


def thing(spec: JsonValue, name: str = "a") -> JsonObject:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec}


def judge(check: SchemaCheck, settings: Settings, text: str, *, kubernetes: str = "1.35") -> CheckResult:
    read = manifests.read(text.encode(), "input.yaml")
    assert not read.findings, read.findings
    return check.run(Inventory(read.manifests, kubernetes=kubernetes), settings)


def shown(findings: Sequence[Finding]) -> list[tuple[str, str | None, str]]:
    return [(finding.rule, finding.pointer, finding.message) for finding in findings]
