"""Restrictions of values: bounds, patterns, enums, and the branches of `allOf`, `anyOf`, `oneOf` and `not`.

The API server fills in defaults before it judges, so what a default satisfies is satisfied, and a field that
is absent counts as its default. Fields themselves, and which of them may exist, are the business of `convert`.
"""

from aurora.model.json_schema import INT_OR_STRING, INT_OR_STRING_FORMS, SCHEMA_LISTS
from aurora.model.json_value import JsonObject, JsonValue, items, mapping
from aurora.schemas import formats

_COPIED = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties", "multipleOf", "pattern")

_NOT_NULL = ("array", "boolean", "number", "object", "string")


def own(node: JsonObject) -> JsonObject:
    """Convert what a node says about its own value: type, bounds, lengths, pattern, enum and format."""
    rules: JsonObject = {key: node[key] for key in _COPIED if key in node}
    if node.get(INT_OR_STRING) is True:
        rules["type"] = ["integer", "string"]
    elif "type" in node:
        rules["type"] = [node["type"]]
    if "enum" in node:
        rules["enum"] = list(items(node["enum"]))
    rules |= _bounds(node)
    demanded = formats.custom(node)
    if "pattern" in demanded and "pattern" in rules:
        return {**rules, "allOf": [demanded]}
    return {**rules, **demanded}


def _bounds(node: JsonObject) -> JsonObject:
    """Turn the boolean `exclusive…` of OpenAPI 3.0 into the numbers of draft-07."""
    bounds: JsonObject = {}
    for plain, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if plain in node:
            bounds[exclusive if node.get(exclusive) is True else plain] = node[plain]
    return bounds


def junctors(node: JsonObject) -> JsonObject:
    """Convert a node's `allOf`, `anyOf`, `oneOf` and `not`; the usual spelling of int-or-string says nothing new."""
    rules: JsonObject = {}
    for keyword in SCHEMA_LISTS:
        forms = items(node.get(keyword))
        if forms and not (node.get(INT_OR_STRING) is True and forms == INT_OR_STRING_FORMS):
            rules[keyword] = [nested(mapping(form), node) for form in forms]
    if "not" in node:
        rules["not"] = nested(mapping(node["not"]), node)
    return rules


def nested(rule: JsonObject, node: JsonObject) -> JsonObject:
    """Convert one branch; `node` is the structural schema of the value that the branch restricts."""
    schema = own(rule)
    properties, required = _nested_fields(rule, node)
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = [*sorted(required)]
    if "items" in rule:
        schema["items"] = nested(mapping(rule["items"]), mapping(node.get("items")))
    return join(schema, _branches(rule, node))


def _nested_fields(rule: JsonObject, node: JsonObject) -> tuple[JsonObject, set[str]]:
    """Convert what a branch says about fields; one whose default breaks it must be written."""
    fields = mapping(node.get("properties"))
    required = {str(name) for name in required_fields(rule, node)}
    properties: JsonObject = {}
    for name, child in mapping(rule.get("properties")).items():
        field = mapping(fields.get(name))
        default = field.get("default")
        restricted = nested(mapping(child), field)
        if default is not None and holds(mapping(child), default) is False:
            required.add(name)
        elif field.get("nullable") is not True:
            restricted = with_null(restricted)
        properties[name] = restricted
    for name in required:
        if mapping(fields.get(name)).get("nullable") is not True:
            properties[name] = without_null(mapping(properties.get(name)))
    return properties, required


def _branches(rule: JsonObject, node: JsonObject) -> JsonObject:
    found: JsonObject = {
        keyword: [nested(mapping(form), node) for form in items(rule[keyword])]
        for keyword in SCHEMA_LISTS
        if keyword in rule
    }
    if "not" in rule:
        found["not"] = nested(mapping(rule["not"]), node)
    return found


def join(schema: JsonObject, branches: JsonObject) -> JsonObject:
    """Join two sets of keywords; both may bring an `allOf`."""
    joined = {**schema, **branches}
    if "allOf" in schema and "allOf" in branches:
        joined["allOf"] = [*items(schema["allOf"]), *items(branches["allOf"])]
    return joined


def required_fields(rule: JsonObject, node: JsonObject) -> list[JsonValue]:
    """Give the fields that must be written: the required ones without a default."""
    fields = mapping(node.get("properties"))
    return [name for name in items(rule.get("required")) if mapping(fields.get(str(name))).get("default") is None]


def with_null(schema: JsonObject) -> JsonObject:
    """Let a schema accept null besides what it accepts."""
    if any(keyword in schema for keyword in (*SCHEMA_LISTS, "not", "if", "const", "$ref")):
        return {"if": {"type": "null"}, "else": schema}
    wider = dict(schema)
    if "type" in schema:
        wider["type"] = [*items(schema["type"]), "null"]
    if "enum" in schema:
        wider["enum"] = [*items(schema["enum"]), None]
    return wider


def without_null(schema: JsonObject) -> JsonObject:
    """Refuse null for a field that must be there: the API server drops a null, and then the field is missing."""
    if "null" in items(schema.get("type")):
        return {**schema, "type": [name for name in items(schema["type"]) if name != "null"]}
    return schema if "type" in schema else {"type": [*_NOT_NULL], **schema}


def holds(rule: JsonObject, value: JsonValue) -> bool | None:
    """Tell whether a default satisfies a branch's restriction; None where only the tool can tell."""
    return _all([_holds(keyword, demand, value) for keyword, demand in rule.items() if demand is not False])


def _holds(keyword: str, demand: JsonValue, value: JsonValue) -> bool | None:
    if keyword == "enum":
        return any(_equal(value, entry) for entry in items(demand))
    if keyword == "not":
        inner = holds(mapping(demand), value)
        return None if inner is None else not inner
    if keyword in SCHEMA_LISTS:
        return _junctor_holds(keyword, [holds(mapping(form), value) for form in items(demand)])
    if keyword in ("minimum", "maximum") and isinstance(value, int | float) and isinstance(demand, int | float):
        return value >= demand if keyword == "minimum" else value <= demand
    if keyword in ("minLength", "maxLength") and isinstance(value, str) and isinstance(demand, int):
        return len(value) >= demand if keyword == "minLength" else len(value) <= demand
    return None


def _equal(left: JsonValue, right: JsonValue) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _junctor_holds(keyword: str, verdicts: list[bool | None]) -> bool | None:
    if keyword == "allOf":
        return _all(verdicts)
    if keyword == "anyOf":
        return True if True in verdicts else (None if None in verdicts else False)
    return None if None in verdicts else verdicts.count(True) == 1
