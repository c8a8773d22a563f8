"""Rules about addresses and ranges of ports in NetworkPolicies.

Source: Kubernetes 1.35, validation of `networking.k8s.io/v1`; docs/facts/network.md.
"""

from collections.abc import Iterator

from aurora.checks.network.policies import rules_of
from aurora.cluster.network_flows import DIRECTIONS, EGRESS, PEERS, FlowRule, block_holds, network
from aurora.cluster.network_simulation import METADATA
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation


def _blocks(inventory: Inventory) -> Iterator[tuple[Manifest, str, tuple[Step, ...], JsonObject]]:
    for direction in DIRECTIONS:
        for policy, rule in rules_of(inventory, direction):
            for number, peer in enumerate(rule.peers or ()):
                if peer.get("ipBlock") is not None:
                    steps = (*rule.steps, PEERS[direction], number, "ipBlock")
                    yield policy, direction, steps, mapping(peer.get("ipBlock"))


def _metadata(inventory: Inventory) -> Iterator[Violation]:
    for policy, direction, steps, block in _blocks(inventory):
        if direction == EGRESS and block_holds(block, METADATA):
            yield Violation(
                manifest=policy,
                steps=steps,
                message=f"`{text(block.get('cidr'))}` holds {METADATA}, where clouds hand out the node's credentials",
                hint=f"add `except: [{METADATA}/32]`",
            )


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for policy, _, steps, block in _blocks(inventory):
        cidr = network(block.get("cidr"))
        if cidr is None:
            yield _bad(policy, (*steps, "cidr"), f"`{block.get('cidr')}` is no block of addresses")
            continue
        for number, entry in enumerate(items(block.get("except"))):
            part = network(entry)
            if part is None or part.version != cidr.version or not part.subnet_of(cidr):  # type: ignore[arg-type]
                yield _bad(policy, (*steps, "except", number), f"`{entry}` is no part of `{cidr}`")
    for direction in DIRECTIONS:
        for policy, rule in rules_of(inventory, direction):
            yield from _bad_ranges(policy, rule)


def _bad_ranges(policy: Manifest, rule: FlowRule) -> Iterator[Violation]:
    for number, port in enumerate(rule.ports or ()):
        if _bad_range(port):
            yield _bad(policy, (*rule.steps, "ports", number, "endPort"), "this is no range of ports")


def _bad_range(port: JsonObject) -> bool:
    if port.get("endPort") is None:
        return False
    first, last = counts.integer(port.get("port")), counts.integer(port.get("endPort"))
    return first is None or last is None or last < first


def _bad(policy: Manifest, steps: tuple[Step, ...], message: str) -> Violation:
    return Violation(
        manifest=policy,
        steps=steps,
        message=message,
        hint="write `10.0.0.0/16`, exceptions within it, and `endPort` from a numeric `port` upwards",
    )


RULES = (
    InventoryRule("network/metadata-reachable", ADVICE, _metadata, scope=OBJECT),
    InventoryRule("network/address-block", REFUSED, _unreadable, scope=OBJECT),
)
