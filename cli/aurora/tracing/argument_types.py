"""What Tetragon knows about arguments: their types, and the operators that each type has.

Data and lookups only. Source: Tetragon 1.7.0, `pkg/selectors/kernel.go` (what the loader accepts) and
`bpf/process/types/basic.h` (what the programs compare).
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Types that share their operators."""

    PATH = "path"
    TEXT = "text"
    INTEGER = "integer"
    SOCKET = "socket"
    ADDRESS = "socket address"
    CAPABILITIES = "capabilities"


@dataclass(frozen=True, slots=True)
class Integer:
    """How many bits of an argument the kernel compares, and whether the first is a sign."""

    bits: int
    signed: bool

    @property
    def text_bits(self) -> int:
        """The width that a value may have as text: the loader reads everything below 64 bits as 32."""
        return 64 if self.bits == 64 else 32


INTEGERS: dict[str, Integer] = {
    **dict.fromkeys(("int8", "sint8"), Integer(8, signed=True)),
    **dict.fromkeys(("int16", "sint16"), Integer(16, signed=True)),
    **dict.fromkeys(("int", "int32", "sint32", "size_t"), Integer(32, signed=True)),
    **dict.fromkeys(("int64", "sint64", "long", "syscall64"), Integer(64, signed=True)),
    "uint8": Integer(8, signed=False),
    "uint16": Integer(16, signed=False),
    "uint32": Integer(32, signed=False),
    **dict.fromkeys(("uint64", "ulong"), Integer(64, signed=False)),
}

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("file", "path", "fd", "linux_binprm"), Family.PATH),
    **dict.fromkeys(("string", "char_buf", "data_loc", "net_device", "sockaddr_un"), Family.TEXT),
    **dict.fromkeys(INTEGERS, Family.INTEGER),
    **dict.fromkeys(("sock", "socket", "skb"), Family.SOCKET),
    "sockaddr": Family.ADDRESS,
    **dict.fromkeys(("kernel_cap_t", "cap_inheritable", "cap_permitted", "cap_effective"), Family.CAPABILITIES),
}
"""Types by which a selector can filter; every other type is only reported."""

_STRINGS = frozenset({Family.PATH, Family.TEXT})
_NUMBERS = frozenset({Family.INTEGER, Family.CAPABILITIES})
_SOURCES = frozenset({Family.SOCKET, Family.ADDRESS})
_SOCKETS = frozenset({Family.SOCKET})

OPERATORS: dict[str, frozenset[Family]] = {
    **dict.fromkeys(("Equal", "NotEqual"), _STRINGS | _NUMBERS),
    **dict.fromkeys(("Prefix", "NotPrefix", "Postfix", "NotPostfix"), _STRINGS),
    **dict.fromkeys(("SubString", "SubStringIgnCase"), frozenset({Family.TEXT})),
    **dict.fromkeys(("GreaterThan", "LessThan", "GT", "LT", "Mask"), _NUMBERS),
    **dict.fromkeys(("InMap", "NotInMap", "InRange", "NotInRange"), frozenset({Family.INTEGER})),
    **dict.fromkeys(("SAddr", "NotSAddr", "SPort", "NotSPort", "SPortPriv", "NotSportPriv", "Family"), _SOURCES),
    **dict.fromkeys(("DAddr", "NotDAddr", "DPort", "NotDPort", "DPortPriv", "NotDPortPriv"), _SOCKETS),
    **dict.fromkeys(("Protocol", "State"), _SOCKETS),
    **dict.fromkeys(("FileType", "NotFileType"), frozenset({Family.PATH})),
    "CapabilitiesGained": frozenset({Family.CAPABILITIES}),
}
"""The types on which each operator has a meaning; on any other the policy does not load, or never matches."""

TYPES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("FileType", "NotFileType"), frozenset({"file", "path"})),
    "Family": frozenset({"sock", "socket", "skb", "sockaddr", "sockaddr_un"}),
}
"""Operators that are narrower, or wider, than the families of their types."""

ADDRESS_OPERATORS = frozenset({"SAddr", "NotSAddr", "DAddr", "NotDAddr"})
WITHOUT_VALUES = frozenset({"SPortPriv", "NotSportPriv", "DPortPriv", "NotDPortPriv", "CapabilitiesGained", "CelExpr"})

LONGEST_PREFIX = 255  # a loader accepts 256, but programs compare 255: that prefix never matches
LONGEST_POSTFIX = 127
LONGEST_SUBSTRING = 99
LONGEST_BINARY = 255

_INTEGER = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)


def integer(text: str, kind: Integer) -> int | None:
    """Read a value of a selector as the loader does; None where the loader would refuse it."""
    found = _INTEGER.fullmatch(text)
    if not found or (found[1] and not kind.signed):
        return None
    digits, base = next((part, base) for part, base in zip(found.groups()[1:], _BASES, strict=True) if part)
    value = int(f"{found[1]}{digits}", base)
    bits = kind.text_bits
    lowest, highest = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if kind.signed else (0, (1 << bits) - 1)
    return value if lowest <= value <= highest else None
