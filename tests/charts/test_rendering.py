"""What Applications name is rendered wave by wave, as Argo CD applies it, and no more often than it changes."""

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.memory.store import FileMemory
from aurora.model.manifest import Manifest
from aurora.yamlio import reading
from charts import packed
from charts.conftest import Render

APPLICATION = rule_texts.text("charts/not-rendered").good
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ticks.example.com}
spec:
  group: example.com
  names: {kind: Tick, listKind: TickList, plural: ticks, singular: tick}
  scope: Cluster
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
ASKING = {
    "Chart.yaml": "{apiVersion: v2, name: asking, version: 1.0.0}",
    "values.yaml": "{}",
    "templates/a.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: seen}
data:
  tick: "{{ .Capabilities.APIVersions.Has "example.com/v1/Tick" }}"
  jobs: "{{ .Capabilities.APIVersions.Has "batch/v1" }}{{ .Capabilities.APIVersions.Has "batch/v1beta1/CronJob" }}"
  minor: "{{ .Capabilities.KubeVersion.Minor }}"
  release: {{ .Release.Name }} in {{ .Release.Namespace }}
---
apiVersion: example.com/v1
kind: Tick
metadata: {name: t, namespace: dropped}
""",
}


def application(name: str, chart: str, wave: int, more: str = "") -> str:
    return f"""\
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd, annotations: {{argocd.argoproj.io/sync-wave: "{wave}"}}}}
spec:
  destination: {{server: https://kubernetes.default.svc, namespace: {name}}}
  source: {{repoURL: https://charts.example.com, chart: {chart}, targetRevision: 1.0.0{more}}}
"""


def root(*applications: str) -> str:
    """Put Applications into the waves of one that syncs them."""
    return application("root", "", 0).replace(
        "chart: , targetRevision: 1.0.0", "path: ., directory: {recurse: true}"
    ) + "".join(applications)


def named(found: tuple[Manifest, ...], kind: str) -> Manifest:
    return next(manifest for manifest in found if manifest.id.kind == kind)


def test_objects_say_where_they_come_from_and_have_their_namespace(render: Render) -> None:
    (inventory,) = render(APPLICATION).inventories
    service = named(inventory.manifests, "Service")
    assert str(service.source.place) == "demo 1.0.0 (clock), templates/service.yaml:1:1"
    assert (service.id.namespace, service.get("metadata", "namespace")) == ("web", "web")
    assert service.rendered_by == named(inventory.manifests, "Application").id
    assert named(inventory.manifests, "Secret").id.namespace == "other"
    assert inventory.rendered == (service.rendered_by.identity,)


@pytest.mark.parametrize(("wave", "seen"), [(-1, "true"), (0, "false"), (1, "false")])
def test_a_chart_sees_the_kinds_of_earlier_waves(wave: int, seen: str, render: Render, folder: Path) -> None:
    defining = {"Chart.yaml": "{apiVersion: v2, name: defining, version: 1.0.0}", "crds/t.yaml": DEFINITION}
    packed.vendor(folder, defining, "defining")
    packed.vendor(folder, ASKING, "asking")
    stream = root(application("asking", "asking", 0), application("defining", "defining", wave))
    (inventory,) = render(stream).inventories
    found = named(inventory.manifests, "ConfigMap").get("data")
    assert found == {"tick": seen, "jobs": "truefalse", "minor": "35", "release": "asking in asking"}
    assert named(inventory.manifests, "Tick").id.namespace is None


def test_an_application_says_more_than_values(render: Render, folder: Path) -> None:
    packed.vendor(folder, {**ASKING, "crds/t.yaml": DEFINITION}, "asking")
    helm = ", helm: {releaseName: r, namespace: ns, kubeVersion: 1.34.1, apiVersions: [a/v1], skipCrds: true}"
    (inventory,) = render(application("app", "asking", 0, helm)).inventories
    found = named(inventory.manifests, "ConfigMap")
    assert found.get("data") == {"tick": "false", "jobs": "falsefalse", "minor": "34", "release": "r in ns"}
    assert found.id.namespace == "app"
    assert not list(inventory.of_kind("CustomResourceDefinition"))


def test_values_may_be_a_text_and_parameters_win(render: Render) -> None:
    helm = ", helm: {values: 'token: a', parameters: [{name: token, value: b}, {name: port, value: '81'}]}"
    (inventory,) = render(application("app", "demo", 0, helm)).inventories
    assert named(inventory.manifests, "Secret").get("stringData") == {"token": "b"}
    assert named(inventory.manifests, "Service").get("spec", "ports", 0, "port") == 81


def test_an_unchanged_chart_is_not_rendered_again(render: Render, tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "memory")
    first, second = (render(APPLICATION, memory=memory) for _ in range(2))
    assert first.result is not None and first.result.cached == 0
    assert second.result is not None and second.result.cached == 3
    assert [each.text for each in first.inventories[0].manifests] == [
        each.text for each in second.inventories[0].manifests
    ]
    other = render(APPLICATION.replace("8080", "8081"), memory=memory)
    assert other.result is not None and other.result.cached == 0


def test_what_is_not_at_hand_is_said_once(render: Render) -> None:
    missing = [application(name, "absent", 0) for name in ("a", "b")]
    files = application("c", "demo", 0, ", helm: {valueFiles: [x.yaml]}")
    variables = application("d", "demo", 0, ", helm: {parameters: [{name: token, value: $ARGOCD_APP_NAME}]}")
    result = render(root(*missing, files, variables)).result
    assert result is not None and result.findings == ()
    assert [entry.message for entry in result.not_judged] == [
        "2 charts have no archive: absent 1.0.0 (a), absent 1.0.0 (b)",
        "demo 1.0.0 (c): its values come from files (`valueFiles`)",
        "demo 1.0.0 (d): Argo CD fills in variables in its parameters",
    ]


def test_a_lookup_needs_permission(render: Render, folder: Path) -> None:
    looking = {
        "Chart.yaml": "{apiVersion: v2, name: looking, version: 1.0.0}",
        "templates/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "
        "data: {found: '{{ len (lookup `v1` `Secret` `a` `b`) }}'}}",
    }
    packed.vendor(folder, looking, "looking")
    refused = render(application("app", "looking", 0)).result
    assert refused is not None
    assert [finding.rule for finding in refused.findings] == ["charts/not-reproducible"]
    allowed = application("app", "looking", 0).replace(
        "annotations: {", "annotations: {aurora.example.com/lookups: empty, "
    )
    (inventory,) = render(allowed).inventories
    assert named(inventory.manifests, "ConfigMap").get("data") == {"found": "0"}


def test_a_chart_that_never_ends_spoils_no_other(render: Render, folder: Path) -> None:
    growing = {
        "Chart.yaml": "{apiVersion: v2, name: growing, version: 1.0.0}",
        "templates/a.yaml": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
    }
    packed.vendor(folder, growing, "growing")
    expanded = render(root(application("a", "growing", 0), f"---\n{APPLICATION}"))
    assert expanded.result is not None
    assert [finding.rule for finding in expanded.result.findings] == ["charts/not-rendered"]
    assert named(expanded.inventories[0].manifests, "Service")


def test_charts_may_name_charts(render: Render, folder: Path) -> None:
    outer = {
        "Chart.yaml": "{apiVersion: v2, name: outer, version: 1.0.0}",
        "templates/a.yaml": application("inner", "demo", 0, ", helm: {valuesObject: {token: t}}"),
    }
    packed.vendor(folder, outer, "outer")
    (inventory,) = render(application("outer", "outer", 0)).inventories
    assert named(inventory.manifests, "Service").id.namespace == "inner"


def test_an_object_that_is_there_already_is_a_finding(render: Render) -> None:
    doubled = "---\n{apiVersion: v1, kind: Secret, metadata: {name: token, namespace: other}, stringData: {token: x}}\n"
    expanded = render(APPLICATION + doubled)
    assert expanded.result is not None
    assert [finding.rule for finding in expanded.result.findings] == ["yaml/duplicate-object"]
    assert len(list(expanded.inventories[0].of_kind("Secret"))) == 1


def test_tests_of_a_chart_are_no_objects_and_hooks_are(render: Render, folder: Path) -> None:
    hook = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %s, annotations: {helm.sh/hook: %s}}\n"
    hooked = {
        "Chart.yaml": "{apiVersion: v2, name: hooked, version: 1.0.0}",
        "templates/a.yaml": "".join(hook % (each, each) for each in ("test", "pre-install", "pre-delete")),
    }
    packed.vendor(folder, hooked, "hooked")
    (inventory,) = render(application("app", "hooked", 0)).inventories
    assert [each.id.name for each in inventory.of_kind("ServiceAccount")] == ["pre-install"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("more: {a: 1}", ("value-without-effect", "`more.a` is the chart's default", "remove it")),
        ("more: {a: 2}", ("value-without-effect", "`more.a` changes nothing that the chart renders", "remove it")),
        ("more: {b: {any: 1}}", ("value-without-effect", "`more.b.any` changes nothing", "remove it")),
        (
            "more: {c: {any: 1, other: 2}}",
            ("unknown-value", "the chart has no value `more.c`", "remove it, or look up"),
        ),
        ("cache: {nme: x}", ("unknown-value", "the chart has no value `cache.nme`", "did you mean `cache.name`?")),
        ("cahe: {name: x}", ("unknown-value", "the chart has no value `cahe`", "did you mean `cache`?")),
        ("cache: {size: big}", ("invalid-values", "cache 0.1.0 refuses it: 'big' is not of type 'integer'", "correct")),
        ("port: 'a: b: c'", ("not-rendered", "YAML parse error on demo/templates/service.yaml", "correct the values")),
    ],
)
def test_values_are_judged_with_their_place(values: str, said: tuple[str, str, str], render: Render) -> None:
    rule, message, hint = said
    result = render(APPLICATION.replace("port: 8080", values)).result
    assert result is not None
    found = [finding for finding in result.findings if finding.rule == f"charts/{rule}"]
    assert len(found) == 1, result.findings
    assert message in found[0].message
    assert found[0].hint is not None and found[0].hint.startswith(hint)
    assert found[0].place is not None and found[0].place.line in (6, 10)


def test_a_long_document_is_located_like_a_short_one() -> None:
    spec = f"kind: A\nspec:\n- b: {'x' * reading.LONG}\n  metadata: 1\n"
    text = f"{spec}metadata:\n  # a comment\n  name: a\n  labels: {{b: c}}\n"
    for steps in (("metadata", "name"), ("metadata", "labels", "b"), ("spec", 0, "metadata"), ("metadata", "gone")):
        assert reading.locate(text, steps) == reading.locate(text.replace("x" * reading.LONG, "x"), steps)
    assert reading.locate(text, ("metadata", "labels", "b")) == (8, 12)


@pytest.mark.parametrize("schema", ['{"type": 3}', '{"properties": {"a": {"$ref": "https://example.com/x.json"}}}'])
def test_a_schema_that_cannot_be_used_is_a_note(schema: str, render: Render, folder: Path) -> None:
    chart = "{apiVersion: v2, name: odd, version: 1.0.0}"
    packed.vendor(folder, {"Chart.yaml": chart, "values.yaml": "a: 1", "values.schema.json": schema}, "odd")
    result = render(application("app", "odd", 0, ", helm: {valuesObject: {a: 2}}")).result
    assert result is not None
    noted = [finding for finding in result.findings if finding.rule == "charts/invalid-values"]
    assert [str(finding.severity) for finding in noted] == ["note"]
    assert "cannot be used here" in noted[0].message


def test_a_version_that_is_none_is_a_finding(render: Render) -> None:
    result = render(application("app", "demo", 0, ", helm: {kubeVersion: x}")).result
    assert result is not None
    assert [finding.rule for finding in result.findings] == ["charts/not-rendered"]
