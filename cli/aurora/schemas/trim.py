"""Cuts a CustomResourceDefinition down to what decides about an object, and says what the API server would refuse.

Kept: names, scope, served versions with their structural schema, defaults, rule expressions and subresources,
what rules say, and the names of the versions that are not served. Dropped: all other sentences that somebody
wrote, printer columns, conversion, and the demand for what the table of kinds knows to be filled in first.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from aurora.kinds import table
from aurora.kinds.paths import EACH
from aurora.model import json_schema
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.place import Step

API_VERSION = "apiextensions.k8s.io/v1"
KIND = "CustomResourceDefinition"

_PROSE = frozenset({"description", "title", "example", "externalDocs"})
_RULE_WORDS = ("message", "messageExpression")
_RULE_KEYS = ("fieldPath", *_RULE_WORDS, "optionalOldSelf", "reason", "rule")
_NAME_KEYS = ("kind", "listKind", "plural", "singular")

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+")
_KIND_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the API server would refuse a definition, and the steps to the part that is wrong."""

    steps: tuple[Step, ...]
    message: str


@dataclass(frozen=True, slots=True)
class TrimmedCrd:
    """A definition that holds nothing but what decides; `body` has the form of a CustomResourceDefinition."""

    body: JsonObject

    @property
    def group(self) -> str:
        """The API group."""
        return text(dig(self.body, "spec", "group"))

    @property
    def kind(self) -> str:
        """The kind that the definition adds."""
        return text(dig(self.body, "spec", "names", "kind"))

    @property
    def name(self) -> str:
        """The object's name: plural and group."""
        return text(dig(self.body, "metadata", "name"))

    @property
    def served(self) -> tuple[str, ...]:
        """The versions that a cluster offers, in the definition's order."""
        return tuple(text(version.get("name")) for version in self._versions() if version.get("served") is True)

    @property
    def unserved(self) -> tuple[str, ...]:
        """The versions that the definition knows and a cluster does not offer."""
        return tuple(text(version.get("name")) for version in self._versions() if version.get("served") is not True)

    def version(self, name: str) -> JsonObject:
        """Give a served version: its schema and subresources.

        Raises:
            KeyError: no version of that name is served.
        """
        for version in self._versions():
            if version.get("name") == name and version.get("served") is True:
                return version
        raise KeyError(name)

    def text(self) -> str:
        """Print what decides as JSON, without the words of rules: sorted, the same bytes for the same content."""
        return json.dumps(_without_words(self.body), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def _versions(self) -> list[JsonObject]:
        return [mapping(version) for version in items(dig(self.body, "spec", "versions"))]


def _without_words(value: JsonValue, *, rule: bool = False) -> JsonValue:
    if isinstance(value, list):
        return [_without_words(entry, rule=rule) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {key: entry for key, entry in value.items() if not (rule and key in _RULE_WORDS)}
    return {key: _without_words(entry, rule=key == json_schema.VALIDATIONS) for key, entry in kept.items()}


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The trimmed definition, or None together with every reason against it."""

    crd: TrimmedCrd | None
    problems: tuple[Problem, ...]


def is_crd(body: JsonObject) -> bool:
    """Tell whether an object claims to be a CustomResourceDefinition, of any version."""
    return body.get("kind") == KIND and text(body.get("apiVersion")).startswith("apiextensions.k8s.io/")


def trim(body: JsonObject) -> Trimmed:
    """Cut a definition down to what decides, or say everything that is wrong with it."""
    trimmer = _Trimmer()
    spec = mapping(body.get("spec"))
    current = body.get("apiVersion") == API_VERSION
    trimmer.demand(("apiVersion",), f"only `{API_VERSION}` is served by any cluster", holds=current)
    names = trimmer.names(spec, text(dig(body, "metadata", "name")))
    versions = trimmer.versions(spec.get("versions"))
    if trimmer.problems:
        return Trimmed(None, tuple(trimmer.problems))
    known = table.find(text(spec["group"]), text(names.get("kind")))
    for path in known.filled if known else ():
        for version in versions:
            _release(dig(version, "schema", "openAPIV3Schema"), path)
    trimmed: JsonObject = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": dig(body, "metadata", "name")},
        "spec": {"group": spec["group"], "names": names, "scope": spec["scope"], "versions": versions},
    }
    return Trimmed(TrimmedCrd(trimmed), ())


def _release(node: JsonValue, path: tuple[str, ...]) -> None:
    """No longer demand a field that a webhook fills in before the API server looks at the schema."""
    for step in path[:-1]:
        node = dig(node, "items") if step == EACH else dig(node, "properties", step)
    if isinstance(node, dict):
        node["required"] = [name for name in items(node.get("required")) if name != path[-1]]


class _Trimmer:
    """Collects problems while it copies; the copy is used only if there are none."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def demand(self, steps: tuple[Step, ...], message: str, *, holds: bool) -> bool:
        if not holds:
            self.problems.append(Problem(steps, message))
        return holds

    def names(self, spec: JsonObject, object_name: str) -> JsonObject:
        names = mapping(spec.get("names"))
        group, plural = text(spec.get("group")), text(names.get("plural"))
        is_group = _SUBDOMAIN.fullmatch(group) is not None
        self.demand(("spec", "group"), f"`{group}` is no DNS name with a dot", holds=is_group)
        for key, pattern in (("plural", _LABEL), ("kind", _KIND_NAME)):
            name = text(names.get(key))
            fits = pattern.fullmatch(name) is not None
            self.demand(("spec", "names", key), f"`{name}` is no valid {key}", holds=fits)
        named = object_name == f"{plural}.{group}"
        self.demand(("metadata", "name"), f"the name must be `{plural}.{group}`", holds=named)
        scoped = spec.get("scope") in ("Namespaced", "Cluster")
        self.demand(("spec", "scope"), "must be `Namespaced` or `Cluster`", holds=scoped)
        return {key: names[key] for key in _NAME_KEYS if key in names}

    def versions(self, value: JsonValue) -> list[JsonValue]:
        steps: tuple[Step, ...] = ("spec", "versions")
        self.demand(steps, "at least one version must be listed", holds=bool(items(value)))
        seen: set[str] = set()
        found: list[JsonValue] = []
        for index, entry in enumerate(items(value)):
            version = mapping(entry)
            name = text(version.get("name"))
            here = (*steps, index)
            is_name = _LABEL.fullmatch(name) is not None
            self.demand((*here, "name"), f"`{name}` is no valid version", holds=is_name)
            self.demand((*here, "name"), f"the version `{name}` is listed twice", holds=name not in seen)
            seen.add(name)
            is_flag = isinstance(version.get("served"), bool)
            self.demand((*here, "served"), "must be true or false", holds=is_flag)
            found.append(self._version(version, here))
        return found

    def _version(self, version: JsonObject, steps: tuple[Step, ...]) -> JsonObject:
        kept: JsonObject = {key: version[key] for key in ("name", "served", "storage") if key in version}
        if version.get("served") is not True:
            return kept
        schema = dig(version, "schema", "openAPIV3Schema")
        here = (*steps, "schema", "openAPIV3Schema")
        if self.demand(here, "a served version needs a schema", holds=isinstance(schema, dict)):
            is_object = mapping(schema).get("type") == "object"
            self.demand((*here, "type"), "must be `object` at the root", holds=is_object)
            kept["schema"] = {"openAPIV3Schema": self.schema(mapping(schema), here, structural=True)}
        for key in ("deprecated", "subresources"):
            if key in version:
                kept[key] = version[key]
        return kept

    def schema(self, node: JsonObject, steps: tuple[Step, ...], *, structural: bool) -> JsonObject:
        """Copy one node; below `allOf`, `anyOf`, `oneOf` and `not` it restricts values and declares no fields."""
        if structural:
            self._typed(node, steps)
        kept: JsonObject = {}
        for keyword in sorted(node.keys() - _PROSE):
            value, here = node[keyword], (*steps, keyword)
            rule = _KEYWORDS.get(keyword)
            if rule is None:
                self.problems.append(Problem(here, f"`{keyword}` is not allowed in a structural schema"))
            elif self.demand(here, f"`{keyword}` must be {rule.form}", holds=rule.fits(value)):
                kept[keyword] = self._value(keyword, value, here, structural=structural)
        return kept

    def _typed(self, node: JsonObject, steps: tuple[Step, ...]) -> None:
        typed = "type" in node or node.get(json_schema.PRESERVE) is True or node.get(json_schema.INT_OR_STRING) is True
        self.demand(steps, "every field needs a `type`", holds=typed)

    def _value(self, keyword: str, value: JsonValue, steps: tuple[Step, ...], *, structural: bool) -> JsonValue:
        if keyword == json_schema.VALIDATIONS:
            return [{key: rule[key] for key in _RULE_KEYS if key in rule} for rule in map(mapping, items(value))]
        if keyword == "properties":
            return {
                name: self.schema(mapping(child), (*steps, name), structural=structural)
                for name, child in sorted(mapping(value).items())
                if self.demand((*steps, name), "a property must be a schema", holds=isinstance(child, dict))
            }
        if keyword in json_schema.SCHEMA_LISTS:
            return [
                self.schema(mapping(child), (*steps, index), structural=False)
                for index, child in enumerate(items(value))
            ]
        if keyword in json_schema.SCHEMA_KEYWORDS and isinstance(value, dict):
            return self.schema(value, steps, structural=structural and keyword != "not")
        return value


@dataclass(frozen=True, slots=True)
class _Keyword:
    """What a keyword's value must look like, for the machine and in words."""

    fits: Callable[[JsonValue], bool]
    form: str


def _list_of(kind: type, form: str) -> _Keyword:
    return _Keyword(lambda value: isinstance(value, list) and all(isinstance(entry, kind) for entry in value), form)


def _keywords() -> dict[str, _Keyword]:
    """The keywords of `JSONSchemaProps` (apiextensions.k8s.io/v1) that a structural schema may have."""
    types = ", ".join(sorted(json_schema.TYPES))
    type_ = _Keyword(lambda value: isinstance(value, str) and value in json_schema.TYPES, f"one of {types}")
    boolean = _Keyword(lambda value: isinstance(value, bool), "true or false")
    true = _Keyword(lambda value: value is True, "true or absent")
    number = _Keyword(lambda value: isinstance(value, int | float) and not isinstance(value, bool), "a number")
    count = _Keyword(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0, "a whole number from 0"
    )
    string = _Keyword(lambda value: isinstance(value, str), "a string")
    strings = _list_of(str, "a list of strings")
    schema = _Keyword(lambda value: isinstance(value, dict), "a schema")
    schemas = _list_of(dict, "a list of schemas")
    return {
        "type": type_,
        "default": _Keyword(lambda _: True, "any value"),
        "enum": _Keyword(lambda value: isinstance(value, list) and bool(value), "a list of values"),
        "uniqueItems": _Keyword(lambda value: value is False, "false or absent"),
        "properties": _Keyword(lambda value: isinstance(value, dict), "a mapping of names to schemas"),
        "additionalProperties": _Keyword(lambda value: isinstance(value, dict) or value is True, "a schema or true"),
        "items": schema,
        "not": schema,
        "required": strings,
        "x-kubernetes-list-map-keys": strings,
        json_schema.VALIDATIONS: schemas,
        json_schema.PRESERVE: true,
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), schemas),
        **dict.fromkeys(("minimum", "maximum", "multipleOf"), number),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), count),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "nullable"), boolean),
        **dict.fromkeys((json_schema.EMBEDDED, json_schema.INT_OR_STRING), boolean),
        **dict.fromkeys(("format", "pattern", json_schema.LIST_TYPE, "x-kubernetes-map-type"), string),
    }


_KEYWORDS = _keywords()
