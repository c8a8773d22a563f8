"""One Kubernetes object on its way through the compiler, and where it came from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aurora.model.json_value import JsonObject, JsonValue, dig, mapping, text
from aurora.model.place import Place, Step
from aurora.model.resource import ResourceId

OPENING = "# Compiled by Aurora"
"""The first words of every file that Aurora writes under `generated/`; a file without them is somebody else's."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The line that an object comes from: of an environment file, with the construct, or of its own file."""

    path: str
    line: int
    construct: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" → {self.construct}" if self.construct else "")


@dataclass(frozen=True, slots=True)
class Source:
    """The file in which people find a manifest, and the line of that file on which its text begins."""

    path: str
    line: int = 1

    @property
    def place(self) -> Place:
        """The first line of the manifest."""
        return Place(self.path, self.line)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One object: its body, the exact YAML that tools read, its source and its origin.

    `emitted` is False for an object that is judged like every other but that nobody syncs: a template of which a
    controller makes objects, and what was read from a cluster. `rendered_by` is the Application whose chart Argo CD
    renders into the object: it is no file, and its source names the chart and the template.
    """

    id: ResourceId
    body: JsonObject
    text: str
    source: Source
    environment: str | None = None
    component: str | None = None
    origin: Origin | None = None
    emitted: bool = True
    rendered_by: ResourceId | None = None

    def get(self, *steps: Step) -> JsonValue | None:
        """Follow keys and list indexes into the body; give None where the path ends early."""
        return dig(self.body, *steps)

    @cached_property
    def digest(self) -> bytes:
        """A hash of the object as checks see it: its text, where it stands, and whose it is."""
        seen = [self.source.path, self.source.line, self.environment, self.component, self.emitted]
        return hashlib.sha256(f"{json.dumps(seen)}\n{self.text}".encode("utf-8", "surrogatepass")).digest()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The object's own labels that are strings."""
        return string_map(dig(self.body, "metadata", "labels"))

    @cached_property
    def annotations(self) -> Mapping[str, str]:
        """The object's own annotations that are strings."""
        return string_map(dig(self.body, "metadata", "annotations"))


def string_map(value: JsonValue | None) -> dict[str, str]:
    """Keep the entries of a mapping whose values are strings, as label selectors see them."""
    return {key: entry for key, entry in mapping(value).items() if isinstance(entry, str)}


def identify(body: JsonObject) -> ResourceId:
    """Read an object's identity from its body; missing parts are empty strings."""
    metadata = mapping(body.get("metadata"))
    return ResourceId(
        api_version=text(body.get("apiVersion")),
        kind=text(body.get("kind")),
        namespace=text(metadata.get("namespace")) or None,
        name=text(metadata.get("name")),
    )
