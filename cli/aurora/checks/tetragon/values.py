"""Whether a value of a filter is one that Tetragon's loader reads. Pure.

Source: Tetragon 1.7.0, `pkg/selectors/kernel.go` and `pkg/reader/network`. Names of families and protocols are told by
their form only.
"""

import re
from collections.abc import Callable

from aurora.tracing import operators
from aurora.tracing.argument_types import ADDRESS_OPERATORS, FAMILIES, INTEGERS, Family, Integer, integer

_NUMBERS = frozenset({"Equal", "NotEqual", "Mask", "GreaterThan", "GT", "LessThan", "LT"})
_WIDE = Integer(64, signed=False)
_DECIMAL = re.compile(r"-?[0-9]+")
_NAMES = {
    "Family": re.compile(r"AF_[A-Za-z0-9]+"),
    "Protocol": re.compile(r"IPPROTO_[A-Z0-9]+"),
    "State": re.compile(
        r"TCP_(CLOSE|CLOSE_WAIT|CLOSING|ESTABLISHED|FIN_WAIT[12]|LAST_ACK|LISTEN|NEW_SYN_RECV|SYN_RECV|SYN_SENT|TIME_WAIT)"
    ),
}
_CAPABILITY = re.compile(r"CAP_[A-Z_]+", re.IGNORECASE)
_FILE_TYPES = frozenset(
    {"blk", "block", "char", "chr", "dir", "fifo", "link", "lnk", "pipe", "reg", "regular", "sock", "socket"}
)


def problem(operator: str, kind: str, value: str) -> str | None:
    """Say what is wrong with a value; None where nothing is, or where its type is unknown."""
    reader = _reader(operator, kind)
    return reader(value, kind) if reader else None


def _reader(operator: str, kind: str) -> Callable[[str, str], str | None] | None:
    if operator in ADDRESS_OPERATORS:
        return _network
    if operator in _NUMBERS:
        return {Family.INTEGER: _integer, Family.CAPABILITIES: _capabilities}.get(FAMILIES.get(kind, Family.TEXT))
    return _READERS.get(operator)


def _network(value: str, _: str) -> str | None:
    try:
        operators.network(value)
    except ValueError as error:
        return str(error)
    return None


def _ports(value: str, _: str) -> str | None:
    try:
        operators.port_range(value)
    except ValueError as error:
        return str(error)
    return None


def _integer(value: str, kind: str) -> str | None:
    if kind not in INTEGERS:
        return None
    fits = integer(value, INTEGERS[kind]) is not None
    return None if fits else f"`{value}` is no integer that fits an argument of type `{kind}`"


def _range(value: str, kind: str) -> str | None:
    parts = value.split(":")
    if len(parts) != 2:
        return f"`{value}` is no range such as `1:9`"
    return next((found for part in parts if (found := _integer(part, kind))), None)


def _member(value: str, kind: str) -> str | None:
    """A set holds decimal numbers of 64 bits, ranges of them, and lists by name."""
    if value.startswith("list:"):
        return None
    wide = Integer(64, signed=INTEGERS[kind].signed if kind in INTEGERS else False)
    parts = value.split(":")
    if len(parts) <= 2 and all(_decimal(part, wide) for part in parts):
        return None
    return f"`{value}` is no decimal number, no range of them and no list"


def _decimal(text: str, kind: Integer) -> bool:
    """Zeros in front do not make a number octal here."""
    if not _DECIMAL.fullmatch(text):
        return False
    digits = text.removeprefix("-").lstrip("0") or "0"
    return integer(f"-{digits}" if text.startswith("-") else digits, kind) is not None


def _named(pattern: re.Pattern[str]) -> Callable[[str, str], str | None]:
    def read(value: str, _: str) -> str | None:
        parts = value.split(":")
        numbers = len(parts) <= 2 and all(_decimal(part, _WIDE) for part in parts)
        return None if numbers or pattern.fullmatch(value) else f"`{value}` is neither a known name nor a number"

    return read


def _capabilities(value: str, _: str) -> str | None:
    names = [part.strip() for part in value.split(",")]
    known = integer(value, _WIDE) is not None or all(_CAPABILITY.fullmatch(name) for name in names)
    return None if known else f"`{value}` is no mask and no list of capabilities"


def _file_type(value: str, _: str) -> str | None:
    return None if value in _FILE_TYPES else f"`{value}` is no sort of file"


_READERS: dict[str, Callable[[str, str], str | None]] = {
    **dict.fromkeys(("SPort", "NotSPort", "DPort", "NotDPort"), _ports),
    **dict.fromkeys(("InRange", "NotInRange"), _range),
    **dict.fromkeys(("InMap", "NotInMap"), _member),
    **dict.fromkeys(("FileType", "NotFileType"), _file_type),
    **{operator: _named(pattern) for operator, pattern in _NAMES.items()},
}
