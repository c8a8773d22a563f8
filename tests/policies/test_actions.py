"""Whether a cluster refuses a violation or only records it, as Kyverno 1.19 decides."""

from __future__ import annotations

import json

import pytest

from aurora import manifests
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest
from aurora.policies.actions import refuses_object
from aurora.policies.matching import Subject

POD = Subject(
    group="",
    version="v1",
    resource="pods",
    namespace="shop",
    name="web",
    labels={},
    namespace_labels={"tier": "front"},
    kind="Pod",
)


def read(api_version: str, kind: str, spec: JsonObject) -> Manifest:
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "demand"}, "spec": spec}
    (found,) = manifests.read(json.dumps(body).encode(), "policy.yaml").manifests
    return found


def modern(spec: JsonObject) -> bool:
    return refuses_object(read("policies.kyverno.io/v1", "ValidatingPolicy", spec), "", POD)


def classic(validate: JsonObject, spec: JsonObject, rule: str = "team") -> bool:
    rules: list[JsonValue] = [{"name": "team", "validate": validate}, {"name": "other", "validate": {}}]
    return refuses_object(read("kyverno.io/v1", "ClusterPolicy", {"rules": rules, **spec}), rule, POD)


@pytest.mark.parametrize(
    ("spec", "refused"),
    [
        ({"validationActions": ["Deny"]}, True),
        ({"validationActions": ["Audit", "Deny"]}, True),
        ({}, True),
        ({"validationActions": []}, True),
        ({"validationActions": ["Audit"]}, False),
        ({"validationActions": ["Warn"]}, False),
        ({"validationActions": ["Deny"], "evaluation": {"admission": {"enabled": False}}}, False),
    ],
)
def test_a_validating_policy_refuses_where_it_denies_at_admission(spec: JsonObject, refused: bool) -> None:
    assert modern(spec) is refused


def override(action: str, **where: JsonValue) -> list[JsonValue]:
    return [{"action": action, **where}]


@pytest.mark.parametrize(
    ("validate", "spec", "refused"),
    [
        ({}, {}, False),
        ({"failureAction": "Enforce"}, {}, True),
        ({"failureAction": "Audit"}, {"validationFailureAction": "Enforce"}, False),
        ({}, {"validationFailureAction": "enforce"}, True),
        ({"failureAction": "Enforce"}, {"admission": False}, False),
        ({"failureAction": "Audit", "failureActionOverrides": override("Enforce", namespaces=["sh*"])}, {}, True),
        ({"failureAction": "Audit", "failureActionOverrides": override("Enforce", namespaces=["other"])}, {}, False),
        ({"failureAction": "Audit", "failureActionOverrides": override("Enforce")}, {}, True),
        ({"failureAction": "Enforce", "failureActionOverrides": override("Audit", namespaces=["shop"])}, {}, False),
        (
            {},
            {
                "validationFailureActionOverrides": override(
                    "Enforce", namespaceSelector={"matchLabels": {"tier": "front"}}
                )
            },
            True,
        ),
        (
            {},
            {
                "validationFailureActionOverrides": override(
                    "Enforce", namespaceSelector={"matchLabels": {"tier": "back"}}
                )
            },
            False,
        ),
        ({}, {"validationFailureActionOverrides": override("Refuse")}, False),
    ],
)
def test_a_cluster_policy_is_decided_by_rule_then_by_namespace_then_as_a_whole(
    validate: JsonObject, spec: JsonObject, refused: bool
) -> None:
    assert classic(validate, spec) is refused


@pytest.mark.parametrize(
    ("rule", "refused"), [("autogen-team", True), ("autogen-cronjob-team", True), ("other", False), ("unknown", True)]
)
def test_a_rule_is_known_by_the_names_of_its_copies_and_one_that_is_not_takes_the_first_action(
    rule: str, refused: bool
) -> None:
    assert classic({"failureAction": "Enforce"}, {}, rule) is refused
