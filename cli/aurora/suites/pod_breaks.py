"""Ways of breaking pods: every container, init containers included, and the pod itself.

Each function yields one break per place; what is already so broken yields none, since nothing would change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import Container, PodTemplate, pod_templates
from aurora.suites.edits import ABSENT, Break, Edit, one

_NAME, _COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
_SERVING = "inference"
_SERVED = ("aurora.example.com/model", "aurora.example.com/model-version")
_GPU = "nvidia.com/gpu"
_SHARED = ("persistentVolumeClaim", "nfs", "csi")
_FOREIGN = "registry.invalid"
"""Nobody's registry: `.invalid` can never be anybody's (RFC 6761)."""

Breaks = Callable[[Manifest], Iterator[Break]]


def _containers(manifest: Manifest) -> Iterator[Container]:
    for template in pod_templates(manifest):
        yield from template.containers


def _limited(manifest: Manifest) -> Iterator[Container]:
    """Yield what can have resources: the API server forbids them to ephemeral containers."""
    for container in _containers(manifest):
        if "ephemeralContainers" not in container.steps:
            yield container


def _images(manifest: Manifest) -> Iterator[tuple[Container, str]]:
    for container in _containers(manifest):
        image = text(container.body.get("image"))
        if image:
            yield container, image


def _serving(manifest: Manifest) -> Iterator[PodTemplate]:
    for template in pod_templates(manifest):
        if template.labels.get(_COMPONENT) == _SERVING:
            yield template


def without(part: str, resource: str) -> Breaks:
    """Give the break that takes one amount away from a container."""

    def breaks(manifest: Manifest) -> Iterator[Break]:
        for container in _limited(manifest):
            if dig(container.body, "resources", part, resource) is not None:
                yield from one((*container.steps, "resources", part, resource), ABSENT)

    return breaks


def without_resources(manifest: Manifest) -> Iterator[Break]:
    """Take all amounts away from a container."""
    for container in _limited(manifest):
        if container.body.get("resources"):
            yield from one((*container.steps, "resources"), ABSENT)


def zero_memory_limit(manifest: Manifest) -> Iterator[Break]:
    """Limit a container's memory to nothing, which means no limit."""
    for container in _limited(manifest):
        yield from one((*container.steps, "resources", "limits", "memory"), "0")


def _named(image: str) -> tuple[str, str, str]:
    """Split an image into its name, its tag and its digest."""
    rest, _, digest = image.partition("@")
    name, colon, tag = rest.rpartition(":")
    return (rest, "", digest) if not colon or "/" in tag else (name, tag, digest)


def _imaged(change: Callable[[str], str]) -> Breaks:
    def breaks(manifest: Manifest) -> Iterator[Break]:
        for container, image in _images(manifest):
            changed = change(image)
            if changed != image:
                yield from one((*container.steps, "image"), changed)

    return breaks


latest_tag = _imaged(lambda image: f"{_named(image)[0]}:latest")
untagged = _imaged(lambda image: _named(image)[0])
without_digest = _imaged(lambda image: image.partition("@")[0])
foreign_registry = _imaged(lambda image: f"{_FOREIGN}/{_host_and_path(image)[1]}")
lookalike_registry = _imaged(lambda image: ".invalid/".join(_host_and_path(image)))
short_image = _imaged(lambda image: _host_and_path(image)[1].rpartition("/")[2])


def latest_tag_and_digest(manifest: Manifest) -> Iterator[Break]:
    """Name the tag latest beside a digest."""
    for container, image in _images(manifest):
        name, _, digest = _named(image)
        if digest:
            yield from one((*container.steps, "image"), f"{name}:latest@{digest}")


def _host_and_path(image: str) -> tuple[str, str]:
    host, _, path = image.partition("/")
    return (host, path) if path else ("docker.io", image)


def _required_labels(template: PodTemplate) -> tuple[str, ...]:
    serving = template.labels.get(_COMPONENT) == _SERVING
    return (_NAME, _COMPONENT, *(_SERVED if serving else ()))


def _labelled(value: Callable[[], JsonValue] | None) -> Breaks:
    def breaks(manifest: Manifest) -> Iterator[Break]:
        for template in pod_templates(manifest):
            for label in _required_labels(template):
                if template.labels.get(label):
                    yield from one(template.metadata_at("labels", label), value() if value else ABSENT)

    return breaks


without_label = _labelled(None)
empty_label = _labelled(lambda: "")


def privileged(manifest: Manifest) -> Iterator[Break]:
    """Give a container its host's powers."""
    for container in _containers(manifest):
        yield from one((*container.steps, "securityContext", "privileged"), value=True)


def added_capability(manifest: Manifest) -> Iterator[Break]:
    """Give a container the capability that is nearly all of them."""
    for container in _containers(manifest):
        yield from one((*container.steps, "securityContext", "capabilities", "add"), ["SYS_ADMIN"])


def _with_volume(source: JsonObject) -> Breaks:
    def breaks(manifest: Manifest) -> Iterator[Break]:
        for template in pod_templates(manifest):
            count = len(items(template.get("volumes")))
            yield from one(template.at("volumes", count), {"name": "added", **source})

    return breaks


host_path = _with_volume({"hostPath": {"path": "/"}})
image_volume = _with_volume({"image": {"reference": f"{_FOREIGN}/models:latest"}})


def host_namespace(field: str) -> Breaks:
    """Give the break that puts a pod into one of its host's namespaces."""

    def breaks(manifest: Manifest) -> Iterator[Break]:
        for template in pod_templates(manifest):
            yield from one(template.at(field), value=True)

    return breaks


def automounted_token(manifest: Manifest) -> Iterator[Break]:
    """Mount an API token into a serving pod."""
    for template in _serving(manifest):
        yield from one(template.at("automountServiceAccountToken"), value=True)


def default_token(manifest: Manifest) -> Iterator[Break]:
    """Leave it to the API server whether a serving pod gets a token: it does."""
    for template in _serving(manifest):
        if template.get("automountServiceAccountToken") is not None:
            yield from one(template.at("automountServiceAccountToken"), ABSENT)


def writable_models(manifest: Manifest) -> Iterator[Break]:
    """Let a serving pod write a volume that others read, by the volume and by each mount of it."""
    for template in _serving(manifest):
        for steps, volume in template.volumes:
            kind = next((kind for kind in _SHARED if kind in volume), None)
            if kind is not None:
                yield Break((Edit((*steps, kind, "readOnly"), ABSENT), *_writable_mounts(template, volume)))
                yield from one((*steps, kind, "readOnly"), value=False)


def _writable_mounts(template: PodTemplate, volume: JsonObject) -> Iterator[Edit]:
    for container in template.containers:
        for index, mount in enumerate(items(container.body.get("volumeMounts"))):
            if mapping(mount).get("name") == volume.get("name"):
                yield Edit((*container.steps, "volumeMounts", index, "readOnly"), ABSENT)


def _with_gpu(template: PodTemplate, container: Container, *, requests: JsonValue, limits: JsonValue) -> list[Edit]:
    """Ask for GPUs in a container, with the toleration that GPU pods have."""
    amounts = [("requests", requests), ("limits", limits)]
    tolerations = len(items(template.get("tolerations")))
    toleration: JsonObject = {"key": _GPU, "operator": "Exists", "effect": "NoSchedule"}
    return [
        *(Edit((*container.steps, "resources", part, _GPU), value) for part, value in amounts if value is not None),
        Edit(template.at("tolerations", tolerations), toleration),
    ]


def _main(manifest: Manifest) -> Iterator[tuple[PodTemplate, Container]]:
    for template in pod_templates(manifest):
        yield from ((template, container) for container in template.containers if not container.init)


def gpu_without_limit(manifest: Manifest) -> Iterator[Break]:
    """Request a GPU but set no limit."""
    for template, container in _main(manifest):
        yield Break(tuple(_with_gpu(template, container, requests="1", limits=None)))


def gpu_beyond_request(manifest: Manifest) -> Iterator[Break]:
    """Limit GPUs to more than is requested."""
    for template, container in _main(manifest):
        yield Break(tuple(_with_gpu(template, container, requests="1", limits="2")))


def gpu_without_toleration(manifest: Manifest) -> Iterator[Break]:
    """Ask for a GPU but do not tolerate the taint of its nodes."""
    for template, container in _main(manifest):
        *amounts, _ = _with_gpu(template, container, requests="1", limits="1")
        kept = [entry for entry in items(template.get("tolerations")) if mapping(entry).get("key") != _GPU]
        yield Break((*amounts, Edit(template.at("tolerations"), kept)))
