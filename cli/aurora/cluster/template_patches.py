"""What the `templatePatch` of an ApplicationSet makes of a generated Application, where it can be filled in here.

Source: Argo CD 3.5.1, applicationset/controllers/template (`applyTemplatePatch`), and the strategic merge of
apimachinery: of an Application's lists only finalizers are joined, all others are replaced. Must not judge.
"""

from functools import lru_cache

from aurora.cluster.templates import NotRenderedError
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping
from aurora.yamlio import reading

FINALIZERS = ("metadata", "finalizers")
_RAW = ("source", "helm", "valuesObject")


@lru_cache(maxsize=1024)
def read(written: str) -> JsonObject:
    """Read a patch that is filled in; thousands of Applications may have the same one.

    Raises:
        NotRenderedError: it is no mapping, so that nothing is generated, or it has directives.
    """
    try:
        value = reading.parse(written, as_kubectl=True).value
    except reading.YamlError as error:
        raise NotRenderedError(f"the `templatePatch` is no YAML: {error.message}") from error
    if not isinstance(value, dict):
        raise NotRenderedError("the `templatePatch` is no mapping")
    if _has_directives(value):
        raise NotRenderedError("the `templatePatch` has directives such as `$patch`")
    return value


def _has_directives(value: JsonValue) -> bool:
    if isinstance(value, list):
        return any(map(_has_directives, value))
    return isinstance(value, dict) and any(key.startswith("$") or _has_directives(each) for key, each in value.items())


def patched(made: JsonObject, change: JsonObject) -> JsonObject:
    """Apply a patch to an Application; its project stays what the template says.

    Raises:
        NotRenderedError: both have an object of values, which Argo CD cannot merge.
    """
    if isinstance(dig(made, "spec", *_RAW), dict) and isinstance(dig(change, "spec", *_RAW), dict):
        raise NotRenderedError("template and `templatePatch` both have `valuesObject`")
    merged = _merged(made, change)
    if dig(change, *FINALIZERS) is not None:
        merged["metadata"] = {**mapping(merged["metadata"]), "finalizers": finalizers(dig(made, *FINALIZERS), change)}
    spec = mapping(merged.get("spec"))
    return {**merged, "spec": {**spec, "project": dig(made, "spec", "project")}} if "project" in spec else merged


def finalizers(stated: JsonValue, change: JsonObject) -> list[JsonValue]:
    """Give the finalizers after a patch; null takes all of them away."""
    added = dig(change, *FINALIZERS)
    if added is None and "finalizers" in mapping(change.get("metadata")):
        return []
    return [*items(stated), *(each for each in items(added) if each not in items(stated))]


def _merged(below: JsonObject, change: JsonObject) -> JsonObject:
    merged = dict(below)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(mapping(merged.get(key)), value) if isinstance(value, dict) else value
    return merged
