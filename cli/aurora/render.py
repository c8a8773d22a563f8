"""Turns objects into files: paths and bytes. Touches no disk."""

import re
from collections.abc import Iterable, Mapping, Sequence

from aurora.environment.model import Environment
from aurora.errors import BuildError, CollisionError
from aurora.memory import digests
from aurora.memory.store import Forgetful, Memory
from aurora.model.manifest import OPENING, Manifest, Origin, Source
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.synth import SynthesisedObject
from aurora.yamlio.writing import dump

CLUSTER_FOLDER = "_cluster"
ARGOCD_COMPONENT = "argocd"
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_MAX_FILE_NAME = 255
"""Bytes of a file's name on every common file system."""


def render(
    environment: Environment, objects: Sequence[SynthesisedObject], memory: Memory | None = None
) -> tuple[Manifest, ...]:
    """Print every object as the file that will be committed, and keep its origin; `memory` knows earlier prints.

    Raises:
        BuildError: a name or namespace cannot be a file's name.
        CollisionError: two files would have one path, on file systems that fold case too.
    """
    places = {component.name: component.place for component in environment.components}
    header = f"{OPENING} from {environment.path}; do not edit.\n"
    manifests: list[Manifest] = []
    taken: dict[str, ResourceId] = {}
    for entry, text in zip(objects, _texts(objects, memory or Forgetful()), strict=True):
        resource = entry.id
        path = _path(environment.name, entry)
        if entry.emitted:
            earlier = taken.setdefault(path.casefold(), resource)
            if earlier is not resource:
                raise CollisionError(
                    f"{earlier} and {resource} of component `{entry.component}` both belong at `{path}`",
                    hint="rename one of the two; file systems may not tell names apart by case",
                )
        else:
            path = f"{path} (template)"
        place = places.get(entry.component, Place(environment.path))
        manifests.append(
            Manifest(
                id=resource,
                body=entry.body,
                text=header + text,
                source=Source(path),
                environment=environment.name,
                component=entry.component,
                origin=origin_of(entry, place),
                emitted=entry.emitted,
            )
        )
    return tuple(manifests)


def origin_of(entry: SynthesisedObject, place: Place) -> Origin:
    """Give the line that an object comes from; `place` is that of its component."""
    if entry.source is not None:
        return Origin(entry.source.path, entry.source.line)
    return Origin(place.path, place.line, entry.construct)


def _texts(objects: Sequence[SynthesisedObject], memory: Memory) -> list[str]:
    """Print the bodies of objects; what was made and normalised from the same was printed before."""
    keys = [digests.of("text", entry.made_from) if entry.made_from else "" for entry in objects]
    known = memory.recall(set(filter(None, keys)))
    texts = [
        known[key].decode() if key in known else dump(entry.body) for entry, key in zip(objects, keys, strict=True)
    ]
    memory.keep({key: text.encode() for key, text in zip(keys, texts, strict=True) if key and key not in known})
    return texts


def _path(environment: str, entry: SynthesisedObject) -> str:
    try:
        return object_path(environment, entry.component, entry.id)
    except BuildError as error:
        if entry.source is None:
            raise
        raise BuildError(f"{entry.source.place}: {error.message}", hint=error.hint) from error


def object_path(environment: str, component: str, resource: ResourceId) -> str:
    """Give the path of an object's file, relative to the repository.

    Raises:
        BuildError: a part of it cannot be a file's name.
    """
    for part in (resource.kind, resource.name, resource.namespace or CLUSTER_FOLDER[1:]):
        if not _SEGMENT.fullmatch(part) or ".." in part:
            raise BuildError(
                f"{resource} of component `{component}` cannot be a file: `{part}` is not a safe name",
                hint="use letters, digits, dots and dashes",
            )
    file = f"{resource.kind.lower()}.{resource.name.replace(':', '%3A')}.yaml"
    if len(file) > _MAX_FILE_NAME:
        raise BuildError(f"{resource} of component `{component}` has too long a name for a file")
    return f"generated/{environment}/{component}/{resource.namespace or CLUSTER_FOLDER}/{file}"


def files(manifests: Iterable[Manifest]) -> Mapping[str, bytes]:
    """Give the bytes of every emitted manifest by its path, in path order."""
    found = {manifest.source.path: manifest.text.encode() for manifest in manifests if manifest.emitted}
    return dict(sorted(found.items()))
