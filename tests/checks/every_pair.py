"""Whether one pod may talk to another, asked pair by pair of plain dictionaries, as the API's documentation says.

Written without Aurora's own simulation, so that both can be compared: slow, and only for what the API accepts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Pod = dict[str, Any]
"""`namespace`, `labels`, `ports` (name and protocol to number) and `host` for pods on their node's network."""
World = dict[str, dict[str, str]]
"""The labels of each namespace."""


def selected(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted = [labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()]
    for entry in selector.get("matchExpressions", []):
        value = labels.get(entry["key"])
        wanted.append(
            {
                "In": value in entry.get("values", []),
                "NotIn": value not in entry.get("values", []),
                "Exists": value is not None,
                "DoesNotExist": value is None,
            }[entry["operator"]]
        )
    return all(wanted)


def directions(spec: dict[str, Any]) -> list[str]:
    """Left out, the types are Ingress, and Egress where there are egress rules."""
    return spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def peer_is(peer: dict[str, Any], home: str, pod: Pod, world: World) -> bool:
    if "ipBlock" in peer or pod["host"]:
        return False  # blocks mean addresses outside of pods, and a pod on its node's network has none of a pod
    if "namespaceSelector" not in peer and pod["namespace"] != home:
        return False
    if "namespaceSelector" in peer and not selected(peer["namespaceSelector"], world[pod["namespace"]]):
        return False
    return selected(peer.get("podSelector", {}), pod["labels"])


def port_is(entry: dict[str, Any], target: Pod | None, number: int, protocol: str) -> bool:
    if entry.get("protocol", "TCP") != protocol:
        return False
    port = entry.get("port")
    if port is None:
        return True
    if isinstance(port, str):
        return target is not None and target["ports"].get((port, protocol)) == number
    return bool(port <= number <= entry.get("endPort", port))


@dataclass
class End:
    """One end of a connection: its pod, the direction that its policies judge, and whether a peer is the other end."""

    pod: Pod
    direction: str
    means: Callable[[dict[str, Any], str], bool]


def passes(policies: list[dict[str, Any]], end: End, target: Pod | None, port: Any) -> bool:
    """Tell whether the policies of one end allow a connection; names of ports are those of the target."""
    if end.pod["host"]:
        return True
    field, side = ("ingress", "from") if end.direction == "Ingress" else ("egress", "to")
    judging = [
        policy
        for policy in policies
        if policy["namespace"] == end.pod["namespace"]
        and end.direction in directions(policy["spec"])
        and selected(policy["spec"].get("podSelector", {}), end.pod["labels"])
    ]
    return not judging or any(
        (not rule.get(side) or any(end.means(peer, policy["namespace"]) for peer in rule[side]))
        and (not rule.get("ports") or any(port_is(entry, target, *port) for entry in rule["ports"]))
        for policy in judging
        for rule in policy["spec"].get(field, [])
    )


def open_between(policies: list[dict[str, Any]], pair: tuple[Pod, Pod], port: Any, world: World) -> bool:
    source, target = pair
    out = End(source, "Egress", lambda peer, home: peer_is(peer, home, target, world))
    into = End(target, "Ingress", lambda peer, home: peer_is(peer, home, source, world))
    return all(passes(policies, end, target, port) for end in (out, into))


def open_to(policies: list[dict[str, Any]], source: Pod, address: str, port: Any) -> bool:
    return passes(policies, End(source, "Egress", lambda peer, _: holds(peer, address)), None, port)


def open_from(policies: list[dict[str, Any]], address: str, target: Pod, port: Any) -> bool:
    return passes(policies, End(target, "Ingress", lambda peer, _: holds(peer, address)), target, port)


def holds(peer: dict[str, Any], address: str) -> bool:
    block = peer.get("ipBlock")
    here = ipaddress.ip_address(address)
    return (
        block is not None
        and here in ipaddress.ip_network(block["cidr"])
        and not any(here in ipaddress.ip_network(part) for part in block.get("except", []))
    )
