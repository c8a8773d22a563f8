"""Where pods hide: the pod templates inside workloads, one table of paths per kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, string_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aurora.model.place import Step

# API group and kind -> the steps to the pod template (an object with `metadata` and `spec`).
TEMPLATE_STEPS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
}

CONTAINER_FIELDS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod template, and the steps to it from the manifest's root."""

    steps: tuple[Step, ...]
    body: JsonObject

    @property
    def name(self) -> str:
        """The container's name, empty if it has none."""
        return text(self.body.get("name"))

    @property
    def init(self) -> bool:
        """Whether it runs before the pod's main containers, sidecars included."""
        return "initContainers" in self.steps


@dataclass(frozen=True)
class PodTemplate:
    """A pod as a workload describes it; `steps` lead from the manifest's root to the template.

    Many rules look at every pod, so that its parts are found once.
    """

    manifest: Manifest
    steps: tuple[Step, ...]

    @cached_property
    def body(self) -> JsonObject:
        """The template: `metadata` and `spec`."""
        return mapping(dig(self.manifest.body, *self.steps))

    @cached_property
    def spec(self) -> JsonObject:
        """The pod's spec."""
        return mapping(self.body.get("spec"))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels that selectors see."""
        return string_map(dig(self.body, "metadata", "labels"))

    @property
    def namespace(self) -> str:
        """The namespace that the pod runs in; `default` where the manifest names none."""
        return self.manifest.id.namespace or "default"

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """Init containers, then containers, then ephemeral ones."""
        return tuple(
            Container((*self.steps, "spec", field, index), mapping(container))
            for field in CONTAINER_FIELDS
            for index, container in enumerate(items(self.spec.get(field)))
        )

    @cached_property
    def volumes(self) -> tuple[tuple[tuple[Step, ...], JsonObject], ...]:
        """The steps to each volume and its body."""
        return tuple(
            ((*self.steps, "spec", "volumes", index), mapping(volume))
            for index, volume in enumerate(items(self.spec.get("volumes")))
        )

    def get(self, *steps: Step) -> JsonValue | None:
        """Follow keys and list indexes into the pod's spec; give None where the path ends early."""
        return dig(self.spec, *steps)


def pod_templates(manifest: Manifest) -> Iterator[PodTemplate]:
    """Yield the pod templates of a workload; nothing for other kinds."""
    steps = TEMPLATE_STEPS.get((manifest.id.group, manifest.id.kind))
    if steps is not None and isinstance(dig(manifest.body, *steps), dict):
        yield PodTemplate(manifest, steps)
