"""The parts of objects that can be broken: pods, their containers, images and volumes, repositories of Applications.

Changes nothing, and knows no way of breaking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate, pod_templates
from aurora.suites.edits import Steps
from aurora_constructs import labels

_MODEL = ("model", "model-version")
_SHARED = ("persistentVolumeClaim", "nfs", "csi")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an object: the steps to it, or the pod that it is; what its text is made of, and what is beside it."""

    steps: Steps = ()
    pod: PodTemplate | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

    def at(self, *path: Step) -> Steps:
        """Give the steps from the object's root to a field of the part."""
        return self.pod.at(*path) if self.pod is not None else (*self.steps, *path)


Parts = Callable[[Manifest], Iterator[Part]]


def objects_of(kind: str) -> Parts:
    """Give the parts that are whole objects of a kind of the core group."""

    def find(manifest: Manifest) -> Iterator[Part]:
        if (manifest.id.group, manifest.id.kind) == ("", kind):
            yield Part()

    return find


def _containers(manifest: Manifest, *, wanted: Callable[[Container], bool] = lambda _: True) -> Iterator[Part]:
    for pod in pod_templates(manifest):
        for container in filter(wanted, pod.containers):
            yield Part(
                container.steps, words=_image(text(container.body.get("image"))), beside={"pod": (Part(pod=pod),)}
            )


def _with_resources(manifest: Manifest) -> Iterator[Part]:
    """Yield what can have resources: the API server forbids them to ephemeral containers."""
    return _containers(manifest, wanted=lambda container: "ephemeralContainers" not in container.steps)


def _main(manifest: Manifest) -> Iterator[Part]:
    return _containers(manifest, wanted=lambda container: not container.init)


def _images(manifest: Manifest) -> Iterator[Part]:
    return (Part(part.at("image"), words=part.words) for part in _containers(manifest) if part.words["undigested"])


def _image(image: str) -> dict[str, str]:
    """Take an image apart; a port before a slash is no tag, and an image without registry is one of Docker Hub."""
    undigested, _, digest = image.partition("@")
    name, colon, tag = undigested.rpartition(":")
    registry, slash, path = image.partition("/")
    return {
        "undigested": undigested,
        "name": name if colon and "/" not in tag else undigested,
        "digest": digest,
        "registry": registry if slash else "docker.io",
        "path": path if slash else image,
        "last": (path if slash else image).rpartition("/")[2],
    }


def _pods(manifest: Manifest) -> Iterator[Part]:
    return (Part(pod=pod) for pod in pod_templates(manifest))


def _serving(manifest: Manifest) -> Iterator[PodTemplate]:
    return (pod for pod in pod_templates(manifest) if pod.labels.get(labels.COMPONENT) == labels.INFERENCE)


def _serving_pods(manifest: Manifest) -> Iterator[Part]:
    return (Part(pod=pod) for pod in _serving(manifest))


def _required_labels(manifest: Manifest) -> Iterator[Part]:
    for pod in pod_templates(manifest):
        serving = pod.labels.get(labels.COMPONENT) == labels.INFERENCE
        # The prefix of the platform's own labels is a setting of the environment.
        own = [key for key in pod.labels if serving and key.rpartition("/")[2] in _MODEL]
        for label in (labels.NAME, labels.COMPONENT, *own):
            if pod.labels.get(label):
                yield Part(pod.metadata_at("labels", label))


def _shared_volumes(manifest: Manifest) -> Iterator[Part]:
    """Yield the sources of volumes that serving pods share with others."""
    for pod in _serving(manifest):
        for steps, volume in pod.volumes:
            kind = next((kind for kind in _SHARED if kind in volume), None)
            if kind is not None:
                yield Part((*steps, kind), beside={"mounts": tuple(_mounts(pod, volume))})


def _mounts(pod: PodTemplate, volume: JsonObject) -> Iterator[Part]:
    for container in pod.containers:
        for index, mount in enumerate(items(container.body.get("volumeMounts"))):
            if mapping(mount).get("name") == volume.get("name"):
                yield Part((*container.steps, "volumeMounts", index))


def _repositories(manifest: Manifest) -> Iterator[Part]:
    """Yield every repository of an Application: of its source, of each of its sources, and of its hydrator."""
    if (manifest.id.group, manifest.id.kind) != ("argoproj.io", "Application"):
        return
    ways: list[Steps] = [("spec", "source"), ("spec", "sourceHydrator", "drySource")]
    ways.extend(("spec", "sources", index) for index, _ in enumerate(items(manifest.get("spec", "sources"))))
    for way in ways:
        repository = text(mapping(manifest.get(*way)).get("repoURL"))
        if repository:
            yield Part((*way, "repoURL"), words={"repository": repository.rstrip("/")})


PARTS: dict[str, Parts] = {
    "containers": _containers,
    "containers with resources": _with_resources,
    "main containers": _main,
    "images": _images,
    "pods": _pods,
    "serving pods": _serving_pods,
    "required labels": _required_labels,
    "shared volumes": _shared_volumes,
    "repositories": _repositories,
}
WORDS = {"images": tuple(_image("")), "repositories": ("repository",)}
"""What the texts of some parts are made of, by the name of the part."""
