"""Finds the schema that judges each kind, and lays the files out as kubeconform looks for them.

The definitions among the manifests themselves come before those of folders, and a later folder before an
earlier one; built-in kinds come from Kubernetes' own schemas. A kind without a schema gets a reason.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, partial
from pathlib import Path

from aurora.cluster.kubernetes_versions import absent
from aurora.errors import StorageError
from aurora.kinds.table import is_builtin_group
from aurora.model.json_value import JsonObject, mapping
from aurora.schemas import sources
from aurora.schemas.convert import convert
from aurora.schemas.derived import DerivedFiles
from aurora.schemas.group_version_kind import GroupVersionKind
from aurora.schemas.kubernetes import KubernetesSchemas
from aurora.schemas.sources import Definition
from aurora_constructs.spelling import closest

_HOW_TO_ADD = (
    "add its CustomResourceDefinition: to the manifests, to the repository with `aurora schemas add FILE|DIR`, "
    "or in a folder named with `--schemas DIR`"
)


class Reason(Enum):
    """Why a kind has no schema."""

    UNKNOWN = "unknown"
    NOT_SERVED = "not served"
    NO_KUBERNETES = "no Kubernetes version"


@dataclass(frozen=True, slots=True)
class Missing:
    """A kind without a schema: the reason, in words too, and what to do."""

    reason: Reason
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of one kind; `proved` is False where the input itself brought the definition."""

    kind: GroupVersionKind
    value: JsonObject
    origin: str
    custom: bool
    proved: bool


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """A folder that kubeconform reads, and what is in it and what is not."""

    folder: Path
    schemas: dict[GroupVersionKind, Schema] = field(default_factory=dict)
    missing: dict[GroupVersionKind, Missing] = field(default_factory=dict)


class SchemaStore:
    """The schemas of one run: one Kubernetes minor version, one list of sources."""

    def __init__(
        self, *, cache: Path, kubernetes_version: str, folders: Sequence[Path] = (), own: Sequence[Definition] = ()
    ) -> None:
        self._derived = DerivedFiles(cache / "schemas")
        self._kubernetes = KubernetesSchemas(kubernetes_version)
        self._folders = tuple(folders)
        self._own = tuple(own)

    @cached_property
    def _definitions(self) -> dict[tuple[str, str], Definition]:
        return sources.by_kind((*sources.from_folders(self._folders, self._derived), *self._own))

    def collect(self, kinds: Iterable[GroupVersionKind], folder: Path) -> SchemaSet:
        """Lay out the schemas of the given kinds in an empty folder.

        Raises:
            StorageError: the cache, the folder or a schema pack cannot be used.
            InputError: a folder of definitions holds a broken one; carries the findings.
            UsageError: a folder does not exist.
        """
        found = SchemaSet(folder)
        for kind in sorted(set(kinds)):
            entry = self._find(kind)
            if isinstance(entry, Missing):
                found.missing[kind] = entry
                continue
            path, schema = entry
            if not mapping(schema.value.get("properties")):
                raise StorageError(f"the cached schema `{path}` of {kind} is damaged", hint="delete the cache folder")
            _place(path, folder / kind.file)
            found.schemas[kind] = schema
        return found

    def _find(self, kind: GroupVersionKind) -> tuple[Path, Schema] | Missing:
        if is_builtin_group(kind.group):
            return self._builtin(kind)
        definition = self._definitions.get((kind.group, kind.kind))
        if definition is None or not kind.is_plain:
            return self._unknown(kind)
        if kind.version not in definition.served:
            return _not_served(kind, definition)
        path, value = self._derived.get(
            f"custom {definition.digest} {kind}", lambda: convert(definition.crd(), kind.version)
        )
        return path, Schema(kind, mapping(value), definition.origin, custom=True, proved=definition.proved)

    def _builtin(self, kind: GroupVersionKind) -> tuple[Path, Schema] | Missing:
        minor = self._kubernetes.minor
        unknown = absent(minor)
        if unknown:
            return Missing(Reason.NO_KUBERNETES, *unknown)
        try:
            path, value = self._derived.get(
                f"builtin {self._kubernetes.digest} {kind}", partial(self._kubernetes.schema, kind)
            )
        except KeyError:
            return self._no_builtin(kind)
        return path, Schema(kind, mapping(value), f"Kubernetes {minor}", custom=False, proved=True)

    def _no_builtin(self, kind: GroupVersionKind) -> Missing:
        served = [each for each in self._kubernetes.kinds if (each.group, each.kind) == (kind.group, kind.kind)]
        if served:
            return Missing(
                Reason.NOT_SERVED,
                f"Kubernetes {self._kubernetes.minor} does not serve `{kind.kind}` as `{kind.api_version}`",
                f"write `apiVersion: {served[0].api_version}`",
            )
        return self._unknown(kind)

    def _unknown(self, kind: GroupVersionKind) -> Missing:
        message = f"no definition of the kind `{kind.kind}` in `{kind.api_version}` is known"
        near = self._nearest(kind)
        hint = f"did you mean {near}? Otherwise {_HOW_TO_ADD}" if near else _HOW_TO_ADD
        return Missing(Reason.UNKNOWN, message, hint)

    def _nearest(self, kind: GroupVersionKind) -> str | None:
        """Name the same kind of another group, or the kind of the same group that is spelt most alike."""
        custom = [
            GroupVersionKind(each.group, each.served[0], each.kind)
            for each in self._definitions.values()
            if each.served
        ]
        known = sorted([*custom, *self._kubernetes.kinds])
        same = [each for each in known if each.kind.lower() == kind.kind.lower()]
        if not same:
            neighbours = {each.kind: each for each in known if each.group == kind.group}
            near = closest(kind.kind, neighbours)
            same = [neighbours[near]] if near else []
        return f"`{same[0].kind}` of `{same[0].api_version}`" if same else None


def _not_served(kind: GroupVersionKind, definition: Definition) -> Missing:
    known = "that is not served" if kind.version in definition.unserved else "that does not exist"
    served = ", ".join(f"`{kind.group}/{version}`" for version in definition.served) or "none"
    return Missing(
        Reason.NOT_SERVED,
        f"`{kind.api_version}` is a version of `{kind.kind}` {known}",
        f"served: {served} (from `{definition.origin}`)",
    )


def _place(source: Path, target: Path) -> None:
    """Link a cached file into the folder, so that it stays even if the cache is deleted meanwhile."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
    except OSError as error:
        raise StorageError(f"the schema `{target}` cannot be written: {error.strerror}") from error
