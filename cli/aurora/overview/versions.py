"""The versions that an environment pins, against the layer of current versions. Judges nothing."""

import re
from collections.abc import Iterator

from aurora.environment.provenance import explain
from aurora.errors import StorageError
from aurora.model.json_value import JsonValue
from aurora.model.overview import Version
from aurora.paths import RepositoryPaths
from aurora.yamlio import reading

CURRENT = "bases/versions-current.yaml"
_PINNED = re.compile(r"cluster\.kubernetes|images\..+\.tag|components\..+\.charts\..+\.(version|appVersion)")


def versions(paths: RepositoryPaths, environment: str) -> Iterator[Version]:
    """Yield what the environment pins, with the place where it is written.

    Raises:
        InputError: a layer is missing or cannot be read.
        StorageError: the layer of current versions cannot be read.
    """
    current = dict(_current(paths))
    for entry in explain(paths, environment, ""):
        pinned = entry.path in current or _PINNED.fullmatch(entry.path)
        if pinned and entry.place is not None and isinstance(entry.value, str):
            yield Version(path=entry.path, value=entry.value, current=current.get(entry.path), place=entry.place)


def _current(paths: RepositoryPaths) -> Iterator[tuple[str, str]]:
    """Yield the pins of the layer by their paths; a repository without the layer has none."""
    file = paths.environments / CURRENT
    if not file.is_file():
        return
    try:
        yield from _leaves(reading.parse(reading.decode(file.read_bytes())).value, ())
    except (OSError, reading.YamlError) as error:
        raise StorageError(f"`{paths.shown(file)}` cannot be read: {error}") from error


def _leaves(value: JsonValue, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, (*steps, key))
    elif isinstance(value, str) and steps[0] != "extends":
        yield ".".join(steps), value
