"""The flows between groups say the same as asking pair by pair, for all that the API accepts."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aurora import manifests
from aurora.cluster.network_flows import Port
from aurora.cluster.network_groups import Group, groups
from aurora.cluster.network_reach import ALL, EVERYBODY, Block, Flow, Side, Spans, common, holds, reach, union
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject
from aurora.model.manifest import Manifest, Source, identify
from aurora.yamlio import writing
from checks import every_pair

NAMES = ["a", "b"]
PORTS = [(80, "TCP"), (81, "TCP"), (53, "UDP"), (9090, "TCP")]
ADDRESSES = ["10.0.0.1", "10.0.9.9", "192.0.2.7"]
LABELS = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["x", "y"]), max_size=2)
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier"]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2, unique=True),
        }
    ),
    st.fixed_dictionaries(
        {"key": st.sampled_from(["app", "tier"]), "operator": st.sampled_from(["Exists", "DoesNotExist"])}
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=1)}
)
BLOCKS = st.fixed_dictionaries(
    {"cidr": st.sampled_from(["10.0.0.0/16", "0.0.0.0/0"])},
    optional={"except": st.sampled_from([["10.0.9.0/24"], ["10.0.0.1/32", "10.0.9.9/32"]])},
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS}, optional={"podSelector": SELECTORS}),
    st.fixed_dictionaries({"ipBlock": BLOCKS}),
)
ENTRIES = st.one_of(
    st.fixed_dictionaries(
        {"port": st.sampled_from([80, 81, 53, "http", "dns"])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}
    ),
    st.just({"port": 80, "endPort": 9000}),
    st.just({"protocol": "UDP"}),
)


def rules(side: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    parts = {side: st.lists(PEERS, max_size=2), "ports": st.lists(ENTRIES, max_size=2)}
    return st.lists(st.fixed_dictionaries({}, optional=parts), max_size=2)


POLICIES = st.lists(
    st.fixed_dictionaries(
        {
            "namespace": st.sampled_from(NAMES),
            "spec": st.fixed_dictionaries(
                {"podSelector": SELECTORS},
                optional={
                    "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
                    "ingress": rules("from"),
                    "egress": rules("to"),
                },
            ),
        }
    ),
    max_size=4,
)
PODS = st.lists(
    st.fixed_dictionaries(
        {
            "namespace": st.sampled_from(NAMES),
            "labels": LABELS,
            "ports": st.dictionaries(
                st.sampled_from([("http", "TCP"), ("dns", "UDP")]), st.sampled_from([80, 81, 53]), max_size=2
            ),
            "host": st.sampled_from([False, False, False, True]),
        }
    ),
    min_size=1,
    max_size=4,
)
WORLDS = st.fixed_dictionaries({name: LABELS for name in NAMES})


def manifest(api: str, kind: str, name: str, namespace: str | None, **fields: Any) -> Manifest:
    metadata: JsonObject = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata |= fields.pop("metadata", {})
    body: JsonObject = {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}
    return Manifest(id=identify(body), body=body, text=writing.dump(body), source=Source(f"{kind}-{name}.yaml"))


def inventory(
    pods: list[dict[str, Any]], policies: list[dict[str, Any]], world: dict[str, dict[str, str]]
) -> Inventory:
    found = [manifest("v1", "Namespace", name, None, metadata={"labels": labels}) for name, labels in world.items()]
    for number, pod in enumerate(pods):
        ports = [
            {"name": name, "protocol": protocol, "containerPort": value}
            for (name, protocol), value in pod["ports"].items()
        ]
        spec = {"hostNetwork": pod["host"], "containers": [{"name": "c", "ports": ports}]}
        labels = {"labels": pod["labels"]}
        found.append(manifest("v1", "Pod", f"p{number}", pod["namespace"], metadata=labels, spec=spec))
    found += [
        manifest("networking.k8s.io/v1", "NetworkPolicy", f"n{number}", policy["namespace"], spec=policy["spec"])
        for number, policy in enumerate(policies)
    ]
    return Inventory(found, environment="random", closed=True)


def opened(flows: tuple[Flow, ...], source: Side, target: Side, port: Port) -> bool:
    """Tell whether flows open a port between two groups: by one of both, or as each end opens it to everybody."""

    def has(one: Side, other: Side) -> bool:
        return any(flow.source is one and flow.target is other and holds(flow.ports, port) for flow in flows)

    return has(source, target) or (has(source, EVERYBODY) and has(EVERYBODY, target))


def to_address(flows: tuple[Flow, ...], near: Group, far: str, port: Port, *, inward: bool) -> bool:
    address = ipaddress.ip_address(far)
    for flow in flows:
        here, there = (flow.target, flow.source) if inward else (flow.source, flow.target)
        block = isinstance(there, Block) and (
            address in ipaddress.ip_network(there.cidr)
            and not any(address in ipaddress.ip_network(part) for part in there.without)
        )
        if here is near and (block or there is EVERYBODY) and holds(flow.ports, port):
            return True
    return False


@settings(max_examples=400)
@given(pods=PODS, policies=POLICIES, world=WORLDS)
def test_flows_between_groups_are_those_of_every_pair(
    pods: list[dict[str, Any]], policies: list[dict[str, Any]], world: dict[str, dict[str, str]]
) -> None:
    named = {name: {**labels, "kubernetes.io/metadata.name": name} for name, labels in world.items()}
    seen = inventory(pods, policies, world)
    flows, known = reach(seen), groups(seen)
    group_of = [known.of_pod(pod) for pod in seen.pods()]
    for (source, one), (target, other) in itertools.permutations(zip(pods, group_of, strict=True), 2):
        for port in PORTS:
            assert one is not None
            assert other is not None
            expected = every_pair.open_between(policies, (source, target), port, named)
            assert opened(flows, one, other, Port(*port)) is expected, (source, target, port)
    for pod, group in zip(pods, group_of, strict=True):
        for address, port in itertools.product(ADDRESSES, PORTS):
            assert group is not None
            out = every_pair.open_to(policies, pod, address, port)
            assert to_address(flows, group, address, Port(*port), inward=False) is out, (pod, address, port)
            into = every_pair.open_from(policies, address, pod, port)
            assert to_address(flows, group, address, Port(*port), inward=True) is into, (address, pod, port)


@given(pods=PODS, policies=POLICIES, world=WORLDS)
def test_groups_hold_every_pod_once_and_no_two_groups_are_alike(
    pods: list[dict[str, Any]], policies: list[dict[str, Any]], world: dict[str, dict[str, str]]
) -> None:
    seen = inventory(pods, policies, world)
    found = groups(seen).all
    assert sorted(id(pod) for group in found for pod in group.pods) == sorted(map(id, seen.pods()))
    ends = [repr(group.endpoint) for group in found if group.pods]
    assert sorted(set(ends)) == sorted(ends)


SPANS = st.lists(st.tuples(st.sampled_from(["TCP", "UDP"]), st.integers(1, 9), st.integers(0, 4)), max_size=4).map(
    lambda parts: tuple((protocol, first, first + more) for protocol, first, more in parts)
)


@given(SPANS, SPANS)
def test_ports_are_joined_and_cut_as_sets(one: Spans, other: Spans) -> None:
    def numbers(parts: Spans) -> set[tuple[str, int]]:
        return {(protocol, number) for protocol, first, last in parts for number in range(first, last + 1)}

    joined, cut = union([one, other]), common(one, other)
    assert numbers(joined) == numbers(one) | numbers(other)
    assert numbers(cut) == numbers(one) & numbers(other)
    assert list(joined) == sorted(joined)
    assert common(joined, ALL) == joined


def test_a_thousand_closed_workloads_give_flows_in_proportion() -> None:
    """Each is let in by one other alone, and may ask for names: what grows with the square would be a million."""
    text = "".join(WORKLOAD.format(here=number, there=(number + 1) % 1000) for number in range(1000))
    read = manifests.read(text.encode(), "stream.yaml")
    assert read.findings == ()
    flows = reach(Inventory(read.manifests, environment="large", closed=True))
    between = [flow for flow in flows if isinstance(flow.source, Group) and isinstance(flow.target, Group)]
    assert len(between) == 2 * 1000  # each has its client and the resolver
    assert len(flows) - len(between) < 10


WORKLOAD = """\
---
apiVersion: v1
kind: Pod
metadata: {{name: w{here}, namespace: large, labels: {{app: w{here}}}}}
spec: {{containers: [{{name: c}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: w{here}, namespace: large}}
spec:
  podSelector: {{matchLabels: {{app: w{here}}}}}
  policyTypes: [Ingress, Egress]
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: w{there}}}}}}}], ports: [{{port: 80}}]}}]
  egress:
    - to: [{{podSelector: {{}}}}]
      ports: [{{port: 80}}]
    - to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: kube-system}}}}}}]
      ports: [{{port: 53, protocol: UDP}}]
"""
