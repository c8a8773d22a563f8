"""Programs that stand in for Kyverno: one that says what a test wrote down, one that judges a little itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from aurora.model.resource import ResourceId

Verdict = tuple[str, ResourceId, str]
"""Policy, object and result, as a report has them."""

_CANNED = """\
#!{python}
import sys, time
from pathlib import Path
here = Path({folder!r})
{before}
sys.stdout.write((here / "stdout").read_text())
sys.stdout.flush()
sys.stderr.write((here / "stderr").read_text())
sys.exit({code})
"""

# Judges as a policy's annotation `fake` says: `violated-by-planted`, `silent`, or a result for everything.
_JUDGING = """\
#!{python}
import json, sys, yaml
from pathlib import Path
loader = yaml.CSafeLoader
policies = [yaml.load(Path(name).read_text(), loader) for name in sys.argv[2:sys.argv.index("--resource")]]
objects = list(yaml.load_all(Path("objects.yaml").read_text(), loader))
lie = {lie!r}
results = []
for body in objects:
    metadata = body["metadata"]
    planted = metadata["name"].startswith("aurora-planted") or "planted.invalid" in json.dumps(body)
    for policy in policies:
        name = policy["metadata"]["name"]
        demand = policy["metadata"].get("annotations", {{}}).get("fake", "violated-by-planted")
        result = ("fail" if planted else "pass") if demand == "violated-by-planted" else demand
        if name == "aurora-sentinel":
            result = "fail"
        if demand == "silent":
            continue
        if lie == "forget" and name != "aurora-sentinel" and not planted:
            continue
        if lie == "pass-planted" and planted:
            result = "pass"
        resource = {{"apiVersion": body["apiVersion"], "kind": body["kind"], "name": metadata["name"]}}
        if metadata.get("namespace"):
            resource["namespace"] = metadata["namespace"]
        message = "container app is wrong"
        results.append({{"policy": name, "result": result, "message": message, "resources": [resource]}})
summary = {{key: sum(row["result"] == key for row in results) for key in ("pass", "fail", "warn", "error", "skip")}}
report = {{"kind": "ClusterReport", "apiVersion": "openreports.io/v1alpha1"}}
print(json.dumps({{**report, "summary": summary, "results": results}}))
sys.exit(1 if summary["fail"] else 0)
"""


def report(verdicts: Iterable[Verdict], *, counted: Sequence[Verdict] | None = None) -> str:
    """Print verdicts as Kyverno does; `counted` are those that the summary speaks of, by default all."""
    rows = list(verdicts)
    results = [
        {
            "source": "KyvernoValidatingPolicy",
            "policy": policy,
            "result": result,
            "message": "said so",
            "resources": [
                {
                    "kind": resource.kind,
                    **({"namespace": resource.namespace} if resource.namespace else {}),
                    "name": resource.name,
                    "apiVersion": resource.api_version,
                }
            ],
        }
        for policy, resource, result in rows
    ]
    said = [result for _, _, result in (rows if counted is None else counted)]
    summary = {key: said.count(key) for key in ("pass", "fail", "warn", "error", "skip")}
    document = {
        "kind": "ClusterReport",
        "apiVersion": "openreports.io/v1alpha1",
        "summary": summary,
        "results": results,
    }
    return json.dumps(document) + "\n"


def canned(folder: Path, *, stdout: str = "", stderr: str = "", code: int = 1, before: str = "") -> Path:
    """Write a program that prints two texts and ends; `before` is what it does first."""
    (folder / "stdout").write_text(stdout)
    (folder / "stderr").write_text(stderr)
    return _write(folder, _CANNED.format(python=sys.executable, folder=str(folder), before=before, code=code))


def judging(folder: Path, *, lie: str = "") -> Path:
    """Write a program that finds exactly the planted objects wrong, or lies in one way."""
    return _write(folder, _JUDGING.format(python=sys.executable, lie=lie))


def _write(folder: Path, script: str) -> Path:
    program = folder / "kyverno"
    program.write_text(script)
    program.chmod(0o755)
    return program
