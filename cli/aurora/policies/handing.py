"""Prepares objects for a judge: as the API server would see them, with what admission knows of each.

Says where what admission would know is not known here, so that a policy cannot be judged on an object.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from aurora.kinds.table import is_builtin_group
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest, identify, string_map
from aurora.model.resource import ResourceId
from aurora.policies.kinds import Kinds
from aurora.policies.matching import NAME_LABEL, Subject, guessed_plural, possible_plurals
from aurora.policies.planting import RESERVED, Route
from aurora.policies.sources import Policy

_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Given:
    """An object as a judge gets it, and what admission knows of it."""

    body: JsonObject
    subject: Subject
    id: ResourceId = field(init=False)
    """What a judge calls the object."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", identify(self.body))

    @property
    def route(self) -> Route:
        """The way that the object takes through a policy."""
        return Route(self.id.api_version, self.id.kind, self.subject.namespace)


@dataclass(frozen=True, slots=True)
class Handed(Given):
    """A real object."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a policy cannot be judged on an object, and what to do about it."""

    reason: str
    hint: str


_UNKNOWN_KIND = Doubt(
    "no definition of its kind is known, so that nobody can say which resource it is",
    "add its CustomResourceDefinition: `aurora schemas add FILE` in a repository, or `--schemas DIR`",
)


class Surroundings:
    """The namespaces and kinds of an inventory, as far as its own objects and known definitions tell."""

    def __init__(self, inventory: Inventory, kinds: Kinds | None = None) -> None:
        self._labels = {entry.id.name: entry.labels for entry in inventory.of_kind("Namespace", group="")}
        self._annotations = {entry.id.name: entry.annotations for entry in inventory.of_kind("Namespace", group="")}
        self.kinds = kinds or Kinds(inventory)

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Give the labels of a namespace, with the one that the API server adds."""
        return {**self._labels.get(namespace, {}), NAME_LABEL: namespace}

    def namespace(self, name: str, extra: Mapping[str, str] | None = None) -> JsonObject:
        """Give a Namespace as a judge gets it."""
        labels: JsonObject = {**self.labels(name), **(extra or {})}
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": labels, "annotations": {**self._annotations.get(name, {})}},
        }

    def names(self) -> tuple[str, ...]:
        """Give the names of the namespaces among the objects, sorted."""
        return tuple(sorted(self._labels))

    def hand(self, manifest: Manifest) -> Handed:
        """Prepare an object: the namespace that it lies in, a name, and the label that every Namespace gets."""
        metadata = dict(mapping(manifest.body.get("metadata")))
        metadata.pop("namespace", None)
        served = self.kinds.find(manifest.id.group, manifest.id.kind)
        namespace = "" if served and not served.namespaced else manifest.id.namespace or "default"
        if namespace:
            metadata["namespace"] = namespace
        if not manifest.id.name:
            metadata["name"] = f"{text(metadata.get('generateName'))}{_UNNAMED}"
        if (manifest.id.group, manifest.id.kind) == ("", "Namespace"):
            metadata["labels"] = {**mapping(metadata.get("labels")), NAME_LABEL: manifest.id.name}
        body = {**manifest.body, "metadata": metadata}
        return Handed(body, self.subject(body, namespace), manifest)

    def subject(self, body: JsonObject, namespace: str) -> Subject:
        """Say what the API server knows of an object when it decides whether a policy matches it."""
        identity = identify(body)
        served = self.kinds.find(identity.group, identity.kind)
        namespaced = self.labels(namespace) if namespace else {}
        labels = _labels(body)
        return Subject(
            group=identity.group,
            version=identity.version,
            resource=served.resource if served else guessed_plural(identity.kind),
            namespace=namespace,
            name=identity.name,
            labels=labels,
            namespace_labels=labels if (identity.group, identity.kind) == ("", "Namespace") else namespaced,
            kind=identity.kind,
        )

    def may_doubt(self, given: Given) -> bool:
        """Tell whether anything that admission would know of an object is not known here."""
        namespace = given.subject.namespace
        return not self.is_known(given) or (bool(namespace) and namespace not in self._labels)

    def doubt(self, policy: Policy, given: Given) -> Doubt | None:
        """Say why it is not known whether a policy matches an object, or what it would see; None if it is."""
        subject = given.subject
        if not self.is_known(given):
            names = possible_plurals(given.id.kind)
            places = {subject.namespace, ""}
            may = (replace(subject, resource=name, namespace=place) for name in names for place in places)
            return _UNKNOWN_KIND if any(map(policy.constraints.may_match, may)) else None
        if not self.may_doubt(given):
            return None
        if policy.constraints.asks_labels(subject) or (
            policy.reads_namespace and policy.constraints.may_match(subject)
        ):
            return Doubt(
                f"the namespace `{subject.namespace}` is not among the objects, and the policy asks for its labels",
                "add the Namespace with its labels to the objects",
            )
        return None

    def is_known(self, given: Given) -> bool:
        """Tell whether it is known which resource an object is stored as."""
        return self.kinds.find(given.id.group, given.id.kind) is not None


def _labels(body: JsonObject) -> dict[str, str]:
    """Read an object's labels as Kyverno does: one that is no string makes it see none of them."""
    labels = mapping(dig(body, "metadata", "labels"))
    strings = string_map(labels)
    return strings if len(strings) == len(labels) else {}


def _decoded(entry: Handed) -> Handed:
    """Leave out what is null: the API server decodes built-in kinds into fields, where null is absence."""
    # There is hardly ever anything to leave out, and to look costs less than to copy.
    if not is_builtin_group(entry.id.group) or not _has_null(entry.body):
        return entry
    return replace(entry, body=mapping(_without_nulls(entry.body)))


def _has_null(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(entry is None or (type(entry) in (dict, list) and _has_null(entry)) for entry in value.values())
    return isinstance(value, list) and any(entry is None or _has_null(entry) for entry in value)


def _without_nulls(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [_without_nulls(entry) for entry in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Sorted:
    """The objects to hand over, and those that no judge can take, with the reason."""

    handed: tuple[Handed, ...]
    impossible: tuple[tuple[Handed, str], ...]


def sort_out(handed: Iterable[Handed]) -> Sorted:
    """Keep lists and second copies back: Kyverno ends in a panic on them."""
    kept: dict[ResourceId, Handed] = {}
    impossible: list[tuple[Handed, str]] = []
    for entry in handed:
        if isinstance(entry.body.get("items"), list):
            impossible.append((entry, "Kyverno cannot judge a list of objects"))
        elif entry.id.name.startswith(RESERVED):
            impossible.append((entry, f"names that begin with `{RESERVED}` are reserved for planted violations"))
        elif entry.id in kept:
            first = kept[entry.id].manifest.source.place
            impossible.append((entry, f"it is the same object as the one at `{first}`{_where(entry)}"))
        else:
            kept[entry.id] = _decoded(entry)
    return Sorted(tuple(kept.values()), tuple(impossible))


def _where(entry: Handed) -> str:
    return f", in the namespace `{entry.subject.namespace}`" if entry.subject.namespace else ""
