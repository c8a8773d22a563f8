"""One call to Kyverno, and an honest answer to it that tests falsify."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aurora.model.json_value import JsonObject
from aurora.model.resource import ResourceId
from aurora.tools.verdicts import SENTINEL, Call
from checks.fake_kyverno import Verdict, report

APP = ResourceId("v1", "Pod", "aurora", "app")
JOB = ResourceId("batch/v1", "Job", "aurora", "job")
NODE = ResourceId("v1", "Namespace", None, "aurora")
TAGS = "disallow-latest-tag"
HONEST: list[Verdict] = [
    (SENTINEL, APP, "fail"),
    (SENTINEL, JOB, "fail"),
    (TAGS, APP, "pass"),
    (TAGS, JOB, "fail"),
]


def body(identity: ResourceId) -> JsonObject:
    metadata: JsonObject = {"name": identity.name}
    if identity.namespace:
        metadata["namespace"] = identity.namespace
    return {"apiVersion": identity.api_version, "kind": identity.kind, "metadata": metadata}


def call(tmp_path: Path, program: Path, **changes: object) -> Call:
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    values: dict[str, object] = {
        "program": program,
        "folder": folder,
        "policies": {
            TAGS: {"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "metadata": {"name": TAGS}}
        },
        "objects": [body(APP), body(JOB)],
        "namespaces": [],
        "expected": {TAGS: frozenset({APP, JOB})},
        "timeout": 20.0,
        **changes,
    }
    return Call(**values)  # type: ignore[arg-type]


def changed(change: Callable[[list[Verdict]], list[Verdict]]) -> str:
    return report(change(list(HONEST)))


def result_of(policy: str, resource: ResourceId, result: str) -> str:
    return changed(
        lambda rows: [(p, r, result if (p, r) == (policy, resource) else said) for p, r, said in rows],
    )
