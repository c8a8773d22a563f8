"""Facts about the check `routing` that its rules' examples do not state: Ingresses, Gateways, certificates."""

from __future__ import annotations

import pytest
from hypothesis import given

from aurora.checks.routing import CHECK, certificates, listeners
from aurora.model.examples import altered, stream
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from checks.examples.routing import (
    ATTACHED_ROUTE,
    CANARY_INGRESS,
    GATEWAY,
    INGRESS_PAIR,
    ROUTE,
    SERVED,
    STABLE_INGRESS,
)
from checks.inventory_cases import hostile, judge, judge_manifests
from checks.random_objects import random_objects

NOTE = "routing/no-failover-to-canary"


def found(*streams: str, closed: bool = True) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)} - {NOTE}


def annotated(*lines: str) -> str:
    return altered(CANARY_INGRESS, "spec:\n", "".join(f"    {line}\n" for line in lines) + "spec:\n")


@pytest.mark.parametrize(
    "good", [INGRESS_PAIR, ATTACHED_ROUTE, stream(INGRESS_PAIR, SERVED), stream(ATTACHED_ROUTE, SERVED)]
)
def test_both_kinds_of_routes_pass_when_they_are_right(good: str) -> None:
    assert found(good) == set()


@pytest.mark.parametrize(
    ("weight", "right"),
    [
        ('"0"', True),
        ('"50"', True),
        ('"101"', False),
        ('"-1"', False),
        ('"10%"', False),
        ('"1.5"', False),
        ('" 10"', False),
        ('"ten"', False),
        ('""', False),
        ("10", False),
        ("true", False),
        ('"٣"', False),
    ],
)
def test_a_weight_is_a_whole_number_written_as_a_string(weight: str, right: bool) -> None:
    pair = stream(STABLE_INGRESS, altered(CANARY_INGRESS, '"10"', weight))
    assert ("routing/canary-weight" in found(pair)) is not right


@pytest.mark.parametrize(
    ("total", "weight", "rules"),
    [
        ("1000", "100", set()),
        ("1000", "501", {"routing/canary-weight-limit"}),
        ("1000", "1001", {"routing/canary-weight", "routing/canary-weight-limit"}),
        ("50", "30", {"routing/canary-weight"}),
        ("100", "30", set()),
    ],
)
def test_a_total_counts_above_a_hundred_only(total: str, weight: str, rules: set[str]) -> None:
    canary = altered(annotated(f'nginx.ingress.kubernetes.io/canary-weight-total: "{total}"'), '"10"', f'"{weight}"')
    assert found(stream(STABLE_INGRESS, canary)) == rules


@pytest.mark.parametrize("field", ["host: a.example.com", "path: /,", "ingressClassName: nginx"])
def test_a_canary_needs_a_main_ingress_with_its_class_host_and_path(field: str) -> None:
    name, _, value = field.partition(": ")
    canary = altered(CANARY_INGRESS, field, f"{name}: other{value}")
    assert found(stream(STABLE_INGRESS, canary)) == {"routing/canary-without-main"}


def test_a_missing_main_ingress_is_a_warning_where_it_may_be_elsewhere() -> None:
    (finding,) = [f for f in judge(CHECK, CANARY_INGRESS, closed=False) if f.rule == "routing/canary-without-main"]
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("annotation", "rules"),
    [
        ('nginx.ingress.kubernetes.io/canary-by-header: "x-canary"', set()),
        ('nginx.ingress.kubernetes.io/load-balance: "ewma"', set()),
        ('nginx.ingress.kubernetes.io/upstream-hash-by: "$remote_addr"', set()),
        ('nginx.ingress.kubernetes.io/session-cookie-name: "track"', set()),
        ('nginx.ingress.kubernetes.io/rewrite-target: "/"', {"routing/canary-ignored-annotation"}),
        ('nginx.ingress.kubernetes.io/auth-snippet: "deny all;"', {"routing/snippet"}),
        ('cert-manager.io/cluster-issuer: "acme"', {"routing/canary-owns-tls"}),
        ('acme.cert-manager.io/http01-edit-in-place: "true"', {"routing/canary-owns-tls"}),
        ('example.com/team: "ml"', set()),
    ],
)
def test_annotations_of_a_canary_are_judged_by_what_they_do_there(annotation: str, rules: set[str]) -> None:
    assert found(stream(STABLE_INGRESS, annotated(annotation))) == rules


def test_affinity_is_no_matter_for_a_canary_that_ignores_it() -> None:
    sticky = altered(
        STABLE_INGRESS, "namespace: ml}", "namespace: ml, annotations: {nginx.ingress.kubernetes.io/affinity: cookie}}"
    )
    assert found(stream(sticky, CANARY_INGRESS)) == {"routing/canary-affinity"}
    legacy = annotated('nginx.ingress.kubernetes.io/affinity-canary-behavior: "legacy"')
    assert found(stream(sticky, legacy)) == set()


def test_a_default_class_serves_ingresses_without_one() -> None:
    bare = altered(STABLE_INGRESS, "  ingressClassName: nginx\n", "")
    default = (
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\n"
        'metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}\n'
    )
    assert found(bare) == {"routing/ingress-class"}
    assert found(stream(bare, default)) == set()


@pytest.mark.parametrize(
    ("listener", "host", "meets"),
    [
        ("", "a.example.com", True),
        ("a.example.com", "a.example.com", True),
        ("a.example.com", "b.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "b.a.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "*.a.example.com", True),
        ("*.a.example.com", "*.example.com", True),
        ("a.example.com", "*.example.com", True),
        ("a.example.org", "*.example.com", False),
    ],
)
def test_listeners_and_routes_meet_on_hosts_that_both_mean(listener: str, host: str, meets: bool) -> None:
    assert listeners.hosts_meet(listener, host) is meets


@pytest.mark.parametrize(
    ("allowed", "rules"),
    [
        ("namespaces: {from: All}", set()),
        ("namespaces: {from: Same}", {"routing/listener-refuses-route"}),
        ("{}", {"routing/listener-refuses-route"}),
        ("namespaces: {from: Selector}", {"routing/listener-refuses-route"}),
        ("{kinds: [{kind: GRPCRoute}], namespaces: {from: All}}", {"routing/listener-refuses-route"}),
        ("{kinds: [{kind: HTTPRoute}], namespaces: {from: All}}", set()),
    ],
)
def test_a_route_is_taken_by_listeners_that_allow_its_namespace_and_kind(allowed: str, rules: set[str]) -> None:
    start = GATEWAY.index("      allowedRoutes:")
    text = allowed if allowed.startswith("{") else f"{{{allowed}}}"
    assert found(stream(f"{GATEWAY[:start]}      allowedRoutes: {text}\n", ROUTE)) == rules


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (["a.example.com"], "a.example.com", True),
        (["*.example.com"], "a.example.com", True),
        (["*.example.com"], "b.a.example.com", False),
        (["*.example.com"], "example.com", False),
        (["*.example.com"], "*.example.com", True),
        (["a.example.com"], "*.example.com", False),
        ([], "a.example.com", False),
        (["*."], "localhost", False),
    ],
)
def test_a_wildcard_certificate_covers_one_label(names: list[str], host: str, covered: bool) -> None:
    assert certificates.covers(names, host) is covered


SECOND = altered(ROUTE, "name: model, namespace: ml", "name: second, namespace: ml")


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (("name: edge, namespace", "name: edge, namespace"), {"routing/duplicate-path"}),
        (("hostnames: [a.example.com]", "hostnames: [b.example.com]"), set()),
        (("hostnames: [a.example.com]", "hostnames: [b.example.com, a.example.com]"), {"routing/duplicate-path"}),
        (("sectionName: https", "sectionName: internal"), set()),
        (("name: edge, namespace", "name: other, namespace"), set()),
    ],
)
def test_two_routes_are_duplicates_on_one_listener_and_host(change: tuple[str, str], rules: set[str]) -> None:
    assert found(stream(ROUTE, altered(SECOND, *change))) == rules


def test_two_routes_with_other_conditions_are_no_duplicates() -> None:
    start = SECOND.index("    - matches: [{path: {type: PathPrefix, value: /}}]")
    only_header = SECOND[:start]
    assert found(stream(ROUTE, only_header)) == {"routing/duplicate-path"}
    assert found(stream(ROUTE, altered(only_header, "x-canary", "x-test"))) == set()
    assert found(stream(ROUTE, altered(only_header, "value: /}, headers", "value: /v2}, headers"))) == set()


def test_a_host_of_an_ingress_and_of_a_route_has_two_controllers() -> None:
    assert found(stream(STABLE_INGRESS, ROUTE)) == {"routing/duplicate-path"}


@given(hostile(CHECK))
def test_no_value_anywhere_stops_the_check(inventory: Inventory) -> None:
    for finding in judge_manifests(CHECK, inventory.manifests, closed=inventory.closed):
        assert finding.message


@given(
    random_objects(
        [
            ("networking.k8s.io/v1", "Ingress"),
            ("networking.k8s.io/v1", "IngressClass"),
            ("gateway.networking.k8s.io/v1", "Gateway"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("gateway.networking.k8s.io/v1", "ReferenceGrant"),
            ("cert-manager.io/v1", "Certificate"),
            ("v1", "Service"),
            ("apps/v1", "Deployment"),
        ]
    )
)
def test_any_object_is_judged_without_an_exception(inventory: Inventory) -> None:
    judge_manifests(CHECK, inventory.manifests, closed=inventory.closed)
