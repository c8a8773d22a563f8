"""The JSON Schemas that editors complete and check environment files with.

Equal kinds give equal schemas, entry by entry in the same order. Writes no files.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from aurora.environment import descriptions
from aurora.environment.spec import COMPONENTS, RESERVED_NAMES, EnvironmentSpec
from aurora.model.json_schema import children, rebuilt
from aurora_constructs.catalogue import ComponentKind

Schema = dict[str, Any]

_ENVIRONMENT = "EnvironmentSpec"
_COMPONENT = "Component"
_LAYER = "layer."
_REF = "#/$defs/"
_NULL: Schema = {"type": "null"}


class _Generator(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of field names: editors show the names anyway."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> Schema:
        """Add what the specification says about its fields."""
        model = schema["cls"]
        found = super().model_schema(schema)
        for name, words in descriptions.of(model).items():
            alias = model.model_fields[name].alias or name
            if alias in found.get("properties", {}):
                found["properties"][alias].setdefault("description", words)
        return found


def editor_schema(kinds: Mapping[str, ComponentKind]) -> Schema:
    """Describe environment files: complete ones, and those that extend layers and may leave anything out."""
    definitions = _definitions(kinds)
    extending = {"properties": {"extends": {"type": "array", "minItems": 1}}, "required": ["extends"]}
    root = {
        "title": "Aurora environment",
        "if": extending,
        "then": {"$ref": f"{_REF}{_LAYER}{_ENVIRONMENT}"},
        "else": {"$ref": f"{_REF}{_ENVIRONMENT}"},
    }
    return _document(root, definitions)


def layer_schema(kinds: Mapping[str, ComponentKind]) -> Schema:
    """Describe layers: every key may be missing, and null removes what lower layers say."""
    return _document({"title": "Aurora layer", "$ref": f"{_REF}{_LAYER}{_ENVIRONMENT}"}, _definitions(kinds))


def _document(root: Schema, definitions: Schema) -> Schema:
    needed: dict[str, None] = {}
    open_names = list(_references(root))
    while open_names:
        name = open_names.pop()
        if name not in needed:
            needed[name] = None
            open_names.extend(_references(definitions[name]))
    used = {name: definitions[name] for name in sorted(needed)}
    return {"$schema": _Generator.schema_dialect, **root, "$defs": used}


def _references(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield str(schema["$ref"]).removeprefix(_REF)
    for part in children(schema):
        yield from _references(part)


def _definitions(kinds: Mapping[str, ComponentKind]) -> Schema:
    """Give every definition twice: as a complete file has it, and as a layer does."""
    ordered = [kinds[name] for name in sorted(kinds)]
    models = [(model, "validation") for model in (EnvironmentSpec, *dict.fromkeys(kind.spec for kind in ordered))]
    references, pydantic_schema = models_json_schema(
        models,  # type: ignore[arg-type]
        ref_template=f"{_REF}{{model}}",
        schema_generator=_Generator,
    )
    names = {model: str(reference["$ref"]).removeprefix(_REF) for (model, _), reference in references.items()}
    complete: Schema = {name: _strict(schema) for name, schema in pydantic_schema["$defs"].items()}
    specs = {kind.name: names[kind.spec] for kind in ordered}
    complete[_COMPONENT] = _component(specs)
    environment = complete[names[EnvironmentSpec]]
    environment["properties"][COMPONENTS] = _components(environment["properties"][COMPONENTS])
    complete[_ENVIRONMENT] = environment
    layers = {f"{_LAYER}{name}": _partial(schema) for name, schema in complete.items()}
    # Not merged, so there is nothing that a null could remove.
    layers[f"{_LAYER}{_ENVIRONMENT}"]["properties"]["extends"] = environment["properties"]["extends"]
    return {**complete, **layers}


def _component(specs: Mapping[str, str]) -> Schema:
    """Describe a component by its kind; conditions tell more precisely what is wrong than alternatives."""
    return {
        "description": "A component; its kind decides which keys it has.",
        "type": "object",
        "properties": {"kind": {"description": "The component kind.", "enum": list(specs)}},
        "required": ["kind"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": f"{_REF}{definition}"},
            }
            for kind, definition in specs.items()
        ],
    }


def _components(schema: Schema) -> Schema:
    """Put the component's schema where pydantic sees any mapping."""
    patterns = {pattern: {"$ref": f"{_REF}{_COMPONENT}"} for pattern in schema["patternProperties"]}
    names = {**schema.get("propertyNames", {}), "not": {"enum": sorted(RESERVED_NAMES)}}
    return {**schema, "patternProperties": patterns, "propertyNames": names}


def _strict(schema: Schema) -> Schema:
    """Take out null, which is no value in these files, and the keys beside those that a pattern allows."""
    result: Schema = rebuilt(schema, _strict)
    if "anyOf" in result:
        members = [member for member in result.pop("anyOf") if member != _NULL]
        result.update(members[0] if len(members) == 1 else {"anyOf": members})
        if "description" in schema:
            result["description"] = schema["description"]
    if result.get("default", _NULL) is None:
        del result["default"]
    if "patternProperties" in result:
        result.setdefault("additionalProperties", False)
    return result


def _partial(schema: Schema) -> Schema:
    """Describe a layer's part: nothing is required, null removes; lists replace as a whole and stay complete."""
    result = {key: part for key, part in schema.items() if key not in ("required", "minProperties", "discriminator")}
    if "oneOf" in result:
        result["anyOf"] = result.pop("oneOf")
    if "$ref" in result:
        result["$ref"] = str(result["$ref"]).replace(_REF, _REF + _LAYER)
    for key in ("properties", "patternProperties"):
        if key in result:
            result[key] = {name: _nullable(_partial(part)) for name, part in result[key].items()}
    if isinstance(result.get("additionalProperties"), dict):
        result["additionalProperties"] = _nullable(_partial(result["additionalProperties"]))
    if "anyOf" in result:
        result["anyOf"] = [_partial(part) for part in result["anyOf"]]
    if "allOf" in result:
        result["allOf"] = [{**part, "then": _partial(part["then"])} for part in result["allOf"]]
    return result


def _nullable(schema: Schema) -> Schema:
    result = dict(schema)
    if "const" in result:
        result["enum"] = [result.pop("const")]
    if "enum" in result:
        result["enum"] = [*result["enum"], None]
    if isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
    if "anyOf" in result:
        result["anyOf"] = [*result["anyOf"], _NULL]
    if "$ref" in result:
        result["anyOf"] = [{"$ref": result.pop("$ref")}, _NULL]
    return result
