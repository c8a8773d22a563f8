"""Schemas of a spec with specs that the API server takes and specs that it refuses or silently changes.

The verdicts are those of apiextensions-apiserver's own pruning, defaulting and validation. `formats` marks
cases that only kubeconform can judge, since the Python library asserts other formats.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.model.json_value import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class ConvertCase:
    """One schema of `spec` with good and bad values."""

    name: str
    schema: JsonObject
    good: tuple[JsonValue, ...]
    bad: tuple[JsonValue, ...]
    formats: bool = False


_INT_OR_STRING: JsonValue = [{"type": "integer"}, {"type": "string"}]
_ADDRESS: JsonObject = {
    "type": "object",
    "properties": {"type": {"type": "string", "default": "IP"}, "value": {"type": "string"}},
    "oneOf": [
        {"properties": {"type": {"enum": ["IP"]}, "value": {"pattern": "^[0-9.]+$"}}},
        {"properties": {"type": {"not": {"enum": ["IP"]}}}},
    ],
}

CASES = (
    ConvertCase(
        "unknown fields are refused where they would be pruned",
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}},
        good=({}, {"a": {}}, {"a": {"b": "x"}}),
        bad=({"z": 1}, {"a": {"z": 1}}, {"a": {"b": 1}}, {"a": []}, [], "x"),
    ),
    ConvertCase(
        "preserved fields are kept, and known ones below are still judged",
        {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}},
        },
        good=({"z": {"y": 1}}, {"a": {"b": "x"}, "z": None}),
        bad=({"a": {"z": 1}}, {"a": {"b": 1}}),
    ),
    ConvertCase(
        "a preserved list keeps unknown fields of its items",
        {
            "type": "array",
            "x-kubernetes-preserve-unknown-fields": True,
            "items": {"type": "object", "properties": {"a": {"type": "string"}}},
        },
        good=([{"a": "x", "z": 1}],),
        bad=([{"a": 1}], ["x"]),
    ),
    ConvertCase(
        "anything goes where nothing has a type",
        {"x-kubernetes-preserve-unknown-fields": True},
        good=({"a": [1, {"b": None}]}, "x", 1, [], None),
        bad=(),
    ),
    ConvertCase(
        "an object without fields takes none",
        {"type": "object", "properties": {"a": {"type": "object"}}},
        good=({"a": {}},),
        bad=({"a": {"z": 1}},),
    ),
    ConvertCase(
        "a map judges its values",
        {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        good=({}, {"x": {"n": 1}, "properties": {}}),
        bad=({"x": {"n": "1"}}, {"x": {"z": 1}}, {"x": 1}),
    ),
    ConvertCase(
        "a map of anything keeps scalars and loses fields",
        {"type": "object", "additionalProperties": True},
        good=({"x": 1, "y": "z", "l": [1, []], "e": {}},),
        bad=({"x": {"z": 1}}, {"l": [{"z": 1}]}),
    ),
    ConvertCase(
        "properties may be named like keywords",
        {
            "type": "object",
            "required": ["required"],
            "properties": {
                "properties": {"type": "object", "properties": {"items": {"type": "integer"}}},
                "additionalProperties": {"type": "boolean"},
                "$ref": {"type": "string"},
                "required": {"type": "array", "items": {"type": "string"}},
                "default": {"type": "string"},
                "enum": {"type": "integer"},
            },
        },
        good=({"required": []}, {"required": ["x"], "properties": {"items": 1}, "$ref": "#/x", "enum": 1}),
        bad=({}, {"required": [], "properties": {"a": 1}}, {"required": [], "additionalProperties": {}}),
    ),
    ConvertCase(
        "int-or-string, bare and in the usual spelling",
        {
            "type": "object",
            "properties": {
                "bare": {"x-kubernetes-int-or-string": True},
                "usual": {"x-kubernetes-int-or-string": True, "anyOf": _INT_OR_STRING, "pattern": "^[0-9]+%$"},
                "all": {"x-kubernetes-int-or-string": True, "allOf": [{"anyOf": _INT_OR_STRING}, {"pattern": "%$"}]},
            },
        },
        good=({"bare": 1, "usual": 5, "all": 5}, {"bare": "x", "usual": "5%", "all": "5%"}),
        bad=({"bare": 1.5}, {"bare": {}}, {"bare": True}, {"usual": "5"}, {"all": "5"}, {"usual": []}),
    ),
    ConvertCase(
        "null counts as absent where it is dropped, and as a value where it is nullable",
        {
            "type": "object",
            "required": ["must", "nullable"],
            "properties": {
                "must": {"type": "string"},
                "may": {"type": "string", "enum": ["a"]},
                "nullable": {
                    "type": "object",
                    "nullable": True,
                    "anyOf": [{"required": ["x"]}],
                    "properties": {"x": {"type": "string"}},
                },
                "list": {"type": "array", "items": {"type": "string"}},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
                "choice": {"type": "string", "nullable": True, "enum": ["a"]},
            },
        },
        good=(
            {"must": "x", "nullable": None, "may": None, "list": None},
            {"must": "x", "nullable": {"x": "y"}, "map": {"k": None}},
        ),
        bad=(
            {"must": None, "nullable": None},
            {"must": "x"},
            {"must": "x", "nullable": {}},
            {"must": "x", "nullable": None, "list": [None]},
            {"must": "x", "nullable": None, "choice": None},
        ),
    ),
    ConvertCase(
        "what has a default may be absent or null",
        {
            "type": "object",
            "required": ["kept", "filled"],
            "properties": {"kept": {"type": "integer"}, "filled": {"type": "string", "default": "x"}},
        },
        good=({"kept": 1}, {"kept": 1, "filled": None}, {"kept": 1, "filled": "y"}),
        bad=({"filled": "x"}, {"kept": 1, "filled": 1}),
    ),
    ConvertCase(
        "a branch judges an absent field by its default",
        {"type": "array", "items": _ADDRESS},
        good=([{"value": "1.2.3.4"}], [{"type": "Host", "value": "x"}], [{}]),
        bad=([{"value": "host"}], [{"type": "IP", "value": "host"}]),
    ),
    ConvertCase(
        "a branch that demands a field is not met by null",
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        good=({"a": "x"}, {"a": None, "b": "x"}),
        bad=({}, {"a": "x", "b": "y"}, {"a": None}),
    ),
    ConvertCase(
        "not and allOf restrict values and declare no fields",
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "allOf": [{"properties": {"a": {"minimum": 2}}}],
            "not": {"required": ["a", "b"]},
        },
        good=({}, {"a": 2}, {"b": 1}),
        bad=({"a": 1}, {"a": 2, "b": 1}, {"c": 1}),
    ),
    ConvertCase(
        "bounds, exclusive ones too, and 32 bits",
        {
            "type": "object",
            "properties": {
                "open": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                "shut": {"type": "integer", "minimum": 0, "exclusiveMinimum": False, "maximum": 5},
                "small": {"type": "integer", "format": "int32"},
                "port": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 65535},
                "even": {"type": "integer", "multipleOf": 2},
            },
        },
        good=({"open": 0.5, "shut": 0, "small": 2147483647, "port": 1, "even": 4}, {"shut": 5.0}),
        bad=({"open": 0}, {"shut": -1}, {"shut": 6}, {"small": 2147483648}, {"port": 0}, {"even": 3}, {"shut": 1.5}),
    ),
    ConvertCase(
        "lengths, counts, patterns and enums",
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 2,
            "properties": {
                "text": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-zä]+$"},
                "list": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer", "enum": [1, 2]}},
                "word": {"type": "string", "enum": ["", "a", "="]},
            },
        },
        good=({"text": "äbc"}, {"list": [1, 2], "word": ""}, {"word": "="}),
        bad=({}, {"text": ""}, {"text": "abcd"}, {"text": "A"}, {"list": []}, {"list": [3]}, {"word": "b"}),
    ),
    ConvertCase(
        "a set holds nothing twice",
        {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        good=([], ["a", "b"]),
        bad=(["a", "a"],),
    ),
    ConvertCase(
        "an embedded object has its own metadata",
        {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}},
        },
        good=({"apiVersion": "v1", "kind": "A", "metadata": {"labels": {"a": "b"}}, "data": {"k": "v"}, "other": 1},),
        bad=(
            {"kind": "A"},
            {"apiVersion": "v1", "kind": ""},
            {"apiVersion": "v1", "kind": "A", "metadata": {"nam": "x"}},
            {"apiVersion": "v1", "kind": "A", "data": {"k": 1}},
        ),
    ),
    ConvertCase(
        "formats that the API server knows",
        {
            "type": "object",
            "properties": {
                name: {"type": "string", "format": name}
                for name in ("date-time", "date", "duration", "byte", "ipv4", "ipv6", "uri", "uuid", "email")
            },
        },
        good=(
            {"date-time": "2026-11-21T03:04:05Z", "date": "2026-11-21", "byte": "YQ==", "ipv4": "10.0.0.1"},
            {"duration": "1h30m", "ipv6": "fe80::1", "uri": "/path", "email": "A <a@example.com>"},
            {"duration": "2w", "uri": "https://example.com", "uuid": "123E4567e89b12d3a456426614174000"},
            {"duration": "3 days"},
            {"duration": "0"},
        ),
        bad=(
            {"date-time": "yesterday"},
            {"date": "2026-13-01"},
            {"duration": "soon"},
            {"byte": "a"},
            {"ipv4": "10.0.0.256"},
            {"ipv6": "10.0.0.1"},
            {"uri": "no scheme"},
            {"uuid": "1234"},
            {"email": "nobody"},
        ),
        formats=True,
    ),
    ConvertCase(
        "formats that nobody knows, or that would panic, demand nothing",
        {
            "type": "object",
            "properties": {
                "string": {"type": "string", "format": "string"},
                "url": {"type": "string", "format": "url"},
                "time": {"type": "string", "format": "time"},
                "regex": {"type": "string", "format": "regex"},
                "number": {"type": "integer", "format": "duration"},
                "flag": {"type": "boolean", "format": "date-time"},
                "either": {"x-kubernetes-int-or-string": True, "format": "duration"},
            },
        },
        good=(
            {"string": "", "url": "::", "time": "25:61", "regex": "([", "number": 1, "flag": True, "either": 1},
            {"either": "5m"},
        ),
        bad=({"number": "5m"}, {"flag": "x"}),
    ),
    ConvertCase(
        "Go's patterns need not be Python's",
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?i)[a-z]+$"}}},
        good=({"a": "ABC"},),
        bad=({"a": "1"},),
        formats=True,
    ),
)
