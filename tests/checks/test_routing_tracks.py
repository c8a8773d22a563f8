"""Facts about how the check `routing` keeps stable and canary apart, and the canary within its bounds."""

from __future__ import annotations

import pytest

from aurora.checks.routing import CHECK
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from checks.examples.routing import (
    ACTION_INGRESS,
    CANARY_INGRESS,
    DEPLOYMENTS,
    INGRESS_PAIR,
    ROUTE,
    SERVED,
    SERVICES,
    STABLE_INGRESS,
)
from checks.inventory_cases import judge, pointers

NOTE = "routing/no-failover-to-canary"
WEIGHTED = stream(ROUTE, SERVED)


def found(*streams: str) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams)} - {NOTE}


def weights(stable: int, canary: int) -> str:
    backends = "weight: %d}, {name: canary, port: 80, weight: %d}"
    return altered(WEIGHTED, backends % (90, 10), backends % (stable, canary))


@pytest.mark.parametrize(
    ("stable", "canary", "rules"),
    [
        (90, 10, set()),
        (1, 1, set()),
        (49, 51, {"routing/canary-weight-limit"}),
        (0, 5, {"routing/canary-weight-limit", "routing/canary-takes-all"}),
        (100, 0, set()),
        (0, 0, {"routing/weights"}),
        (-1, 1, {"routing/weights"}),
        (3, 1, set()),
    ],
)
def test_a_canary_gets_at_most_half_of_the_requests(stable: int, canary: int, rules: set[str]) -> None:
    assert found(weights(stable, canary)) == rules


@pytest.mark.parametrize(
    ("stable", "canary", "rules"),
    [
        (90, 10, set()),
        (49, 51, {"routing/canary-weight-limit"}),
        (100, 0, set()),
        (0, 0, {"routing/alb-action"}),
    ],
)
def test_an_action_of_a_load_balancer_divides_as_a_route_does(stable: int, canary: int, rules: set[str]) -> None:
    action = altered(ACTION_INGRESS, '"weight": 90', f'"weight": {stable}').replace(
        '"weight": 10}', f'"weight": {canary}}}'
    )
    judged = judge(CHECK, action, SERVED)
    assert {each.rule for each in judged} - {NOTE} == rules
    at = "/metadata/annotations/alb.ingress.kubernetes.io~1actions.tracks"
    assert pointers(judged, "routing/canary-weight-limit") == ([at] if canary > 50 else [])
    assert [each.message for each in judged if each.rule == NOTE and "neither takes over" not in each.message] == []


def test_pods_behind_an_action_of_a_load_balancer_need_a_probe() -> None:
    served = SERVED.replace("targetPort: http", "targetPort: 8080")
    unready = served.replace("          readinessProbe: {httpGet: {path: /ready, port: http}}\n", "")
    assert "routing/ungated-backend" not in found(ACTION_INGRESS, served)
    assert "routing/ungated-backend" in found(ACTION_INGRESS, unready)


@pytest.mark.parametrize(
    ("limit", "canary", "allowed"),
    [
        ('"10"', 10, True),
        ('"9"', 10, False),
        ('"80"', 70, True),
        ('"101"', 10, False),
        ('"much"', 10, False),
        ("70", 60, False),
    ],
)
def test_a_route_may_state_another_limit(limit: str, canary: int, allowed: bool) -> None:
    stated = altered(
        weights(100 - canary, canary),
        "{name: model, namespace: ml}",
        f"{{name: model, namespace: ml, annotations: {{aurora.example.com/canary-weight-limit: {limit}}}}}",
    )
    assert ("routing/canary-weight-limit" in found(stated)) is not allowed


def test_the_limit_may_be_stated_by_a_label_and_on_an_ingress() -> None:
    label = '{name: model, namespace: ml, labels: {aurora.example.com/canary-weight-limit: "70"}}'
    assert found(altered(weights(40, 60), "{name: model, namespace: ml}", label)) == set()
    heavy = altered(CANARY_INGRESS, '"10"', '"60"\n    aurora.example.com/canary-weight-limit: "60"')
    assert found(stream(STABLE_INGRESS, heavy, SERVED)) == set()


def test_the_finding_points_at_the_weight_that_is_too_large() -> None:
    assert pointers(judge(CHECK, weights(30, 70)), "routing/canary-weight-limit") == [
        "/spec/rules/1/backendRefs/1/weight"
    ]
    heavy = stream(STABLE_INGRESS, altered(CANARY_INGRESS, '"10"', '"70"'))
    assert pointers(judge(CHECK, heavy), "routing/canary-weight-limit") == [
        "/metadata/annotations/nginx.ingress.kubernetes.io~1canary-weight"
    ]


def test_every_canary_route_says_that_it_is_no_failover() -> None:
    for routed, what in ((INGRESS_PAIR, "503"), (WEIGHTED, "5xx")):
        (note,) = [finding for finding in judge(CHECK, routed) if finding.rule == NOTE]
        assert note.severity is Severity.NOTE
        assert "not guaranteed" in note.message
        assert what in note.message


def test_a_canary_without_weight_needs_no_replica() -> None:
    scaled_down = altered(SERVED, "replicas: 1", "replicas: 0")
    assert found(stream(ROUTE, scaled_down)) == {"routing/backend-without-replicas"}
    off = altered(altered(ROUTE, "weight: 10", "weight: 0"), "weight: 90", "weight: 1")
    assert found(stream(off, scaled_down)) == set()
    dark = stream(STABLE_INGRESS, altered(CANARY_INGRESS, '"10"', '"0"'), scaled_down)
    assert found(dark) == set()


def test_an_autoscaler_that_may_go_to_zero_leaves_a_backend_empty() -> None:
    scaler = (
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: canary, namespace: ml}\n"
        "spec: {scaleTargetRef: {name: canary}, minReplicaCount: %d}\n"
    )
    assert found(stream(WEIGHTED, scaler % 0)) == {"routing/backend-without-replicas"}
    assert found(stream(WEIGHTED, scaler % 1)) == set()


@pytest.mark.parametrize(
    ("weighted", "override", "shadowed"),
    [
        ("{type: PathPrefix, value: /}", "{type: PathPrefix, value: /}", False),
        ("{type: PathPrefix, value: /predict}", "{type: PathPrefix, value: /}", True),
        ("{type: Exact, value: /}", "{type: PathPrefix, value: /}", True),
        ("{type: PathPrefix, value: /}", "{type: PathPrefix, value: /predict}", False),
        ("{type: PathPrefix, value: /predict}", "{type: PathPrefix, value: /pre}", False),
        ("{type: PathPrefix, value: /a/}", "{type: PathPrefix, value: /a}", False),
        ("{type: RegularExpression, value: /a.*}", "{type: PathPrefix, value: /}", False),
    ],
)
def test_a_header_rule_is_reached_unless_the_weighted_path_is_more_specific(
    weighted: str, override: str, shadowed: bool
) -> None:
    route = altered(ROUTE, "{type: PathPrefix, value: /}, headers", f"{override}, headers")
    route = altered(route, "[{path: {type: PathPrefix, value: /}}]", f"[{{path: {weighted}}}]")
    assert found(stream(route, SERVED)) == ({"routing/override-shadowed"} if shadowed else set())


def test_a_service_without_track_label_reaches_pods_of_any_track() -> None:
    unlabelled = altered(DEPLOYMENTS, "app: model, aurora.example.com/track: canary", "app: model")
    loose = altered(SERVICES, "app: model, aurora.example.com/track: stable", "app: model")
    (finding,) = judge(CHECK, stream(loose, unlabelled))
    assert finding.rule == "routing/service-selects-two-tracks"
    assert finding.message == "the Service selects pods of 2 tracks: none, stable"
    assert finding.pointer == "/spec/selector"


def test_a_service_of_one_track_that_selects_the_other_is_found() -> None:
    labelled = altered(
        SERVICES,
        "{name: stable, namespace: ml}",
        "{name: stable, namespace: ml, labels: {aurora.example.com/track: canary}}",
    )
    assert found(stream(labelled, DEPLOYMENTS)) == {"routing/wrong-track"}
    assert found(
        stream(
            INGRESS_PAIR,
            altered(
                SERVED,
                "model, aurora.example.com/track: canary}, ports",
                "model, aurora.example.com/track: stable}, ports",
            ),
        )
    ) == {"routing/wrong-track"}


@pytest.mark.parametrize(
    ("change", "pointers_found"),
    [
        (("replicas: 1", "replicas: 2"), []),
        (("value: v20261101-090000", "value: v20261231-000000"), []),
        (("name: canary, namespace: ml}\nspec:\n  replicas", "name: canary-2, namespace: ml}\nspec:\n  replicas"), []),
        (
            (
                "aurora.example.com/track: canary}}\n    spec:",
                "aurora.example.com/track: canary, tier: test}}\n    spec:",
            ),
            [],
        ),
        (("  replicas: 1\n", "  replicas: 1\n  minReadySeconds: 5\n"), ["/spec/minReadySeconds"]),
    ],
)
def test_a_canary_differs_in_version_replicas_labels_and_names_only(
    change: tuple[str, str], pointers_found: list[str]
) -> None:
    assert pointers(judge(CHECK, altered(DEPLOYMENTS, *change)), "routing/canary-differs") == pointers_found


def test_names_and_versions_inside_of_other_values_may_differ_as_well() -> None:
    def told(name: str, version: str) -> str:
        return f"value: {version}}}]\n          args: [--model=/models/{version}, --name={name}]\n"

    both = altered(DEPLOYMENTS, "value: v20260901-120000}]\n", told("stable", "v20260901-120000"))
    both = altered(both, "value: v20261101-090000}]\n", told("canary", "v20261101-090000"))
    assert found(both) == set()
    wrong = altered(both, "--model=/models/v20261101-090000", "--model=/models/v20260901-120000")
    assert pointers(judge(CHECK, wrong), "routing/canary-differs") == ["/spec/template/spec/containers/0/args/0"]


def test_canary_pods_that_mount_a_certificate_own_tls() -> None:
    mounting = altered(
        DEPLOYMENTS,
        "value: v20261101-090000}]\n          readinessProbe: {httpGet: {path: /ready, port: http}}\n",
        "value: v20261101-090000}]\n          readinessProbe: {httpGet: {path: /ready, port: http}}\n"
        "      volumes: [{name: tls, projected: {sources: [{secret: {name: a-tls}}]}}]\n",
    )
    assert "routing/canary-owns-tls" in found(stream(STABLE_INGRESS, mounting))
    assert "routing/canary-owns-tls" not in found(mounting)


@pytest.mark.parametrize("kind", ["cert-manager.io/v1/Certificate", "gateway.networking.k8s.io/v1/Gateway"])
def test_certificates_and_gateways_are_no_part_of_a_canary(kind: str) -> None:
    version, _, name = kind.rpartition("/")
    body = f"apiVersion: {version}\nkind: {name}\n"
    body += "metadata: {name: a, namespace: ml, labels: {aurora.example.com/track: %s}}\n"
    assert found(body % "canary") == {"routing/canary-owns-tls"}
    assert found(body % "stable") == set()
