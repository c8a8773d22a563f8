"""Every way of making a policy's tests worthless is caught, also those that Kyverno itself lets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora import rule_texts, suite_rules
from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, run
from suites.library import Library, judged, unpack

TEST, POLICY, OBJECTS, GENERATED = "kyverno-test.yaml", "policy.yaml", "resources.yaml", "generated.yaml"
BARE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare, namespace: team}\n"


@dataclass(frozen=True)
class Sabotage:
    """What somebody does to a library, the rules of which at least one must find it, and what Kyverno says."""

    do: Callable[[Library], object]
    found_by: frozenset[str]
    kyverno_is_green: bool
    stream: str = rule_texts.text("test/broken").good


def change(path: str, old: str, new: str) -> Callable[[Library], object]:
    return lambda library: library.change(path, old, new)


def append(path: str, content: str) -> Callable[[Library], object]:
    return lambda library: library.write(path, library.text(path) + content)


def twin(library: Library) -> None:
    """A second policy of the same name, which does the work while the first matches nothing."""
    library.write("twin.yaml", library.text(POLICY))
    library.change(POLICY, "[configmaps]", "[configmap]")
    library.change(TEST, "[policy.yaml]", "[policy.yaml, twin.yaml]")


def weakened_with_its_expectation(library: Library) -> None:
    library.change(POLICY, "has(object.data)", "1 == 1")
    library.change(TEST, "result: fail", "result: pass")


def as_list(library: Library) -> None:
    items = "".join(
        f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: team}}}}\n"
        for name in ("full", "bare")
    )
    library.write(OBJECTS, f"apiVersion: v1\nkind: List\nitems:\n{items}")


def missing(library: Library) -> None:
    (library.folder / OBJECTS).unlink()


CLUSTER_POLICY = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: example}
policies: [policy.yaml]
resources: [resources.yaml]
results:
  - {policy: example, rule: named, kind: Deployment, resources: [good], result: pass}
  - {policy: example, rule: named, kind: Deployment, resources: [bad], result: fail}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: example}
spec:
  rules:
    - name: named
      match:
        any:
          - resources: {kinds: [Pod]}
      validate:
        failureAction: Audit
        message: name the account
        pattern: {spec: {serviceAccountName: "?*"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: good, namespace: team}
spec: {template: {spec: {serviceAccountName: server, containers: [{name: server, image: "server:1"}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bad, namespace: team}
spec: {template: {spec: {containers: [{name: server, image: "server:1"}]}}}
"""

RULES = {rule.id.partition("/")[2]: rule.id for rule in suite_rules.RULES}


def by(*names: str) -> frozenset[str]:
    return frozenset(RULES[name] for name in names)


NUMBERS = f"[{', '.join(map(str, range(200)))}]"

SABOTAGES = {
    "an expression beyond the cost limit": Sabotage(
        change(POLICY, "has(object.data)", f"'{NUMBERS}.all(a, {NUMBERS}.all(b, {NUMBERS}.all(c, a + b + c >= 0)))'"),
        by("failed"),
        False,
    ),
    "an expression of more than 100 kB": Sabotage(
        change(POLICY, "has(object.data)", f"'has(object.data){' && 1 == 1' * 12_000}'"), by("refused-policy"), False
    ),
    "a kind of policy that does not exist": Sabotage(
        change(POLICY, "kind: ValidatingPolicy", "kind: ValidatedPolicy"), by("policy-file"), False
    ),
    "a mistyped policy in the results": Sabotage(
        change(
            TEST,
            "policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [bare]",
            "policy: exemple, isValidatingPolicy: true, kind: ConfigMap, resources: [bare]",
        ),
        by("unknown-name"),
        False,
    ),
    "a mistyped rule in the results": Sabotage(
        change(
            TEST, "rule: named, kind: Deployment, resources: [bad]", "rule: nmaed, kind: Deployment, resources: [bad]"
        ),
        by("unknown-name"),
        True,
        CLUSTER_POLICY,
    ),
    "all rules mistyped in the results": Sabotage(
        change(TEST, "rule: named", "rule: nmaed"), by("unknown-name"), True, CLUSTER_POLICY
    ),
    "a rule that is not repeated for controllers": Sabotage(
        change(POLICY, "{kinds: [Pod]}", '{kinds: [Pod], names: ["*"]}'), by("unproved"), True, CLUSTER_POLICY
    ),
    "a rule that matches nothing": Sabotage(
        change(POLICY, "{kinds: [Pod]}", "{kinds: [Deployments]}"), by("unproved"), True, CLUSTER_POLICY
    ),
    "an invalid rule": Sabotage(
        change(POLICY, 'pattern: {spec: {serviceAccountName: "?*"}}', "deny: {}\n        pattern: {spec: {a: b}}"),
        by("unproved"),
        True,
        CLUSTER_POLICY,
    ),
    "a mistyped object in the results": Sabotage(
        change(TEST, "resources: [bare]", "resources: [bear]"), by("unknown-name"), False
    ),
    "a mistyped kind in the results": Sabotage(
        change(TEST, "kind: ConfigMap, resources: [bare]", "kind: ConfigMaps, resources: [bare]"),
        by("unknown-name"),
        True,
    ),
    "an emptied file of objects": Sabotage(lambda lib: lib.write(OBJECTS, "# nothing\n"), by("missing-file"), True),
    "a missing file of objects": Sabotage(missing, by("missing-file"), False),
    "a policy with an unknown field": Sabotage(
        change(POLICY, "validations:", "validation:"), by("refused-policy"), False
    ),
    "a policy that does not compile": Sabotage(
        change(POLICY, "has(object.data)", "has(object.data"), by("refused-policy"), False
    ),
    "a removed result": Sabotage(
        change(
            TEST,
            "  - {policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [bare], result: fail}\n",
            "",
        ),
        by("one-sided", "untested"),
        True,
    ),
    "an object of which nothing is expected": Sabotage(
        append(OBJECTS, "---\n" + BARE.replace("bare", "other")), by("untested"), True
    ),
    "no results": Sabotage(
        lambda lib: lib.write(TEST, lib.text(TEST).partition("results:")[0] + "results: []\n"), by("broken"), True
    ),
    "a weakened policy": Sabotage(change(POLICY, "has(object.data)", "1 == 1"), by("failed"), False),
    "a weakened policy that only audits": Sabotage(
        lambda lib: (lib.change(POLICY, "has(object.data)", "1 == 1"), lib.change(POLICY, "[Audit]", "[Audit, Warn]")),
        by("failed"),
        False,
    ),
    "a policy weakened together with its expectation": Sabotage(weakened_with_its_expectation, by("one-sided"), True),
    "a test without a failing case": Sabotage(
        lambda lib: (
            lib.change(
                TEST,
                "  - {policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [bare], result: fail}\n",
                "",
            ),
            lib.write(OBJECTS, lib.text(OBJECTS).partition("---")[0]),
        ),
        by("one-sided"),
        True,
    ),
    "a test without a passing case": Sabotage(
        lambda lib: (
            lib.change(
                TEST,
                "  - {policy: example, isValidatingPolicy: true, kind: ConfigMap, resources: [full], result: pass}\n",
                "",
            ),
            lib.write(OBJECTS, BARE),
        ),
        by("one-sided"),
        True,
    ),
    "a second document beside the policy": Sabotage(
        lambda lib: lib.write(
            POLICY, lib.text(POLICY) + "---\n" + lib.text(POLICY).replace("name: example", "name: other")
        ),
        by("policy-file"),
        True,
    ),
    "another object beside the policy": Sabotage(append(POLICY, f"---\n{BARE}"), by("policy-file"), False),
    "two policies of one name": Sabotage(twin, by("same-name"), True),
    "a policy that matches nothing": Sabotage(change(POLICY, "[configmaps]", "[configmap]"), by("unproved"), False),
    "a policy for deletions only": Sabotage(change(POLICY, "[CREATE, UPDATE]", "[DELETE]"), by("unproved"), False),
    "a list of objects": Sabotage(as_list, by("unusable-objects"), False),
    "an object twice": Sabotage(append(OBJECTS, f"---\n{BARE}"), by("unusable-objects"), True),
    "an unknown field in the test": Sabotage(append(TEST, "require: everything\n"), by("broken"), False),
    "an address instead of a file": Sabotage(
        change(TEST, "[policy.yaml]", '[policy.yaml, "https://example.invalid/policy.yaml"]'), by("broken"), False
    ),
    "an expected object that says the opposite": Sabotage(
        change(GENERATED, "{podSelector", "{ingress: [{}], podSelector"),
        by("generated"),
        True,
        stream=rule_texts.text("test/generated").good,
    ),
    "an expected object without what is generated": Sabotage(
        change(GENERATED, "podSelector: {}, ", ""),
        by("generated"),
        True,
        stream=rule_texts.text("test/generated").good,
    ),
    "an expected object of another name": Sabotage(
        change(GENERATED, "name: closed", "name: open"),
        by("failed", "unproved"),
        False,
        stream=rule_texts.text("test/generated").good,
    ),
    "a policy that generates nothing": Sabotage(
        change(POLICY, "[namespaces]", "[namespace]"),
        by("unproved"),
        False,
        stream=rule_texts.text("test/generated").good,
    ),
}


@pytest.mark.real_tools
@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_is_caught(name: str, real_toolbox: Toolbox, tmp_path: Path) -> None:
    sabotage = SABOTAGES[name]
    library = unpack(tmp_path / "library", sabotage.stream)
    sabotage.do(library)
    findings, _ = judged(library, real_toolbox.locate("kyverno"), tmp_path / "work")
    assert sabotage.found_by & {finding.rule for finding in findings if finding.fails}, findings


@pytest.mark.real_tools
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("has(object.data)", "has(object.data", "Syntax error"),
        ("has(object.data)", f"'has(object.data){' && 1 == 1' * 12_000}'", "code point size exceeds limit"),
        ("validations:", "validation:", "spec.validation: Invalid value: value provided for unknown field"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_in_one_short_sentence(
    old: str, new: str, words: str, *, real_toolbox: Toolbox, tmp_path: Path
) -> None:
    library = unpack(tmp_path / "library", rule_texts.text("test/broken").good).change(POLICY, old, new)
    findings, _ = judged(library, real_toolbox.locate("kyverno"), tmp_path / "work")
    (refused,) = [finding for finding in findings if finding.rule == suite_rules.REFUSED.id]
    assert words in refused.message
    assert len(refused.message) < 300


@pytest.mark.real_tools
@pytest.mark.parametrize("name", [name for name, sabotage in SABOTAGES.items() if sabotage.kyverno_is_green])
def test_kyverno_itself_takes_the_sabotaged_test_for_a_success(
    name: str, real_toolbox: Toolbox, tmp_path: Path
) -> None:
    sabotage = SABOTAGES[name]
    library = unpack(tmp_path / "library", sabotage.stream)
    sabotage.do(library)
    args = (str(real_toolbox.locate("kyverno")), "test", ".", "--require-tests")
    assert run(Command(args=args, cwd=library.folder, timeout=60.0)).code == 0


@pytest.mark.real_tools
@pytest.mark.parametrize(
    "stream",
    [rule_texts.text("test/broken").good, rule_texts.text("test/generated").good, CLUSTER_POLICY],
)
def test_the_library_before_it_is_sabotaged_is_clean(stream: str, real_toolbox: Toolbox, tmp_path: Path) -> None:
    library = unpack(tmp_path / "library", stream)
    findings, ran = judged(library, real_toolbox.locate("kyverno"), tmp_path / "work")
    assert findings == []
    assert ran[0].result.cases
    assert all(case.proved for case in ran[0].result.cases)
