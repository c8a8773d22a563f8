"""A policy that somebody named to judge by either judges or is said not to."""

from __future__ import annotations

from pathlib import Path

from aurora import rule_texts
from aurora.checks.policy import PolicyCheck
from aurora.errors import ToolMissingError
from aurora.model.finding import Severity
from aurora.policies.rules import NOT_JUDGED
from aurora.tools.settings import Settings
from checks.policy_cases import inventory, pod


def no_tool(name: str) -> Path:
    raise ToolMissingError(f"`{name}` is not installed")


def test_a_policy_that_was_named_and_cannot_judge_is_said_once(tmp_path: Path) -> None:
    named = tmp_path / "policy.yaml"
    named.write_text(rule_texts.text(NOT_JUDGED.id).bad)
    settings = Settings(cache=tmp_path, workspace=tmp_path, policies=(named,))
    result = PolicyCheck(no_tool).run(inventory(pod("a")), settings)
    assert [(finding.rule, finding.severity) for finding in result.findings] == [(NOT_JUDGED.id, Severity.WARNING)]
    assert result.skipped == 1
