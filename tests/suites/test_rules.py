"""Every rule of `aurora test` finds its bad example and not its good one."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurora import manifests, rule_texts, suite_rules
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import Rule
from aurora.policies.judging import EngineJudge
from aurora.suites import coverage, environments, mutants
from aurora.tools.installed import Toolbox
from suites.library import judged, unpack

OF_ENVIRONMENTS = (suite_rules.MEETS_NOTHING, suite_rules.SURVIVED, suite_rules.NO_MUTANT)
OF_SUITES = tuple(rule for rule in suite_rules.RULES if rule not in OF_ENVIRONMENTS)


def findings_of_environment(stream: str, program: Path, workspace: Path) -> list[Finding]:
    read = manifests.read(stream.encode(), "generated/example.yaml")
    assert not read.findings
    bound = [environments.bound(Inventory(read.manifests, environment="example", closed=True))]
    names = sorted(bound[0].constraints)
    policies: Mapping[str, Manifest] = {entry.id.name: entry for entry in read.manifests}
    found = list(coverage.meeting_nothing(coverage.coverage(names, bound), policies, bound))
    tried = mutants.trials(bound, names)
    found += mutants.without_mutants(bound, tried, names)
    judge = EngineJudge(program=program, workspace=workspace, timeout=60.0)
    with ThreadPoolExecutor(max_workers=1) as pool:
        found += mutants.try_all(tried, judge, pool, names).findings
    return found


@pytest.mark.parametrize(
    ("operator", "names", "kind", "reported"),
    [
        ("NotIn", ["shop"], "namespaces", False),
        ("NotIn", ["shop"], "configmaps", True),
        ("In", ["other"], "namespaces", True),
    ],
)
def test_a_policy_for_the_namespaces_that_nobody_describes_meets_nothing_on_purpose(
    operator: str, names: list[str], kind: str, reported: bool
) -> None:
    stream = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: policies.kyverno.io/v1
kind: GeneratingPolicy
metadata: {{name: example}}
spec:
  matchConstraints:
    namespaceSelector:
      matchExpressions: [{{key: kubernetes.io/metadata.name, operator: {operator}, values: [{", ".join(names)}]}}]
    resourceRules: [{{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [{kind}]}}]
"""
    read = manifests.read(stream.encode(), "generated/example.yaml")
    bound = [environments.bound(Inventory(read.manifests, environment="example", closed=True))]
    found = coverage.meeting_nothing(coverage.coverage(["example"], bound), {}, bound)
    assert bool([*found]) is reported


@pytest.mark.real_tools
@pytest.mark.parametrize("rule", OF_SUITES, ids=lambda rule: rule.id)
def test_a_suite_rule_finds_its_bad_example_only(rule: Rule, real_toolbox: Toolbox, tmp_path: Path) -> None:
    program = real_toolbox.locate("kyverno")
    bad, _ = judged(unpack(tmp_path / "bad", rule_texts.text(rule.id).bad), program, tmp_path / "bad-work")
    good, _ = judged(unpack(tmp_path / "good", rule_texts.text(rule.id).good), program, tmp_path / "good-work")
    assert rule.id in {finding.rule for finding in bad}
    assert good == []


@pytest.mark.real_tools
@pytest.mark.parametrize("rule", OF_ENVIRONMENTS, ids=lambda rule: rule.id)
def test_an_environment_rule_finds_its_bad_example_only(rule: Rule, real_toolbox: Toolbox, tmp_path: Path) -> None:
    program = real_toolbox.locate("policy-engine")
    for name in ("bad", "good"):
        (tmp_path / name).mkdir()
    assert rule.id in {
        finding.rule for finding in findings_of_environment(rule_texts.text(rule.id).bad, program, tmp_path / "bad")
    }
    assert rule.id not in {
        finding.rule for finding in findings_of_environment(rule_texts.text(rule.id).good, program, tmp_path / "good")
    }


@pytest.mark.real_tools
def test_a_surviving_mutant_is_shown_where_the_manifest_was_broken(real_toolbox: Toolbox, tmp_path: Path) -> None:
    found = findings_of_environment(
        rule_texts.text("test/mutant-survived").bad, real_toolbox.locate("policy-engine"), tmp_path
    )
    (survivor,) = [finding for finding in found if "`latest-tag`" in finding.message]
    assert survivor.place is not None
    line = rule_texts.text("test/mutant-survived").bad.splitlines()[survivor.place.line - 1]
    assert "image" in line
    assert survivor.pointer == "/spec/containers/0/image"
