"""What a plain (unquoted) scalar means, and to whom.

Kubernetes reads manifests with sigs.k8s.io/yaml, whose resolver is that of go-yaml v2: mostly YAML 1.1
(`yes` is true, `0775` is octal), but sexagesimal numbers and timestamps stay strings, and `0o17` is a
number. Other readers follow YAML 1.1 or 1.2 to the letter. Knows nothing about documents.
"""

import math
import re
import struct

from aurora.model.json_value import JsonValue

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE_BOTH = frozenset({"true", "True", "TRUE"})
_FALSE_BOTH = frozenset({"false", "False", "FALSE"})
_TRUE_11 = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE_11 = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF"})

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_GO_INTEGER = re.compile(r"[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)")
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
_OCTAL_11 = re.compile("0[0-7]+")
_DIGITS = 9
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
    digits = plain if plain.startswith(".") else plain.replace("_", "")
    if _GO_INTEGER.fullmatch(digits):
        return _integer(digits)
    number = float(digits) if _FLOAT_12.fullmatch(digits) else math.inf
    if math.isinf(number):  # what overflows is text to Go, as the hash 12345e678 of a commit
        return plain
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _integer(digits: str) -> int:
    unsigned = digits.lstrip("+-")
    number = int(unsigned, 8 if _OCTAL_11.fullmatch(unsigned) else 0)
    return -number if digits.startswith("-") else number


def as_key(plain: str) -> str | None:
    """Write a plain scalar as the key that the API server stores; None for a null, which it refuses as a key.

    From convertToJSONableObject of sigs.k8s.io/yaml: numbers and booleans become strings, floats as Go writes 32 bits.

    Raises:
        ValueError: as `resolve`.
    """
    value = resolve(plain)
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return None if value is None else str(value)
    return str(value) if _GO_INTEGER.fullmatch(plain.replace("_", "")) else _as_go_writes(float(value))


def _as_go_writes(number: float) -> str:
    def narrow(value: float) -> float:
        return float(struct.unpack("f", struct.pack("f", value))[0])

    shortest = (f"{number:.{digits}e}" for digits in range(_DIGITS))
    mantissa, _, exponent = next(text for text in shortest if narrow(float(text)) == narrow(number)).partition("e")
    return f"{mantissa}e{exponent}" if not -5 < int(exponent) < 6 else f"{float(f'{mantissa}e{exponent}'):.15g}"


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
