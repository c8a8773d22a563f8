from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes import consequences
from aurora.changes.consequences.refused_pods import ProgramJudge
from aurora.errors import ToolOutputError
from aurora.model.resource import ResourceId
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from changes.scenes import scene

NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: ml, labels: {pod-security.kubernetes.io/enforce: %s}}
"""
WORKLOAD = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: ml}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      %scontainers: [{name: c, image: r.example.com/c:1%s}]
"""
LOOSE = WORKLOAD % ("loose", "", "")
HOST = WORKLOAD % ("host", "hostNetwork: true\n      ", "")
STRICT = WORKLOAD % (
    "strict",
    "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n      ",
    ", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
)


def refused(before: str, after: str, judge: ProgramJudge) -> list[tuple[str, ResourceId | None]]:
    beside = LOOSE + HOST + STRICT
    found = consequences.follow(scene(NAMESPACE % before + beside, NAMESPACE % after + beside), judge)
    return [(entry.rule, entry.resource) for _, entry in found if entry.rule.startswith("admission/")]


@pytest.mark.real_tools
def test_the_servers_own_code_names_the_workloads_whose_pods_a_raised_level_newly_refuses(
    tmp_path: Path, real_toolbox: Toolbox
) -> None:
    judge = ProgramJudge(
        locate_tool=real_toolbox.locate, settings=Settings(cache=tmp_path, workspace=tmp_path), kubernetes="1.35"
    )

    def named(name: str) -> tuple[str, ResourceId]:
        return "admission/pods-refused", ResourceId("apps/v1", "Deployment", "ml", name)

    assert refused("privileged", "baseline", judge) == [named("host")]
    assert refused("baseline", "restricted", judge) == [named("loose")]
    assert refused("privileged", "restricted", judge) == [named("loose"), named("host")]
    assert refused("restricted", "baseline", judge) == []


def test_a_program_that_lets_the_planted_pod_pass_proves_nothing(tmp_path: Path) -> None:
    program = tmp_path / "server-validation"
    program.write_text(
        "#!/usr/bin/env python3\n"
        "import json, sys\n"
        "requests = [json.loads(line) for line in sys.stdin]\n"
        'print(json.dumps({"reply": "hello", "program": "server-validation", "version": "v", "protocol": 1}))\n'
        "for request in requests:\n"
        '    print(json.dumps({"id": request["id"], "outcome": "judged", "result": {"findings": []}}))\n'
        'counted = {"judged": len(requests), "unjudged": 0, "done": 0}\n'
        'print(json.dumps({"reply": "summary", "received": len(requests), **counted}))\n'
    )
    program.chmod(0o755)
    judge = ProgramJudge(
        locate_tool=lambda name: tmp_path / name,
        settings=Settings(cache=tmp_path, workspace=tmp_path),
        kubernetes="1.35",
    )
    with pytest.raises(ToolOutputError, match="planted"):
        refused("baseline", "restricted", judge)


def test_nothing_follows_from_a_level_that_the_server_refuses() -> None:
    rules = [entry.rule for _, entry in consequences.follow(scene(NAMESPACE % "baseline", NAMESPACE % "bsaeline"))]
    assert not [rule for rule in rules if rule.startswith("security/")]
    rules = [entry.rule for _, entry in consequences.follow(scene(NAMESPACE % "baseline", NAMESPACE % "privileged"))]
    assert "security/pod-security-lowered" in rules
