"""What a change does to the Applications that ApplicationSets generate."""

from __future__ import annotations

import pytest

from aurora.changes import consequences, pairing
from aurora.changes.pairs import Scene
from aurora.changes.sides import Side
from changes.scenes import scene

SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shops, namespace: argocd%s}
spec:
  generators: [{list: {elements: [{env: dev}, {env: prod}]}}]
  syncPolicy: {%s}
  template:
    metadata: {name: 'shop-{{env}}'}
    spec: {source: {path: 'envs/{{env}}', targetRevision: v1.4.0}}
"""
GIT = SET.replace("list: {elements: [{env: dev}, {env: prod}]}", "git: {directories: [{path: envs/*}]}").replace(
    "{{env}}", "{{path.basename}}"
)
ELEMENT = (", {env: prod}", "")
FINALIZER = ", finalizers: [resources-finalizer.argocd.argoproj.io]"


def told(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    sides = [
        Side(None, {path: text.encode() for path, text in files.items()}, folder=f"{name}/")
        for name, files in (("before", before), ("after", after))
    ]
    scene = Scene(before=sides[0], after=sides[1], pairs=pairing.pair(*sides).pairs)
    return [
        (entry.rule.removeprefix("data/generated-"), str(entry.resource.name), str(pair.resource.name))
        for pair, entry in consequences.follow(scene)
        if entry.rule.startswith("data/generated-") and entry.resource
    ]


@pytest.mark.parametrize(
    ("head", "sync_policy", "expected"),
    [
        ("", "", "deleted"),
        ("", "preserveResourcesOnDeletion: true", "released"),
        ("", "applicationsSync: create-update", "kept"),
        ("", "applicationsSync: create-delete", "deleted"),
    ],
)
def test_an_element_taken_away_is_an_application_less(head: str, sync_policy: str, expected: str) -> None:
    before = SET % (head, sync_policy)
    assert told({"a.yaml": before}, {"a.yaml": before.replace(*ELEMENT)}) == [(expected, "shop-prod", "shops")]


@pytest.mark.parametrize(
    ("head", "sync_policy", "expected"),
    [
        ("", "", "deleted"),
        ("", "preserveResourcesOnDeletion: true", "released"),
        pytest.param("", "applicationsSync: create-only", "deleted", id="the owner takes them along"),
        pytest.param(FINALIZER, "applicationsSync: create-only", "kept", id="its finalizer lets them go first"),
        pytest.param(FINALIZER, "", "deleted", id="but not where it may delete"),
    ],
)
def test_a_set_that_goes_takes_its_applications_along(head: str, sync_policy: str, expected: str) -> None:
    found = told({"a.yaml": SET % (head, sync_policy)}, {})
    assert found == [(expected, "shop-dev", "shops"), (expected, "shop-prod", "shops")]


def test_preserving_from_now_on_comes_too_late_for_an_application_that_goes_with_the_same_change() -> None:
    after = (SET % ("", "preserveResourcesOnDeletion: true")).replace(*ELEMENT)
    assert told({"a.yaml": SET % ("", "")}, {"a.yaml": after}) == [("deleted", "shop-prod", "shops")]


def test_a_changed_template_changes_applications_and_a_changed_name_replaces_them() -> None:
    before = SET % ("", "")
    changed = told({"a.yaml": before}, {"a.yaml": before.replace("v1.4.0", "v1.5.0")})
    assert changed == [("changed", "shop-dev", "shops"), ("changed", "shop-prod", "shops")]
    named = told({"a.yaml": before}, {"a.yaml": before.replace("shop-{{env}}", "web-{{env}}")})
    assert sorted({rule for rule, _, _ in named}) == ["created", "deleted"]


def test_what_another_system_may_generate_instead_is_not_called_deleted() -> None:
    before = SET % ("", "")
    after = before.replace("list: {elements: [{env: dev}, {env: prod}]}", "clusters: {}")
    assert told({"a.yaml": before}, {"a.yaml": after}) == []


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {{a: {name}}}\n"


def test_a_folder_that_goes_takes_its_application_along_though_the_set_stays() -> None:
    files = {
        "argocd/set.yaml": GIT % ("", ""),
        "envs/dev/a.yaml": config_map("a"),
        "envs/prod/b/c.yaml": config_map("b"),
    }
    fewer = {path: text for path, text in files.items() if "prod" not in path}
    assert told(files, fewer) == [("deleted", "shop-prod", "b")]
    assert told(fewer, files) == [("created", "shop-prod", "b")]
    assert told(files, {**files, "envs/dev/a.yaml": config_map("a").replace("a: a", "a: b")}) == []


def test_of_many_applications_the_first_are_named_and_the_others_counted() -> None:
    elements = "".join(f", {{env: e{number}}}" for number in range(30))
    before = (SET % ("", "")).replace(", {env: prod}", elements)
    found = told({"a.yaml": before}, {"a.yaml": before.replace(elements, "")})
    assert [rule for rule, _, _ in found] == ["deleted"] * 20


def patched(patch: str) -> str:
    """Write a set in Go templates, whose elements differ in `wave`, with a patch."""
    made = (SET % ("", "")).replace("{{env}}", "{{.env}}").replace("spec:\n", "spec:\n  goTemplate: true\n", 1)
    made = made.replace("{env: dev}", '{env: dev, wave: "1"}').replace("{env: prod}", '{env: prod, wave: "2"}')
    return made + "  templatePatch: |\n" + "".join(f"    {line}\n" for line in patch.splitlines())


def followed(before: str, after: str) -> list[tuple[str, str, str]]:
    return [
        (entry.rule.removeprefix("data/generated-"), str(entry.resource and entry.resource.name), entry.message)
        for _, entry in consequences.follow(scene(before, after))
    ]


def test_what_a_patch_of_the_template_changes_is_told() -> None:
    before = SET % ("", "")
    after = f"{before}  templatePatch: '{{spec: {{source: {{path: other}}}}}}'\n"
    assert followed(before, after) == [
        ("changed", "shop-dev", "changes `spec.source.path`"),
        ("changed", "shop-prod", "changes `spec.source.path`"),
    ]


def test_a_patch_is_filled_in_for_each_application() -> None:
    before = patched('metadata: {annotations: {wave: "{{.wave}}"}}')
    after = before.replace('wave: "2"}', 'wave: "3"}')
    assert followed(before, after) == [("changed", "shop-prod", "changes `metadata.annotations.wave`")]


def test_a_patch_may_rename_and_keep_what_is_deployed() -> None:
    named = patched("metadata: {name: 'other-{{.env}}'}")
    assert {name for _, name, _ in followed(patched("{}"), named)} == {
        "shop-dev",
        "shop-prod",
        "other-dev",
        "other-prod",
    }
    kept = patched("metadata: {finalizers: null}")
    assert followed(kept, kept.replace(', {env: prod, wave: "2"}', ""))[0][0] == "released"


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ('{{- if eq .env "dev" }}\nspec: {project: a}\n{{- end }}', "the template has `{{if eq .env"),
        ("spec: {sources: [{$patch: delete}]}", "the `templatePatch` has directives such as `$patch`"),
        ("- a", "the `templatePatch` is no mapping"),
        ("spec: {", "the `templatePatch` is no YAML"),
    ],
)
def test_a_patch_that_cannot_be_filled_in_is_said_and_the_template_is_judged(patch: str, reason: str) -> None:
    before = patched(patch)
    *told, (rule, _, said) = followed(before, before.replace("v1.4.0", "v1.5.0"))
    assert [(each[0], each[2]) for each in told] == [("changed", "changes `spec.source.targetRevision`")] * 2
    assert (rule, said.partition(": ")[0]) == (
        "unknown",
        "what its `templatePatch` changes in Applications is not judged",
    )
    assert reason in said
