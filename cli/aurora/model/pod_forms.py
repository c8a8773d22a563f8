"""How pods are written: as a template, a spec, or in parts that a controller puts together.

The composed forms follow KServe 0.20 (`pkg/apis/serving/v1beta1`, component extensions) and Argo Workflows 4.1
(`workflow/controller/workflowpod.go`). Finds what is written; adds nothing that a controller would.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aurora.kinds.entry import Form
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.tree import mappings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aurora.model.place import Step

    Steps = tuple[Step, ...]

CONTAINER_FIELDS = ("initContainers", "containers", "ephemeralContainers")
KSERVE_CONTAINER, WORKFLOW_CONTAINER = "kserve-container", "main"
FRAMEWORKS = (
    *("model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton"),
    *("onnx", "huggingface", "pmml", "lightgbm", "paddle", "art"),
)
"""The fields of a KServe component that hold its main container."""
BY_RUNTIME = "the serving runtime's container and settings are merged in"
BY_PATCH = "`podSpecPatch` changes the pod"
_TEMPLATE_FIELDS = (
    *("activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "hostAliases", "nodeSelector"),
    *("priorityClassName", "schedulerName", "securityContext", "serviceAccountName", "tolerations"),
)
_WORKFLOW_FIELDS = (
    *("affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "hostAliases", "hostNetwork"),
    *("imagePullSecrets", "nodeSelector", "schedulerName", "securityContext", "serviceAccountName", "tolerations"),
)


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod template, and the steps to it from the manifest's root; `shared` are mounts beside it."""

    steps: Steps
    body: JsonObject
    init: bool = False
    shared: tuple[tuple[Steps, JsonObject], ...] = ()

    @property
    def name(self) -> str:
        """The container's name, empty if it has none."""
        return text(self.body.get("name"))

    @property
    def mounts(self) -> Iterator[tuple[Steps, JsonObject]]:
        """Its mounts of volumes and its block devices, each with the steps to it."""
        for name in ("volumeMounts", "volumeDevices"):
            yield from _listed(self.body, self.steps, name)
        yield from self.shared

    @property
    def variables(self) -> Iterator[tuple[Steps, JsonObject]]:
        """Its environment variables, each with the steps to it."""
        yield from _listed(self.body, self.steps, "env")

    @property
    def words(self) -> Iterator[tuple[Steps, str]]:
        """The words of its command and arguments, each with the steps to it."""
        for name in ("command", "args"):
            for number, word in enumerate(items(self.body.get(name))):
                yield (*self.steps, name, number), text(word)

    @property
    def runs_on(self) -> bool:
        """Whether it runs as long as the pod; the containers do not wait for the end of an init container that does."""
        return not self.init or self.body.get("restartPolicy") == "Always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A pod taken apart: its spec, where its fields stand, and its containers and volumes with the steps to each.

    Fields stand below `at`, but for those that `moved` leads elsewhere. `claimed` names the volumes that a controller
    adds for claim templates; `lent` says that pods which other objects describe share the volumes.
    """

    spec: JsonObject
    at: Steps
    containers: tuple[Container, ...]
    volumes: tuple[tuple[Steps, JsonObject], ...]
    metadata: JsonObject = field(default_factory=dict)
    metadata_at: Steps = ()
    moved: Mapping[str, Steps] = field(default_factory=dict)
    partial: str = ""
    claimed: tuple[str, ...] = ()
    lent: bool = False


def parts(form: Form, body: JsonObject, steps: Steps) -> Parts:
    """Take the pod apart that is written at some steps of an object."""
    value = mapping(dig(body, *steps))
    return _FORMS[form](body, value, steps)


def _template(_: JsonObject, value: JsonObject, steps: Steps) -> Parts:
    spec, at = mapping(value.get("spec")), (*steps, "spec")
    metadata = mapping(value.get("metadata"))
    return Parts(
        spec=spec,
        at=at,
        containers=tuple(_containers(spec, at)),
        volumes=tuple(_listed(spec, at, "volumes")),
        metadata=metadata,
        metadata_at=(*steps, "metadata"),
    )


def _spec(_: JsonObject, value: JsonObject, steps: Steps) -> Parts:
    """KServe and the Prometheus operator write the pod's labels beside or below its spec."""
    own = "podMetadata" if isinstance(value.get("podMetadata"), dict) else ""
    metadata = mapping(value.get(own)) if own else value
    return Parts(
        spec=value,
        at=steps,
        containers=tuple(_containers(value, steps)),
        volumes=tuple(_listed(value, steps, "volumes")),
        metadata={key: metadata[key] for key in ("labels", "annotations") if key in metadata},
        metadata_at=(*steps, own) if own else steps,
    )


def _component(body: JsonObject, value: JsonObject, steps: Steps) -> Parts:
    """Put KServe's main container, which stands beside the pod's fields, among its containers."""
    plain = _spec(body, value, steps)
    added = [
        Container((*steps, framework), {**mapping(value[framework]), "name": KSERVE_CONTAINER})
        for framework in FRAMEWORKS
        if isinstance(value.get(framework), dict)
    ]
    containers = (*plain.containers, *added)
    whole = any(not container.init for container in plain.containers) and not added
    return Parts(
        spec={**value, "containers": [entry.body for entry in containers if not entry.init]},
        at=steps,
        containers=containers,
        volumes=plain.volumes,
        metadata=plain.metadata,
        metadata_at=plain.metadata_at,
        partial="" if whole else BY_RUNTIME,
    )


def _container(_: JsonObject, value: JsonObject, steps: Steps) -> Parts:
    return Parts(spec={"containers": [value]}, at=steps, containers=(Container(steps, value),), volumes=())


def _workflow(body: JsonObject, value: JsonObject, steps: Steps) -> Parts:
    """Compose the pod of a template: its own fields, then the defaults of templates, then the workflow's."""
    root = steps[:-2]
    whole = mapping(dig(body, *root))
    defaults = mapping(whole.get("templateDefaults"))
    spec: JsonObject = {}
    moved: dict[str, Steps] = {}
    found = ((value, steps), (defaults, (*root, "templateDefaults")))
    for name in _TEMPLATE_FIELDS:
        _take(spec, moved, name, found)
    for name in _WORKFLOW_FIELDS:
        _take(spec, moved, name, ((whole, root),))
    _take(spec, moved, "priorityClassName", ((whole, root),), written="podPriorityClassName")
    containers = tuple(container for holder, at in found for container in _of_template(holder, at))
    volumes = (*_listed(whole, root, "volumes"), *_listed(value, steps, "volumes"))
    spec["containers"] = [container.body for container in containers if not container.init]
    spec["volumes"] = [volume for _, volume in volumes]
    patched = any(holder.get("podSpecPatch") for holder in (value, defaults, whole))
    metadata = {
        key: {**mapping(dig(whole, "podMetadata", key)), **mapping(dig(value, "metadata", key))}
        for key in ("labels", "annotations")
    }
    return Parts(
        spec=spec,
        at=steps,
        containers=containers,
        volumes=volumes,
        metadata=dict(metadata),
        metadata_at=(*steps, "metadata"),
        moved=moved,
        partial=BY_PATCH if patched else "",
        claimed=tuple(text(dig(each, "metadata", "name")) for each in items(whole.get("volumeClaimTemplates"))),
        lent=any("templateRef" in node for _, node in mappings(whole.get("templates"), ())),
    )


def _take(
    spec: JsonObject,
    moved: dict[str, Steps],
    name: str,
    holders: tuple[tuple[JsonObject, Steps], ...],
    *,
    written: str = "",
) -> None:
    """Take a field from the first that has it, unless something nearer to the pod had it before."""
    for holder, at in holders:
        if name not in spec and (written or name) in holder:
            spec[name] = holder[written or name]
            moved[name] = (*at, written or name)


def _of_template(holder: JsonObject, steps: Steps) -> Iterator[Container]:
    for place, body in _listed(holder, steps, "initContainers"):
        yield Container(place, body, init=True)
    for name in ("container", "script"):
        if isinstance(holder.get(name), dict):
            yield Container((*steps, name), {**mapping(holder[name]), "name": WORKFLOW_CONTAINER})
    in_set = (*steps, "containerSet")
    shared = mapping(holder.get("containerSet"))
    for place, body in _listed(shared, in_set, "containers"):
        yield Container(place, body, shared=tuple(_listed(shared, in_set, "volumeMounts")))
    for place, body in _listed(holder, steps, "sidecars"):
        yield Container(place, body)


def runs_containers(template: JsonValue) -> bool:
    """Tell whether a template of a workflow becomes a pod."""
    return any(isinstance(dig(template, name), dict) for name in ("container", "script", "containerSet"))


def _containers(spec: JsonObject, at: Steps) -> Iterator[Container]:
    for name in CONTAINER_FIELDS:
        for place, body in _listed(spec, at, name):
            yield Container(place, body, init=name == "initContainers")


def _listed(holder: JsonObject, at: Steps, name: str) -> Iterator[tuple[Steps, JsonObject]]:
    return (((*at, name, index), mapping(entry)) for index, entry in enumerate(items(holder.get(name))))


_FORMS: dict[Form, Callable[[JsonObject, JsonObject, Steps], Parts]] = {
    Form.TEMPLATE: _template,
    Form.SPEC: _spec,
    Form.COMPONENT: _component,
    Form.CONTAINER: _container,
    Form.WORKFLOW: _workflow,
}
