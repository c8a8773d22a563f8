"""Binding tracing policies: structure is edited, only declared lists are replaced, and nothing interferes unasked."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from aurora.checks.tetragon import CHECK
from aurora.paths import RepositoryPaths
from aurora.tracing import hooks
from aurora.yamlio import reading, writing
from aurora_constructs.components.tetragon_policies import binding
from aurora_constructs.components.tetragon_policies.chart import TetragonPolicies
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec, TracingBinding
from aurora_constructs.platform import Platform
from checks.inventory_cases import judge
from components.building import specification
from components.readmes import readme_entries

Body = dict[str, Any]

POLICY: Body = {
    "apiVersion": "cilium.io/v1alpha1",
    "kind": "TracingPolicyNamespaced",
    "metadata": {
        "name": "watch",
        "annotations": {
            "example.com/owner": "platform",
            "values.aurora.example.com/networks": (
                "/spec/kprobes/0/selectors/0/matchArgs/0/values /spec/kprobes/1/selectors/0/matchArgs/0/values"
            ),
        },
    },
    "spec": {
        "options": [{"name": "disable-kprobe-multi", "value": "1"}, {"name": "policy-mode", "value": "monitor"}],
        "kprobes": [
            {
                "call": call,
                "syscall": False,
                "args": [{"index": 0, "type": "sock"}],
                "selectors": [{"matchArgs": [{"index": 0, "operator": "NotDAddr", "values": ["10.0.0.0/8"]}]}],
            }
            for call in ("tcp_connect", "tcp_close")
        ],
    },
}
REASON = "watched for a month without a single event"


def bound(policy: Body = POLICY, **changes: Any) -> Body:
    entry = {"namespaces": ["aurora"], **changes}
    return binding.bind("watch", policy, TracingBinding.model_validate(entry))


def emitted(policies: dict[str, Body], entries: Body, platform: Platform | None = None) -> list[Body]:
    import cdk8s

    spec = TetragonPoliciesSpec.model_validate({"kind": "TetragonPolicies", "policies": entries})
    platform = platform or Platform(environment="example", tracing_policies=policies)
    chart = TetragonPolicies(cdk8s.App(), "runtime-policies", spec=spec, platform=platform)
    return [node.to_json() for node in chart.node.find_all() if isinstance(node, cdk8s.ApiObject)]


def on_cluster(policies: dict[str, Body], **facts: object) -> Platform:
    base = Platform(environment="example", tracing_policies=policies)
    return replace(base, cluster=base.cluster.model_copy(update=facts))


def repository_policies(repository: RepositoryPaths) -> dict[str, Body]:
    found: dict[str, Any] = {}
    for file in repository.tracing_policies.glob("*/policy.yaml"):
        found[file.parent.name] = reading.parse(file.read_text(encoding="utf-8")).value
    return found


def test_the_entry_of_the_readme_binds_the_repositorys_policies(repository: RepositoryPaths) -> None:
    entry = readme_entries("tetragon_policies")["runtime-policies"]
    assert specification(entry)
    texts = repository_policies(repository)
    found = emitted(
        texts, entry["policies"], on_cluster(texts, service_cidrs=["10.96.0.0/12"], pod_cidrs=["10.1.0.0/16"])
    )
    assert {body["metadata"]["name"] for body in found} == entry["policies"].keys()
    assert len(found) == 5
    for body in found:
        assert judge(CHECK, writing.dump(body)) == []


def test_every_namespace_gets_an_object_of_its_own() -> None:
    found = emitted({"watch": POLICY}, {"watch": {"namespaces": ["b", "a", "a"]}})
    assert [(body["metadata"]["name"], body["metadata"]["namespace"]) for body in found] == [
        ("watch", "a"),
        ("watch", "b"),
    ]


def test_names_that_meet_when_joined_do_not_clash() -> None:
    policies = {name: {**POLICY, "metadata": {"name": name}} for name in ("a-b", "b")}
    found = emitted(policies, {"a-b": {"namespaces": ["c"]}, "b": {"namespaces": ["c-a"]}})
    assert len({(body["metadata"]["name"], body["metadata"]["namespace"]) for body in found}) == 2


def test_a_value_replaces_every_list_that_it_is_declared_for() -> None:
    found = bound(values={"networks": ["192.0.2.0/24"]})
    assert [hook["selectors"][0]["matchArgs"][0]["values"] for hook in found["spec"]["kprobes"]] == [
        ["192.0.2.0/24"]
    ] * 2


def test_everything_else_is_left_as_it_is() -> None:
    before = copy.deepcopy(POLICY)
    found = bound()
    assert before == POLICY
    assert found["metadata"]["annotations"] == {"example.com/owner": "platform"}
    assert found["spec"] == before["spec"]


def test_the_lists_of_two_bindings_are_not_the_same_list() -> None:
    first, second = bound(values={"networks": ["192.0.2.0/24"]}), bound()
    assert second["spec"]["kprobes"][0]["selectors"][0]["matchArgs"][0]["values"] == ["10.0.0.0/8"]
    assert first != second


@pytest.mark.parametrize("options", [None, [], [{"name": "policy-mode", "value": "enforce"}]])
def test_monitor_mode_is_stated_whatever_the_policy_says(options: object) -> None:
    policy = copy.deepcopy(POLICY)
    policy["spec"]["options"] = options
    if options is None:
        del policy["spec"]["options"]
    assert bound(policy)["spec"]["options"] == [{"name": "policy-mode", "value": "monitor"}]


def test_enforcement_carries_its_reason() -> None:
    found = bound(mode="enforce", enforcement={"approved": True, "reason": REASON})
    assert found["spec"]["options"][-1] == {"name": "policy-mode", "value": "enforce"}
    assert found["metadata"]["annotations"][binding.ENFORCEMENT] == REASON


def test_component_and_check_mean_the_same_approval() -> None:
    assert binding.ENFORCEMENT == hooks.ENFORCEMENT


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "enforce"},
        {"mode": "enforce", "enforcement": {"approved": False, "reason": REASON}},
        {"mode": "enforce", "enforcement": {"approved": True, "reason": "because"}},
        {"enforcement": {"approved": True, "reason": REASON}},
        {"mode": "off"},
        {"namespaces": []},
        {"values": {"networks": []}},
        {"values": {"networks": [""]}},
        {"pods": {"app": []}},
        {"pods": {"not a label": ["x"]}},
        {"pods": {"app": ["not a value"]}},
    ],
)
def test_an_entry_that_says_too_little_or_too_much_is_refused(changes: Body) -> None:
    with pytest.raises(ValidationError):
        TracingBinding.model_validate({"namespaces": ["aurora"], **changes})


def test_pods_are_selected_by_label() -> None:
    found = bound(pods={"b": ["2"], "a": ["3", "1", "3"]})
    assert found["spec"]["podSelector"] == {
        "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["1", "3"]},
            {"key": "b", "operator": "In", "values": ["2"]},
        ]
    }


@pytest.mark.parametrize(
    ("policy", "changes", "reason"),
    [
        (POLICY, {"values": {"network": ["a"]}}, "declares no value `network`: did you mean `networks`?"),
        ({**POLICY, "metadata": {"name": "watch"}}, {"values": {"x": ["a"]}}, "declares no value `x`: there are none"),
        ({**POLICY, "kind": "TracingPolicy"}, {}, "only TracingPolicyNamespaced of `cilium.io/v1alpha1` is bound"),
        ({**POLICY, "metadata": {"name": "other"}}, {}, "is named `other` in its own text"),
        ({**POLICY, "metadata": {"name": "watch", "namespace": "a"}}, {}, "names a namespace in its own text"),
        ({**POLICY, "spec": {}}, {}, "has no spec"),
        (
            {**POLICY, "spec": {**POLICY["spec"], "podSelector": {}}},
            {"pods": {"a": ["b"]}},
            "selects its pods by itself",
        ),
    ],
)
def test_a_binding_that_does_not_fit_is_refused(policy: Body, changes: Body, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        bound(policy, **changes)


@pytest.mark.parametrize(
    "pointer",
    ["/spec/kprobes/2/selectors", "/spec/kprobes/0", "/spec/nothing", "/spec/kprobes/-1", "/spec/kprobes/²", ""],
)
def test_a_declaration_that_leads_to_no_list_is_an_error_also_when_it_is_not_used(pointer: str) -> None:
    policy = copy.deepcopy(POLICY)
    policy["metadata"]["annotations"]["values.aurora.example.com/networks"] = (
        f"/spec/kprobes {pointer}" if pointer else "spec"
    )
    with pytest.raises(ValueError, match="where no list is"):
        bound(policy)


def test_an_unknown_policy_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="there is no tracing policy `wach`: did you mean `watch`"):
        emitted({"watch": POLICY}, {"wach": {"namespaces": ["aurora"]}})


NETWORKS = {"watch": {"namespaces": ["aurora"], "facts": {"networks": ["serviceCidrs", "podCidrs", "domain"]}}}


def test_facts_of_the_cluster_are_values_in_the_order_of_the_binding() -> None:
    platform = on_cluster(
        {"watch": POLICY}, service_cidrs=["10.96.0.0/12"], pod_cidrs=["10.1.0.0/16", "fd00::/64"], domain="d"
    )
    (found,) = emitted({"watch": POLICY}, NETWORKS, platform)
    (argument,) = found["spec"]["kprobes"][0]["selectors"][0]["matchArgs"]
    assert argument["values"] == ["10.96.0.0/12", "10.1.0.0/16", "fd00::/64", "d"]


def test_a_fact_that_the_cluster_does_not_state_is_named() -> None:
    spec = TetragonPoliciesSpec.model_validate({"kind": "TetragonPolicies", "policies": NETWORKS})
    (problem,) = spec.problems("runtime-policies", on_cluster({"watch": POLICY}, service_cidrs=["10.96.0.0/12"]))
    assert problem.message.endswith("states no `cluster.podCidrs`")


def test_a_list_is_a_value_or_a_fact() -> None:
    with pytest.raises(ValidationError, match="`networks` is a value and a fact"):
        bound(values={"networks": ["10.0.0.0/8"]}, facts={"networks": ["podCidrs"]})
