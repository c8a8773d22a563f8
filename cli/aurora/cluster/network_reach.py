"""Who may talk to whom: the connections between groups of pods, and addresses, that policies allow.

Three kinds of flows: between two groups that a rule at one end names; between a group and a block of addresses; and
between a group and everybody, where nothing isolates the group or a rule names no peers: everybody whose own policies
allow it as well. Hence the flows grow with what policies name, and not with the square of the pods.
Finds facts; never judges them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora.cluster.network_flows import DIRECTIONS, EGRESS, INGRESS, Endpoint, FlowRule, Policy, Port
from aurora.cluster.network_groups import Group, Groups, Meant, groups
from aurora.cluster.network_simulation import flows
from aurora.model import counts
from aurora.model.json_value import JsonObject, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora.model.inventory import Inventory

PROTOCOLS = ("SCTP", "TCP", "UDP")
LAST = 65535
Spans = tuple[tuple[str, int, int], ...]
"""Ports as protocol, first and last, sorted and apart."""
ALL: Spans = tuple((protocol, 1, LAST) for protocol in PROTOCOLS)


class _Everybody:
    """All pods, and all addresses."""


EVERYBODY = _Everybody()


@dataclass(frozen=True, slots=True)
class Block:
    """A block of addresses with its exceptions, as a policy has it."""

    cidr: str
    without: tuple[str, ...] = ()


Side = Group | Block | _Everybody


@dataclass(frozen=True, slots=True)
class Flow:
    """What may pass from one side to another; `policies` allow it, none where nothing isolates either side."""

    source: Side
    target: Side
    ports: Spans
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class _Opening:
    """One rule as it holds for one group."""

    policy: Policy | None
    rule: FlowRule
    meant: Meant


FREE = FlowRule((), None, None)
_Openings = dict[tuple[int, str], list[_Opening]]


def reach(inventory: Inventory) -> tuple[Flow, ...]:
    """Give every flow that the policies of an inventory allow, found at the first call."""
    return inventory.every(_reach)


def _reach(inventory: Inventory) -> Iterator[Flow]:
    known = groups(inventory)
    openings: _Openings = {
        (group.number, direction): list(_openings(inventory, known, group, direction))
        for group in known.all
        for direction in DIRECTIONS
    }
    for source, target in _pairs(known, openings):
        flow = _between(source, target, openings)
        if flow.ports:
            yield flow
    for (number, direction), found in openings.items():
        yield from _beyond(known.all[number], direction, found)


def _openings(inventory: Inventory, known: Groups, group: Group, direction: str) -> Iterator[_Opening]:
    simulated = flows(inventory)
    selecting = simulated.selecting(group.endpoint, direction)
    if not simulated.isolated(group.endpoint, direction):
        yield _Opening(None, FREE, Meant(everybody=True))
    for policy in selecting:
        yield from (_Opening(policy, rule, known.meant(policy, rule, direction)) for rule in policy.rules[direction])


def _pairs(known: Groups, openings: _Openings) -> Iterator[tuple[Group, Group]]:
    """Yield the pairs, source first, of which both ends mean each other and at least one names the other."""
    named = {key: frozenset[int]().union(*(each.meant.groups for each in found)) for key, found in openings.items()}
    wide = {key for key, found in openings.items() if any(each.meant.everybody for each in found)}
    naming = [source.number for source in known.all if named[source.number, EGRESS]]
    for target in known.all:
        number = target.number
        sources = {each for each in named[number, INGRESS] if (each, EGRESS) in wide or number in named[each, EGRESS]}
        if (number, INGRESS) in wide:
            sources |= {each for each in naming if number in named[each, EGRESS]}
        yield from ((known.all[source], target) for source in sorted(sources))


def _between(source: Group, target: Group, openings: _Openings) -> Flow:
    out = [each for each in openings[source.number, EGRESS] if _means(each, target)]
    into = [each for each in openings[target.number, INGRESS] if _means(each, source)]
    both = [(each, spans(each.rule, target.endpoint)) for each in (*out, *into)]
    released = union(ports for _, ports in both[: len(out)])
    ports = common(released, union(ports for _, ports in both[len(out) :]))
    return Flow(source, target, ports, _policies(each for each, own in both if common(own, ports)))


def _means(opening: _Opening, other: Group) -> bool:
    return opening.meant.everybody or other.number in opening.meant.groups


def _policies(openings: Iterable[_Opening]) -> tuple[Policy, ...]:
    return tuple({id(each.policy): each.policy for each in openings if each.policy}.values())


def _beyond(group: Group, direction: str, openings: list[_Opening]) -> Iterator[Flow]:
    """Yield the flows of a group with addresses, and with everybody."""
    blocks: dict[Block, list[_Opening]] = defaultdict(list)
    for opening in openings:
        for block in opening.meant.blocks:
            blocks[_block(block)].append(opening)
    sides: list[tuple[Block | _Everybody, list[_Opening]]] = [
        *blocks.items(),
        (EVERYBODY, [each for each in openings if each.meant.everybody]),
    ]
    for side, entries in sides:
        end = group.endpoint if direction == INGRESS else None
        ports = union(spans(each.rule, end) for each in entries)
        if ports:
            source, target = (side, group) if direction == INGRESS else (group, side)
            yield Flow(source, target, ports, _policies(entries))


def _block(block: JsonObject) -> Block:
    excepted = block.get("except")
    return Block(text(block.get("cidr")), tuple(map(text, excepted)) if isinstance(excepted, list) else ())


def spans(rule: FlowRule, target: Endpoint | None) -> Spans:
    """Give the ports of a rule, with names looked up in the pods of the target; an address has no names."""
    if rule.ports is None:
        return ALL
    return union(_spans(entry, target) for entry in rule.ports)


def _spans(entry: JsonObject, target: Endpoint | None) -> Spans:
    protocol, wanted = text(entry.get("protocol")) or "TCP", entry.get("port")
    if wanted is None:
        return ((protocol, 1, LAST),)
    if isinstance(wanted, str):
        if target is not None and target.names is None:
            return ((protocol, 1, LAST),)
        number = (target.names or {}).get((wanted, protocol)) if target else None
        return ((protocol, number, number),) if number is not None else ()
    first, last = counts.integer(wanted), counts.integer(entry.get("endPort"))
    return ((protocol, first, first if last is None else last),) if first is not None else ()


def union(parts: Iterable[Spans]) -> Spans:
    """Give the ports that are in any of the parts."""
    found: list[tuple[str, int, int]] = []
    for protocol, first, last in sorted(span for part in parts for span in part):
        if found and found[-1][0] == protocol and first <= found[-1][2] + 1:
            found[-1] = (protocol, found[-1][1], max(last, found[-1][2]))
        else:
            found.append((protocol, first, last))
    return tuple(found)


def common(one: Spans, other: Spans) -> Spans:
    """Give the ports that are in both."""
    return union(
        ((protocol, max(first, start), min(last, end)),)
        for protocol, first, last in one
        for name, start, end in other
        if name == protocol and max(first, start) <= min(last, end)
    )


def holds(ports: Spans, port: Port) -> bool:
    """Tell whether ports have this one."""
    return any(protocol == port.protocol and first <= port.number <= last for protocol, first, last in ports)
