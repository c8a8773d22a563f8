"""Effects of changing endpoints of Services, and the addresses that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect

if TYPE_CHECKING:
    from aurora.changes.pairs import Pair

_endpoints = Subject(
    "endpoints",
    (("", "Endpoints"),),
    """\
apiVersion: v1
kind: Endpoints
metadata: {name: database, namespace: aurora}
subsets:
- addresses: [{ip: 10.20.0.5}]
  ports: [{port: 5432}]
""",
)
_slice = Subject(
    "endpointslice",
    (("discovery.k8s.io", "EndpointSlice"),),
    """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: database-1, namespace: aurora, labels: {kubernetes.io/service-name: database}}
addressType: IPv4
endpoints:
- addresses: [10.20.0.5]
ports:
- {name: sql, port: 5432}
""",
)
_address = Subject(
    "ipaddress",
    (("networking.k8s.io", "IPAddress"),),
    """\
apiVersion: networking.k8s.io/v1
kind: IPAddress
metadata:
  name: 10.96.0.10
  labels: {ipaddress.kubernetes.io/ip-family: IPv4, ipaddress.kubernetes.io/managed-by: example}
spec:
  parentRef: {resource: services, namespace: aurora, name: inference}
""",
)
_range = Subject(
    "servicecidr",
    (("networking.k8s.io", "ServiceCIDR"),),
    """\
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec:
  cidrs: [10.100.0.0/16]
""",
)
_PROXY = "kubernetes.io/docs/concepts/services-networking/endpoint-slices"

_addresses = (
    _endpoints.row(
        "subsets",
        "subsets.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="requests to the Service go to the addresses that are listed now",
        source="pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go: syncEndpoints",
        swap=("10.20.0.5", "10.20.0.6"),
    ),
    _slice.row(
        "address-type",
        "addressType",
        effect=Effect.REFUSED,
        words="the type is immutable: a slice of another name can have it",
        source="pkg/apis/discovery/validation/validation.go: ValidateEndpointSliceUpdate",
        swap=(
            "addressType: IPv4\nendpoints:\n- addresses: [10.20.0.5]",
            'addressType: IPv6\nendpoints:\n- addresses: ["fd00::5"]',
        ),
    ),
    _slice.row(
        "endpoints",
        "endpoints.**",
        "ports.**",
        "metadata.labels[kubernetes.io/service-name]",
        effect=Effect.TRAFFIC_SHIFT,
        words="requests to the Service go to the addresses and ports that are listed now",
        source=_PROXY,
        swap=("10.20.0.5", "10.20.0.6"),
    ),
    _address.row(
        "parent",
        "spec.parentRef.**",
        effect=Effect.REFUSED,
        words="the owner of an address is immutable",
        source="pkg/apis/networking/validation/validation.go: ValidateIPAddressUpdate",
        swap=("name: inference", "name: other"),
    ),
    _range.row(
        "second-range",
        "spec.cidrs.**",
        effect=Effect.IN_PLACE,
        words="new Services may take addresses of the second range; present ones keep theirs",
        source="pkg/apis/networking/validation/validation.go: ValidateServiceCIDRUpdate",
        swap=("[10.100.0.0/16]", '[10.100.0.0/16, "fd00:100::/112"]'),
        when=When("one is added to one", lambda pair, _leaf: _ranges(pair) == (1, 2)),
    ),
    _range.row(
        "ranges",
        "spec.cidrs.**",
        effect=Effect.REFUSED,
        words="ranges are immutable: a ServiceCIDR of another name can have others",
        source="pkg/apis/networking/validation/validation.go: ValidateServiceCIDRUpdate",
        swap=("10.100.0.0/16", "10.101.0.0/16"),
    ),
)


def _ranges(pair: Pair) -> tuple[int, ...]:
    found = [side.get("spec", "cidrs") for side in (pair.before, pair.after) if side is not None]
    return tuple(len(ranges) if isinstance(ranges, list) else 0 for ranges in found)


ROWS: tuple[Row, ...] = _addresses
