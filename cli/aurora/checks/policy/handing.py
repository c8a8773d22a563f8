"""Prepares objects for Kyverno: as the API server would see them, with what admission knows of each.

Where Kyverno, which has no cluster here, takes an object for something else than the API server would, the
policy cannot be judged on it; that is found out here, by matching both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from aurora.checks.policy.matching import Constraints, Subject, guessed_plural, possible_plurals
from aurora.checks.policy.planting import RESERVED, Route
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping, text
from aurora.model.kinds import builtin_scope, is_builtin_group
from aurora.model.manifest import Manifest, identify, string_map
from aurora.model.resource import ResourceId

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace."""

_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Handed:
    """A real object, its body as Kyverno gets it, and what admission knows of it."""

    manifest: Manifest
    body: JsonObject
    subject: Subject

    @property
    def id(self) -> ResourceId:
        """What Kyverno calls the object."""
        return identify(self.body)

    @property
    def route(self) -> Route:
        """The way that the object takes through a policy."""
        return Route(self.id.api_version, self.id.kind, self.subject.namespace)


@dataclass(frozen=True, slots=True)
class Served:
    """What a CustomResourceDefinition says about its kind."""

    resource: str
    namespaced: bool


class Surroundings:
    """The namespaces and custom kinds of an inventory, as far as its own objects tell."""

    def __init__(self, inventory: Inventory) -> None:
        self._labels = {entry.id.name: entry.labels for entry in inventory.of_kind("Namespace", group="")}
        self._annotations = {entry.id.name: entry.annotations for entry in inventory.of_kind("Namespace", group="")}
        self._served = dict(_served(inventory))

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Give the labels of a namespace, with the one that the API server adds."""
        return {**self._labels.get(namespace, {}), NAME_LABEL: namespace}

    def namespace(self, name: str, extra: Mapping[str, str] | None = None) -> JsonObject:
        """Give a Namespace as Kyverno's values file has it."""
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
        """Prepare an object: explicit namespace and name, and the label that every Namespace gets."""
        metadata = dict(mapping(manifest.body.get("metadata")))
        namespace = manifest.id.namespace or ("" if self._without_namespace(manifest) else "default")
        if namespace:
            metadata["namespace"] = namespace
        if not manifest.id.name:
            metadata["name"] = f"{text(metadata.get('generateName'))}{_UNNAMED}"
        if (manifest.id.group, manifest.id.kind) == ("", "Namespace"):
            metadata["labels"] = {**mapping(metadata.get("labels")), NAME_LABEL: manifest.id.name}
        body = {**manifest.body, "metadata": metadata}
        return Handed(manifest, body, self.subject(body, namespace))

    def subject(self, body: JsonObject, namespace: str) -> Subject:
        """Say what Kyverno knows of an object when it decides whether a policy matches it."""
        identity = identify(body)
        namespaced = self.labels(namespace) if namespace else {}
        labels = _labels(body)
        return Subject(
            group=identity.group,
            version=identity.version,
            resource=guessed_plural(identity.kind),
            namespace=namespace,
            name=identity.name,
            labels=labels,
            namespace_labels=labels if (identity.group, identity.kind) == ("", "Namespace") else namespaced,
        )

    def is_misjudged(self, constraints: Constraints, handed: Handed) -> bool:
        """Tell whether a policy's match differs between Kyverno without a cluster and the API server."""
        identity = handed.manifest.id
        if is_builtin_group(identity.group):
            return False
        kyverno = constraints.matches(handed.subject)
        served = self._served.get((identity.group, identity.kind))
        if served is None:
            names = possible_plurals(identity.kind)
            return not kyverno and any(constraints.matches(replace(handed.subject, resource=name)) for name in names)
        namespace = handed.subject.namespace if served.namespaced else ""
        truth = replace(handed.subject, resource=served.resource, namespace=namespace)
        return kyverno != constraints.matches(truth)

    @staticmethod
    def _without_namespace(manifest: Manifest) -> bool:
        """Tell whether Kyverno leaves an object without a namespace: it knows the scope of built-in kinds only."""
        return builtin_scope(manifest.id.group, manifest.id.kind) == "Cluster"


def _labels(body: JsonObject) -> dict[str, str]:
    """Read an object's labels as Kyverno does: one that is no string makes it see none of them."""
    labels = mapping(dig(body, "metadata", "labels"))
    strings = string_map(labels)
    return strings if len(strings) == len(labels) else {}


def _served(inventory: Inventory) -> Iterator[tuple[tuple[str, str], Served]]:
    for crd in inventory.of_kind("CustomResourceDefinition", group="apiextensions.k8s.io"):
        kind = text(crd.get("spec", "names", "kind"))
        plural = text(crd.get("spec", "names", "plural"))
        namespaced = crd.get("spec", "scope") != "Cluster"
        yield (text(crd.get("spec", "group")), kind), Served(plural, namespaced)


def _decoded(body: JsonObject) -> JsonObject:
    """Leave out what is null: the API server decodes built-in kinds into fields, where null is absence."""
    return mapping(_without_nulls(body)) if is_builtin_group(identify(body).group) else body


def _without_nulls(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    return [_without_nulls(entry) for entry in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Sorted:
    """The objects to hand over, and those that Kyverno cannot take, with the reason."""

    handed: tuple[Handed, ...]
    impossible: tuple[tuple[Handed, str], ...]


def sort_out(handed: Iterable[Handed]) -> Sorted:
    """Keep lists and second copies from Kyverno, which ends in a panic on them."""
    kept: dict[ResourceId, Handed] = {}
    impossible: list[tuple[Handed, str]] = []
    for entry in handed:
        if isinstance(entry.body.get("items"), list):
            impossible.append((entry, "Kyverno cannot judge a list of objects"))
        elif entry.id.name.startswith(RESERVED):
            impossible.append((entry, f"names that begin with `{RESERVED}` are reserved for planted violations"))
        elif entry.id in kept:
            first = kept[entry.id].manifest.source.place
            impossible.append((entry, f"it is the same object as the one at `{first}`, in the namespace `default`"))
        else:
            kept[entry.id] = replace(entry, body=_decoded(entry.body))
    return Sorted(tuple(kept.values()), tuple(impossible))
