"""Which Services a pod names in its settings: the connections that it means to make.

A name counts where it stands as a host: after a scheme, with a port or a namespace, or as a whole value that is not the
pod's own namespace.
Finds facts; never judges them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from aurora.cluster import services
from aurora.model.json_value import JsonValue, dig, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step
    from aurora.model.pod_template import Container, PodTemplate

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOST = re.compile(
    rf"(?:(?P<scheme>[a-z][a-z0-9+]{{0,15}})://(?:[^\s/@]{{0,128}}@)?)?(?<![\w.-])(?P<name>{_LABEL})"
    rf"(?:\.(?P<namespace>{_LABEL})(?:\.svc(?:\.{_LABEL}){{0,4}})?)?(?::(?P<port>[0-9]{{1,5}}))?(?![\w-])"
)
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A Service that a pod names; `steps` lead to where it does, `port` is None where nothing tells it."""

    pod: PodTemplate
    steps: tuple[Step, ...]
    service: Manifest
    port: JsonValue | None
    scheme: str = ""
    """The protocol before the name, where it is written."""


@dataclass(frozen=True, slots=True)
class _Host:
    """The parts of a host's name in a text, and the port behind it; what is not written is empty."""

    name: str
    namespace: str
    scheme: str
    port: int | None


def dependencies(inventory: Inventory) -> tuple[Dependency, ...]:
    """Give every Service that every pod names, each once for a pod."""
    return inventory.every(_dependencies)


def _dependencies(inventory: Inventory) -> Iterator[Dependency]:
    if next(inventory.of_kind("Service", group=""), None) is None:
        return
    for pod in inventory.pods():
        seen: set[tuple[str, str, str, str]] = set()
        for steps, written in settings(inventory, pod):
            for service, host in _named(inventory, pod, written):
                if service.id.identity not in seen:
                    seen.add(service.id.identity)
                    port = _port(service, host)
                    yield Dependency(pod=pod, steps=steps, service=service, port=port, scheme=host.scheme)


def named(inventory: Inventory, pod: PodTemplate, written: str) -> Iterator[tuple[Manifest, JsonValue | None]]:
    """Give the Services that a text names as hosts, with the port that is meant."""
    return ((service, _port(service, host)) for service, host in _named(inventory, pod, written))


def _named(inventory: Inventory, pod: PodTemplate, written: str) -> Iterator[tuple[Manifest, _Host]]:
    for host in _hosts(written):
        if host.name == written == pod.namespace:
            continue  # one word that is the own namespace: who asks the API server is told where
        service = services.find(inventory, host.namespace or pod.namespace, host.name)
        if service is not None:
            yield service, host


@lru_cache(maxsize=256)
def _hosts(written: str) -> tuple[_Host, ...]:
    """Find hosts; the pods of a platform are told much the same."""
    return tuple(
        _Host(
            found["name"],
            found["namespace"] or "",
            found["scheme"] or "",
            int(found["port"]) if found["port"] else None,
        )
        for found in _HOST.finditer(written)
        if found["scheme"] or found["namespace"] or found["port"] or found.group() == written
    )


def _port(service: Manifest, host: _Host) -> JsonValue | None:
    if host.port is not None:
        return host.port
    ports = items(service.get("spec", "ports"))
    return dig(ports[0], "port") if len(ports) == 1 else _USUAL_PORTS.get(host.scheme)


def settings(inventory: Inventory, pod: PodTemplate) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield what a pod is told at its start: commands, arguments, variables and ConfigMaps, with the steps there."""
    for container in pod.containers:
        yield from _container_settings(inventory, pod, container)
    for steps, volume in pod.volumes:
        for entry in [volume, *items(dig(volume, "projected", "sources"))]:
            mounted = mapping(dig(entry, "configMap"))
            keys = [text(dig(item, "key")) for item in items(mounted.get("items"))]
            if not keys and _is_shared(inventory, pod, text(mounted.get("name"))):
                continue  # who mounts all keys of a ConfigMap that others mount too need not read each of them
            for key in keys or [""]:
                for written in _config_map(inventory, pod, text(mounted.get("name")), key):
                    yield steps, written


def _is_shared(inventory: Inventory, pod: PodTemplate, name: str) -> bool:
    return inventory.once(_mounts)[pod.manifest.id.namespace, name] > 1


def _mounts(inventory: Inventory) -> Counter[tuple[str | None, str]]:
    """Count the objects whose pods mount each ConfigMap."""
    found = {
        (pod.manifest.id.namespace, text(dig(entry, "configMap", "name")), id(pod.manifest))
        for pod in inventory.pods()
        for _, volume in pod.volumes
        for entry in [volume, *items(dig(volume, "projected", "sources"))]
    }
    return Counter((namespace, name) for namespace, name, _ in found)


def _container_settings(
    inventory: Inventory, pod: PodTemplate, container: Container
) -> Iterator[tuple[tuple[Step, ...], str]]:
    for place, word in container.words:
        if place[-2:] != ("command", 0):  # the program that runs, which may be called like a Service
            yield place, word
    for steps, variable in container.variables:
        yield (*steps, "value"), text(dig(variable, "value"))
        reference = dig(variable, "valueFrom", "configMapKeyRef")
        for written in _config_map(inventory, pod, text(dig(reference, "name")), text(dig(reference, "key"))):
            yield (*steps, "valueFrom"), written
    for number, source in enumerate(items(container.body.get("envFrom"))):
        for written in _config_map(inventory, pod, text(dig(source, "configMapRef", "name"))):
            yield (*container.steps, "envFrom", number), written


def _config_map(inventory: Inventory, pod: PodTemplate, name: str, key: str = "") -> Iterator[str]:
    found = inventory.find("ConfigMap", name, namespace=pod.manifest.id.namespace) if name else None
    if found is not None:
        for entry, written in mapping(found.get("data")).items():
            if key in ("", entry):
                yield text(written)
