"""The simulation of NetworkPolicies against matrices that were worked out by hand.

Four pods: `w` (app web) and `p` (app api) in namespace `a`, which is labelled team red; `d` (app db) and `x`
(app web) in namespace `b`, team blue. All listen on 8080, named http, and on 9090, named metrics.
"""

from __future__ import annotations

import ipaddress
import itertools

import pytest
from hypothesis import given

from aurora.cluster.network_flows import EGRESS, INGRESS, Endpoint, Flows, Port, block_holds, endpoint, read
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.pod_template import PodTemplate
from checks.inventory_cases import VALUES

HTTP, METRICS = Port(8080), Port(9090)
NAMES = {("http", "TCP"): 8080, ("metrics", "TCP"): 9090}
PODS = {
    "w": Endpoint(namespace="a", labels={"app": "web"}, names=NAMES),
    "p": Endpoint(namespace="a", labels={"app": "api"}, names=NAMES),
    "d": Endpoint(namespace="b", labels={"app": "db"}, names=NAMES),
    "x": Endpoint(namespace="b", labels={"app": "web"}, names=NAMES),
}
PAIRS = {f"{source}>{target}" for source, target in itertools.permutations(PODS, 2)}
TEAMS = {"a": "red", "b": "blue"}

API: JsonObject = {"matchLabels": {"app": "api"}}
WEB: JsonObject = {"matchLabels": {"app": "web"}}
BLUE: JsonObject = {"matchLabels": {"team": "blue"}}
NAME = "kubernetes.io/metadata.name"


def policy(namespace: str, spec: JsonValue) -> Manifest:
    body: JsonObject = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "policy", "namespace": namespace},
        "spec": spec,
    }
    return Manifest(id=identify(body), body=body, text="", source=Source("policy.yaml"))


def flows(*specs: tuple[str, JsonValue]) -> Flows:
    return Flows(
        [policy(namespace, spec) for namespace, spec in specs],
        lambda namespace: {NAME: namespace, "team": TEAMS.get(namespace, "")},
    )


def opened(simulated: Flows, port: Port = HTTP) -> set[str]:
    return {pair for pair in PAIRS if simulated.open(PODS[pair[0]], PODS[pair[2]], port)}


def into(*targets: str) -> set[str]:
    return {pair for pair in PAIRS if pair[2] in targets}


def out_of(*sources: str) -> set[str]:
    return {pair for pair in PAIRS if pair[0] in sources}


def ingress(*rules: JsonValue, selector: JsonValue = API) -> JsonObject:
    return {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": list(rules)}


def egress(*rules: JsonValue, selector: JsonValue = None) -> JsonObject:
    return {"podSelector": selector or {}, "policyTypes": ["Egress"], "egress": list(rules)}


DENY_BOTH: JsonObject = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

MATRICES: list[tuple[str, list[tuple[str, JsonValue]], set[str]]] = [
    ("no policy", [], PAIRS),
    ("deny ingress", [("a", ingress(selector={}))], PAIRS - into("w", "p")),
    ("deny egress", [("a", egress())], PAIRS - out_of("w", "p")),
    ("deny both", [("a", DENY_BOTH)], {"d>x", "x>d"}),
    ("deny both everywhere", [("a", DENY_BOTH), ("b", DENY_BOTH)], set()),
    ("an empty spec denies ingress", [("a", {})], PAIRS - into("w", "p")),
    ("no types and no egress means ingress", [("a", {"podSelector": {}})], PAIRS - into("w", "p")),
    ("no types beside egress means both", [("a", {"podSelector": {}, "egress": [{}]})], PAIRS - into("w", "p")),
    ("an empty list of egress does not", [("a", {"podSelector": {}, "egress": []})], PAIRS - into("w", "p")),
    ("only the selected pods are isolated", [("a", ingress())], PAIRS - into("p")),
    ("policies do not select other namespaces", [("b", ingress(selector=API))], PAIRS),
    ("pods of the own namespace", [("a", ingress({"from": [{"podSelector": WEB}]}))], PAIRS - {"d>p", "x>p"}),
    ("a namespace by label", [("a", ingress({"from": [{"namespaceSelector": BLUE}]}))], PAIRS - {"w>p"}),
    (
        "fields of one item hold together",
        [("a", ingress({"from": [{"namespaceSelector": BLUE, "podSelector": WEB}]}))],
        PAIRS - {"w>p", "d>p"},
    ),
    ("items are alternatives", [("a", ingress({"from": [{"namespaceSelector": BLUE}, {"podSelector": WEB}]}))], PAIRS),
    ("a rule without from means everybody", [("a", ingress({}))], PAIRS),
    ("an empty from means everybody", [("a", ingress({"from": []}))], PAIRS),
    ("a from that is no list means nobody", [("a", ingress({"from": "everybody"}))], PAIRS - into("p")),
    ("no rules means nobody", [("a", ingress())], PAIRS - into("p")),
    ("an empty pod selector", [("a", ingress({"from": [{"podSelector": {}}]}))], PAIRS - {"d>p", "x>p"}),
    ("an empty namespace selector means all", [("a", ingress({"from": [{"namespaceSelector": {}}]}))], PAIRS),
    ("an empty peer means nobody", [("a", ingress({"from": [{}]}))], PAIRS - into("p")),
    ("addresses are no pods", [("a", ingress({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}))], PAIRS - into("p")),
    ("a port by number", [("a", ingress({"ports": [{"port": 8080}]}))], PAIRS),
    ("another port", [("a", ingress({"ports": [{"port": 8081}]}))], PAIRS - into("p")),
    ("a port by name", [("a", ingress({"ports": [{"port": "http"}]}))], PAIRS),
    ("a name that the pods do not have", [("a", ingress({"ports": [{"port": "web"}]}))], PAIRS - into("p")),
    ("a range around the port", [("a", ingress({"ports": [{"port": 8000, "endPort": 8080}]}))], PAIRS),
    ("a range beside the port", [("a", ingress({"ports": [{"port": 8081, "endPort": 9000}]}))], PAIRS - into("p")),
    ("another protocol", [("a", ingress({"ports": [{"port": 8080, "protocol": "UDP"}]}))], PAIRS - into("p")),
    ("a protocol without port", [("a", ingress({"ports": [{"protocol": "TCP"}]}))], PAIRS),
    ("ports are alternatives", [("a", ingress({"ports": [{"port": 1}, {"port": 8080}]}))], PAIRS),
    (
        "peers and ports hold together",
        [("a", ingress({"from": [{"podSelector": WEB}], "ports": [{"port": 9090}]}))],
        PAIRS - into("p"),
    ),
    ("policies add up", [("a", DENY_BOTH), ("a", ingress({}, selector={})), ("a", egress({}))], PAIRS),
    (
        "what one policy allows another cannot deny",
        [("a", ingress({"from": [{"podSelector": WEB}]})), ("a", ingress())],
        PAIRS - {"d>p", "x>p"},
    ),
    (
        "egress to a namespace by its name",
        [("a", egress({"to": [{"namespaceSelector": {"matchLabels": {NAME: "b"}}}]}))],
        PAIRS - {"w>p", "p>w"},
    ),
    ("egress to a port by the target's name for it", [("a", egress({"ports": [{"port": "http"}]}))], PAIRS),
    (
        "both ends must allow it",
        [("a", egress({"to": [{"podSelector": API}]}, selector=WEB)), ("a", ingress())],
        PAIRS - into("p") - out_of("w"),
    ),
    (
        "in a list of names",
        [("a", ingress({"from": [{"namespaceSelector": {"matchExpressions": [
            {"key": NAME, "operator": "In", "values": ["b", "c"]}]}}]}))],
        PAIRS - {"w>p"},
    ),
    (
        "not in a list of labels",
        [("a", ingress({"from": [{"namespaceSelector": {}, "podSelector": {"matchExpressions": [
            {"key": "app", "operator": "NotIn", "values": ["web"]}]}}]}))],
        PAIRS - {"w>p", "x>p"},
    ),
    (
        "an unknown operator selects nothing",
        [("a", ingress(selector={"matchExpressions": [{"key": "app", "operator": "Like", "values": ["a*"]}]}))],
        PAIRS,
    ),
    ("rules of an unnamed direction do nothing", [("a", {**egress({}), "ingress": [{"from": [{}]}]})], PAIRS),
]  # fmt: skip


@pytest.mark.parametrize(("specs", "expected"), [pytest.param(*case[1:], id=case[0]) for case in MATRICES])
def test_the_simulation_agrees_with_the_matrix(specs: list[tuple[str, JsonValue]], expected: set[str]) -> None:
    assert opened(flows(*specs)) == expected


def test_a_rule_for_one_port_leaves_the_other_closed() -> None:
    simulated = flows(("a", ingress({"ports": [{"port": "http"}]})))
    assert opened(simulated, METRICS) == PAIRS - into("p")


@pytest.mark.parametrize(
    ("rule", "address", "port", "expected"),
    [
        ({}, "192.0.2.1", 443, True),
        ({"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}, "192.0.2.1", 443, True),
        ({"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}, "192.0.3.1", 443, False),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24"]}}]}, "192.0.2.1", 443, False),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.3.0/24"]}}]}, "192.0.2.1", 443, True),
        ({"to": [{"ipBlock": {"cidr": "::/0"}}]}, "192.0.2.1", 443, False),
        ({"to": [{"ipBlock": {"cidr": "2001:db8::/32"}}]}, "2001:db8::1", 443, True),
        ({"to": [{"ipBlock": {"cidr": "192.0.2.1"}}]}, "192.0.2.1", 443, True),
        ({"to": [{"ipBlock": {"cidr": "nonsense"}}]}, "192.0.2.1", 443, False),
        ({"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 443}]}, "192.0.2.1", 80, False),
        ({"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": "https"}]}, "192.0.2.1", 443, False),
        ({"to": [{"namespaceSelector": {}}]}, "192.0.2.1", 443, False),
    ],
)
def test_addresses_are_matched_by_blocks_only(rule: JsonObject, address: str, port: int, expected: bool) -> None:
    simulated = flows(("a", egress(rule)))
    assert simulated.releases(PODS["w"], ipaddress.ip_address(address), Port(port)) is expected


def test_pods_on_the_hosts_network_are_neither_isolated_nor_selected() -> None:
    host = Endpoint(namespace="a", labels={"app": "api"}, names=NAMES, host_network=True)
    closed = flows(("a", DENY_BOTH))
    assert closed.open(PODS["x"], host, HTTP)
    assert not flows(("a", ingress({"from": [{"podSelector": API}]}, selector=WEB))).admits(PODS["w"], host, HTTP)
    assert flows(("a", ingress({"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}))).admits(PODS["p"], host, HTTP)


def test_unknown_pods_can_connect_when_some_labels_would_let_them() -> None:
    other = Endpoint(namespace="b")
    some_labels = ingress({"from": [{"namespaceSelector": BLUE, "podSelector": {"matchLabels": {"any": "label"}}}]})
    assert flows(("a", some_labels)).open(other, PODS["p"], HTTP)
    assert not flows(("a", ingress({"from": [{"podSelector": {}}]}))).open(other, PODS["p"], HTTP)
    assert not flows(("b", DENY_BOTH)).open(other, PODS["p"], HTTP)
    assert flows(("b", egress(selector=API))).open(other, PODS["p"], HTTP)
    assert flows(("b", DENY_BOTH), ("b", egress({}, selector=API))).open(other, PODS["p"], HTTP)
    assert flows(("a", egress({"ports": [{"port": "anything"}]}))).releases(PODS["w"], other, HTTP)


def test_the_ports_of_a_workload_are_known_by_their_names() -> None:
    ports: JsonValue = [
        {"name": "http", "containerPort": 8080},
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
        {"containerPort": 1},
        {"name": "broken", "containerPort": "x"},
    ]
    body: JsonObject = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "a", "labels": {"app": "api"}},
        "spec": {"containers": [{"ports": ports}]},
    }
    manifest = Manifest(id=identify(body), body=body, text="", source=Source("pod.yaml"))
    assert endpoint(PodTemplate(manifest, ())) == Endpoint(
        namespace="a", labels={"app": "api"}, names={("http", "TCP"): 8080, ("dns", "UDP"): 53}
    )


@given(VALUES)
def test_no_value_in_a_policy_stops_the_simulation(value: JsonValue) -> None:
    specs: list[JsonValue] = [
        value,
        {"podSelector": value},
        {"podSelector": {}, "policyTypes": value},
        {"podSelector": {}, "ingress": value, "egress": value, "policyTypes": ["Ingress", "Egress"]},
        ingress(value),
        ingress({"from": value, "ports": value}),
        ingress({"from": [value], "ports": [value]}),
        ingress({"from": [{"podSelector": value}, {"namespaceSelector": value}, {"ipBlock": value}]}),
        ingress({"ports": [{"port": value, "endPort": value, "protocol": value}]}),
        egress({"to": [{"ipBlock": {"cidr": value, "except": value}}]}),
    ]
    for spec in specs:
        simulated = flows(("a", spec))
        assert opened(simulated) >= {"d>x", "x>d"}
        simulated.releases(PODS["w"], ipaddress.ip_address("192.0.2.1"), HTTP)
        assert set(read(policy("a", spec)).rules) <= {INGRESS, EGRESS}
    assert not block_holds(value, ipaddress.ip_address("192.0.2.1"))
