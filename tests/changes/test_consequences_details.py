from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.changes import consequences
from aurora.changes.pairs import Pair, Scene
from aurora.changes.sides import Side
from aurora.model.examples import altered, stream
from aurora_constructs.names import Names
from changes.scenes import CLAIM, CONFIG, DEPLOYMENT, SERVICE, scene, side

CANARY = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: canary
  namespace: ml
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "%s"
    nginx.ingress.kubernetes.io/canary-weight-total: "%s"
spec:
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: canary, port: {number: 80}}}}]}
"""
ACTION = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: model
  namespace: ml
  annotations:
    alb.ingress.kubernetes.io/actions.split: >-
      {"type": "forward", "forwardConfig": {"targetGroups": [
      {"serviceName": "model", "servicePort": 80, "weight": %d},
      {"serviceName": "canary", "servicePort": 80, "weight": %d}]}}
spec:
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: split, port: {name: use-annotation}}}}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: model, namespace: ml}
spec: {podSelector: {matchLabels: {app: model}}, policyTypes: [Ingress]%s}
"""
CLUSTER_POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: limits}
spec:
  validationFailureAction: %s
  rules: [{name: one, match: {any: [{resources: {kinds: [%s]}}]}, validate: {message: m, pattern: {a: b}}}]
"""


def told(given: Scene) -> list[tuple[str, str]]:
    return [(entry.rule, entry.message) for _, entry in consequences.follow(given)]


def rules(given: Scene) -> list[str]:
    return [entry.rule for _, entry in consequences.follow(given)]


def test_a_canarys_weight_is_a_part_of_its_total() -> None:
    given = scene(CANARY % (100, 1000), CANARY % (250, 1000))
    assert told(given) == [("traffic/weight", "Service `canary` gets 10 % → 25 % of the requests to `a.example.com/`")]


def test_a_total_of_less_than_a_hundred_does_not_count() -> None:
    assert told(scene(CANARY % (10, 50), CANARY % (10, 100))) == []


def test_a_canary_that_comes_takes_its_share_from_nothing() -> None:
    found = told(scene("", CANARY % (10, 100)))
    assert ("traffic/weight", "Service `canary` gets 0 % → 10 % of the requests to `a.example.com/`") in found


def test_the_weights_of_a_load_balancers_action_are_shares_too() -> None:
    assert told(scene(ACTION % (90, 10), ACTION % (50, 50))) == [
        ("traffic/weight", "Service `canary` gets 10 % → 50 % of the requests of the action `split`"),
        ("traffic/weight", "Service `model` gets 90 % → 50 % of the requests of the action `split`"),
    ]


def test_nothing_but_that_it_stays_follows_from_deleting_what_argo_cd_keeps() -> None:
    kept = altered(CLAIM, "name: models,", "name: models, annotations: {argocd.argoproj.io/sync-options: Prune=false},")
    assert rules(scene(stream(kept, DEPLOYMENT), DEPLOYMENT)) == ["data/kept-by-argo"]


def test_what_the_server_stores_alike_has_no_consequences() -> None:
    given = scene(DEPLOYMENT, altered(DEPLOYMENT, "replicas: 2", "replicas: 3"))
    assert rules(given) == ["capacity/demand"]
    assert rules(replace(given, pairs=tuple(replace(pair, same=True) for pair in given.pairs))) == []


def test_consequences_come_in_the_order_of_the_pairs_each_pair_together() -> None:
    after = stream(
        altered(SERVICE, "type: ClusterIP", "type: NodePort"),
        altered(altered(DEPLOYMENT, "replicas: 2", "replicas: 0"), "serve:1@sha256:aaaa", "serve:1"),
    )
    given = scene(stream(SERVICE, DEPLOYMENT), after)
    for pairs in (given.pairs, given.pairs[::-1]):
        found = [pair for pair, _ in consequences.follow(replace(given, pairs=pairs))]
        kinds = list(dict.fromkeys(pair.resource.kind for pair in found))
        assert kinds == [pair.resource.kind for pair in pairs]
        assert [found.index(pair) for pair in found] == sorted(found.index(pair) for pair in found)


def test_a_workload_whose_new_labels_leave_its_policy_is_unprotected() -> None:
    before = stream(DEPLOYMENT, POLICY % "")
    after = stream(altered(DEPLOYMENT, "labels: {app: model,", "labels: {app: other,"), POLICY % "")
    found = list(consequences.follow(scene(before, after)))
    assert [(pair.resource.kind, entry.rule) for pair, entry in found] == [
        ("Deployment", "security/network-unprotected")
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("10.0.0.0/8", "10.1.0.0/16", ["security/network-closed"]),
        ("10.1.0.0/16", "10.0.0.0/8", ["security/network-opened"]),
        ("10.0.0.0/8", "192.168.0.0/16", ["security/network-opened", "security/network-closed"]),
    ],
)
def test_blocks_of_addresses_are_compared_as_sets(old: str, new: str, expected: list[str]) -> None:
    sides = [POLICY % f", ingress: [{{from: [{{ipBlock: {{cidr: {cidr}}}}}]}}]" for cidr in (old, new)]
    assert rules(scene(*sides)) == expected


def test_an_empty_rule_opens_everything() -> None:
    found = told(scene(POLICY % ", ingress: []", POLICY % ", ingress: [{}]"))
    assert found == [("security/network-opened", "allows more into its pods: every peer on every port")]


def test_a_policy_that_goes_with_its_pods_closes_nothing() -> None:
    before = stream(DEPLOYMENT, POLICY % ", ingress: [{}]")
    assert not [rule for rule in rules(scene(before, "")) if rule.startswith("security/network")]


def test_a_cluster_policys_rule_that_changed_is_named_and_not_judged() -> None:
    given = scene(CLUSTER_POLICY % ("Enforce", "Pod"), CLUSTER_POLICY % ("Enforce", "Job"))
    assert rules(given) == ["security/policy-expression-changed"]


def test_a_cluster_policy_that_only_audits_no_longer_refuses() -> None:
    given = scene(CLUSTER_POLICY % ("Enforce", "Pod"), CLUSTER_POLICY % ("Audit", "Pod"))
    assert rules(given) == ["security/policy-only-records"]


def test_values_of_secrets_are_in_no_message() -> None:
    keys = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: ml}\nstringData: {a: %s}\n"
    using = altered(
        DEPLOYMENT,
        "env: [{name: MODEL_VERSION, value: v1}]",
        "env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: a}}}]",
    )
    inlined = altered(DEPLOYMENT, "env: [{name: MODEL_VERSION, value: v1}]", "env: [{name: A, value: topsecret}]")
    found = told(scene(stream(keys % "hidden", using), stream(keys % "topsecret", inlined)))
    assert [rule for rule, _ in found if rule == "security/secret-inlined"]
    assert not [message for _, message in found if "topsecret" in message or "hidden" in message]


def test_a_key_that_nobody_uses_is_picked_up_by_nobody() -> None:
    using = altered(
        DEPLOYMENT,
        "env: [{name: MODEL_VERSION, value: v1}]",
        "env: [{name: B, valueFrom: {configMapKeyRef: {name: settings, key: batch}}}]",
    )
    two = altered(CONFIG, 'data: {batch: "8"}', 'data: {batch: "8", other: a}')
    assert rules(scene(stream(CONFIG, using), stream(two, using))) == []
    more = altered(CONFIG, 'batch: "8"', 'batch: "9"')
    assert rules(scene(stream(CONFIG, using), stream(more, using))) == ["pick-up/environment"]


TRIGGER = """\
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: queue, namespace: ml}
spec:
  configMapTargetRef: [{parameter: host, name: %s, key: batch}]
  secretTargetRef: [{parameter: a, name: %s, key: b}]
"""


def test_versions_are_read_from_the_labels_and_the_group_of_the_environments_names() -> None:
    names = Names(label_prefix="shop.example.com", api_group="ml.shop.example.com")
    label = "labels: {app: model, track: stable"
    served = altered(DEPLOYMENT, label, f"{label}, shop.example.com/model-version: %s")
    intended = (
        "apiVersion: ml.shop.example.com/v1alpha1\nkind: MLDeployment\nmetadata: {name: a, namespace: ml}\n"
        "spec: {stable: {version: %s}}\n"
    )
    given = scene(stream(served % "v1", intended % "v1"), stream(served % "v2", intended % "v2"))
    versions = {"traffic/model-version", "traffic/version-intended"}
    assert versions & set(rules(replace(given, names=names))) == versions
    assert not versions & set(rules(given))


def test_custom_resources_are_told_by_the_fields_of_the_table() -> None:
    more = altered(CONFIG, 'batch: "8"', 'batch: "9"')
    for names, expected in (("settings", "other"), ["pick-up/custom"]), (("other", "settings"), []):
        trigger = TRIGGER % names
        assert rules(scene(stream(CONFIG, trigger), stream(more, trigger))) == expected


def test_an_autoscalers_minimum_counts_as_the_replicas_of_a_rollout() -> None:
    free = altered(altered(DEPLOYMENT, "  replicas: 2\n", ""), "maxUnavailable: 0", "maxUnavailable: 1")
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: model, namespace: ml}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: model}, minReplicas: 2, maxReplicas: 4}\n"
    )
    new = altered(free, "serve:1@sha256:aaaa", "serve:2@sha256:bbbb")
    assert rules(scene(free, new)) == ["downtime/single-replica"]
    assert rules(scene(stream(free, scaler), stream(new, scaler))) == []


def test_a_small_change_in_a_large_tree_reads_a_few_files() -> None:
    copies = [
        altered(DEPLOYMENT, "{name: model, namespace: ml}", f"{{name: m{n}, namespace: n{n}}}") for n in range(200)
    ]
    before, after = side(stream(*copies)), side(stream(*copies, CONFIG))
    for entry in (before, after):
        entry._read.clear()
    pair = Pair(before=None, after=side(CONFIG).read("-ConfigMap-ml-settings.yaml").manifests[0])
    assert rules(Scene(before=before, after=after, pairs=(pair,))) == []
    assert len(after._read) + len(before._read) <= 1


def test_a_broken_file_beside_a_change_hides_no_consequence() -> None:
    given = scene(stream(SERVICE, DEPLOYMENT), DEPLOYMENT)
    broken = {"broken.yaml": b"kind: [Service\n", "text.yaml": b"\xff\xfe", "empty.yaml": b""}
    sides = [Side(entry.environment, {**entry.files, **broken}) for entry in (given.before, given.after)]
    assert "downtime/service-gone" in rules(Scene(before=sides[0], after=sides[1], pairs=given.pairs))


WEBHOOK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks: [{name: a.example.com, failurePolicy: %s}, {name: b.example.com, failurePolicy: Fail}]
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: gate}
spec: {policyName: gate, validationActions: [%s]%s}
"""
NAMED = ", matchResources: {namespaceSelector: {matchLabels: {team: ml}}}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (WEBHOOK % "Fail", WEBHOOK % "Ignore", ["security/policy-fails-open"]),
        (WEBHOOK % "Ignore", WEBHOOK % "Fail", ["security/policy-fails-closed"]),
        (BINDING % ("Deny", ""), BINDING % ("Warn", ""), ["security/policy-only-records"]),
        (BINDING % ("Audit", ""), BINDING % ("Deny", ""), ["security/policy-refuses"]),
        (BINDING % ("Deny", ""), BINDING % ("Deny", NAMED), ["security/policy-narrowed"]),
        (BINDING % ("Deny", NAMED), "", ["security/policy-removed"]),
    ],
)
def test_webhooks_and_bindings_are_policies_too(before: str, after: str, expected: list[str]) -> None:
    assert rules(scene(before, after)) == expected


def test_a_renamed_claim_is_a_deleted_one() -> None:
    moved = altered(CLAIM, "metadata: {name: models, ", "metadata: {name: weights, ")
    assert "data/claim-deleted" in rules(scene(CLAIM, moved, renames=[("models", "weights")]))


def test_a_hashed_name_is_a_restart_of_the_workload_and_nobody_picks_the_old_one_up() -> None:
    using = altered(
        DEPLOYMENT, "env: [{name: MODEL_VERSION, value: v1}]", "envFrom: [{configMapRef: {name: settings}}]"
    )
    hashed = altered(altered(CONFIG, "name: settings", "name: settings-2"), 'batch: "8"', 'batch: "9"')
    after = stream(hashed, altered(using, "name: settings", "name: settings-2"))
    for renames in ([], [("settings", "settings-2")]):
        assert rules(scene(stream(CONFIG, using), after, renames=renames)) == ["pick-up/new-name"]


def test_an_update_that_may_take_the_only_pod_away_where_no_surge_is_allowed() -> None:
    single = altered(altered(DEPLOYMENT, "replicas: 2", "replicas: 1"), "maxSurge: 1", "maxSurge: 0")
    single = altered(single, "maxUnavailable: 0", "maxUnavailable: 25%")
    new = altered(single, "serve:1@sha256:aaaa", "serve:2@sha256:bbbb")
    assert rules(scene(single, new)) == ["downtime/single-replica"]


SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}
"""
SCALED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 3, template: {spec: {containers: [{name: web, image: "example.com/web:1"}]}}}
"""


@pytest.mark.parametrize(
    ("new", "expected"),
    [("replicas: 5", ["autoscaling/two-writers"]), ("replicas: 3, minReadySeconds: 5", [])],
)
def test_replicas_that_are_set_again_under_an_autoscaler_are_told(new: str, expected: list[str]) -> None:
    given = scene(f"{SCALED}---\n{SCALER}", f"{SCALED.replace('replicas: 3', new)}---\n{SCALER}")
    assert [rule for rule in rules(given) if rule.startswith("autoscaling/")] == expected
