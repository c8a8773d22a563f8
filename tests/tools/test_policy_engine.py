"""The engine's verdicts count only if it accounts for every policy and every object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora.errors import ToolOutputError
from aurora.kinds.table import builtin_scope
from aurora.model.json_value import JsonObject
from aurora.policies.matching import guessed_plural
from aurora.tools.installed import Toolbox
from aurora.tools.policy_engine import apply
from aurora.tools.protocol import Request, converse
from aurora.tools.verdicts import SENTINEL, Kind, Refusal, Result, Row
from tools.fake_engine import lying
from tools.kyverno_calls import APP, JOB, TAGS, body, call


def test_an_honest_run_gives_every_verdict_but_those_of_the_planted_policy(tmp_path: Path) -> None:
    verdicts = apply(call(tmp_path, lying(tmp_path)))
    assert verdicts.rows == (
        Row(TAGS, JOB, Result.PASS, "m", "defaults"),
        Row(TAGS, APP, Result.PASS, "m", "defaults"),
    )
    assert (verdicts.refused, verdicts.unjudged) == ({}, {})


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ("program", "is `another`, not `policy-engine`"),
        ("unconfigured", "cannot be configured: two namespaces"),
        ("forget-policy", "did not account for every policy"),
        ("refuse-sentinel", "did not account for every policy"),
        ("pass-sentinel", "did not report the planted violation of `Job aurora/job`, `Pod aurora/app`"),
        ("silent", "did not account for every policy on Pod aurora/app"),
        ("twice", "did not account for every policy on Pod aurora/app"),
        ("unmatched", f"said nothing about `Job aurora/job`, `Pod aurora/app` under the policy `{TAGS}`"),
        ("another-object", "instead of Pod aurora/app"),
        ("result", "gave the unknown result `maybe`"),
    ],
)
def test_an_engine_that_lies_ends_the_run(tmp_path: Path, lie: str, message: str) -> None:
    with pytest.raises(ToolOutputError, match=message):
        apply(call(tmp_path, lying(tmp_path, lie)))


def test_a_verdict_on_an_object_that_the_policy_does_not_match_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match=f"`Pod aurora/app`, which the policy `{TAGS}` does not match"):
        apply(call(tmp_path, lying(tmp_path), expected={TAGS: frozenset({JOB})}))


def test_a_refused_policy_judges_nothing(tmp_path: Path) -> None:
    verdicts = apply(call(tmp_path, lying(tmp_path, "refuse")))
    assert verdicts.rows == ()
    assert verdicts.refused == {TAGS: Refusal("no", "spec.validations")}


def test_an_object_without_verdict_is_named_and_the_others_are_judged(tmp_path: Path) -> None:
    verdicts = apply(call(tmp_path, lying(tmp_path, "unjudged")))
    assert verdicts.unjudged == {APP: "no verdict in time"}
    assert [row.resource for row in verdicts.rows] == [JOB]


@pytest.mark.parametrize(
    ("objects", "policies", "message"),
    [
        ([body(APP), body(APP)], {TAGS: {}}, "twice: Pod aurora/app"),
        ([body(APP)], {SENTINEL: {}}, "no policy may be called"),
    ],
    ids=["duplicate", "reserved name"],
)
def test_what_cannot_be_told_apart_never_reaches_it(
    tmp_path: Path, objects: list[JsonObject], policies: dict[str, JsonObject], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        apply(call(tmp_path, tmp_path / "nowhere", objects=objects, policies=policies, expected={}))


def test_it_gets_namespaces_with_their_labels_and_custom_kinds_with_their_plurals(tmp_path: Path) -> None:
    metadata: JsonObject = {"name": "aurora", "labels": {"tier": "gold", "number": 1}, "annotations": {"a": "b"}}
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    kinds = [Kind("example.com", "v1", "Rack", "rackery", namespaced=False)]
    policy: JsonObject = {"metadata": {"name": TAGS}}
    program = lying(tmp_path)
    apply(call(tmp_path, program, namespaces=[namespace], kinds=kinds, policies={TAGS: policy}))
    configured = json.loads((tmp_path / "run" / "configured.json").read_text())
    assert configured["namespaces"] == [{"name": "aurora", "labels": {"tier": "gold"}, "annotations": {"a": "b"}}]
    assert configured["resources"] == [
        {"group": "example.com", "version": "v1", "kind": "Rack", "plural": "rackery", "namespaced": False}
    ]
    assert configured["exceptions"] == []
    assert [entry["metadata"]["name"] for entry in configured["policies"]] == [TAGS, SENTINEL]


# Kinds of built-in groups that are asked for in manifests, of every group that has one.
BUILTIN = [
    *[("v1", kind) for kind in ("ConfigMap", "Endpoints", "LimitRange", "Pod", "ResourceQuota", "Secret", "Service")],
    *[("v1", kind) for kind in ("Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim", "ServiceAccount")],
    *[("apps/v1", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")],
    *[("batch/v1", kind) for kind in ("CronJob", "Job")],
    *[("networking.k8s.io/v1", kind) for kind in ("Ingress", "IngressClass", "IPAddress", "NetworkPolicy")],
    *[("rbac.authorization.k8s.io/v1", kind) for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")],
    *[("storage.k8s.io/v1", kind) for kind in ("CSIDriver", "CSIStorageCapacity", "StorageClass")],
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("coordination.k8s.io/v1", "Lease"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema"),
    ("node.k8s.io/v1", "RuntimeClass"),
    ("policy/v1", "PodDisruptionBudget"),
    ("resource.k8s.io/v1", "DeviceClass"),
    ("resource.k8s.io/v1", "ResourceClaimTemplate"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
]


@pytest.mark.real_tools
def test_built_in_kinds_are_stored_as_the_engine_says(real_toolbox: Toolbox, tmp_path: Path) -> None:
    requests = [Request("configure", "configure", {"policies": [], "namespaces": [{"name": "default"}]})]
    for number, (api_version, kind) in enumerate(BUILTIN):
        found: JsonObject = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}
        requests.append(Request(str(number), "judge", {"object": found}))
    said = converse(real_toolbox.locate("policy-engine"), requests, workspace=tmp_path, timeout=60.0)
    for number, (api_version, kind) in enumerate(BUILTIN):
        resource = said.replies[str(number)].result["resource"]
        group = api_version.rpartition("/")[0]
        assert resource["resource"] == guessed_plural(kind)
        assert ("namespace" in resource) is (builtin_scope(group, kind) == "Namespaced"), kind
