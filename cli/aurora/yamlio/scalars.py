"""What a plain (unquoted) scalar means, and to whom.

Kubernetes reads manifests with sigs.k8s.io/yaml, whose resolver is that of go-yaml v2: mostly YAML 1.1
(`yes` is true, `0775` is octal), but sexagesimal numbers and timestamps stay strings, and `0o17` is a
number. Other readers follow YAML 1.1 or 1.2 to the letter. Knows nothing about documents.
"""

from __future__ import annotations

import re

from aurora.model.json_value import JsonValue

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE_BOTH = frozenset({"true", "True", "TRUE"})
_FALSE_BOTH = frozenset({"false", "False", "FALSE"})
_TRUE_11 = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE_11 = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF"})

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_GO_INTEGER = re.compile(
    r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)",
)
_FLOAT_12 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)?"
)
_UNDERSCORED = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]*)?|[-+]?0[box][0-9a-fA-F_]*")
_MERGE_OR_VALUE = frozenset({"<<", "="})
_LONGEST_NUMBER = 400
"""Characters; longer scalars are text to every reader, or no number that JSON can hold."""


def resolve(plain: str) -> JsonValue:
    """Read a plain scalar as the Kubernetes API server does.

    Raises:
        ValueError: the scalar is an infinity or not a number, which JSON cannot hold.
    """
    if plain in _NULL:
        return None
    if plain in _TRUE_BOTH or plain in _TRUE_11:
        return True
    if plain in _FALSE_BOTH or plain in _FALSE_11:
        return False
    if plain[0] not in "-+.0123456789":
        return plain
    return _number(plain)


def _number(plain: str) -> JsonValue:
    if _SPECIAL_FLOAT.fullmatch(plain):
        raise ValueError(f"`{plain}` has no form in JSON")
    if _GO_INTEGER.fullmatch(plain):
        return _integer(plain)
    if _FLOAT_12.fullmatch(plain):
        number = float(plain)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"`{plain}` is too large for any number")
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return plain


def _integer(plain: str) -> JsonValue:
    negative = plain.startswith("-")
    digits = plain.lstrip("+-").replace("_", "").lower()
    octal = digits.removeprefix("0") if len(digits) > 1 and digits[1].isdigit() and digits[0] == "0" else None
    try:
        number = int(octal, 8) if octal is not None else int(digits, 0)
    except ValueError:
        return plain
    return -number if negative else number


def ambiguity(plain: str) -> str | None:
    """Say how readers of a plain scalar disagree; None where YAML 1.1, YAML 1.2 and Kubernetes read the same."""
    if plain in _TRUE_11 or plain in _FALSE_11:
        return "a boolean to YAML 1.1 and a string to YAML 1.2"
    if len(plain) > _LONGEST_NUMBER:
        return None
    for pattern, disagreement in _DISAGREEMENTS:
        if pattern.fullmatch(plain):
            return disagreement
    return _number_ambiguity(plain)


_DISAGREEMENTS = (
    (re.compile("<<|="), "a special token to YAML 1.1 and a string to YAML 1.2"),
    (_SEXAGESIMAL, "a base-60 number to YAML 1.1 and a string to YAML 1.2"),
    (_TIMESTAMP, "a timestamp to YAML 1.1 and a string to YAML 1.2"),
    (_UNDERSCORED, "a number to YAML 1.1 and a string to YAML 1.2"),
)


def _number_ambiguity(plain: str) -> str | None:
    """Only plain decimals are the same to all: YAML 1.1 wants a dot in a float and a sign in its exponent."""
    if _DECIMAL.fullmatch(plain):
        return None
    if _GO_INTEGER.fullmatch(plain):
        return "a number of another base to some readers only"
    mantissa, _, exponent = plain.lower().partition("e")
    if _FLOAT_12.fullmatch(plain) and ("." not in mantissa or (exponent and exponent[0] not in "+-")):
        return "a number to YAML 1.2 and a string to YAML 1.1"
    return None


def is_safe_plain(value: str) -> bool:
    """Tell whether every YAML reader takes the unquoted text for the same string."""
    if not _SAFE_PLAIN.fullmatch(value) or value in _RESERVED_WORDS:
        return False
    if ": " in value or value.endswith((":", " ")):
        return False
    if value[0] not in "-+.0123456789":
        return True
    return len(value) <= _LONGEST_NUMBER and not _looks_like_a_number(value)


def _looks_like_a_number(value: str) -> bool:
    patterns = (_NUMBER_LIKE, _SEXAGESIMAL, _TIMESTAMP, _SPECIAL_FLOAT)
    return any(pattern.fullmatch(value) for pattern in patterns)


_RESERVED_WORDS = _NULL | _TRUE_BOTH | _FALSE_BOTH | _TRUE_11 | _FALSE_11 | _MERGE_OR_VALUE
# A narrow alphabet without any indicator in front. No repetition stands inside another one here or above: a
# text of a megabyte must not take longer than it is long.
_SAFE_PLAIN = re.compile(r"[A-Za-z0-9_./($][A-Za-z0-9_./()@$+=,: -]*")
