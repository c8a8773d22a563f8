"""Whether one argument, or one binary, passes a filter. Pure.

Source: Tetragon 1.7.0, `bpf/process/types/basic.h`: `filter_file_buf`, `filter_char_buf`, `filter_32ty_selector_val`,
`filter_64ty_selector_val`, `filter_inet` and `match_binaries`.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aurora.tracing.argument_types import INTEGERS, LONGEST_POSTFIX, LONGEST_PREFIX, Family, Integer, integer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Socket:
    """Both ends of a connection, as the kernel holds them: an IPv4 address on an IPv6 socket is an IPv6 address."""

    source: Address
    source_port: int
    destination: Address
    destination_port: int


_NETWORK = re.compile(r"[0-9a-fA-F:.]+(/(0|[1-9][0-9]*))?")

Argument = str | int | Socket | None
Predicate = Callable[[Argument], bool]

_POSITIVE: dict[str, str] = {
    "NotEqual": "Equal",
    "NotPrefix": "Prefix",
    "NotPostfix": "Postfix",
    "NotIn": "In",
    "NotSAddr": "SAddr",
    "NotDAddr": "DAddr",
    "NotSPort": "SPort",
    "NotDPort": "DPort",
}
TEXT_OPERATORS = frozenset({"Equal", "NotEqual", "Prefix", "NotPrefix", "Postfix", "NotPostfix"})
INTEGER_OPERATORS = frozenset({"Equal", "NotEqual", "Mask", "GreaterThan", "GT", "LessThan", "LT"})
SOCKET_OPERATORS = frozenset({"SAddr", "NotSAddr", "DAddr", "NotDAddr", "SPort", "NotSPort", "DPort", "NotDPort"})
BINARY_OPERATORS = frozenset({"In", "NotIn", "Prefix", "NotPrefix", "Postfix", "NotPostfix"})
MODELLED: dict[Family, frozenset[str]] = {
    Family.PATH: TEXT_OPERATORS,
    Family.TEXT: TEXT_OPERATORS,
    Family.INTEGER: INTEGER_OPERATORS,
    Family.SOCKET: SOCKET_OPERATORS,
}
"""What is evaluated; everything else is refused."""


def text_filter(operator: str, values: Sequence[str], family: Family) -> Predicate:
    """Compare a path or a text; a file without path matches nothing, whatever the operator."""
    positive = _POSITIVE.get(operator, operator)

    def passes(argument: Argument) -> bool:
        found = argument if isinstance(argument, str) else ""
        if family is Family.PATH and not found:
            return False
        return text_matches(positive, found, values) is (positive == operator)

    return passes


def text_matches(operator: str, found: str, values: Sequence[str]) -> bool:
    """Compare bytes, as many as the kernel does."""
    data = found.encode()
    candidates = [value.encode() for value in values]
    if operator in {"Equal", "In"}:
        return data in candidates
    if operator == "Prefix":
        return bool(data) and any(data[:LONGEST_PREFIX].startswith(value) for value in candidates)
    return bool(data) and any(data[-LONGEST_POSTFIX:].endswith(value) for value in candidates)


def binary_filter(operator: str, values: Sequence[str]) -> Callable[[str], bool]:
    """Compare the path of the calling process."""
    positive = _POSITIVE.get(operator, operator)
    return lambda binary: text_matches(positive, binary, values) is (positive == operator)


def integer_filter(operator: str, values: Sequence[str], type_name: str) -> Predicate:
    """Compare the bits that the type keeps of an argument.

    Raises:
        ValueError: a value is no integer of this type.
    """
    kind = INTEGERS[type_name]
    wanted = [_value(value, kind) for value in values]
    mask = (1 << kind.bits) - 1

    def passes(argument: Argument) -> bool:
        bits = (argument if isinstance(argument, int) else 0) & mask
        if operator in {"Equal", "NotEqual"}:
            return (bits in {value & mask for value in wanted}) is (operator == "Equal")
        if operator == "Mask":
            return any(bits & value & mask for value in wanted)
        number = _signed(bits, kind)
        if operator in {"GreaterThan", "GT"}:
            return any(number > value for value in wanted)
        return any(number < value for value in wanted)

    return passes


def _value(text: str, kind: Integer) -> int:
    found = integer(text, kind)
    if found is None:
        raise ValueError(f"`{text}` is no integer of {kind.text_bits} bits")
    return found


def _signed(bits: int, kind: Integer) -> int:
    return bits - (1 << kind.bits) if kind.signed and bits >> (kind.bits - 1) else bits


def socket_filter(operator: str, values: Sequence[str]) -> Predicate:
    """Compare an end of a connection; addresses of one family never lie in a network of the other.

    Raises:
        ValueError: a value is no network, no port and no range of ports.
    """
    positive = _POSITIVE.get(operator, operator)
    matches = _networks(positive, values) if positive.endswith("Addr") else _ports(positive, values)

    def passes(argument: Argument) -> bool:
        return isinstance(argument, Socket) and matches(argument) is (positive == operator)

    return passes


def _networks(operator: str, values: Sequence[str]) -> Callable[[Socket], bool]:
    networks = [network(value) for value in values]

    def matches(socket: Socket) -> bool:
        end = socket.source if operator == "SAddr" else socket.destination
        return any(end.version == network.version and end in network for network in networks)

    return matches


def network(text: str) -> Network:
    """Read an address or a network with the number of its bits; no mask as an address, no zone.

    Raises:
        ValueError: it is neither.
    """
    if not _NETWORK.fullmatch(text):
        raise ValueError(f"`{text}` is no address and no network")
    return ipaddress.ip_network(text, strict=False)


def _ports(operator: str, values: Sequence[str]) -> Callable[[Socket], bool]:
    ranges = [port_range(value) for value in values]

    def matches(socket: Socket) -> bool:
        port = socket.source_port if operator == "SPort" else socket.destination_port
        return any(first <= port <= last for first, last in ranges)

    return matches


def port_range(text: str) -> tuple[int, int]:
    """Read a port, or two with a colon between them, in either order.

    Raises:
        ValueError: it is neither.
    """
    parts = text.split(":")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(f"`{text}` is no port and no range of ports")
    first, last = sorted(int(part) for part in (parts * 2)[:2])
    if last > 65535:
        raise ValueError(f"`{text}` is beyond the last port")
    return first, last
