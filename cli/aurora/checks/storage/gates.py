"""Rules about inference pods that mount models: without its model a pod is never Ready, and never restarted for it.

Source: `docs/facts/storage.md` and `docs/facts/workloads.md`.
"""

from collections.abc import Iterator

from aurora.cluster.claims import Consumer, consumers
from aurora.cluster.workloads import component
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, mapping
from aurora.model.pod_template import Container
from aurora.model.rule import ADVICE, OBJECT, InventoryRule, Violation
from aurora_constructs.labels import INFERENCE

HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")


def _servers(inventory: Inventory) -> Iterator[Consumer]:
    """Yield the uses of claims by inference, mounted or not: a gate may be what copies the model out of the claim."""
    return (user for user in consumers(inventory) if component(user.pod) == INFERENCE)


def _ungated(inventory: Inventory) -> Iterator[Violation]:
    for user in _servers(inventory):
        gates = [mount for mount in user.mounts if not mount.container.runs_on]
        if not any(mount.read_only for mount in gates):
            found = "mounts it so that it could write" if gates else "looks at it before the server starts"
            yield Violation(
                manifest=user.pod.manifest,
                steps=user.pod.at(),
                message=f"models come from the claim `{user.claim}`, but "
                + (f"the init container {found}" if gates else f"no init container {found}"),
                hint="add an init container that mounts the volume read-only and fails when the model is missing",
            )


def _main_containers(user: Consumer) -> list[Container]:
    """The containers that serve the model: those that mount it, or all where only init containers do."""
    steps = {mount.container.steps for mount in user.mounts}
    main = [container for container in user.pod.containers if "containers" in container.steps]
    return [container for container in main if container.steps in steps] or main


def _unready(inventory: Inventory) -> Iterator[Violation]:
    for user in _servers(inventory):
        for container in _main_containers(user):
            if not _handler(container, "readinessProbe"):
                yield Violation(
                    manifest=user.pod.manifest,
                    steps=container.steps,
                    message=f"container `{container.name}` serves models, but nothing asks whether its model is loaded",
                    hint="add a readiness probe of the endpoint that answers once the model is loaded",
                )


def _restarted(inventory: Inventory) -> Iterator[Violation]:
    for user in _servers(inventory):
        for container in _main_containers(user):
            readiness = _handler(container, "readinessProbe")
            if readiness and _handler(container, "livenessProbe") == readiness:
                yield Violation(
                    manifest=user.pod.manifest,
                    steps=(*container.steps, "livenessProbe"),
                    message=f"container `{container.name}` is restarted whenever its model is not loaded",
                    hint="let liveness ask an endpoint that answers without a model",
                )


def _handler(container: Container, probe: str) -> JsonObject:
    body = mapping(container.body.get(probe))
    return {name: _asked(name, body) for name in HANDLERS if isinstance(body.get(name), dict)}


def _asked(name: str, probe: JsonObject) -> JsonObject:
    """What a probe asks, without the headers and names that do not change the answer."""
    fields = {"exec": ("command",), "grpc": ("port", "service"), "httpGet": ("path", "port"), "tcpSocket": ("port",)}
    return {field: dig(probe, name, field) for field in fields[name]}


RULES = (
    InventoryRule("storage/model-gate", ADVICE, _ungated, scope=OBJECT, own=True),
    InventoryRule("storage/model-readiness", ADVICE, _unready, scope=OBJECT, own=True),
    InventoryRule("storage/model-liveness", ADVICE, _restarted, scope=OBJECT, own=True),
)
