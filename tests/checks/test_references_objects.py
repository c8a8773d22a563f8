"""Facts about the check `references`: names, namespaces, kinds, labels and selectors of the objects themselves."""

from __future__ import annotations

import pytest

from aurora.checks.references import CHECK
from aurora.model.inventory import External
from checks.inventory_cases import judge, pointers

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: %s\n"


def rules(*streams: str, closed: bool = True, externals: tuple[External, ...] = ()) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed, externals=externals)}


CRD = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n"
    "spec: {group: example.com, scope: %s, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true}, "
    "{name: v1alpha1, served: false}]}\n"
)

ARGO_CHART = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: argo-cd, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: argocd}
  source:
    repoURL: https://argoproj.example.com
    chart: argo-cd
    targetRevision: 10.1.1
    helm: {valuesObject: {configs: {cm: {application.resourceTrackingMethod: %s}}}}
"""
ARGO_SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data: {application.resourceTrackingMethod: %s}
"""


@pytest.mark.parametrize(
    ("scope", "namespace", "found"),
    [
        ("Namespaced", "", {"references/no-namespace"}),
        ("Namespaced", ", namespace: default", set()),
        ("Cluster", "", set()),
        ("Cluster", ", namespace: default", {"references/needless-namespace"}),
    ],
)
def test_a_definition_decides_the_scope_of_its_kind(scope: str, namespace: str, found: set[str]) -> None:
    assert rules(CRD % scope, f"apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: a{namespace}}}\n") == found


@pytest.mark.parametrize(
    ("header", "pointer"),
    [
        ("apiVersion: example.com/v1\nkind: Thing", None),
        ("apiVersion: example.com/v1alpha1\nkind: Thing", "/apiVersion"),
        ("apiVersion: example.com/v1\nkind: Thng", "/kind"),
        ("apiVersion: elsewhere.example.com/v1\nkind: Thng", None),
    ],
)
def test_kinds_and_versions_of_a_defined_group(header: str, pointer: str | None) -> None:
    found = judge(CHECK, CRD % "Cluster", f"{header}\nmetadata: {{name: a}}\n")
    assert pointers(found, "references/custom-kind") == ([pointer] if pointer else [])


def test_a_group_with_an_external_definition_may_have_kinds_that_are_not_known() -> None:
    external = External("apiextensions.k8s.io", "CustomResourceDefinition", "", "others.example.com")
    stream = "apiVersion: example.com/v1\nkind: Other\nmetadata: {name: a}\n"
    assert rules(CRD % "Cluster", stream, externals=(external,)) == set()


def test_a_missing_namespace_is_reported_once_with_the_number_of_its_objects() -> None:
    streams = [
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}, namespace: shop}}\n" for number in range(3)
    ]
    found = [finding for finding in judge(CHECK, *streams) if finding.rule == "references/namespace"]
    assert len(found) == 1
    assert "2 more objects" in found[0].message


def test_the_namespace_of_a_chart_must_exist_unless_argo_cd_creates_it() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: default}\n"
        "spec: {destination: {server: %s, namespace: charts}, syncPolicy: {syncOptions: [%s]}}\n"
    )
    local = "https://kubernetes.default.svc"
    at = "/spec/destination/namespace"
    assert pointers(judge(CHECK, application % (local, "")), "references/namespace") == [at]
    assert rules(application % (local, "CreateNamespace=true")) == set()
    assert rules(application % ("https://elsewhere.example.com", "")) == set()


@pytest.mark.parametrize(
    ("kind", "name", "valid"),
    [
        ("v1/ConfigMap", "a.b-c.d", True),
        ("v1/ConfigMap", "-a", False),
        ("v1/ConfigMap", "a..b", False),
        ("v1/ConfigMap", "a" * 253, True),
        ("v1/ConfigMap", "a" * 254, False),
        ("v1/Namespace", "a.b", False),
        ("v1/Namespace", "1a", True),
        ("v1/Namespace", "a" * 64, False),
        ("v1/Service", "1a", False),
        ("v1/Service", "a1", True),
        ("apps/v1/StatefulSet", "a.b", False),
        ("apps/v1/Deployment", "a.b", True),
        ("rbac.authorization.k8s.io/v1/Role", "system:Node_Reader", True),
        ("rbac.authorization.k8s.io/v1/Role", "a/b", False),
        ("rbac.authorization.k8s.io/v1/ClusterRole", "..", False),
        ("example.com/v1/Thing", "Upper", False),
        ("serving.kserve.io/v1beta1/InferenceService", "1model", False),
    ],
)
def test_names_by_kind(kind: str, name: str, valid: bool) -> None:
    version, _, kind = kind.rpartition("/")
    stream = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: '{name}', namespace: shop}}\n"
    assert pointers(judge(CHECK, stream), "references/name") == ([] if valid else ["/metadata/name"])


def test_a_definition_is_named_after_its_plural_and_group() -> None:
    found = judge(CHECK, (CRD % "Cluster").replace("name: things.example.com", "name: thing.example.com"))
    assert pointers(found, "references/name") == ["/metadata/name"]


@pytest.mark.parametrize(
    ("kind", "longest"),
    [
        ("batch/v1/CronJob", 52),
        ("ray.io/v1/RayJob", 47),
        ("ml.aurora.example.com/v1alpha1/MLTrainingJob", 40),
        ("ml.aurora.example.com/v1alpha1/MLDeployment", 40),
    ],
)
def test_names_leave_room_for_children(kind: str, longest: int) -> None:
    version, _, kind = kind.rpartition("/")
    stream = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: %s, namespace: shop}}\n"
    assert "references/name-length" not in rules(stream % ("a" * longest))
    assert "references/name-length" in rules(stream % ("a" * (longest + 1)))


@pytest.mark.parametrize(
    ("metadata", "pointer"),
    [
        ("{labels: {a: true}}", "/metadata/labels/a"),
        ("{labels: {a: 10}}", "/metadata/labels/a"),
        ("{annotations: {example.com/weight: 1.5}}", "/metadata/annotations/example.com~1weight"),
        ("{annotations: {a: null}}", "/metadata/annotations/a"),
        ("{annotations: {a: {b: c}}}", "/metadata/annotations/a"),
    ],
)
def test_values_that_are_no_strings(metadata: str, pointer: str) -> None:
    stream = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata.replace('{', '{name: c, namespace: default, ', 1)}\n"
    )
    assert pointers(judge(CHECK, stream), "references/label-value") == [pointer]


def test_labels_of_pod_templates_and_selectors_are_read_too() -> None:
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\n"
        "spec: {selector: {matchLabels: {a: 1}}, template: {metadata: {labels: {a: 1}}}}\n"
    )
    assert pointers(judge(CHECK, deployment), "references/label-value") == [
        "/spec/template/metadata/labels/a",
        "/spec/selector/matchLabels/a",
    ]


@pytest.mark.parametrize(
    ("label", "valid"),
    [
        ("a: ''", True),
        ("a: v20260901-120000", True),
        ("a: two words", False),
        ("a: -x", False),
        (f"a: {'x' * 64}", False),
        ("example.com/a: x", True),
        ("Example.com/a: x", False),
        ("a/b/c: x", False),
        (f"{'k' * 64}: x", False),
    ],
)
def test_label_syntax(label: str, valid: bool) -> None:
    stream = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: default, labels: {{{label}}}}}\n"
    assert ("references/label-syntax" not in rules(stream)) is valid


def test_annotations_may_hold_any_text() -> None:
    stream = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default, annotations: {a: two words}}\n"
    assert rules(stream) == set()


@pytest.mark.parametrize(
    ("manual", "found"), [("false", set()), ("true", {"references/own-pods"})], ids=["made by the server", "by hand"]
)
def test_a_jobs_selector_counts_only_where_it_is_written_by_hand(manual: str, found: set[str]) -> None:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: default}\n"
        f"spec: {{manualSelector: {manual}, selector: {{matchLabels: {{a: b}}}}, template: {{}}}}\n"
    )
    assert rules(job) == found


BUDGET = (
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b, namespace: default}\nspec: {selector: %s}\n"
)


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        pytest.param(SERVICE % "{selector: {app: web}}", {"references/selects-nothing"}, id="no such pod"),
        pytest.param(SERVICE % "{}", set(), id="a Service with endpoints of its own"),
        pytest.param(SERVICE % "{selector: {serving.kserve.io/inferenceservice: m}}", set(), id="pods of a controller"),
        pytest.param(BUDGET % "{matchLabels: {app: web}}", {"references/selects-nothing"}, id="a budget for nobody"),
    ],
)
def test_what_selects_nothing(stream: str, found: set[str]) -> None:
    assert rules(stream) - {"references/namespace"} == found


def test_pods_of_charts_may_be_selected() -> None:
    chart = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: default}\n"
        "spec: {source: {chart: web}, destination: {namespace: shop}}\n"
    )
    assert "references/selects-nothing" not in rules(SERVICE % "{selector: {app: web}}", chart)


def test_a_service_of_another_namespace_selects_nothing() -> None:
    other = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: other, labels: {app: web}}\nspec: {}\n"
    assert "references/selects-nothing" in rules(SERVICE % "{selector: {app: web}}", other)
    assert "references/selects-nothing" not in rules(
        SERVICE % "{selector: {app: web}}", other.replace("namespace: other", "namespace: shop")
    )


def test_the_instance_label_is_found_in_every_form_of_selector() -> None:
    selector = (
        "{matchLabels: {a: b}, matchExpressions: "
        "[{key: a, operator: Exists}, {key: app.kubernetes.io/instance, operator: Exists}]}"
    )
    deployment = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{selector: {selector}}}\n"
    rule = "references/instance-label"
    assert pointers(judge(CHECK, deployment), rule) == ["/spec/selector/matchExpressions/1/key"]
    assert pointers(judge(CHECK, BUDGET % selector), rule) == ["/spec/selector/matchExpressions/1/key"]
    service = SERVICE % "{selector: {app.kubernetes.io/instance: a}}"
    assert pointers(judge(CHECK, service), rule) == ["/spec/selector/app.kubernetes.io~1instance"]


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        ("", True),
        (ARGO_CHART % "annotation", False),
        (ARGO_CHART % "annotation+label", True),
        (ARGO_SETTINGS % "annotation", False),
        (ARGO_SETTINGS % "label", True),
        (ARGO_SETTINGS.replace("argocd-cm", "other") % "annotation", True),
    ],
)
def test_the_instance_label_is_left_alone_where_argo_cd_tracks_by_annotation(beside: str, found: bool) -> None:
    service = SERVICE % "{selector: {app.kubernetes.io/instance: a}}"
    assert ("references/instance-label" in rules(service, beside)) is found
