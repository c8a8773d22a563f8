"""What an environment says without writing it: the defaults of what was left out. Reads no files."""

from collections.abc import Iterator, Mapping

from aurora.environment.shape import Visit, shape_of, walk
from aurora.environment.spec import COMPONENTS, EnvironmentSpec
from aurora.environment.tree import Node, Steps
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora_constructs.catalogue import ComponentKind


def defaults(tree: Node, kinds: Mapping[str, ComponentKind]) -> Iterator[Visit]:
    """Yield every value that stands nowhere, since its key was left out; `kinds` describe the components."""
    visits = list(walk(shape_of(EnvironmentSpec), tree, (), defaults=True))
    for name, component in tree.nearest((COMPONENTS,)).entries():
        kind = component.find(("kind",))
        found = kinds.get(str(kind.content)) if kind is not None else None
        if found is not None:
            visits.extend(walk(shape_of(found.spec), component, (COMPONENTS, name), defaults=True))
    return (visit for visit in visits if visit.default_of is not None)


def filled(tree: Node, kinds: Mapping[str, ComponentKind]) -> JsonObject:
    """Give a whole specification without places, with its defaults; what has none stays away."""
    result = mapping(tree.plain())
    for visit in sorted(defaults(tree, kinds), key=lambda found: len(found.steps)):
        if not visit.node.removed:
            _put(result, visit.steps, visit.node.plain())
    return result


def _put(value: JsonValue, steps: Steps, default: JsonValue) -> None:
    """Write a default into the mapping or the entry of a list that leaves it out."""
    *way, key = steps
    for step in way:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    if isinstance(value, dict):
        value.setdefault(str(key), default)
