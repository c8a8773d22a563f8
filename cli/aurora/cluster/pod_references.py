"""The objects that a pod names in its own namespace, each with the exact field that names it.

Source of the fields: `PodSpec` of k8s.io/api core/v1. Several checks ask: existence, order of a sync, and
what inference may read. Must not judge.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate

Steps = tuple[Step, ...]


class Way(StrEnum):
    """How a pod comes by the content of an object."""

    ACCOUNT = "service account"
    ENV = "environment variable"
    ENV_FROM = "environment from"
    VOLUME = "volume"
    PROJECTED = "projected volume"
    MOUNT = "credential of a volume's driver"
    PULL = "image pull secret"


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key of a ConfigMap or Secret that a pod needs, and the field that names it."""

    name: str
    steps: Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class PodReference:
    """One field of a pod that names a ServiceAccount, ConfigMap, Secret or PersistentVolumeClaim."""

    pod: PodTemplate
    kind: str
    name: str
    steps: Steps
    way: Way
    keys: tuple[NamedKey, ...] = ()
    optional: bool = False


def references_to(inventory: Inventory, kind: str) -> Sequence[PodReference]:
    """Give everything of a kind that the pods of an inventory name; read at the first call."""
    return inventory.once(_by_kind).get(kind, ())


def _by_kind(inventory: Inventory) -> Mapping[str, Sequence[PodReference]]:
    found: dict[str, list[PodReference]] = defaultdict(list)
    for pod in inventory.pods():
        for reference in pod_references(pod):
            found[reference.kind].append(reference)
    return found


def pod_references(pod: PodTemplate) -> Iterator[PodReference]:
    """Yield everything that a pod names, but for parameters that are filled in when it runs.

    Names that are empty or no strings are left to the schemas.
    """
    for found in _written(pod):
        if not pod.fills_in(found.name):
            keys = tuple(key for key in found.keys if not pod.fills_in(key.name))
            yield found if len(keys) == len(found.keys) else replace(found, keys=keys)


def _written(pod: PodTemplate) -> Iterator[PodReference]:
    yield from _accounts(pod)
    for container in pod.containers:
        yield from _environment(pod, container)
        yield from _environment_from(pod, container)
    for steps, volume in pod.volumes:
        yield from _volume(pod, steps, volume)
    for index, entry in enumerate(items(pod.get("imagePullSecrets"))):
        name, steps = text(dig(entry, "name")), pod.at("imagePullSecrets", index, "name")
        if name:
            yield PodReference(pod=pod, kind="Secret", name=name, steps=steps, way=Way.PULL)


def _accounts(pod: PodTemplate) -> Iterator[PodReference]:
    """`serviceAccount` is the deprecated name of the field; the API server keeps both equal."""
    for field in ("serviceAccountName", "serviceAccount"):
        name = text(pod.get(field))
        if name:
            steps = pod.at(field)
            yield PodReference(pod=pod, kind="ServiceAccount", name=name, steps=steps, way=Way.ACCOUNT)
            return


def _environment(pod: PodTemplate, container: Container) -> Iterator[PodReference]:
    for place, variable in container.variables:
        origin = mapping(dig(variable, "valueFrom"))
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            source = mapping(origin.get(field))
            name, key = text(source.get("name")), text(source.get("key"))
            steps = (*place, "valueFrom", field)
            if name:
                yield PodReference(
                    pod=pod,
                    kind=kind,
                    name=name,
                    steps=(*steps, "name"),
                    way=Way.ENV,
                    keys=(NamedKey(key, (*steps, "key")),) if key else (),
                    optional=source.get("optional") is True,
                )


def _environment_from(pod: PodTemplate, container: Container) -> Iterator[PodReference]:
    for index, entry in enumerate(items(container.body.get("envFrom"))):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            source = mapping(dig(entry, field))
            name = text(source.get("name"))
            if name:
                yield PodReference(
                    pod=pod,
                    kind=kind,
                    name=name,
                    steps=(*container.steps, "envFrom", index, field, "name"),
                    way=Way.ENV_FROM,
                    optional=source.get("optional") is True,
                )


def _volume(pod: PodTemplate, steps: Steps, volume: JsonObject) -> Iterator[PodReference]:
    yield from _content(pod, (*steps, "secret"), volume.get("secret"), ("Secret", "secretName", Way.VOLUME))
    yield from _content(pod, (*steps, "configMap"), volume.get("configMap"), ("ConfigMap", "name", Way.VOLUME))
    claim = (*steps, "persistentVolumeClaim", "claimName")
    name = text(dig(volume, "persistentVolumeClaim", "claimName"))
    if name:
        yield PodReference(pod=pod, kind="PersistentVolumeClaim", name=name, steps=claim, way=Way.VOLUME)
    for index, source in enumerate(items(dig(volume, "projected", "sources"))):
        place = (*steps, "projected", "sources", index)
        yield from _content(pod, (*place, "secret"), dig(source, "secret"), ("Secret", "name", Way.PROJECTED))
        yield from _content(pod, (*place, "configMap"), dig(source, "configMap"), ("ConfigMap", "name", Way.PROJECTED))
    yield from _driver_credentials(pod, steps, volume)


def _content(
    pod: PodTemplate, steps: Steps, value: JsonValue | None, how: tuple[str, str, Way]
) -> Iterator[PodReference]:
    kind, field, way = how
    source = mapping(value)
    name = text(source.get(field))
    if not name:
        return
    keys = (
        NamedKey(text(dig(item, "key")), (*steps, "items", index, "key"))
        for index, item in enumerate(items(source.get("items")))
    )
    yield PodReference(
        pod=pod,
        kind=kind,
        name=name,
        steps=(*steps, field),
        way=way,
        keys=tuple(key for key in keys if key.name),
        optional=source.get("optional") is True,
    )


def _driver_credentials(pod: PodTemplate, steps: Steps, volume: JsonObject) -> Iterator[PodReference]:
    """Secrets that the kubelet hands to a volume's driver, beside the volumes whose content is a Secret."""
    for source, body in volume.items():
        for field in ("secretRef", "nodePublishSecretRef"):
            name = text(dig(body, field, "name"))
            place = (*steps, source, field, "name")
            if name:
                yield PodReference(pod=pod, kind="Secret", name=name, steps=place, way=Way.MOUNT)
    azure = (*steps, "azureFile", "secretName")
    name = text(dig(volume, "azureFile", "secretName"))
    if name:
        yield PodReference(pod=pod, kind="Secret", name=name, steps=azure, way=Way.MOUNT)
