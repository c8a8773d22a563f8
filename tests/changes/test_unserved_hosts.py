"""A host counts as served while a route names it, or a wildcard to which it belongs."""

from __future__ import annotations

import pytest

from aurora.changes import consequences
from changes.scenes import scene

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s, namespace: ml}
spec:
  rules: [{host: "%s", http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: m, port: {number: 80}}}}]}}]
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: %s, namespace: ml}
spec: {hostnames: ["%s"], rules: [{backendRefs: [{name: m, port: 80}]}]}
"""


@pytest.mark.parametrize(
    ("left", "served"),
    [
        (ROUTE % ("b", "a.b.example.com"), True),
        (INGRESS % ("b", "*.b.example.com"), True),
        (ROUTE % ("b", "*.b.example.com"), True),
        # The wildcard of a route spans labels, that of an Ingress is one.
        (ROUTE % ("b", "*.example.com"), True),
        (INGRESS % ("b", "*.example.com"), False),
        (ROUTE % ("b", "*.other.com"), False),
        (ROUTE.replace('hostnames: ["%s"], ', "") % "b", True),
    ],
)
def test_a_host_is_unserved_only_where_no_route_takes_it(left: str, served: bool) -> None:
    given = scene(f"{ROUTE % ('a', 'a.b.example.com')}---\n{left}", left)
    found = [entry.message for _, entry in consequences.follow(given) if entry.rule == "downtime/host-unserved"]
    assert found == ([] if served else ["no route serves `a.b.example.com` any more"])
