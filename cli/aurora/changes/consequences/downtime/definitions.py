"""Whether unchanged custom resources still fit their changed definition: served versions, and fields of the schema.

Changed ones are judged by the API server's own code. Source: Kubernetes documentation, CustomResourceDefinitions,
field pruning; Argo CD 3.5 (applies with validation, so that an unknown field fails the sync).
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row, quoted
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest

FIELD = Row("downtime/field-unknown", DOWNTIME)
UNSERVED = Row("downtime/version-unserved", DOWNTIME)

_KEPT = frozenset({"apiVersion", "kind", "metadata"})
"""Fields of every object, whatever its schema says."""


def find(view: View) -> Iterator[Found]:
    """Yield unchanged objects that their changed definition no longer fits."""
    for pair, before, after in view.updated("apiextensions.k8s.io", "CustomResourceDefinition"):
        yield from _misfits(view, pair, served(before), served(after))


def served(definition: Manifest) -> dict[str, JsonValue]:
    """Give the schemas of the served versions."""
    versions = items(definition.get("spec", "versions"))
    return {text(dig(entry, "name")): entry for entry in versions if dig(entry, "served") is True}


def _misfits(view: View, pair: Pair, old: dict[str, JsonValue], new: dict[str, JsonValue]) -> Iterator[Found]:
    touched = {name for name, entry in old.items() if new.get(name) != entry}
    group, kind = (text(pair.subject.get("spec", *steps)) for steps in (("group",), ("names", "kind")))
    for manifest in view.after.of_kinds(kind) if touched and kind else ():
        version = manifest.id.version
        if manifest.id.group != group or version not in touched or view.pair_of(manifest) is not None:
            continue
        if version not in new:
            yield UNSERVED.found(pair, f"is written in `{version}`, which is no longer served", resource=manifest.id)
            continue
        schemas = (mapping(dig(entry, "schema", "openAPIV3Schema")) for entry in (old[version], new[version]))
        fields = list(_lost(manifest.body, *schemas, path=""))
        if fields:
            yield FIELD.found(pair, f"has {quoted(fields)}, which the schema no longer knows", resource=manifest.id)


def _lost(value: JsonValue, old: JsonObject, new: JsonObject, *, path: str) -> Iterator[str]:
    """Yield the paths of fields that the former schema knows and the later one does not, each once."""
    if new.get("x-kubernetes-preserve-unknown-fields") is True or new.get("x-kubernetes-embedded-resource") is True:
        return
    if isinstance(value, list):
        one, other = mapping(old.get("items")), mapping(new.get("items"))
        found = (entry for item in value for entry in _lost(item, one, other, path=f"{path}[]"))
        yield from dict.fromkeys(found)
    for key, entry in value.items() if isinstance(value, dict) else ():
        if path or key not in _KEPT:
            yield from _of_field(entry, key, old, new, path=path)


def _of_field(value: JsonValue, key: str, old: JsonObject, new: JsonObject, *, path: str) -> Iterator[str]:
    here = f"{path}.{key}" if path else key
    former, later = (_schema(schema, key) for schema in (old, new))
    if former is None:
        return
    if later is None:
        yield here
    else:
        yield from _lost(value, former, later, path=here)


def _schema(schema: JsonObject, key: str) -> JsonObject | None:
    """Give the schema of a field, an empty one where anything goes, None where there is no such field."""
    properties = mapping(schema.get("properties"))
    if key in properties:
        return mapping(properties[key])
    more = schema.get("additionalProperties")
    return mapping(more) if more not in (None, False) else None
