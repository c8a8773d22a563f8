"""Operators compare what the kernel compares, and no more."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.tracing import operators
from aurora.tracing.argument_types import INTEGERS, Family, integer
from aurora.tracing.operators import Socket


def passes(operator: str, values: list[str], argument: object, kind: str = "path") -> bool:
    if kind in INTEGERS:
        return operators.integer_filter(operator, values, kind)(argument)  # type: ignore[arg-type]
    family = Family.PATH if kind == "path" else Family.TEXT
    return operators.text_filter(operator, values, family)(argument)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operator", "values", "argument", "expected"),
    [
        ("Equal", ["/a", "/b"], "/b", True),
        ("Equal", ["/a"], "/a/b", False),
        ("NotEqual", ["/a", "/b"], "/b", False),
        ("NotEqual", ["/a"], "/c", True),
        ("Prefix", ["/etc"], "/etc/shadow", True),
        ("Prefix", ["/etc"], "/etcetera", True),
        ("Prefix", ["/etc"], "/var/etc", False),
        ("NotPrefix", ["/etc"], "/etc/shadow", False),
        ("Postfix", ["/curl"], "/usr/bin/curl", True),
        ("Postfix", ["/curl"], "/usr/bin/mycurl", False),
        ("Postfix", ["/curl"], "/curl/x", False),
        ("NotPostfix", ["/curl"], "/usr/bin/curl", False),
        ("NotPostfix", ["/curl"], "/usr/bin/sh", True),
    ],
)
def test_texts(operator: str, values: list[str], argument: str, expected: bool) -> None:
    assert passes(operator, values, argument) is expected
    assert passes(operator, values, argument, "string") is expected


@pytest.mark.parametrize("operator", sorted(operators.TEXT_OPERATORS))
def test_a_file_without_path_matches_nothing(operator: str) -> None:
    assert not passes(operator, ["/a"], None)
    assert not passes(operator, ["/a"], "")


def test_an_empty_text_is_something_else() -> None:
    assert passes("NotEqual", ["/a"], "", "string")


def test_only_so_many_bytes_are_compared() -> None:
    assert passes("Prefix", ["/" + "a" * 254], "/" + "a" * 400)
    assert not passes("Prefix", ["/" + "a" * 255], "/" + "a" * 400)
    assert passes("Postfix", ["a" * 127], "/" + "a" * 400)
    assert not passes("Postfix", ["a" * 128], "/" + "a" * 400)
    assert not passes("Prefix", ["/" + "é" * 128], "/" + "é" * 128)


@pytest.mark.parametrize(
    ("kind", "operator", "values", "argument", "expected"),
    [
        ("int", "Equal", ["4", "5"], 5, True),
        ("int", "Equal", ["-1"], -1, True),
        ("int", "Equal", ["-1"], 0xFFFFFFFF, True),
        ("int", "Equal", ["1"], (1 << 32) + 1, True),
        ("uint64", "Equal", ["1"], (1 << 32) + 1, False),
        ("int", "NotEqual", ["4", "5"], 5, False),
        ("int", "NotEqual", ["4", "5"], 6, True),
        ("int", "Mask", ["6"], 4, True),
        ("int", "Mask", ["6"], 1, False),
        ("int", "Mask", ["4", "1"], 1, True),
        ("uint64", "Mask", ["0x7e020000"], 0x10000000, True),
        ("uint64", "Mask", ["0x7e020000"], 0x400, False),
        ("int", "GreaterThan", ["1"], -1, False),
        ("uint32", "GT", ["1"], 0xFFFFFFFF, True),
        ("int", "GT", ["1"], 0xFFFFFFFF, False),
        ("int", "LessThan", ["0"], -1, True),
        ("int", "LT", ["0"], 0, False),
    ],
)
def test_integers(kind: str, operator: str, values: list[str], argument: int, *, expected: bool) -> None:
    assert passes(operator, values, argument, kind) is expected


@given(st.sampled_from(sorted(INTEGERS)), st.integers(-(1 << 70), 1 << 70), st.integers(0, (1 << 31) - 1))
def test_equal_and_not_equal_are_opposites(kind: str, argument: int, value: int) -> None:
    equal, other = (passes(operator, [str(value)], argument, kind) for operator in ("Equal", "NotEqual"))
    assert equal is not other


@given(st.integers(-(1 << 65), 1 << 65), st.sampled_from(sorted(INTEGERS)), st.sampled_from(["d", "#x", "#o", "#b"]))
def test_integers_are_read_in_every_base_and_bounded_by_their_width(value: int, kind: str, form: str) -> None:
    bits, signed = INTEGERS[kind].text_bits, INTEGERS[kind].signed
    lowest, highest = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    found = integer(format(value, form), INTEGERS[kind])
    assert found == (value if lowest <= value <= highest else None)


@given(st.text(max_size=12))
def test_no_text_makes_the_readers_fail_otherwise_than_by_saying_so(text: str) -> None:
    integer(text, INTEGERS["int"])
    for read in (operators.network, operators.port_range):
        try:
            read(text)
        except ValueError as error:
            assert str(error)


SOCKET = Socket(ipaddress.ip_address("10.0.0.1"), 40000, ipaddress.ip_address("203.0.113.7"), 443)
MAPPED = Socket(ipaddress.ip_address("::ffff:10.0.0.1"), 40000, ipaddress.ip_address("::ffff:10.0.0.2"), 443)


@pytest.mark.parametrize(
    ("operator", "values", "socket", "expected"),
    [
        ("DAddr", ["203.0.113.0/24"], SOCKET, True),
        ("DAddr", ["203.0.113.7"], SOCKET, True),
        ("DAddr", ["203.0.113.99/24"], SOCKET, True),
        ("DAddr", ["10.0.0.0/8"], SOCKET, False),
        ("SAddr", ["10.0.0.0/8"], SOCKET, True),
        ("NotDAddr", ["10.0.0.0/8", "::/0"], SOCKET, True),
        ("NotDAddr", ["10.0.0.0/8", "203.0.113.7/32"], SOCKET, False),
        ("NotSAddr", ["10.0.0.0/8"], SOCKET, False),
        ("NotDAddr", ["10.0.0.0/8"], MAPPED, True),
        ("NotDAddr", ["::ffff:10.0.0.0/104"], MAPPED, False),
        ("DPort", ["443"], SOCKET, True),
        ("DPort", ["1:1024"], SOCKET, True),
        ("DPort", ["1024:1"], SOCKET, True),
        ("NotDPort", ["443"], SOCKET, False),
        ("SPort", ["443"], SOCKET, False),
        ("NotSPort", ["443"], SOCKET, True),
    ],
)
def test_sockets(operator: str, values: list[str], socket: Socket, expected: bool) -> None:
    assert operators.socket_filter(operator, values)(socket) is expected


@pytest.mark.parametrize("value", ["10.0.0.0/255.0.0.0", "10.0.0.0/08", "10.0.0.0/33", "fe80::1%eth0", "a", "", "1"])
def test_what_the_loader_refuses_is_no_network(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        operators.network(value)


@pytest.mark.parametrize("value", ["", ":", "1:2:3", "-1", "65536", "http", "²"])
def test_what_is_no_port(value: str) -> None:
    with pytest.raises(ValueError, match="port"):
        operators.port_range(value)


@pytest.mark.parametrize(
    ("operator", "values", "binary", "expected"),
    [
        ("In", ["/bin/sh"], "/bin/sh", True),
        ("In", ["/bin/sh"], "/bin/bash", False),
        ("NotIn", ["/bin/sh", "/bin/bash"], "/bin/bash", False),
        ("NotIn", ["/bin/sh"], "/bin/bash", True),
        ("Prefix", ["/usr/"], "/usr/bin/sh", True),
        ("NotPrefix", ["/usr/"], "/usr/bin/sh", False),
        ("Postfix", ["/sh"], "/usr/bin/sh", True),
        ("NotPostfix", ["/sh"], "/usr/bin/sh", False),
    ],
)
def test_binaries(operator: str, values: list[str], binary: str, expected: bool) -> None:
    assert operators.binary_filter(operator, values)(binary) is expected
