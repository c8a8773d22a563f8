"""Facts about the check `gitops`: what one way of writing an object can do and the other cannot."""

from __future__ import annotations

import json

import pytest

from aurora.model.finding import Severity
from checks.gitops_cases import application, judge_files, of

OPTIONS = ", syncPolicy: {syncOptions: [%s]}"
CLIENT, SERVER, NOBODY = "", OPTIONS % "ServerSideApply=true", None


def judged(manifest: str, options: str | None, rule: str) -> list[Severity]:
    files = {"apps/a.yaml": manifest}
    if options is not None:
        files["argocd/a.yaml"] = application("web", "apps", spec=options)
    return [finding.severity for finding in of(judge_files(files, closed=False), rule)]


def own(option: str) -> str:
    return f"argocd.argoproj.io/sync-options: '{option}'"


def config_map(value: str, annotations: str = "") -> str:
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: shop, annotations: {{{annotations}}}}}\n"
    return f"{head}data: {{a: {json.dumps(value)}}}\n"


ERROR, WARNING = [Severity.ERROR], [Severity.WARNING]
LONG = "x" * 262_144


@pytest.mark.parametrize(
    ("manifest", "options", "found"),
    [
        pytest.param(config_map(LONG), CLIENT, ERROR, id="by the client"),
        pytest.param(config_map(LONG), NOBODY, WARNING, id="nobody says"),
        pytest.param(config_map(LONG), SERVER, [], id="by the server"),
        pytest.param(config_map(LONG), OPTIONS % "Replace=true", [], id="replaced"),
        pytest.param(config_map(LONG, own("ServerSideApply=true")), CLIENT, [], id="its own option"),
        pytest.param(config_map(LONG, own("ServerSideApply=false")), SERVER, ERROR, id="its own option wins"),
        pytest.param(config_map(LONG, "argocd.argoproj.io/hook: Skip"), CLIENT, [], id="never applied"),
        pytest.param(config_map("<" * 43_700), CLIENT, ERROR, id="signs that Go escapes"),
        pytest.param(config_map("ä" * 131_100), CLIENT, ERROR, id="bytes, not characters"),
        pytest.param(config_map("x" * 261_000), CLIENT, [], id="just short enough"),
        pytest.param(config_map("x" * 1000, f"a/b: {'y' * 261_000}"), CLIENT, ERROR, id="other annotations count"),
    ],
)
def test_the_annotation_of_a_client_has_a_limit(manifest: str, options: str | None, found: list[Severity]) -> None:
    assert judged(manifest, options, "annotation-too-long") == found


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec: {ports: [%s]}\n"
TWO = "{name: a, port: 53}, {name: b, port: 53, protocol: UDP}"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: %s\n"
ROLLOUT = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a, namespace: shop}\n"
    "spec: {template: {spec: {containers: [{ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]}]}}}\n"
)


@pytest.mark.parametrize(
    ("manifest", "options", "found"),
    [
        (SERVICE % TWO, CLIENT, WARNING),
        (SERVICE % TWO, NOBODY, WARNING),
        (SERVICE % TWO, SERVER, []),
        (SERVICE % TWO.replace("port: 53,", "port: 54,"), CLIENT, []),
        (POD % "{containers: [{ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]}]}", CLIENT, WARNING),
        (POD % "{containers: [{ports: [{containerPort: 53}]}, {ports: [{containerPort: 53}]}]}", CLIENT, []),
        (
            POD % "{topologySpreadConstraints: [{topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {topologyKey: a}]}",
            CLIENT,
            WARNING,
        ),
        pytest.param(ROLLOUT, CLIENT, [], id="a custom kind's lists are replaced"),
    ],
)
def test_a_client_takes_two_items_for_one(manifest: str, options: str | None, found: list[Severity]) -> None:
    assert judged(manifest, options, "merge-key") == found


MANAGED = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop, managedFields: %s}\n"


@pytest.mark.parametrize(
    ("fields", "options", "found"),
    [
        ("[{manager: kubectl}]", SERVER, ERROR),
        ("[{manager: kubectl}]", NOBODY, WARNING),
        ("[{manager: kubectl}]", CLIENT, []),
        ("[]", SERVER, []),
        ("null", SERVER, []),
    ],
)
def test_a_server_side_apply_refuses_managed_fields(fields: str, options: str | None, found: list[Severity]) -> None:
    assert judged(MANAGED % fields, options, "managed-fields") == found


@pytest.mark.parametrize(
    ("manifest", "options", "found"),
    [
        (config_map("a"), OPTIONS % "ServerSideApply=true, Force=true", ERROR),
        (config_map("a", own("Force=true")), SERVER, ERROR),
        (config_map("a", own("Force=true,ServerSideApply=false")), SERVER, []),
        (config_map("a", own("Force=true,Replace=true")), SERVER, []),
        (config_map("a", own("Force=true")), CLIENT, []),
    ],
)
def test_force_and_the_servers_apply_exclude_each_other(manifest: str, options: str, found: list[Severity]) -> None:
    assert judged(manifest, options, "forced-server-side") == found
