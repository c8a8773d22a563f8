"""Says in clear words what kubeconform's schema library says about a value.

Values of the object are never repeated: they may be secret. Words that are not known are passed on.
"""

import re
from collections.abc import Callable

from aurora.schemas import formats

QUOTED = r"'(?:[^'\\]|\\.)*'"
"""An expression for the library's quoted strings: Go's escapes, single quotes."""

_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_CONTROL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}
_LIMITS = {
    "minimum": "must be at least",
    "maximum": "must be at most",
    "exclusiveMinimum": "must be greater than",
    "exclusiveMaximum": "must be less than",
    "multipleOf": "must be a multiple of",
    "minLength": "must have this many characters at least:",
    "maxLength": "must have this many characters at most:",
    "minItems": "must have this many items at least:",
    "maxItems": "must have this many items at most:",
    "minProperties": "must have this many fields at least:",
    "maxProperties": "must have this many fields at most:",
}
_SCIENTIFIC = re.compile(r"(?P<mantissa>.+)\u00d710(?P<exponent>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def unquote(quoted: str) -> str:
    """Give the text of one quoted string."""

    def character(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _CONTROL.get(code, code)

    return _ESCAPE.sub(character, quoted[1:-1])


def clear(words: str) -> str:
    """Say the library's words about one value clearly."""
    for pattern, say in _PHRASES:
        match = pattern.fullmatch(words)
        if match:
            return say(match)
    return words


def _types(match: re.Match[str]) -> str:
    wanted = [_TYPES.get(name, name) for name in match["want"].split(" or ") if name != "null"]
    got = "a boolean" if match["got"] == "boolean" else _TYPES.get(match["got"], match["got"])
    return f"must be {' or '.join(wanted) or 'null'}, not {got}"


def _allowed(match: re.Match[str]) -> str:
    listed = match["allowed"].removesuffix(", <nil>")
    return f"must be {re.sub(QUOTED, lambda quoted: f'`{unquote(quoted[0])}`', listed)}"


def _pattern(match: re.Match[str]) -> str:
    pattern = unquote(match["pattern"])
    name = formats.name_of(pattern)
    return f"is no valid {name}" if name else f"does not match the pattern `{pattern}`"


def _limit(match: re.Match[str]) -> str:
    return f"{_LIMITS[match['limit']]} {_number(match['want'])}"


def _number(shown: str) -> str:
    """Undo the library's English number format: thousands are grouped, big numbers are powers of ten."""
    scientific = _SCIENTIFIC.fullmatch(shown)
    if not scientific:
        return shown.replace(",", "")
    exponent = int(scientific["exponent"].translate(_SUPERSCRIPT))
    value = float(scientific["mantissa"].replace(",", "")) * 10**exponent
    return str(round(value)) if exponent > 0 else str(value)


def _phrase(expression: str, say: Callable[[re.Match[str]], str]) -> tuple[re.Pattern[str], Callable[..., str]]:
    return re.compile(expression, re.DOTALL), say


_PHRASES = (
    _phrase(r"got (?P<got>\w+), want (?P<want>[\w ]+)", _types),
    _phrase(r"value must be (?P<allowed>.+)", _allowed),
    _phrase(rf"(?P<limit>{'|'.join(_LIMITS)}): got .+, want (?P<want>\S+)", _limit),
    _phrase(rf"{QUOTED} does not match pattern (?P<pattern>{QUOTED})", _pattern),
    _phrase(r".* is not valid (?P<format>[\w-]+): .*", lambda match: f"is no valid {match['format']}"),
    _phrase(r"items at (\d+) and (\d+) are equal", lambda match: f"items {match[1]} and {match[2]} are equal"),
    # Releases of the library differ in the quotes around keywords.
    _phrase(r"'?not'? failed", lambda _: "has a value that is excluded here"),
    _phrase(r"'?oneOf'? failed, subschemas .+ matched", lambda _: "fits several forms and must fit exactly one"),
)
