"""Binding policies: structure is edited, text is not, and what a person writes never becomes an expression."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aurora.paths import RepositoryPaths
from aurora.yamlio import reading
from aurora_constructs.components.kyverno_policies import binding, cel
from aurora_constructs.components.kyverno_policies.chart import KyvernoPolicies
from aurora_constructs.components.kyverno_policies.spec import Binding, KyvernoPoliciesSpec
from aurora_constructs.components.namespaces.spec import NamespacesSpec
from aurora_constructs.platform import Platform
from components.building import specification
from components.readmes import readme_entries

Body = dict[str, Any]

VALIDATING: Body = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "ValidatingPolicy",
    "metadata": {"name": "restrict", "annotations": {"policies.kyverno.io/title": "Restrict"}},
    "spec": {
        "validationActions": ["Audit"],
        "failurePolicy": "Ignore",
        "matchConstraints": {
            "namespaceSelector": {
                "matchExpressions": [
                    {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}
                ]
            },
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
            ],
        },
        "variables": [
            {"name": "registries", "expression": '["registry.example.com"]'},
            {"name": "message", "expression": '"no"'},
            {"name": "least", "expression": "1"},
            {"name": "strict", "expression": "true"},
            {"name": "labels", "expression": '{"a": "b"}'},
            {"name": "containers", "expression": "object.spec.containers"},
        ],
        "validations": [{"expression": "variables.containers.size() > 0"}],
    },
}
GENERATING: Body = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "GeneratingPolicy",
    "metadata": {"name": "generate"},
    "spec": {"generate": [{"expression": "generator.Apply(object.metadata.name, [])"}]},
}


def bound(policy: Body = VALIDATING, **changes: Any) -> Body:
    entry = {"action": "Audit", "namespaces": ["aurora"], **changes}
    return binding.bind(policy["metadata"]["name"], policy, Binding.model_validate(entry))


def expression(policy: Body, name: str) -> str:
    (found,) = (entry["expression"] for entry in policy["spec"]["variables"] if entry["name"] == name)
    assert isinstance(found, str)
    return found


def emitted(policies: dict[str, Body], entries: Body) -> list[Body]:
    import cdk8s

    spec = KyvernoPoliciesSpec.model_validate({"kind": "KyvernoPolicies", "policies": entries})
    platform = Platform(environment="example", policies=policies)
    chart = KyvernoPolicies(cdk8s.App(), "policies", spec=spec, platform=platform)
    return [node.to_json() for node in chart.node.find_all() if isinstance(node, cdk8s.ApiObject)]


def test_the_entry_of_the_readme_binds_the_repositorys_policies(repository: RepositoryPaths) -> None:
    entry = readme_entries("kyverno_policies")["policies"]
    assert specification(entry)
    policies: dict[str, Any] = {
        name: reading.parse((repository.policies / name / "policy.yaml").read_text(encoding="utf-8")).value
        for name in entry["policies"]
    }
    assert {body["metadata"]["name"] for body in emitted(policies, entry["policies"])} == entry["policies"].keys()


def test_namespaces_are_listed_by_name() -> None:
    selector = bound(namespaces=["b", "a", "a"])["spec"]["matchConstraints"]["namespaceSelector"]
    assert selector == {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["a", "b"]}]
    }


@pytest.mark.parametrize(("action", "failure"), [("Audit", "Ignore"), ("Deny", "Fail")])
def test_only_a_policy_that_refuses_stops_objects_when_kyverno_is_away(action: str, failure: str) -> None:
    spec = bound(action=action)["spec"]
    assert (spec["validationActions"], spec["failurePolicy"]) == ([action], failure)


def test_everything_else_is_left_as_it_is() -> None:
    before = copy.deepcopy(VALIDATING)
    found = bound(action="Deny", variables={"message": "other"})
    assert before == VALIDATING
    for body in (found, before):
        for key in ("validationActions", "failurePolicy"):
            del body["spec"][key]
        del body["spec"]["matchConstraints"]["namespaceSelector"]
        body["spec"]["variables"] = [entry for entry in body["spec"]["variables"] if entry["name"] != "message"]
    assert found == before


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("registries", ["a", "b"], '["a", "b"]'),
        ("registries", [], "[]"),
        ("message", 'say "no" \\ and\nleave', '"say \\"no\\" \\\\ and\\nleave"'),
        ("message", "\x00\u2028", '"\\u0000\\u2028"'),
        ("message", "café 🚀", '"café 🚀"'),
        ("message", "\U000e0001", '"\\U000e0001"'),
        ("least", 3, "3"),
        ("least", -2.5, "-2.5"),
        ("strict", False, "false"),
        ("labels", {"b": "2", "a": "1"}, '{"a": "1", "b": "2"}'),
    ],
)
def test_a_value_becomes_a_literal(name: str, value: object, text: str) -> None:
    assert expression(bound(variables={name: value}), name) == text


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_can_leave_its_literal(value: str) -> None:
    written = cel.literal(value)
    inside = written[1:-1].replace("\\\\", "").replace('\\"', "")
    assert (written[0], written[-1]) == ('"', '"')
    assert '"' not in inside
    assert "\n" not in inside
    assert "\r" not in inside


@given(st.text(st.characters(codec="ascii")))
def test_a_literal_means_the_value(value: str) -> None:
    assert json.loads(cel.literal(value)) == value


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"variables": {"registreis": ["a"]}}, "no variable `registreis`: did you mean `registries`?"),
        ({"variables": {"zzz": ["a"]}}, "there are `labels`, `least`, `message`, `registries`, `strict`"),
        ({"variables": {"containers": ["a"]}}, "computes `containers`"),
        ({"variables": {"registries": "a"}}, "wants a list for `registries`, not a string"),
        ({"variables": {"strict": 1}}, "wants a boolean for `strict`, not a number"),
        ({"variables": {"least": 2**63}}, "does not fit into 64 bits"),
        ({"variables": {"least": float("inf")}}, "no number that a policy can compare with"),
        ({"action": None}, "say `action: Audit` or `action: Deny`"),
        ({"namespaces": ["aurora", "kube-system"]}, "keeps off namespace `kube-system`"),
    ],
)
def test_a_binding_that_does_not_fit_is_refused(changes: Body, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")):
        bound(**changes)


def test_a_generating_policy_has_no_action() -> None:
    with pytest.raises(ValueError, match="it has no action"):
        bound(GENERATING)
    found = bound(GENERATING, action=None)
    assert "validationActions" not in found["spec"]
    assert "failurePolicy" not in found["spec"]
    assert found["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"][0]["values"] == ["aurora"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "CleanupPolicy", "apiVersion": "kyverno.io/v2"}, "only ValidatingPolicy and GeneratingPolicy"),
        ({"metadata": {"name": "other"}}, "is named `other` in its own text"),
        ({"spec": None}, "has no spec"),
    ],
)
def test_what_is_no_policy_of_this_name_is_refused(changes: Body, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        binding.bind("restrict", {**VALIDATING, **changes}, Binding(namespaces=["aurora"], action="Audit"))


def test_policies_keep_their_annotations_and_get_the_environments_labels() -> None:
    (found,) = emitted({"restrict": VALIDATING}, {"restrict": {"action": "Audit", "namespaces": ["aurora"]}})
    assert found["metadata"]["annotations"] == VALIDATING["metadata"]["annotations"]
    assert found["metadata"]["labels"]["aurora.example.com/environment"] == "example"
    assert "namespace" not in found["metadata"]


def test_an_unknown_policy_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="there is no policy `restrct`: did you mean `restrict`"):
        emitted({"restrict": VALIDATING}, {"restrct": {"action": "Audit", "namespaces": ["aurora"]}})


@pytest.mark.parametrize(
    "entry",
    [
        {"namespaces": []},
        {"namespaces": ["Aurora"]},
        {"namespaces": ["aurora"], "action": "Warn"},
        {"namespaces": ["aurora"], "variables": {"a-b": 1}},
        {"namespaces": ["aurora"], "variables": {"a": [1]}},
        {"namespaces": ["aurora"], "variables": {"a": None}},
    ],
)
def test_an_entry_that_binds_nothing_is_refused(entry: Body) -> None:
    with pytest.raises(ValidationError):
        Binding.model_validate(entry)


def test_excepted_namespaces_join_those_that_a_policy_keeps_off() -> None:
    policy = bound(namespaces=[], exceptNamespaces=["aurora"])
    (selector,) = policy["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    assert selector == {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["aurora", "kube-system"]}
    generating = bound(GENERATING, action=None, namespaces=[], exceptNamespaces=["aurora"])
    (own,) = generating["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    assert own["values"] == ["aurora"]


def test_a_policy_keeps_off_the_namespaces_that_the_environment_describes() -> None:
    namespaces = NamespacesSpec.model_validate({"namespaces": {"shop": {"enforce": "baseline"}}})
    platform = Platform(environment="test", components={"namespaces": namespaces})
    entry = Binding.model_validate({"exceptDescribed": True, "exceptNamespaces": ["legacy"]})
    assert entry.on(platform).except_namespaces == ["legacy", "shop"]
    named = Binding.model_validate({"exceptNamespaces": ["legacy"]})
    assert named.on(platform) == named


@pytest.mark.parametrize(
    "changes",
    [
        {"namespaces": []},
        {"namespaces": ["a"], "exceptNamespaces": ["b"]},
        {"namespaces": ["a"], "exceptDescribed": True},
    ],
)
def test_namespaces_are_chosen_in_one_way(changes: Body) -> None:
    with pytest.raises(ValidationError, match="say either `namespaces` or `exceptNamespaces` or"):
        bound(**changes)
