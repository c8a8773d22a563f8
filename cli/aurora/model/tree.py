"""Every value inside a manifest with the steps that lead to it, without recursion: manifests may be deep."""

from collections.abc import Iterator

from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.place import Step

Steps = tuple[Step, ...]


def mappings(value: JsonValue | None, steps: Steps = ()) -> Iterator[tuple[Steps, JsonObject]]:
    """Yield every mapping inside a value, itself included, outer ones before inner ones."""
    for place, found in _nodes(value, steps):
        if isinstance(found, dict):
            yield place, found


def texts(value: JsonValue | None, steps: Steps = ()) -> Iterator[tuple[Steps, str]]:
    """Yield every string inside a value; keys are not among them."""
    for place, found in _nodes(value, steps):
        if isinstance(found, str):
            yield place, found


def strings(value: JsonValue | None) -> Iterator[str]:
    """Yield every string inside a value, in no order and without the steps to it."""
    return (found for found in scalars(value) if isinstance(found, str))


def scalars(value: JsonValue | None) -> list[str | float | None]:
    """Give everything inside a value that holds nothing, in no order, without the steps: many times as fast."""
    pending, found = [value], list[str | float | None]()
    for entry in pending:  # which grows meanwhile
        if isinstance(entry, dict):
            pending.extend(entry.values())
        elif isinstance(entry, list):
            pending.extend(entry)
        else:
            found.append(entry)
    return found


def keys(value: JsonValue | None) -> set[str]:
    """Give the keys of every mapping inside a value."""
    pending, found = [value], set[str]()
    for entry in pending:  # which grows meanwhile
        if isinstance(entry, dict):
            found.update(entry)
            pending.extend(entry.values())
        elif isinstance(entry, list):
            pending.extend(entry)
    return found


def _nodes(value: JsonValue | None, steps: Steps) -> Iterator[tuple[Steps, JsonValue | None]]:
    pending: list[tuple[Steps, JsonValue | None]] = [(steps, value)]
    while pending:
        place, found = pending.pop()
        yield place, found
        if isinstance(found, dict):
            pending.extend(((*place, key), inner) for key, inner in reversed(found.items()))
        elif isinstance(found, list):
            pending.extend(((*place, index), found[index]) for index in reversed(range(len(found))))
