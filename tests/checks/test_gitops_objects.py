"""Facts about the check `gitops`: what Argo CD makes of single objects and options."""

from __future__ import annotations

import dataclasses

import pytest

from aurora.checks.gitops import CHECK
from aurora.model.finding import Severity
from checks.gitops_cases import HOOK, PRODUCTION, application, config_map, judge_files, of
from checks.inventory_cases import judge, judge_manifests, pointers, read


@pytest.mark.parametrize(
    ("kind", "options", "inherited", "protected"),
    [
        ("v1/Namespace", "Prune=false", "", True),
        ("v1/Namespace", "Delete=confirm, Prune=confirm", "", True),
        ("v1/Namespace", "Delete=false", "", False),
        ("v1/Namespace", "", "Prune=false", True),
        ("v1/Namespace", "Prune=true", "Prune=false", False),
        ("v1/PersistentVolumeClaim", "Prune=confirm,Delete=confirm", "", False),
        ("v1/PersistentVolumeClaim", "Prune=false,Delete=false", "", True),
        ("v1/PersistentVolumeClaim", "Prune=false", "Delete=false", True),
        ("apiextensions.k8s.io/v1/CustomResourceDefinition", "", "", False),
        ("v1/ConfigMap", "", "", True),
    ],
)
def test_what_argo_cd_must_not_delete(kind: str, options: str, inherited: str, protected: bool) -> None:
    version, _, name = kind.rpartition("/")
    annotation = f"argocd.argoproj.io/sync-options: '{options}'" if options else ""
    stream = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a, annotations: {{{annotation}}}}}\n"
    owner = application("web", ".", spec=f", syncPolicy: {{syncOptions: [{inherited}]}}")
    assert bool(of(judge(CHECK, stream, owner), "unprotected")) is not protected


def test_helms_own_annotation_protects_and_hooks_are_deleted_anyway() -> None:
    stream = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, annotations: {%s}}\n"
    assert not of(judge(CHECK, stream % "helm.sh/resource-policy: keep"), "unprotected")
    assert not of(judge(CHECK, stream % (HOOK % "PreSync")), "unprotected")


def test_foreign_manifests_need_protection_only_where_argo_cd_is_in_sight() -> None:
    stream = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
    assert judge(CHECK, stream, closed=False) == []
    found = of(judge(CHECK, stream, application("web", "."), closed=False), "unprotected")
    assert [finding.severity for finding in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("annotations", "pointer"),
    [
        ("argocd.argoproj.io/hook: Presync", "/metadata/annotations/argocd.argoproj.io~1hook"),
        ("argocd.argoproj.io/hook: ''", "/metadata/annotations/argocd.argoproj.io~1hook"),
        ("argocd.argoproj.io/hook: Sync", None),
        ("argocd.argoproj.io/hook: Skip", None),
        ("argocd.argoproj.io/hook: Sync, argocd.argoproj.io/hook-delete-policy: 'HookSucceeded, HookFailed'", None),
        (
            "argocd.argoproj.io/hook: Sync, argocd.argoproj.io/hook-delete-policy: hook-succeeded",
            "/metadata/annotations/argocd.argoproj.io~1hook-delete-policy",
        ),
    ],
)
def test_hooks(annotations: str, pointer: str | None) -> None:
    assert pointers(judge(CHECK, config_map("a", annotations)), "gitops/hook") == ([pointer] if pointer else [])


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        (
            "v1\nkind: ConfigMap",
            "metadata: {name: a, uid: x, resourceVersion: '1'}",
            ["/metadata/resourceVersion", "/metadata/uid"],
        ),
        ("v1\nkind: Namespace", "metadata: {name: a, creationTimestamp: null}", []),
        (
            "apps/v1\nkind: Deployment",
            "metadata: {name: a}\nspec: {template: {metadata: {creationTimestamp: 2026-01-01T00:00:00Z}}}",
            ["/spec/template/metadata/creationTimestamp"],
        ),
        ("apps/v1\nkind: Deployment", "metadata: {name: a}\nstatus: {phase: b}", ["/status"]),
        ("apps/v1\nkind: Deployment", "metadata: {name: a}\nstatus: {}", []),
        ("elsewhere.example.com/v1\nkind: Thing", "metadata: {name: a}\nstatus: {phase: b}", []),
        ("example.com/v1\nkind: Thing", "metadata: {name: a}\nstatus: {phase: b}", ["/status"]),
    ],
)
def test_fields_of_the_server(header: str, body: str, expected: list[str]) -> None:
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n"
        "spec: {group: example.com, names: {kind: Thing}, versions: [{subresources: {status: {}}}]}\n"
    )
    assert pointers(judge(CHECK, f"apiVersion: {header}\n{body}\n", definition), "gitops/server-field") == expected


@pytest.mark.parametrize(
    ("kind", "spec", "found"),
    [
        ("batch/v1/Job", "{ttlSecondsAfterFinished: 1}", True),
        ("ml.aurora.example.com/v1alpha1/MLTrainingJob", "{ttlSecondsAfterFinished: 0}", True),
        ("batch/v1/CronJob", "{jobTemplate: {spec: {ttlSecondsAfterFinished: 1}}}", False),
        ("argoproj.io/v1alpha1/Workflow", "{ttlStrategy: {secondsAfterCompletion: 1}}", True),
        ("argoproj.io/v1alpha1/WorkflowTemplate", "{ttlStrategy: {secondsAfterCompletion: 1}}", False),
    ],
)
def test_objects_that_remove_themselves(kind: str, spec: str, found: bool) -> None:
    version, _, name = kind.rpartition("/")
    stream = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a, namespace: shop}}\nspec: {spec}\n"
    assert bool(of(judge(CHECK, stream), "rerun")) is found
    templates = [dataclasses.replace(manifest, emitted=False) for manifest in read(stream)]
    assert not of(judge_manifests(CHECK, templates), "rerun")


@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("ServerSideApply=true", True),
        ("ServerSideApply = true", False),
        ("PrunePropagationPolicy=foreground", True),
        ("PrunePropagationPolicy=true", False),
        ("Prune=confirm", True),
        ("PruneLast=confirm", False),
        ("ServerSideApplied=true", False),
    ],
)
def test_sync_options(option: str, known: bool) -> None:
    in_application = application("web", ".", spec=f", syncPolicy: {{syncOptions: ['{option}']}}")
    in_object = config_map("a", f"argocd.argoproj.io/sync-options: '{option}'")
    assert pointers(judge(CHECK, in_application), "gitops/sync-option") == (
        [] if known else ["/spec/syncPolicy/syncOptions/0"]
    )
    assert bool(of(judge(CHECK, in_object), "sync-option")) is not known


DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s, namespace: shop}\n"
SCALER = (
    "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, namespace: shop}\n"
    "spec: {scaleTargetRef: {name: web}}\n"
)


@pytest.mark.parametrize(
    ("entry", "options", "found"),
    [
        (
            "{group: apps, kind: Deployment, name: web, jsonPointers: [/spec/replicas]}",
            "RespectIgnoreDifferences=true",
            False,
        ),
        ("{group: apps, kind: Deployment, name: web, jsonPointers: [/spec/replicas]}", "", True),
        (
            "{group: apps, kind: Deployment, name: api, jsonPointers: [/spec/replicas]}",
            "RespectIgnoreDifferences=true",
            True,
        ),
        ("{group: apps, kind: Deployment, jqPathExpressions: [.spec.replicas]}", "RespectIgnoreDifferences=true", True),
        (
            "{group: apps, kind: Deployment, name: gone, jsonPointers: [/spec/replicas]}",
            "RespectIgnoreDifferences=true",
            True,
        ),
        ("{group: apps, kind: Deployment, name: api, jsonPointers: [/spec/paused]}", "", False),
    ],
)
def test_ignored_replicas(entry: str, options: str, found: bool) -> None:
    owner = application("web", ".", spec=f", ignoreDifferences: [{entry}], syncPolicy: {{syncOptions: [{options}]}}")
    findings = judge(CHECK, owner, DEPLOYMENT % "web", DEPLOYMENT % "api", SCALER)
    assert bool(of(findings, "ignored-replicas")) is found


def test_replicas_that_a_schedule_writes_are_ignored_with_reason() -> None:
    entry = "{group: apps, kind: Deployment, name: api, jsonPointers: [/spec/replicas]}"
    options = "syncOptions: [RespectIgnoreDifferences=true]"
    owner = application("web", ".", spec=f", ignoreDifferences: [{entry}], syncPolicy: {{{options}}}")
    schedule = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nights, namespace: shop, "
        "annotations: {aurora.example.com/scales: api=2}}\n"
    )
    assert of(judge(CHECK, owner, DEPLOYMENT % "api", schedule), "ignored-replicas") == []
    elsewhere = schedule.replace("shop", "other")
    assert of(judge(CHECK, owner, DEPLOYMENT % "api", elsewhere), "ignored-replicas") != []


def test_only_the_root_of_production_must_not_delete_everything() -> None:
    finalizer = "finalizers: [example.com/other, resources-finalizer.argocd.argoproj.io/background]"
    root = application("root", ".", annotations=PRODUCTION).replace(
        "namespace: argocd", f"namespace: argocd, {finalizer}"
    )
    child = application("web", "web").replace("namespace: argocd", f"namespace: argocd, {finalizer}")
    assert pointers(judge(CHECK, root, child), "gitops/root-finalizer") == ["/metadata/finalizers/1"]
    assert not of(judge(CHECK, root.replace("'true'", "'false'"), child), "root-finalizer")
    assert not of(judge(CHECK, root), "root-finalizer")


WEBHOOKS = """\
apiVersion: admissionregistration.k8s.io/v1
kind: %s
metadata: {name: a, annotations: {%s}}
webhooks: [{name: a.example.com, clientConfig: {caBundle: %s}}]
"""
EXPORTED = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, annotations: {%s}}\n"
INJECTED = "cert-manager.io/inject-ca-from: shop/a"
SERVICE_OF_API = (
    "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\n"
    f"metadata: {{name: v1.a.example.com, annotations: {{{INJECTED}}}}}\nspec: {{caBundle: Cg==}}\n"
)


@pytest.mark.parametrize(
    ("manifest", "pointer"),
    [
        (WEBHOOKS % ("MutatingWebhookConfiguration", INJECTED, "Cg=="), "/webhooks/0/clientConfig/caBundle"),
        (WEBHOOKS % ("ValidatingWebhookConfiguration", INJECTED, "Cg=="), "/webhooks/0/clientConfig/caBundle"),
        (WEBHOOKS % ("MutatingWebhookConfiguration", INJECTED, "''"), None),
        (WEBHOOKS % ("MutatingWebhookConfiguration", "", "Cg=="), None),
        (SERVICE_OF_API, "/spec/caBundle"),
        (
            EXPORTED % "deployment.kubernetes.io/revision: '3'",
            "/metadata/annotations/deployment.kubernetes.io~1revision",
        ),
        (EXPORTED % "example.com/revision: '3'", None),
    ],
)
def test_what_controllers_write_is_not_written_in_git(manifest: str, pointer: str | None) -> None:
    assert pointers(judge(CHECK, manifest), "gitops/overwritten") == ([pointer] if pointer else [])


def test_what_an_application_ignores_is_no_difference() -> None:
    webhooks = WEBHOOKS % ("MutatingWebhookConfiguration", INJECTED, "Cg==")
    ignoring = ", ignoreDifferences: [{group: admissionregistration.k8s.io, kind: '*'}]"
    for spec, found in (("", 1), (ignoring, 0)):
        files = {"argocd/a.yaml": application("web", "apps", spec=spec), "apps/a.yaml": webhooks}
        assert len(of(judge_files(files), "overwritten")) == found
