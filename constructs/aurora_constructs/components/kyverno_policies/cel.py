"""Values as literals of the Common Expression Language.

Pure. What a person wrote reaches a policy only through here, so nothing in it can become an expression.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora_constructs.components.kyverno_policies.spec import Value

_LARGEST = 2**63 - 1
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "map"}


def literal(value: Value) -> str:
    """Write a value as a literal.

    Raises:
        ValueError: the value has none: an integer beyond 64 bits, an infinity, or no number.
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_string(key)}: {_string(item)}' for key, item in sorted(value.items()))}}}"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(_string(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value)


def type_of(value: Value) -> str:
    """Name the type of a value in words."""
    return _TYPES[type(value)]


def type_of_literal(expression: str) -> str | None:
    """Name the type of a literal in JSON's notation, which CEL shares; None for everything that is computed."""
    try:
        return _TYPES.get(type(json.loads(expression)))
    except (ValueError, RecursionError):
        return None


def _string(value: str) -> str:
    return f'"{"".join(_character(character) for character in value)}"'


def _character(character: str) -> str:
    """JSON's escapes would not do: CEL refuses the pairs in which JSON writes rarer characters."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _number(value: float) -> str:
    if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"{value} does not fit into 64 bits")
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that a policy can compare with")
    return repr(value)
