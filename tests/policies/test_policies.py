"""The policies as they are in the repository: their form, and their verdicts by the real Kyverno."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from aurora import manifests
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest, identify
from aurora.policies.handing import Surroundings
from aurora.policies.matching import constraints
from aurora.policies.sources import Policy
from aurora.tools.installed import Toolbox
from aurora.tools.kyverno import apply
from aurora.tools.runner import Command, run
from aurora.tools.verdicts import Call, Result, Row
from aurora.yamlio.reading import parse
from policies.cases import CASES, VALIDATING
from policies.pods import in_kind

FOLDER = Path(__file__).resolve().parents[2] / "policies"
SEEDED = ("add-default-networkpolicy", *VALIDATING)
POLICIES = tuple(sorted(path.parent.name for path in FOLDER.glob("*/policy.yaml")))
JUDGING = tuple(name for name in POLICIES if name != "add-default-networkpolicy")
OF_PODS = tuple(
    name for name in JUDGING if name not in ("disallow-exposed-services", "restrict-application-repositories")
)


def read(name: str) -> Manifest:
    (found,) = manifests.read((FOLDER / name / "policy.yaml").read_bytes(), f"policies/{name}/policy.yaml").manifests
    return found


def variables(policy: Manifest) -> dict[str, str]:
    entries = [mapping(entry) for entry in items(policy.get("spec", "variables"))]
    return {text(entry["name"]): text(entry["expression"]) for entry in entries}


def settings_of(policy: Manifest) -> set[str]:
    """Give the variables that an environment may set: those whose expression is a literal."""

    def is_literal(expression: str) -> bool:
        try:
            json.loads(expression)
        except ValueError:
            return False
        return True

    return {name for name, expression in variables(policy).items() if is_literal(expression)}


def test_the_policies_of_a_restricted_platform_are_there() -> None:
    assert set(POLICIES) == {
        *SEEDED,
        "disallow-exposed-services",
        "disallow-host-access",
        "disallow-privilege",
        "disallow-token-automount",
        "require-image-digest",
        "require-read-only-models",
        "restrict-application-repositories",
        "restrict-gpu-pods",
    }


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_has_tests_of_its_own(name: str) -> None:
    assert (FOLDER / name / "kyverno-test.yaml").is_file()


@pytest.mark.parametrize("name", SEEDED)
def test_a_policy_of_the_seed_has_the_older_form_under_another_name_and_the_same_objects(name: str) -> None:
    folder = FOLDER / name / "seed"
    (policy,) = manifests.read((folder / "policy.yaml").read_bytes(), "policy.yaml").manifests
    assert (policy.id.api_version, policy.id.kind, policy.id.name) == ("kyverno.io/v1", "ClusterPolicy", f"seed-{name}")
    new, old = (mapping(parse((path / "kyverno-test.yaml").read_text()).value) for path in (FOLDER / name, folder))
    assert old["resources"] == [f"../{path}" for path in map(text, items(new["resources"]))]
    asked = [
        [(dig(entry, "kind"), dig(entry, "result"), dig(entry, "resources")) for entry in items(test["results"])]
        for test in (new, old)
    ]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("name", POLICIES)
def test_a_file_holds_one_policy_named_like_its_folder(name: str) -> None:
    policy = read(name)
    assert policy.id.name == name
    assert policy.id.api_version == "policies.kyverno.io/v1"


@pytest.mark.parametrize("name", JUDGING)
def test_a_validating_policy_audits_and_has_one_plain_rule(name: str) -> None:
    policy = read(name)
    match = mapping(policy.get("spec", "matchConstraints"))
    assert policy.get("spec", "validationActions") == ["Audit"]
    assert len(items(match["resourceRules"])) == 1


@pytest.mark.parametrize("name", OF_PODS)
def test_a_policy_of_pods_keeps_autogen(name: str) -> None:
    policy = read(name)
    match = mapping(policy.get("spec", "matchConstraints"))
    assert set(match) == {"namespaceSelector", "resourceRules"}
    assert match["resourceRules"] == [
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods"]}
    ]
    keys = {mapping(entry)["key"] for entry in items(dig(match, "namespaceSelector", "matchExpressions"))}
    assert keys == {"kubernetes.io/metadata.name"}
    assert len(constraints(mapping(policy.get("spec"))).rules.stated) == 7


@pytest.mark.parametrize("name", OF_PODS)
def test_no_expression_hides_from_autogen(name: str) -> None:
    written = json.dumps(read(name).body)
    assert re.findall(r"object\.\?|object\[|object\.metadata\.name\b", written) == []


@pytest.mark.parametrize("name", POLICIES)
def test_every_setting_is_explained(name: str) -> None:
    explained = (FOLDER / name / "README.md").read_text()
    settings = settings_of(read(name))
    assert settings
    for setting in settings:
        assert re.search(
            rf"^\| `{setting}` \| `{re.escape(variables(read(name))[setting])}` \|", explained, re.MULTILINE
        )


NAMES = {case: f"case-{number:03}" for number, case in enumerate(CASES)}

Verdicts = Mapping[tuple[str, str], Row]


@pytest.fixture(scope="module")
def verdicts(real_toolbox: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Every verdict on every case: one run, whose form is that of the check."""
    policies = {name: Policy(read(name), constraints(mapping(read(name).get("spec")))) for name in VALIDATING}
    objects = [in_kind(case.kind, case.template, name=NAMES[name], namespace="aurora") for name, case in CASES.items()]
    bad: JsonObject = {"spec": {"containers": [{"name": "app", "image": "nginx"}]}}
    objects += [in_kind("Pod", bad, name="outside", namespace=space) for space in ("kube-system", "kyverno")]
    surroundings = Surroundings(Inventory(()))
    subjects = {
        identify(body): surroundings.subject(body, text(dig(body, "metadata", "namespace"))) for body in objects
    }
    found = apply(
        Call(
            program=real_toolbox.locate("kyverno"),
            folder=tmp_path_factory.mktemp("policies"),
            policies={name: policy.body() for name, policy in policies.items()},
            objects=objects,
            namespaces=[surroundings.namespace(name) for name in ("aurora", "kube-system", "kyverno")],
            expected={
                name: frozenset(key for key, subject in subjects.items() if policy.constraints.may_match(subject))
                for name, policy in policies.items()
            },
            timeout=120.0,
        )
    )
    assert found.refused == {}
    return {(row.policy, row.resource.name): row for row in found.rows}


@pytest.mark.real_tools
@pytest.mark.parametrize("policy", VALIDATING)
@pytest.mark.parametrize("case", CASES)
def test_a_pod_is_refused_by_exactly_the_policies_that_it_breaks(verdicts: Verdicts, case: str, policy: str) -> None:
    expected = Result.FAIL if policy in CASES[case].refused_by else Result.PASS
    assert verdicts[policy, NAMES[case]].result is expected, verdicts[policy, NAMES[case]].message


@pytest.mark.real_tools
@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.words])
def test_a_message_names_the_container_and_what_to_do(verdicts: Verdicts, case: str) -> None:
    for policy in CASES[case].refused_by:
        message = verdicts[policy, NAMES[case]].message
        assert all(word in message for word in CASES[case].words), message


@pytest.mark.real_tools
def test_the_systems_own_namespaces_are_left_alone(verdicts: Verdicts) -> None:
    assert {name for _, name in verdicts} == set(NAMES.values())


NAMESPACES = """\
apiVersion: v1
kind: Namespace
metadata: {name: team-a, labels: {kubernetes.io/metadata.name: team-a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: argocd, labels: {kubernetes.io/metadata.name: argocd}}
"""
NETWORK_POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: kyverno-default-deny, namespace: team-a}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
"""


@pytest.mark.real_tools
def test_a_new_namespace_is_closed_but_for_name_resolution_and_the_platforms_own_are_not(
    real_toolbox: Toolbox, tmp_path: Path
) -> None:
    (tmp_path / "namespaces.yaml").write_text(NAMESPACES)
    policy = FOLDER / "add-default-networkpolicy" / "policy.yaml"
    args = (str(real_toolbox.locate("kyverno")), "apply", str(policy), "--resource", "namespaces.yaml")
    said = run(Command(args=args, cwd=tmp_path, timeout=60.0)).stdout
    generated = re.findall(
        r"^policy add-default-networkpolicy applied to (\S+):\n(.*?)^---$", said, re.DOTALL | re.MULTILINE
    )
    assert [where for where, _ in generated] == ["/Namespace/team-a"]
    assert parse(generated[0][1]).value == parse(NETWORK_POLICY).value


def test_a_generating_policy_covers_old_namespaces_and_leaves_what_it_made() -> None:
    evaluation = mapping(read("add-default-networkpolicy").get("spec", "evaluation"))
    assert set(evaluation) == {"generateExisting", "orphanDownstreamOnPolicyDelete", "synchronize"}
    assert all(dig(entry, "enabled") is True for entry in evaluation.values())
