"""The pods that an object describes, wherever the table of kinds says that they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from aurora.kinds import paths, table
from aurora.kinds.entry import Form, Kind, PodPlace
from aurora.model import counts, pod_forms
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest, string_map
from aurora.model.place import Step
from aurora.model.pod_forms import CONTAINER_FIELDS, Container, Parts

__all__ = ["ANYWHERE", "CONTAINER_FIELDS", "Container", "PodTemplate", "pod_templates"]

ANYWHERE = "*"
"""The namespace of pods that an object without one describes: that of whoever uses the object."""
PARAMETER = "{{"
"""How a parameter begins in the fields of a workflow (Argo Workflows 4.1 docs, variables)."""
_PLAIN = PodPlace(at=())


@dataclass(frozen=True)
class PodTemplate:
    """A pod as an object describes it; `steps` lead from the manifest's root to where it is written.

    Many rules look at every pod, so that its parts are found once.
    """

    manifest: Manifest
    steps: tuple[Step, ...]
    place: PodPlace = _PLAIN

    @cached_property
    def parts(self) -> Parts:
        """The pod taken apart, as its form has it."""
        return pod_forms.parts(self.place.form, self.manifest.body, self.steps)

    @property
    def partial(self) -> str:
        """What a controller adds to the pod, so that a missing setting proves nothing; empty where all is here."""
        return self.place.partial or self.parts.partial

    @property
    def anywhere(self) -> bool:
        """Whether the object is in no namespace, so that the pods run where somebody uses it."""
        kind = self.kind
        return kind is not None and not kind.namespaced

    @property
    def kind(self) -> Kind | None:
        """What the table knows of the object's kind."""
        return table.find(self.manifest.id.group, self.manifest.id.kind)

    @cached_property
    def body(self) -> JsonObject:
        """The template: `metadata` and `spec`."""
        return {"metadata": self.parts.metadata, "spec": self.parts.spec}

    @property
    def spec(self) -> JsonObject:
        """The pod's spec."""
        return self.parts.spec

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels that selectors see: the pod's own, and those that its controller gives it."""
        made = {key: value.replace("$name", self.manifest.id.name) for key, value in self.place.labels}
        return {**string_map(self.parts.metadata.get("labels")), **made}

    @property
    def namespace(self) -> str:
        """The namespace that the pod runs in: `default` where the manifest names none, `*` where it may be any."""
        return ANYWHERE if self.anywhere else self.manifest.id.namespace or "default"

    @property
    def containers(self) -> tuple[Container, ...]:
        """Init containers, then containers, then ephemeral ones."""
        return self.parts.containers

    @property
    def volumes(self) -> tuple[tuple[tuple[Step, ...], JsonObject], ...]:
        """The steps to each volume and its body."""
        return self.parts.volumes

    @cached_property
    def ports(self) -> tuple[JsonObject, ...]:
        """The ports that the pod serves by name: those of containers, and of init containers that go on running.

        Source: Kubernetes 1.35, `FindPort` of k8s.io/endpointslice.
        """
        serving = (container for container in self.containers if container.runs_on)
        return tuple(mapping(port) for container in serving for port in items(container.body.get("ports")))

    @cached_property
    def named_ports(self) -> Mapping[tuple[str, str], int]:
        """The numbers of the ports that have names, by name and protocol; of several of one name, the last."""
        return {
            (name, text(port.get("protocol")) or "TCP"): number
            for port in self.ports
            if (name := text(port.get("name"))) and (number := counts.integer(port.get("containerPort"))) is not None
        }

    def fills_in(self, name: str) -> bool:
        """Tell whether a name holds a parameter of a workflow, so that it is known only when the workflow runs."""
        return self.place.form is Form.WORKFLOW and PARAMETER in name

    def get(self, *steps: Step) -> JsonValue | None:
        """Follow keys and list indexes into the pod's spec; give None where the path ends early."""
        return dig(self.spec, *steps)

    def at(self, *steps: Step) -> tuple[Step, ...]:
        """Give the steps from the manifest's root to a field of the pod's spec."""
        if steps and str(steps[0]) in self.parts.moved:
            return (*self.parts.moved[str(steps[0])], *steps[1:])
        return (*self.parts.at, *steps)

    def metadata_at(self, *steps: Step) -> tuple[Step, ...]:
        """Give the steps from the manifest's root to a field of the pod's metadata."""
        return (*self.parts.metadata_at, *steps)


def pod_templates(manifest: Manifest) -> Iterator[PodTemplate]:
    """Yield the pods that an object describes; nothing for kinds without pods."""
    known = table.find(manifest.id.group, manifest.id.kind)
    for place in known.pods if known is not None else ():
        for steps, value in paths.follow(manifest.body, place.at):
            if not isinstance(value, dict):
                continue
            if place.form is not Form.WORKFLOW:
                yield PodTemplate(manifest, steps, place)
                continue
            for index, template in enumerate(items(value.get("templates"))):
                if pod_forms.runs_containers(template) or pod_forms.runs_containers(value.get("templateDefaults")):
                    yield PodTemplate(manifest, (*steps, "templates", index), place)
