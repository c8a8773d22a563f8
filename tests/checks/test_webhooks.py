"""Every row about a webhook finds its bad example and leaves its good one; the page of facts names its rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aurora import manifests, rule_texts
from aurora.checks.server import ServerCheck, webhooks
from aurora.checks.table import all_rules
from aurora.kinds import table
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "facts" / "webhooks.md"
RULES = webhooks.rules()


ANYTHING = "{type: object, x-kubernetes-preserve-unknown-fields: true}"


def definitions(found: tuple[Manifest, ...]) -> str:
    """Define every custom kind with any fields, so that only the rows judge."""
    kinds = {
        (manifest.id.group, manifest.id.kind): manifest.id.api_version.rpartition("/")[2]
        for manifest in found
        if not table.is_builtin_group(manifest.id.group)
    }
    return "---\n".join(
        f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {kind.lower()}s.{group}, annotations: {{api-approved.kubernetes.io: "https://github.com/x/y/pull/1"}}}}
spec:
  group: {group}
  scope: {(known := table.find(group, kind)) and known.scope}
  names: {{kind: {kind}, listKind: {kind}List, plural: {kind.lower()}s, singular: {kind.lower()}}}
  versions:
    - name: {version}
      served: true
      storage: true
      schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {ANYTHING}}}}}}}
"""
        for (group, kind), version in sorted(kinds.items())
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, real_toolbox: Toolbox) -> dict[str, list[Finding]]:
    """Judge all examples at once; what was found, by the path that says whose example it is."""
    folder = tmp_path_factory.mktemp("webhooks")
    (folder / "workspace").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(webhooks, "FAILURE", "Fail")  # a row that cannot be evaluated is told
        webhooks._table.cache_clear()
        return _judge(folder, real_toolbox)


def _judge(folder: Path, toolbox: Toolbox) -> dict[str, list[Finding]]:
    examples = manifests.join(
        manifests.read(getattr(rule_texts.text(rule.id), half).encode(), f"{rule.id}:{half}")
        for rule in RULES
        for half in rule_texts.HALVES
    )
    assert not examples.findings
    known = manifests.read(definitions(examples.manifests).encode(), "definitions").manifests
    inventory = Inventory((*examples.manifests, *known), kubernetes="1.35")
    settings = Settings(cache=folder / "cache", workspace=folder / "workspace")
    (result,) = ServerCheck(toolbox.locate, names=("server",)).results(inventory, settings)
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if finding.place:
            found.setdefault(finding.place.path, []).append(finding)
    return found


@pytest.mark.real_tools
@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_row_finds_its_bad_example_and_leaves_the_good_one(judged: dict[str, list[Finding]], rule: str) -> None:
    bad, good = ([finding.rule for finding in judged.get(f"{rule}:{half}", [])] for half in rule_texts.HALVES)
    assert rule in bad
    assert good == []


def test_words_may_hold_values() -> None:
    found = webhooks._words("it is {a.b}, not {c}")
    assert found["messageExpression"] == "'it is ' + string(a.b) + ', not ' + string(c)"


def test_only_kinds_of_the_input_are_asked_about() -> None:
    assert webhooks.policies([("", "ConfigMap"), ("keda.sh", "CloudEventSource")]) == []
    policy, binding = webhooks.policies([("keda.sh", "ScaledJob")])
    assert policy["metadata"] == binding["metadata"] == {"name": "aurora-webhook.scaledjob.keda.sh"}
    said = [each["message"].partition(":")[0] for each in policy["spec"]["validations"]]
    assert "server/keda-trigger-names" in said
    assert "server/keda-fallback" not in said


def test_what_is_left_is_said_of_each_kind() -> None:
    assert list(webhooks.rest([("jobset.x-k8s.io", "JobSet"), ("", "ConfigMap"), ("jobset.x-k8s.io", "JobSet")])) == [
        "not judged: the webhook of JobSet: feature gates, and claims that exist already"
    ]


def test_the_page_of_facts_names_every_row_and_no_unknown_rule() -> None:
    named = set(re.findall(r"`([a-z-]+/[a-z0-9-]+)`", PAGE.read_text(encoding="utf-8")))
    known = {rule.id for rule in all_rules()}
    checks = {name.partition("/")[0] for name in known}
    assert {name for name in named if name.partition("/")[0] in checks} <= known
    assert {rule.id for rule in RULES} <= named
