"""How an effect is decided: the gravest field wins, whole objects have rows of their own, and nothing is left out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import manifests
from aurora.changes import structural
from aurora.changes.effects import decide, rows
from aurora.changes.effects.leaves import Leaf, leaves
from aurora.changes.effects.row import EVERY
from aurora.changes.pairs import Pair
from aurora.cluster.applications import deployments
from aurora.kinds.table import every, is_builtin_group
from aurora.model.change import ABSENT, Effect, FieldChange
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.manifest import Manifest, Source, identify
from aurora.paths import RepositoryPaths
from aurora.schemas.kubernetes import KubernetesSchemas
from aurora_constructs.labels import API_GROUP

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: one, namespace: aurora, labels: {team: ml}}
spec:
  replicas: 1
  selector: {matchLabels: {app: one}}
  template:
    metadata: {labels: {app: one}}
    spec:
      containers: [{name: a, image: "example.com/a:v1"}, {name: b, image: "example.com/b:v1"}]
"""


def manifest(text: str) -> Manifest:
    (found,) = manifests.read(text.encode(), "example.yaml").manifests
    return found


def pair(before: str | None, after: str | None, **more: object) -> Pair:
    old, new = (manifest(text) if text else None for text in (before, after))
    fields = structural.differences(old.body, new.body) if old and new else ()
    return dataclasses.replace(Pair(before=old, after=new, fields=fields), **more)  # type: ignore[arg-type]


def test_the_gravest_effect_wins_and_the_others_are_named() -> None:
    after = DEPLOYMENT.replace("replicas: 1", "replicas: 4").replace("a:v1", "a:v2").replace("team: ml", "team: x")
    verdict = decide(pair(DEPLOYMENT, after))
    assert (verdict.effect, verdict.rule) == (Effect.ROLLING_RESTART, "deployment/pod-template")
    assert verdict.reason.startswith("`spec.template.spec.containers[name=a].image`: ")
    assert verdict.reason.endswith("; also scale: `spec.replicas`")


def test_an_account_that_is_only_taken_away_stays_and_restarts_nothing() -> None:
    before = DEPLOYMENT.replace("      containers", "      serviceAccountName: reader\n      containers")
    kept = decide(pair(before, DEPLOYMENT))
    assert (kept.effect, kept.rule) == (Effect.UNCHANGED, "account/removed")
    assert "until it names another one" in kept.reason
    for other in (
        pair(before, before.replace("reader", "default")),
        pair(before, DEPLOYMENT.replace("a:v1", "a:v2")),
        pair(DEPLOYMENT, before),
    ):
        assert decide(other).rule == "deployment/pod-template"
    replaced = "labels: {team: ml}, annotations: {argocd.argoproj.io/sync-options: Replace=true}}\nspec"
    old, new = (text.replace("labels: {team: ml}}\nspec", replaced) for text in (before, DEPLOYMENT))
    assert decide(pair(old, new)).rule == "deployment/pod-template"


def test_many_fields_are_counted_and_none_is_silent() -> None:
    labels = ", ".join(f"l{number}: x" for number in range(9))
    verdict = decide(
        pair(DEPLOYMENT, DEPLOYMENT.replace("{app: one}}\n    spec", f"{{app: one, {labels}}}}}\n    spec"))
    )
    assert verdict.effect is Effect.ROLLING_RESTART
    assert "and 6 more: " in verdict.reason


def test_a_new_order_of_containers_restarts_pods() -> None:
    first, second = '{name: a, image: "example.com/a:v1"}', '{name: b, image: "example.com/b:v1"}'
    swapped = pair(DEPLOYMENT, DEPLOYMENT.replace(f"{first}, {second}", f"{second}, {first}"))
    assert [change.reordered for change in swapped.fields] == [True]
    assert decide(swapped).rule == "deployment/pod-template"


def test_a_new_order_elsewhere_restarts_nothing() -> None:
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: a, port: 1}, {name: b, port: 2}]}\n"
    )
    ports = "[{name: b, port: 2}, {name: a, port: 1}]"
    verdict = decide(pair(service, service.replace("[{name: a, port: 1}, {name: b, port: 2}]", ports)))
    assert (verdict.rule, verdict.effect) == ("object/reordered", Effect.IN_PLACE)


def test_the_servers_words_are_kept_and_a_row_says_what_helps() -> None:
    after = DEPLOYMENT.replace("matchLabels: {app: one}", "matchLabels: {app: two}")
    verdict = decide(pair(DEPLOYMENT, after, refusals=("spec.selector: field is immutable",)))
    assert (verdict.effect, verdict.rule) == (Effect.REFUSED, "deployment/selector")
    assert verdict.reason.startswith("spec.selector: field is immutable (")


def test_values_and_diffs_that_the_server_repeats_are_left_out_visibly() -> None:
    value = '{"labels":{"a":"' + "x" * 500 + '"}}'
    refusals = (
        f"spec.template: Invalid value: {value}: field is immutable",
        "spec: Forbidden: spec is immutable\n  core.Spec{\n- \tName: a,\n",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    )
    reason = decide(pair(DEPLOYMENT, DEPLOYMENT.replace("replicas: 1", "replicas: -1"), refusals=refusals)).reason
    assert reason.startswith(
        "spec.template: Invalid value: …: field is immutable; spec: Forbidden: spec is immutable …; "
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0 ("
    )


def test_a_refusal_that_no_row_expects_is_refused_all_the_same() -> None:
    verdict = decide(
        pair(DEPLOYMENT, DEPLOYMENT.replace("replicas: 1", "replicas: -1"), refusals=("no", "no", "never"))
    )
    assert (verdict.effect, verdict.rule) == (Effect.REFUSED, "object/refused")
    assert verdict.reason.startswith("no; never (")


def test_a_new_object_that_the_server_refuses_is_not_created() -> None:
    verdict = decide(pair(None, DEPLOYMENT, refusals=("no",)))
    assert (verdict.effect, verdict.rule, verdict.reason) == (Effect.REFUSED, "object/refused", "no")


def test_forced_replacement_recreates_what_would_be_refused_or_changed() -> None:
    options = "metadata: {annotations: {argocd.argoproj.io/sync-options: 'Prune=false, Force=true,Replace=true'}, "
    before = DEPLOYMENT.replace("metadata: {name: one", f"{options}name: one")
    selector = pair(before, before.replace("matchLabels: {app: one}", "matchLabels: {app: two}"), refusals=("no",))
    image = pair(before, before.replace("a:v1", "a:v2"))
    for given_pair in (selector, image):
        assert (decide(given_pair).effect, decide(given_pair).rule) == (Effect.RECREATE, "object/replaced")
    assert decide(selector).reason.endswith("(an update would be refused: no)")
    assert decide(image).reason.startswith("`spec.template.spec.containers[name=a].image`: ")


def test_a_renamed_object_names_both() -> None:
    verdict = decide(pair(DEPLOYMENT, DEPLOYMENT.replace("name: one,", "name: two,")))
    assert verdict.effect is Effect.RENAMED
    assert verdict.reason.startswith("`Deployment aurora/one` becomes `Deployment aurora/two`: ")


def test_an_object_that_is_stored_alike_is_unchanged_whatever_the_texts() -> None:
    assert decide(pair(DEPLOYMENT, DEPLOYMENT.replace("ml", '"ml"'), same=True)).effect is Effect.UNCHANGED


def test_unknown_kinds_are_admitted_to_be_unknown() -> None:
    widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a, labels: {x: one}}\nspec: {size: 1}\n"
    verdict = decide(pair(widget, widget.replace("size: 1", "size: 2")))
    assert (verdict.effect, verdict.rule) == (Effect.IN_PLACE, "custom/spec")
    assert "not known to Aurora" in verdict.reason
    assert decide(pair(widget, widget.replace("x: one", "x: two"))).effect is Effect.METADATA_ONLY


def test_a_branch_that_one_side_lacks_is_taken_apart() -> None:
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {ingressClassName: nginx}\n"
    annotated = ingress.replace(
        "{name: a}", '{name: a, annotations: {example.com/x: y, nginx.ingress.kubernetes.io/canary-weight: "10"}}'
    )
    for before, after in ((ingress, annotated), (annotated, ingress)):
        changed = pair(before, after)
        assert [change.path for change in changed.fields] == ["metadata.annotations"]
        verdict = decide(changed)
        assert (verdict.effect, verdict.rule) == (Effect.TRAFFIC_SHIFT, "ingress/canary")
        assert verdict.reason.startswith("`metadata.annotations[nginx.ingress.kubernetes.io/canary-weight]`: ")


def test_masked_values_that_look_alike_are_still_a_change() -> None:
    alike: JsonObject = {"token": "…"}
    (leaf,) = leaves(FieldChange(pointer="/data", path="data", before=alike, after=dict(alike)))
    assert (leaf.path, leaf.matches("data.**"), leaf.matches("metadata.**")) == ("data", True, False)


def test_keys_with_dots_slashes_and_tildes_are_one_step() -> None:
    change = FieldChange(pointer="/metadata/annotations/a.b~1c~0d", path="…", before="x", after="y")
    (leaf,) = leaves(change)
    assert leaf.steps == ("metadata", "annotations", "a.b/c~d")
    assert leaf.matches("metadata.annotations[a.b/*]")
    assert not leaf.matches("metadata.annotations")
    assert not leaf.matches("metadata.annotations[a-b/*]")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(
    [("v1", "Service"), ("apps/v1", "StatefulSet"), ("v1", "PersistentVolumeClaim")]
) | st.sampled_from([("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ("example.com/v1", "Widget")])


@given(kind=KINDS, before=JSON, after=JSON)
def test_hostile_bodies_always_have_a_verdict(kind: tuple[str, str], before: JsonValue, after: JsonValue) -> None:
    sides = [raw(kind, value) for value in (before, after)]
    fields = structural.differences(sides[0].body, sides[1].body)
    verdict = decide(Pair(before=sides[0], after=sides[1], fields=fields))
    assert (verdict.effect is Effect.UNCHANGED) == (not fields) or verdict.rule.endswith(("status", "finalizers"))
    assert verdict.rule in {row.id for row in rows.every()}


def raw(kind: tuple[str, str], value: JsonValue) -> Manifest:
    body: JsonObject = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "a"}, "spec": value, "data": value}
    return Manifest(id=identify(body), body=body, text=json.dumps(body), source=Source("example.yaml"))


def names_of(schema: JsonObject) -> list[tuple[str, ...]]:
    """Give the fields of a kind two levels deep, metadata and status left out."""
    found: list[tuple[str, ...]] = []
    for name, child in mapping(schema.get("properties")).items():
        reference = str(mapping(child).get("$ref", "")).rpartition("/")[2]
        below = mapping(mapping(mapping(schema.get("definitions")).get(reference)).get("properties"))
        if name == "spec" and below:
            found += [(name, step) for step in below]
        elif name not in ("apiVersion", "kind", "metadata", "status"):
            found.append((name,))
    return found


def known(kind: tuple[str, str], steps: tuple[str, ...]) -> bool:
    """Tell whether an unconditional row of the kind itself names a field."""
    leaf = Leaf(steps=steps, path="", before=1, after=2)
    own = (row for row in rows.of_kind(kind) if kind in row.kinds and row.when is None)
    return any(leaf.matches(field) for row in own for field in row.fields)


NOBODY_COMMITS = {
    ("", "Binding"): "asked, never stored",
    ("", "ComponentStatus"): "the server answers it",
    ("", "Event"): "controllers write it",
    ("", "Node"): "the kubelet registers it",
    ("apps", "ControllerRevision"): "controllers write it",
    ("authentication.k8s.io", "SelfSubjectReview"): "asked, never stored",
    ("authentication.k8s.io", "TokenRequest"): "asked, never stored",
    ("authentication.k8s.io", "TokenReview"): "asked, never stored",
    ("authorization.k8s.io", "LocalSubjectAccessReview"): "asked, never stored",
    ("authorization.k8s.io", "SelfSubjectAccessReview"): "asked, never stored",
    ("authorization.k8s.io", "SelfSubjectRulesReview"): "asked, never stored",
    ("authorization.k8s.io", "SubjectAccessReview"): "asked, never stored",
    ("autoscaling", "Scale"): "a subresource",
    ("certificates.k8s.io", "CertificateSigningRequest"): "made for one certificate, then deleted",
    ("certificates.k8s.io", "PodCertificateRequest"): "the kubelet makes it",
    ("coordination.k8s.io", "Lease"): "its holder writes it",
    ("coordination.k8s.io", "LeaseCandidate"): "its holder writes it",
    ("events.k8s.io", "Event"): "controllers write it",
    ("internal.apiserver.k8s.io", "StorageVersion"): "API servers write it",
    ("networking.k8s.io", "IPAddress"): "the server allocates it",
    ("policy", "Eviction"): "a subresource",
    ("resource.k8s.io", "ResourceSlice"): "drivers write it",
    ("storage.k8s.io", "CSINode"): "drivers write it",
    ("storage.k8s.io", "CSIStorageCapacity"): "drivers write it",
    ("storage.k8s.io", "VolumeAttachment"): "controllers write it",
    ("storagemigration.k8s.io", "StorageVersionMigration"): "made for one migration",
}
"""Kinds of Kubernetes that have no rows because no repository holds them, each with the reason."""


@pytest.mark.parametrize("kind", NOBODY_COMMITS)
def test_a_kind_that_nobody_commits_is_decided_by_the_rows_of_every_kind(kind: tuple[str, str]) -> None:
    assert all(kind not in row.kinds for row in rows.every())
    version = f"{kind[0]}/v1" if kind[0] else "v1"
    text = f"apiVersion: {version}\nkind: {kind[1]}\nmetadata: {{name: a}}\nspec: {{b: 1}}\n"
    verdict = decide(pair(text, text.replace("b: 1", "b: 2")))
    assert (verdict.rule, verdict.effect) == ("builtin/field", Effect.IN_PLACE)
    refused = decide(pair(text, text.replace("b: 1", "b: 2"), refusals=("the kind is never stored",)))
    assert (refused.rule, refused.effect) == ("object/refused", Effect.REFUSED)


def test_every_field_of_every_kind_of_kubernetes_has_a_row_of_its_own() -> None:
    schemas = KubernetesSchemas("1.35")
    assert len(schemas.kinds) > 80
    missing = [
        (str(kind.kind), ".".join(steps))
        for kind in schemas.kinds
        if (kind.group, kind.kind) not in NOBODY_COMMITS
        for steps in names_of(schemas.schema(kind))
        if not known((kind.group, kind.kind), steps)
    ]
    assert missing == []


def test_every_cluster_scoped_kind_that_aurora_knows_has_rows() -> None:
    own = {kind for row in rows.every() for kind in row.kinds}
    builtin = [kind for kind in every() if is_builtin_group(kind.group)]
    assert own | NOBODY_COMMITS.keys() >= {(kind.group, kind.name) for kind in builtin if not kind.namespaced}


def specified(properties: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the fields that people write: those under `spec`, or all of a kind that has none."""
    if "spec" in properties:
        yield from (("spec", step) for step in properties["spec"]["properties"])
    else:
        yield from ((step,) for step in properties if step not in {"apiVersion", "kind", "metadata", "status"})


def test_every_field_of_every_custom_kind_that_aurora_emits_has_a_row_of_its_own(repository: RepositoryPaths) -> None:
    definitions = [json.loads(path.read_text(encoding="utf-8"))["spec"] for path in repository.schemas.glob("*.json")]
    assert len(definitions) >= 15
    fields = [
        ((str(entry["group"]), str(entry["names"]["kind"])), steps)
        for entry in definitions
        for version in entry["versions"]
        if "schema" in version
        for steps in specified(version["schema"]["openAPIV3Schema"]["properties"])
    ]
    assert len(fields) >= 100
    own = [((API_GROUP, kind), ("spec", "model")) for kind in ("MLTrainingJob", "MLDeployment")]
    assert [entry for entry in (*fields, *own) if not known(*entry)] == []


def test_rows_of_builtin_kinds_name_groups_that_kubernetes_serves() -> None:
    groups = {group for row in rows.every() for group, _ in row.kinds} - {EVERY[0]}
    assert all(is_builtin_group(group) for group in groups if "." not in group)


def test_the_last_row_of_every_kind_knows_every_field() -> None:
    for kind in {kind for row in rows.every() for kind in row.kinds}:
        last = rows.of_kind(kind)[-1]
        assert (last.fields, last.when) == (("**",), None)


def test_no_row_is_hidden_by_an_unconditional_one_of_its_kind() -> None:
    for kind in {kind for row in rows.every() for kind in row.kinds if kind[0] != EVERY[0]}:
        seen: set[str] = set()
        for row in (row for row in rows.of_kind(kind) if kind in row.kinds):
            assert not set(row.fields) <= seen, row.id
            seen |= set(row.fields) if row.when is None else set()


def test_words_and_sources_read_as_sentences_of_a_table() -> None:
    for row in rows.every():
        assert row.words[0].islower() or row.words.split()[0].strip("',:").isalpha(), row.id
        assert not row.words.endswith("."), row.id
        assert row.source, row.id
        assert len(row.words) <= 220, row.id


@pytest.mark.parametrize(("before", "after"), [(ABSENT, {"a": []}), ([], {}), ({"a": 1}, ["b"]), (None, {"": {}})])
def test_odd_values_have_leaves(before: JsonValue, after: JsonValue) -> None:
    found = list(leaves(FieldChange(pointer="/spec", path="spec", before=before, after=after)))
    assert found
    assert all(leaf.steps[0] == "spec" for leaf in found)


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata: {name: one, namespace: aurora, annotations: {argocd.argoproj.io/hook: Sync}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "example.com/a:v1"}]}}}
"""


def test_a_hooks_immutable_template_is_no_refusal_for_argo_cd_makes_it_anew() -> None:
    verdict = decide(pair(HOOK, HOOK.replace("a:v1", "a:v2"), refusals=("spec.template: field is immutable",)))
    assert (verdict.effect, verdict.rule) == (Effect.RECREATE, "object/hook")
    assert verdict.reason.startswith("it is a hook: ")
    assert verdict.reason.endswith("(an update would be refused: spec.template: field is immutable)")


@pytest.mark.parametrize("policy", ["HookSucceeded", "HookFailed,HookSucceeded"])
def test_a_hook_that_its_last_success_deleted_is_made_anew(policy: str) -> None:
    gone = HOOK.replace("hook: Sync", f"hook: Sync, argocd.argoproj.io/hook-delete-policy: '{policy}'")
    verdict = decide(pair(gone, gone.replace("a:v1", "a:v2"), refusals=("spec.template: field is immutable",)))
    assert (verdict.effect, verdict.rule) == (Effect.RECREATE, "object/hook")


@pytest.mark.parametrize(
    "annotations",
    [
        "argocd.argoproj.io/hook: Sync, argocd.argoproj.io/hook-delete-policy: HookFailed",
        "helm.sh/hook: post-install, helm.sh/hook-delete-policy: hook-failed",
        "helm.sh/hook: test",
        "helm.sh/hook: crd-install",
        "argocd.argoproj.io/hook: Skip",
    ],
)
def test_what_stays_until_the_next_sync_is_refused_like_any_other(annotations: str) -> None:
    kept = HOOK.replace("argocd.argoproj.io/hook: Sync", annotations)
    verdict = decide(pair(kept, kept.replace("a:v1", "a:v2"), refusals=("spec.template: field is immutable",)))
    assert (verdict.effect, verdict.rule) == (Effect.REFUSED, "job/template")


@pytest.mark.parametrize("hook", ["helm.sh/hook: 'pre-install,pre-upgrade'", "helm.sh/hook: post-upgrade"])
def test_hooks_of_helm_are_made_anew_as_argo_cd_maps_them(hook: str) -> None:
    helm = HOOK.replace("argocd.argoproj.io/hook: Sync", hook)
    assert decide(pair(helm, helm.replace("a:v1", "a:v2"), refusals=("immutable",))).rule == "object/hook"


@pytest.mark.parametrize(
    ("options", "refused", "rule"),
    [
        ("[Replace=true, Force=true]", False, "object/replaced"),
        ("[Force=true]", True, "object/replaced"),
        ("[Force=true]", False, "object/metadata"),
        ("[Replace=true]", True, "deployment/selector"),
        ("[Force=true, ServerSideApply=true]", True, "deployment/selector"),
    ],
)
def test_options_of_the_application_decide_as_well(options: str, refused: bool, rule: str) -> None:
    source = "kind: Application\nmetadata: {name: web}\nspec: {source: {path: .}, syncPolicy: {syncOptions: %s}}\n"
    owner = manifest(f"apiVersion: argoproj.io/v1alpha1\n{source % options}")
    changed = ("matchLabels: {app: one}", "matchLabels: {app: two}") if refused else ("team: ml", "team: web")
    given_pair = pair(DEPLOYMENT, DEPLOYMENT.replace(*changed), refusals=("immutable",) if refused else ())
    assert decide(dataclasses.replace(given_pair, owners=deployments(Inventory([owner])).applications)).rule == rule


def test_a_hook_that_is_invalid_in_itself_is_refused() -> None:
    broken = HOOK.replace("name: a, image", "name: A, image")
    verdict = decide(pair(None, broken, refusals=("spec.template.spec.containers[0].name: Invalid value",)))
    assert verdict.effect is Effect.REFUSED


def test_restarted_at_counts_inside_the_template_only() -> None:
    key = "kubectl.kubernetes.io/restartedAt: '2026-11-21T10:00:00Z'"
    inside = DEPLOYMENT.replace(
        "metadata: {labels: {app: one}}", f"metadata: {{labels: {{app: one}}, annotations: {{{key}}}}}"
    )
    outside = DEPLOYMENT.replace("labels: {team: ml}", f"labels: {{team: ml}}, annotations: {{{key}}}")
    assert decide(pair(DEPLOYMENT, inside)).effect is Effect.ROLLING_RESTART
    assert decide(pair(DEPLOYMENT, outside)).effect is Effect.METADATA_ONLY


def test_a_deployment_that_becomes_recreate_with_its_new_template_stops_first() -> None:
    after = DEPLOYMENT.replace("replicas: 1", "replicas: 1\n  strategy: {type: Recreate}").replace("a:v1", "a:v2")
    verdict = decide(pair(DEPLOYMENT, after))
    assert (verdict.effect, verdict.rule) == (Effect.RECREATE, "deployment/pod-template-recreate")
    assert verdict.reason.endswith("; also in-place: `spec.strategy.type`")


def test_equal_amounts_in_other_words_do_not_shrink_a_claim() -> None:
    claim = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\n"
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"
    )
    for size, rule in {"1024Mi": "claim/grow", "1025Mi": "claim/grow", "1023Mi": "claim/shrink"}.items():
        assert decide(pair(claim, claim.replace("1Gi", size), unstored="nobody judged it")).rule == rule


def test_what_the_server_takes_is_not_refused_by_a_row() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.0.0.1, ports: [{port: 1}]}\n"
    taken = pair(service, service.replace("clusterIP: 10.0.0.1, ", ""))
    assert decide(taken).rule == "service/address-families"
    unknown = dataclasses.replace(taken, unstored="nobody judged it")
    assert (decide(unknown).rule, decide(unknown).effect) == ("service/cluster-ip", Effect.REFUSED)


def test_what_only_a_webhook_refuses_is_refused_although_the_server_takes_it() -> None:
    inference = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        "metadata: {name: a, annotations: {serving.kserve.io/deploymentMode: Knative}}\nspec: {predictor: {}}\n"
    )
    verdict = decide(pair(inference, inference.replace("Knative", "Standard")))
    assert (verdict.rule, verdict.effect) == ("inferenceservice/deployment-mode", Effect.REFUSED)


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: one, namespace: aurora}
spec:
  rules:
  - {backendRefs: [{name: a, weight: 95}, {name: b, weight: 5}]}
  - {matches: [{path: {value: /c}}], backendRefs: [{name: a}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("95}, {name: b, weight: 5", "190}, {name: b, weight: 10", "route/same-shares"),
        ("backendRefs: [{name: a}]", "backendRefs: [{name: a, weight: 7}]", "route/same-shares"),
        ("95}, {name: b, weight: 5", "190}, {name: b, weight: 5", "route/weight"),
        ("95}, {name: b, weight: 5", "5}, {name: b, weight: 95", "route/weight"),
        ("95}, {name: b, weight: 5", "0}, {name: b, weight: 0", "route/weight"),
    ],
)
def test_weights_of_one_proportion_shift_nothing(old: str, new: str, rule: str) -> None:
    assert decide(pair(ROUTE, ROUTE.replace(old, new))).rule == rule


ACTION = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: one
  namespace: aurora
  annotations:
    alb.ingress.kubernetes.io/actions.split: '{"Type": "forward", "forwardConfig": {"targetGroups": [
      {"serviceName": "a", "weight": 95}, {"serviceName": "b", "weight": 5}]}}'
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('95}, {"serviceName": "b", "weight": 5', '19}, {"serviceName": "b", "weight": 1', "ingress/same-action"),
        ("weight", "Weight", "ingress/same-action"),
        ('"weight": 95', '"weight": 90', "ingress/action"),
        ('"weight": 95', '"weight": "95"', "ingress/action"),
        ('"b"', '"c"', "ingress/action"),
        ("forward", "redirect", "ingress/action"),
        ("}]}}", "}]}", "ingress/action"),
    ],
)
def test_an_action_of_the_same_proportion_shifts_nothing(old: str, new: str, rule: str) -> None:
    assert decide(pair(ACTION, ACTION.replace(old, new))).rule == rule


def test_a_refusal_is_explained_by_the_row_that_knows_it_even_if_others_are_milder() -> None:
    claim = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: one, namespace: aurora}\n"
        "spec: {resources: {requests: {storage: 1Gi}}}\n"
    )
    grown = pair(claim, claim.replace("1Gi", "2Gi"), refusals=("the storageclass must support resize",))
    assert (decide(grown).effect, decide(grown).rule) == (Effect.REFUSED, "claim/immutable")
    assert "Force" not in decide(grown).reason
