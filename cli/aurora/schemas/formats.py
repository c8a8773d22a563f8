"""What a format demands: the API server's formats in words that kubeconform reads the same way.

kubeconform judges more formats than the API server, some of them differently, and panics on `duration` where
the value is no string (docs/facts/validators.md). So only formats on which both agree keep their name; the others
become patterns in Go's syntax, or demand nothing where no pattern says the same. Judges nothing itself.
"""

from aurora.model.json_value import JsonObject, text

INT32_MINIMUM = -(2**31)
INT32_MAXIMUM = 2**31 - 1

# A number and a unit anywhere, or a bare zero: what Go's and Scala's durations have in common.
_DURATION = (
    "^[-+]?0$|(?i:[0-9][ \\t\\n\\f\\r]*"
    "((ns|us|µs|μs|ms|s|m|h|hr|d|w|wk)([^a-zµ]|$)|nano|micro|milli|sec|min|hour|day|week))"
)
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"
# Go's decoder, which reads the built-in kinds, skips line ends and takes the empty text.
_BASE64_LINES = "^[A-Za-z0-9+/\\r\\n]*(=[\\r\\n]*){0,2}$"
_HEX = "[0-9a-fA-F]"


def _uuid(version: str, variant: str) -> JsonObject:
    return {"pattern": f"^{_HEX}{{8}}-?{_HEX}{{4}}-?{version}{_HEX}{{3}}-?{variant}{_HEX}{{3}}-?{_HEX}{{12}}$"}


# The API server's list: apiextensions-apiserver, pkg/apiserver/validation/formats.go; it ignores hyphens.
_STRING_FORMATS: dict[str, JsonObject] = {
    "byte": {"pattern": _BASE64},
    "date": {"format": "date"},
    "datetime": {"format": "date-time"},
    "duration": {"pattern": _DURATION},
    "email": {"pattern": "@"},
    "hexcolor": {"pattern": f"^#?({_HEX}{{3}}|{_HEX}{{6}})$"},
    "ipv4": {"format": "ipv4"},
    "ipv6": {"format": "ipv6"},
    "uri": {"pattern": "^(/|[A-Za-z][A-Za-z0-9+.-]*:)"},
    "uuid": _uuid(_HEX, _HEX),
    "uuid3": _uuid("3", _HEX),
    "uuid4": _uuid("4", "[89abAB]"),
    "uuid5": _uuid("5", "[89abAB]"),
}


def custom(node: JsonObject) -> JsonObject:
    """Give the keywords that stand for the format of a custom resource's field; empty if it demands nothing."""
    name = text(node.get("format"))
    if node.get("type") == "integer":
        return _int32(node) if name == "int32" else {}
    if node.get("type", "string") != "string":
        return {}
    return dict(_STRING_FORMATS.get(name.replace("-", ""), {}))


def builtin(node: JsonObject) -> JsonObject:
    """Give the keywords that stand for the format of a built-in kind's field, which Go's decoder reads."""
    name = text(node.get("format"))
    if name == "int32":
        return _int32(node)
    if name == "byte":
        return {"pattern": _BASE64_LINES}
    return {"format": "date-time"} if name == "date-time" else {}


def name_of(pattern: str) -> str | None:
    """Give the format that a pattern stands for; None for a definition's own pattern."""
    if pattern in (_BASE64, _BASE64_LINES):
        return "base64"
    return next((name for name, keywords in _STRING_FORMATS.items() if keywords.get("pattern") == pattern), None)


def _int32(node: JsonObject) -> JsonObject:
    lowest, highest = node.get("minimum"), node.get("maximum")
    return {
        "minimum": max(lowest, INT32_MINIMUM) if isinstance(lowest, int | float) else INT32_MINIMUM,
        "maximum": min(highest, INT32_MAXIMUM) if isinstance(highest, int | float) else INT32_MAXIMUM,
    }
