"""Facts about ApplicationSets: which Applications lists, folders and matrices generate."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.cluster.application_sets import Expansion, cascades, expand
from aurora.cluster.applications import Deployments
from aurora.cluster.template_patches import patched
from aurora.cluster.templates import NotRenderedError, Templates
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig
from aurora.model.manifest import Source
from checks.inventory_cases import VALUES, read, replaced

SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shops, namespace: argocd}
spec:
  goTemplate: %s
  generators: [%s]
  template:
    metadata: {name: '%s'}
    spec: {project: shop, source: {path: 'envs/%s'}}
"""
FOLDERS = ("envs", "envs/dev", "envs/prod", "envs/prod/base", "envs/.git", "apps/Web_1")


def expanded(generators: str, name: str, *, go: bool = True, folders: tuple[str, ...] = FOLDERS) -> Expansion:
    (manifest,) = read(SET % ("true" if go else "false", generators, name, name))
    return expand(manifest, folders)


LIST = "list: {elements: [{env: dev, size: 5}, {env: prod, size: 6}]}"
GIT = "git: {directories: [{path: 'envs/*'}, {path: 'envs/test', exclude: true}]}"


@pytest.mark.parametrize(
    ("generators", "name", "go", "names"),
    [
        pytest.param(f"{{{LIST}}}", "s-{{.env}}", True, ["s-dev", "s-prod"], id="a list"),
        pytest.param(
            f"{{{LIST}}}", "s-{{ .env | upper | lower }}-{{.size}}", True, ["s-dev-5", "s-prod-6"], id="functions"
        ),
        pytest.param(
            "{list: {elements: [{env: dev}]}}", "s-{{ env }}-{{x}}", False, ["s-dev-{{x}}"], id="old templates"
        ),
        pytest.param("{list: {elements: [{values: {a: b}}]}}", "s-{{values.a}}", False, ["s-b"], id="values of a list"),
        pytest.param(f"{{{GIT}}}", "s-{{.path.basename}}", True, ["s-dev", "s-prod"], id="folders"),
        pytest.param(f"{{{GIT}}}", "{{path[0]}}-{{path.basename}}", False, ["envs-dev", "envs-prod"], id="old folders"),
        pytest.param(
            "{git: {directories: [{path: 'apps/*'}]}}", "{{.path.basenameNormalized}}", True, ["web-1"], id="a name"
        ),
        pytest.param(
            "{git: {pathParamPrefix: a, values: {b: '{{.a.path.basename}}x'}, directories: [{path: envs/d*}]}}",
            "{{index .a.path.segments 0}}-{{.values.b}}",
            True,
            ["envs-devx"],
            id="values and a prefix",
        ),
        pytest.param(
            f"{{matrix: {{generators: [{{{GIT}}}, {{list: {{elements: [{{at: '{{{{.path.basename}}}}-eu'}}]}}}}]}}}}",
            "{{.at}}",
            True,
            ["dev-eu", "prod-eu"],
            id="a matrix whose second generator knows the first",
        ),
        pytest.param(
            f"{{{LIST}, selector: {{matchLabels: {{env: prod}}}}}}", "{{.env}}", True, ["prod"], id="a selector"
        ),
        pytest.param(
            f"{{{LIST}}}, {{{GIT}}}", "{{.env}}", True, ["dev", "prod", "<no value>"], id="what the second one lacks"
        ),
    ],
)
def test_generators_give_applications(generators: str, name: str, go: bool, names: list[str]) -> None:
    assert list(expanded(generators, name, go=go).drafts) == names


@pytest.mark.parametrize(
    ("generators", "name", "go", "reason"),
    [
        ("{clusters: {}}", "{{.name}}", True, "asks the cluster"),
        ("{git: {files: [{path: a.json}]}}", "{{.name}}", True, "contents"),
        ("{git: {revision: v1.2.0, directories: [{path: '*'}]}}", "{{.path.basename}}", True, "`v1.2.0`"),
        (f"{{{LIST}}}", "{{if .env}}a{{end}}", True, "{{if .env}}"),
        (f"{{{LIST}}}", "{{.env.more}}", True, "`env.more`"),
        (f"{{{LIST}}}", "{{env}}", False, "is a text"),
        (f"{{matrix: {{generators: [{{{LIST}}}]}}}}", "{{.env}}", True, "two generators"),
    ],
)
def test_what_is_not_known_here_is_said(generators: str, name: str, go: bool, reason: str) -> None:
    found = expanded(generators, name, go=go)
    assert (found.drafts, len(found.unknown)) == ({}, 1)
    assert reason in found.unknown[0]


def test_a_generators_own_template_goes_first_and_the_rest_is_filled_in() -> None:
    own = (
        "list: {elements: [{env: dev}], template: {metadata: {finalizers: [a.example.com/b]}, spec: {project: other}}}"
    )
    (draft,) = expanded(f"{{{own}}}", "s-{{.env}}").drafts.values()
    assert [dig(draft.body(), "spec", *steps) for steps in (("project",), ("source", "path"))] == [
        "other",
        "envs/s-dev",
    ]
    (manifest,) = read(SET % ("true", f"{{{own}}}", "a", "a"))
    assert not cascades(manifest, draft)


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"spec": {"project": "b"}}, {"spec": {"project": "a", "list": [1, 2]}}),
        ({"spec": {"list": [3]}}, {"spec": {"project": "a", "list": [3]}}),
        ({"spec": {"list": None, "new": {"a": 1}}}, {"spec": {"project": "a", "new": {"a": 1}}}),
        ({"metadata": {"finalizers": ["y", "x"]}}, {"metadata": {"finalizers": ["x", "y"]}}),
        ({"metadata": {"finalizers": None}}, {"metadata": {}}),
    ],
)
def test_a_patch_is_merged_as_argo_cd_does(patch: JsonObject, expected: JsonObject) -> None:
    made: JsonObject = {"metadata": {"finalizers": ["x"]}, "spec": {"project": "a", "list": [1, 2]}}
    assert patched(made, patch) == {**made, **expected}


def test_two_objects_of_values_are_not_merged() -> None:
    values: JsonObject = {"spec": {"source": {"helm": {"valuesObject": {"a": {"b": 1}}}}}}
    with pytest.raises(NotRenderedError, match="both have `valuesObject`"):
        patched(values, values)


def test_a_hundred_thousand_elements_are_looked_at_in_seconds() -> None:
    (manifest,) = read(SET % ("true", "{list: {elements: [{env: a}]}}", "s-{{.env}}", "a"))
    elements: JsonValue = [{"env": f"e{number}"} for number in range(100_000)]
    many = replaced(manifest.body, ("spec", "generators", 0, "list", "elements"), elements)
    assert len(expand(dataclasses.replace(manifest, body=many), ()).drafts) == 100_000


@given(VALUES, st.sampled_from(["generators", "template", "goTemplateOptions", "syncPolicy", "goTemplate"]))
def test_odd_sets_are_expanded_or_not_and_never_fail(value: JsonValue, field: str) -> None:
    (manifest,) = read(SET % ("true", f"{{{LIST}}}", "s-{{.env}}", "a"))
    expand(dataclasses.replace(manifest, body=replaced(manifest.body, ("spec", field), value)), FOLDERS)


@given(st.text(alphabet='{}|()." `ab1-\\', max_size=12))
def test_any_text_in_braces_is_rendered_or_refused(written: str) -> None:
    for go in (True, False):
        try:
            Templates(go).fill(f"{{{{{written}}}}}", {"a": {"b": 1}})
        except NotRenderedError as error:
            assert str(error)


WEB = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"


@pytest.mark.parametrize(
    ("generators", "more", "owners"),
    [
        pytest.param(f"{{{LIST}}}", "", ["s-prod"], id="a list"),
        pytest.param(f"{{{GIT}}}".replace("envs/", "in/envs/"), "", [], id="folders that are called otherwise"),
        pytest.param("{list: {elements: [{env: prod, c: a}, {env: prod, c: b}]}}", "", ["s-prod"], id="two clusters"),
        pytest.param(f"{{{LIST}}}", "  templatePatch: '{}'\n", ["s-prod"], id="a patch"),
        pytest.param(
            f"{{{LIST}}}", "  templatePatch: '{spec: {source: {path: other}}}'\n", [], id="a patch to another folder"
        ),
        pytest.param(f"{{{LIST}}}", "  templatePatch: '{{if .env}}{}{{end}}'\n", [], id="a patch with a condition"),
        pytest.param("{clusters: {}}", "", [], id="a cluster"),
        pytest.param("{list: {elements: [{size: 5}]}}", "", [], id="a parameter that is missing"),
    ],
)
def test_generated_applications_own_what_their_folders_hold(generators: str, more: str, owners: list[str]) -> None:
    (made,) = read(SET % ("true", generators, "s-{{.env}}", "{{.env}}") + more)
    (web,) = (dataclasses.replace(entry, source=Source("envs/prod/web.yaml")) for entry in read(WEB))
    found = Deployments(Inventory([made, web]))
    assert [owner.name for owner in found.owners_of(web)] == owners
    assert found.applications == ()


def test_a_written_application_owns_its_folder_alone() -> None:
    app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: own}\n"
    app += "spec: {source: {path: envs/prod}}\n"
    (made, own) = (*read(SET % ("true", f"{{{LIST}}}", "s-{{.env}}", "{{.env}}")), *read(app))
    (web,) = (dataclasses.replace(entry, source=Source("envs/prod/web.yaml")) for entry in read(WEB))
    assert [owner.name for owner in Deployments(Inventory([made, own, web])).owners_of(web)] == ["own"]
