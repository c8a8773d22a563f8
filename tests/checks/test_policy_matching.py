"""What a policy matches is decided as admission decides it, autogen and its silent end included."""

from __future__ import annotations

import pytest

from aurora.model.json_value import JsonObject, dig
from aurora.policies.matching import Subject, constraints, guessed_plural
from aurora.policies.planting import FOREIGN, Route, broken, planted, specimen
from checks.policy_cases import POD_RULE, in_namespaces, policy_spec

AURORA = {"kubernetes.io/metadata.name": "aurora", "tier": "ml"}


def subject(resource: str, group: str = "", version: str = "v1", **changes: object) -> Subject:
    values: dict[str, object] = {
        "namespace": "aurora",
        "name": "app",
        "labels": {"app": "server"},
        "namespace_labels": AURORA,
        **changes,
    }
    return Subject(group=group, version=version, resource=resource, **values)  # type: ignore[arg-type]


POD = subject("pods")
DEPLOYMENT = subject("deployments", "apps")
CRON_JOB = subject("cronjobs", "batch")
JOB_SET = subject("jobsets", "jobset.x-k8s.io", "v1alpha2")


MATCHING = {
    "a pod rule matches pods": (policy_spec(), POD, True),
    "a pod rule is repeated for Deployments": (policy_spec(), DEPLOYMENT, True),
    "a pod rule is repeated for CronJobs": (policy_spec(), CRON_JOB, True),
    "a pod rule is not repeated for ReplicationControllers": (policy_spec(), subject("replicationcontrollers"), False),
    "a pod rule says nothing about Services": (policy_spec(), subject("services"), False),
    "other versions are others": (policy_spec(), subject("deployments", "apps", "v1beta1"), False),
    "listed controllers only": (policy_spec(controllers=["cronjobs"]), DEPLOYMENT, False),
    "a listed controller": (policy_spec(controllers=["cronjobs"]), CRON_JOB, True),
    "no controllers": (policy_spec(controllers=[]), CRON_JOB, False),
    "a custom controller": (policy_spec(controllers=["jobsets.v1alpha2.jobset.x-k8s.io"]), JOB_SET, True),
    "an unknown controller": (policy_spec(controllers=["jobsets"]), JOB_SET, False),
    "a second rule ends autogen": (policy_spec(rules=[POD_RULE, POD_RULE]), DEPLOYMENT, False),
    "a second rule leaves pods": (policy_spec(rules=[POD_RULE, POD_RULE]), POD, True),
    "a subresource ends autogen": (
        policy_spec(rules=[POD_RULE | {"resources": ["pods", "pods/ephemeralcontainers"]}]),
        DEPLOYMENT,
        False,
    ),
    "an object selector ends autogen": (
        policy_spec(objectSelector={"matchLabels": {"app": "server"}}),
        DEPLOYMENT,
        False,
    ),
    "an object selector selects": (policy_spec(objectSelector={"matchLabels": {"app": "server"}}), POD, True),
    "an object selector rejects": (policy_spec(objectSelector={"matchLabels": {"app": "other"}}), POD, False),
    "an empty object selector selects all": (policy_spec(objectSelector={}), DEPLOYMENT, True),
    "resource names end autogen": (policy_spec(rules=[POD_RULE | {"resourceNames": ["app"]}]), DEPLOYMENT, False),
    "a resource name": (policy_spec(rules=[POD_RULE | {"resourceNames": ["app"]}]), POD, True),
    "another resource name": (policy_spec(rules=[POD_RULE | {"resourceNames": ["web"]}]), POD, False),
    "exclusions end autogen": (policy_spec(excludeResourceRules=[POD_RULE]), DEPLOYMENT, False),
    "an exclusion excludes": (policy_spec(excludeResourceRules=[POD_RULE]), POD, False),
    "the namespace is selected": (policy_spec(namespaceSelector=in_namespaces("aurora")), DEPLOYMENT, True),
    "the namespace is another": (policy_spec(namespaceSelector=in_namespaces("other")), DEPLOYMENT, False),
    "the namespace is kept out": (policy_spec(namespaceSelector=in_namespaces("aurora", operator="NotIn")), POD, False),
    "any label of the namespace": (policy_spec(namespaceSelector={"matchLabels": {"tier": "ml"}}), POD, True),
    "updates only": (policy_spec(rules=[POD_RULE | {"operations": ["UPDATE"]}]), POD, False),
    "every operation": (policy_spec(rules=[POD_RULE | {"operations": ["*"]}]), DEPLOYMENT, True),
    "no operation": (policy_spec(rules=[POD_RULE | {"operations": []}]), POD, False),
    "wildcards": (
        policy_spec(rules=[{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}]),
        JOB_SET,
        True,
    ),
    "a subresource alone": (policy_spec(rules=[POD_RULE | {"resources": ["pods/exec"]}]), POD, False),
    "namespaced scope": (policy_spec(rules=[POD_RULE | {"scope": "Namespaced"}]), POD, True),
    "cluster scope": (policy_spec(rules=[POD_RULE | {"scope": "Cluster"}]), POD, False),
    "an unknown scope": (policy_spec(rules=[POD_RULE | {"scope": "Galaxy"}]), POD, False),
    "a Namespace by its own labels": (
        policy_spec(
            rules=[POD_RULE | {"resources": ["namespaces"], "scope": "Cluster"}],
            namespaceSelector=in_namespaces("aurora"),
        ),
        subject("namespaces", namespace=""),
        True,
    ),
    "a cluster-scoped object is exempted by no namespace selector": (
        policy_spec(rules=[POD_RULE | {"resources": ["nodes"]}], namespaceSelector=in_namespaces("other")),
        subject("nodes", namespace=""),
        True,
    ),
}


@pytest.mark.parametrize(("spec", "asked", "matched"), MATCHING.values(), ids=MATCHING.keys())
def test_a_policy_matches_what_admission_would_ask_it_about(spec: JsonObject, asked: Subject, matched: bool) -> None:
    assert constraints(spec).matches(asked) is matched


@pytest.mark.parametrize("spec", [{}, {"matchConstraints": None}, {"matchConstraints": {"resourceRules": [1, "x"]}}])
def test_constraints_that_say_nothing_match_nothing(spec: JsonObject) -> None:
    assert not constraints(spec).matches(POD)


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Pod", "pods"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Endpoints", "endpoints"),
        ("Gateway", "gatewaies"),
    ],
)
def test_plurals_are_guessed_as_kyverno_guesses_them(kind: str, plural: str) -> None:
    assert guessed_plural(kind) == plural


KINDS = [
    Route("v1", "Pod", "aurora"),
    Route("apps/v1", "Deployment", "aurora"),
    Route("batch/v1", "Job", "aurora"),
    Route("batch/v1", "CronJob", "aurora"),
]


@pytest.mark.parametrize("route", KINDS, ids=str)
def test_a_planted_pod_is_where_its_kind_keeps_pods_and_has_no_labels(route: Route) -> None:
    body = planted(route, 7, sample=None)
    assert body is not None
    assert route.template is not None
    pod = dig(body, *route.template)
    assert dig(pod, "spec", "containers", 0, "image") == FOREIGN
    assert dig(pod, "metadata", "labels") is None
    assert body["metadata"] == {"name": "aurora-planted-7", "namespace": "aurora"}


def test_another_kind_is_planted_as_a_copy_of_a_real_object_with_other_texts() -> None:
    sample: JsonObject = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "real", "namespace": "argocd", "labels": {"a": "b"}},
        "spec": {"source": {"repoURL": "https://git.example.com/x"}, "weights": [1, {"a": "b"}], "prune": True},
    }
    route = Route("argoproj.io/v1alpha1", "Application", "argocd")
    assert planted(route, 1, sample=None) is None
    assert planted(route, 1, sample=sample) == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "aurora-planted-1", "namespace": "argocd"},
        "spec": {"source": {"repoURL": FOREIGN}, "weights": [1, {"a": FOREIGN}], "prune": True},
    }


def test_a_planted_service_is_one_that_anybody_can_reach() -> None:
    sample: JsonObject = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"type": "ClusterIP"},
    }
    assert dig(planted(Route("v1", "Service", "a"), 1, sample=sample), "spec", "type") == "LoadBalancer"


def test_a_broken_object_keeps_what_a_policy_may_find_it_by() -> None:
    sample: JsonObject = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "real", "namespace": "aurora", "labels": {"a": "b"}},
        "spec": {"template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"image": "good"}]}}},
    }
    body = broken(Route("apps/v1", "Deployment", "aurora"), sample)
    assert body["metadata"] == sample["metadata"]
    assert dig(body, "spec", "template", "metadata", "labels") == {"app": "x"}
    assert dig(body, "spec", "template", "spec", "containers", 0, "image") == FOREIGN
    assert dig(sample, "spec", "template", "spec", "containers", 0, "image") == "good"


def test_an_authors_example_is_put_into_the_kind_of_each_route() -> None:
    example: JsonObject = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bad", "labels": {"app": "x"}},
        "spec": {"containers": []},
    }
    pod = specimen(Route("v1", "Pod", "aurora"), 2, example)
    cron = specimen(Route("batch/v1", "CronJob", "aurora"), 3, example)
    assert dig(pod, "metadata") == {"name": "aurora-planted-2", "namespace": "aurora", "labels": {"app": "x"}}
    assert dig(cron, "spec", "jobTemplate", "spec", "template", "spec") == {"containers": []}
    assert dig(cron, "spec", "jobTemplate", "spec", "template", "metadata", "labels") == {"app": "x"}
    assert specimen(Route("v1", "Service", "aurora"), 4, example) is None
