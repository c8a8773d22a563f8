"""Facts about the check `gitops`: which objects Applications sync, from where, and with whose permission."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings

from aurora.checks.gitops import CHECK
from aurora.cluster.applications import deployments
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from checks.gitops_cases import PRODUCTION, REPOSITORY, application, config_map, judge_files, of
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, judge_manifests, pointers, read

FILES = {"generated/example/web/shop/configmap.a.yaml": config_map("a")}


@pytest.mark.parametrize(
    ("path", "extra", "synced"),
    [
        pytest.param("generated/example/web", ", directory: {recurse: true}", True, id="below, recursively"),
        pytest.param("./generated/example/web/", ", directory: {recurse: true}", True, id="another spelling"),
        pytest.param("generated/example/web", "", False, id="below, but not recursively"),
        pytest.param("generated/example/web/shop", "", True, id="in the folder"),
        pytest.param("generated/example/we", ", directory: {recurse: true}", False, id="a prefix of the name"),
        pytest.param(".", ", directory: {recurse: true}", True, id="the whole repository"),
        pytest.param("generated", ", directory: {recurse: true, include: '*.yaml'}", True, id="included"),
        pytest.param("generated", ", directory: {recurse: true, include: '*.json'}", False, id="not included"),
        pytest.param("generated", ", directory: {recurse: true, exclude: '**/shop/*'}", False, id="excluded"),
        pytest.param("generated/example/web", ", kustomize: {namePrefix: x}", False, id="rendered by another tool"),
    ],
)
def test_which_objects_an_application_syncs(path: str, extra: str, synced: bool) -> None:
    found = judge_files({"argocd/app.yaml": application("web", path, extra), **FILES})
    assert bool(of(found, "unsynced")) is not synced


def test_objects_that_git_does_not_hold_need_no_application() -> None:
    (template,) = read(config_map("a"), "generated/example/web/shop/configmap.a.yaml")
    applications = read(application("web", "generated/example/other"), "argocd/app.yaml")
    found = judge_manifests(CHECK, [*applications, dataclasses.replace(template, emitted=False)])
    assert of(found, "unsynced") == []


def test_unsynced_objects_are_no_fault_where_no_application_is_known() -> None:
    assert of(judge_files(FILES), "unsynced") == []


@pytest.mark.parametrize(
    ("path", "repository", "found"),
    [
        pytest.param("generated/example/gone", REPOSITORY, True, id="a folder of this environment"),
        pytest.param("charts/gone", REPOSITORY, True, id="another folder of this repository"),
        pytest.param("charts/gone", "https://git.example.com/other.git", False, id="another repository"),
    ],
)
def test_empty_folders_are_missed_in_the_own_repository_only(path: str, repository: str, found: bool) -> None:
    other = application("gone", path).replace(REPOSITORY, repository)
    files = {"argocd/a.yaml": application("web", "generated", ", directory: {recurse: true}"), "argocd/b.yaml": other}
    assert bool(of(judge_files({**files, **FILES}), "empty-path")) is found


@pytest.mark.parametrize(
    ("folder", "path", "owned"),
    [
        pytest.param("repo", ".", True, id="the folder is the root of the repository"),
        pytest.param("repo", "apps/web", True, id="below it"),
        pytest.param("./repo/", "./apps/web/", True, id="odd spelling"),
        pytest.param("/somewhere/repo", "apps/web", True, id="an absolute path"),
        pytest.param("repo", "repo/apps/web", True, id="a path from here"),
        pytest.param("repo", "apps", False, id="files below are not read"),
        pytest.param("repos", "apps/web", False, id="another folder"),
    ],
)
def test_paths_count_from_the_folder_that_was_named(folder: str, path: str, owned: bool) -> None:
    below = "a.yaml" if path == "." else "apps/web/a.yaml"
    at = f"{'repo' if folder == 'repos' else folder.removeprefix('./').rstrip('/')}/{below}"
    (manifest,) = read(config_map("a"), at)
    (owner,) = read(application("web", path), "elsewhere/argocd.yaml")
    found = deployments(Inventory([manifest, owner], folders=[folder]))
    assert [entry.name for entry in found.owners_of(manifest)] == (["web"] if owned else [])


def test_a_lone_application_whose_folder_holds_nothing_is_said() -> None:
    files = {"argocd/a.yaml": application("web", "nowhere"), "apps/web/a.yaml": config_map("a")}
    assert [finding.severity for finding in of(judge_files(files, closed=False), "empty-path")] == [Severity.WARNING]
    assert not of(judge_files({"-": f"{files['argocd/a.yaml']}---\n{config_map('a')}"}, closed=False), "empty-path")
    assert not of(judge_files({"argocd/a.yaml": files["argocd/a.yaml"]}, closed=False), "empty-path")


def test_overlapping_folders_sync_an_object_twice() -> None:
    recursive = ", directory: {recurse: true}"
    found = judge_files(
        {
            "a.yaml": application("all", "generated", recursive),
            "b.yaml": application("web", "generated/example", recursive),
            **FILES,
        }
    )
    assert [str(finding.resource) for finding in of(found, "synced-twice")] == ["ConfigMap shop/a"]


@pytest.mark.parametrize(
    ("version", "exact"),
    [
        ("1.2.3", True),
        ("v1.2.3", True),
        ("1.2.3-rc.1+build.5", True),
        ("sha256:" + "0" * 64, True),
        ("1.2", False),
        ("1.2.*", False),
        (">=1.2.3", False),
        ("^1.2.3", False),
        ("~1.2.3", False),
        ("1.x", False),
        ("*", False),
        ("latest", False),
        ("1.2.3 || 1.2.4", False),
    ],
)
def test_chart_versions(version: str, exact: bool) -> None:
    stream = application("web", "").replace("path: ''", "chart: web").replace("v1.0.0", f"'{version}'")
    expected = [] if exact else ["/spec/source/targetRevision"]
    assert pointers(judge(CHECK, stream), "gitops/chart-version") == expected


def test_a_chart_without_a_version_is_found() -> None:
    stream = application("web", "").replace("path: ''", "chart: web").replace(", targetRevision: v1.0.0", "")
    assert pointers(judge(CHECK, stream), "gitops/chart-version") == ["/spec/source"]


@pytest.mark.parametrize(
    ("revision", "stands_still"),
    [
        ("v1.4.0", True),
        ("1.4.0", True),
        ("2026.11.21", True),
        ("refs/tags/release-7", True),
        ("a" * 40, True),
        ("0123abc", False),
        ("main", False),
        ("HEAD", False),
        ("release-1.4", False),
        ("refs/heads/main", False),
        ("v1.4.*", False),
        ("refs/tags/v1.*", False),
    ],
)
def test_production_stands_still(revision: str, stands_still: bool) -> None:
    stream = application("web", ".", annotations=PRODUCTION).replace("v1.0.0", f"'{revision}'")
    expected = [] if stands_still else ["/spec/source/targetRevision"]
    assert pointers(judge(CHECK, stream), "gitops/moving-revision") == expected


@pytest.mark.parametrize(
    ("more", "follows", "stands_still"),
    [([], "v1.*", True), ([], "*", True), ([], "main", False), ([config_map("settings")], "v1.*", False)],
)
def test_what_syncs_applications_alone_may_follow_the_tags_of_a_version(
    more: list[str], follows: str, stands_still: bool
) -> None:
    root = application("root", ".", annotations=PRODUCTION).replace("v1.0.0", f"'{follows}'")
    found = judge(CHECK, root, application("web", "elsewhere", annotations=PRODUCTION), *more)
    assert pointers(found, "gitops/moving-revision") == ([] if stands_still else ["/spec/source/targetRevision"])


def test_a_project_marks_all_its_applications_as_production() -> None:
    project = (
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n"
        f"metadata: {{name: shop, namespace: argocd, annotations: {{{PRODUCTION}}}}}\n"
    )
    stream = application("web", ".", spec=", project: shop").replace("v1.0.0", "main")
    assert of(judge(CHECK, stream, project), "moving-revision")
    assert not of(judge(CHECK, stream), "moving-revision")


def test_every_one_of_several_sources_is_read() -> None:
    sources = f"[{{repoURL: {REPOSITORY}, ref: values, targetRevision: main}}, {{chart: a, targetRevision: '1.*'}}]"
    stream = application("web", ".", annotations=PRODUCTION, spec=f", sources: {sources}")
    found = judge(CHECK, stream)
    assert pointers(found, "gitops/moving-revision") == ["/spec/sources/0/targetRevision"]
    assert pointers(found, "gitops/chart-version") == ["/spec/sources/1/targetRevision"]


def project(spec: str, annotations: str = "") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n"
        f"metadata: {{name: shop, namespace: argocd, annotations: {{{annotations}}}}}\nspec: {spec}\n"
    )


@pytest.mark.parametrize(
    ("patterns", "permitted"),
    [
        ("['*']", True),
        ("['https://git.example.com/*']", True),
        ("['https://git.example.com/SHOP']", True),
        ("['https://*/shop.git']", True),
        ("['https://*']", False),
        ("['https://**']", True),
        ("['*', '!https://git.example.com/shop']", False),
        ("['!https://git.example.com/other']", True),
        ("[]", False),
    ],
)
def test_which_repositories_a_project_permits(patterns: str, permitted: bool) -> None:
    found = judge(CHECK, application("web", ".", spec=", project: shop"), project(f"{{sourceRepos: {patterns}}}"))
    assert pointers(found, "gitops/project-source") == ([] if permitted else ["/spec/source/repoURL"])


@pytest.mark.parametrize(
    ("destination", "entries", "permitted"),
    [
        ("{server: 'https://kubernetes.default.svc', namespace: shop}", "[{server: '*', namespace: shop}]", True),
        ("{server: 'https://kubernetes.default.svc', namespace: shop}", "[{name: in-cluster, namespace: 'sh*'}]", True),
        ("{name: in-cluster, namespace: shop}", "[{server: 'https://kubernetes.default.svc', namespace: '*'}]", True),
        ("{server: 'https://other', namespace: shop}", "[{name: in-cluster, namespace: '*'}]", False),
        ("{name: in-cluster, namespace: shop}", "[{name: in-cluster, namespace: web}]", False),
        (
            "{name: in-cluster, namespace: shop}",
            "[{name: '*', namespace: '*'}, {name: '*', namespace: '!shop'}]",
            False,
        ),
        ("{name: in-cluster, namespace: web}", "[{name: '*', namespace: '*'}, {name: '*', namespace: '!shop'}]", True),
        ("{name: in-cluster}", "[{name: in-cluster, namespace: shop}]", False),
        ("{name: in-cluster}", "[{name: in-cluster, namespace: '*'}]", True),
    ],
)
def test_which_destinations_a_project_permits(destination: str, entries: str, permitted: bool) -> None:
    stream = application("web", ".", spec=f", project: shop, destination: {destination}")
    found = judge(CHECK, stream, project(f"{{sourceRepos: ['*'], destinations: {entries}}}"))
    assert bool(of(found, "project-destination")) is not permitted


@pytest.mark.parametrize(
    ("lists", "permitted"),
    [
        ("{}", True),
        ("{namespaceResourceWhitelist: [{group: '', kind: ConfigMap}]}", True),
        ("{namespaceResourceWhitelist: [{group: '*', kind: 'Config*'}]}", True),
        ("{namespaceResourceWhitelist: [{group: apps, kind: ConfigMap}]}", False),
        ("{namespaceResourceWhitelist: []}", False),
        ("{namespaceResourceBlacklist: [{group: '', kind: ConfigMap}]}", False),
        ("{clusterResourceBlacklist: [{group: '', kind: ConfigMap}]}", True),
    ],
)
def test_which_namespaced_kinds_a_project_permits(lists: str, permitted: bool) -> None:
    files = {
        "argocd/a.yaml": application("web", "generated", ", directory: {recurse: true}", spec=", project: shop"),
        "argocd/b.yaml": project(lists),
    }
    assert bool(of(judge_files({**files, **FILES}), "project-kind")) is not permitted


@pytest.mark.parametrize(
    ("lists", "permitted"),
    [
        ("{}", False),
        ("{clusterResourceWhitelist: [{group: '', kind: Namespace}]}", True),
        ("{clusterResourceWhitelist: [{group: '', kind: Namespace, name: shop}]}", True),
        ("{clusterResourceWhitelist: [{group: '', kind: Namespace, name: web}]}", False),
        (
            "{clusterResourceWhitelist: [{kind: '*'}], clusterResourceBlacklist: [{group: '', kind: Namespace}]}",
            False,
        ),
    ],
)
def test_which_cluster_scoped_kinds_a_project_permits(lists: str, permitted: bool) -> None:
    files = {
        "argocd/a.yaml": application("web", "generated", spec=", project: shop"),
        "argocd/b.yaml": project(lists),
        "generated/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    }
    found = of(judge_files(files), "project-kind")
    assert bool(found) is not permitted
    assert all(finding.resource and finding.resource.kind == "AppProject" for finding in found)


def test_a_project_must_permit_the_namespace_of_every_object_and_says_so_once() -> None:
    destination = "{name: in-cluster, namespace: web}"
    files = {
        "argocd/a.yaml": application("web", "generated", spec=f", project: shop, destination: {destination}"),
        "argocd/b.yaml": project("{destinations: [{name: in-cluster, namespace: web}]}"),
        "generated/a.yaml": config_map("a"),
        "generated/b.yaml": config_map("b"),
        "generated/c.yaml": config_map("c", namespace="web"),
        "generated/d.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n",
    }
    found = of(judge_files(files), "project-namespace")
    assert [(str(finding.resource), finding.pointer) for finding in found] == [
        ("ConfigMap shop/a", "/metadata/namespace")
    ]


def test_a_single_source_beside_several_is_not_read() -> None:
    several = application("web", ".", annotations=PRODUCTION, spec=", sources: [{chart: a, targetRevision: 1.0.0}]")
    assert not of(judge(CHECK, several.replace("v1.0.0", "main")), "moving-revision")


@settings(max_examples=300, deadline=None)
@given(hostile(CHECK))
def test_no_manifest_makes_the_check_raise_or_point_at_nothing(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)
