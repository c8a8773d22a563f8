"""Rule that keeps requests from pods which cannot answer yet.

That inference looks for its model before it starts is judged with its storage.
"""

from collections.abc import Iterator

from aurora.cluster import routes
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import ADVICE, InventoryRule, Violation


def _ungated(inventory: Inventory) -> Iterator[Violation]:
    seen: set[tuple[str, str, str, str]] = set()
    for backend in routes.backends(inventory):
        for target in routes.ports_behind(inventory, backend):
            # What a controller merges in may bring the probe.
            container = None if target.pod.partial else _listening(target.pod, target.number)
            identity = target.pod.manifest.id.identity
            if container is not None and not container.body.get("readinessProbe") and identity not in seen:
                seen.add(identity)
                yield Violation(
                    manifest=target.pod.manifest,
                    steps=container.steps,
                    message=f"`{container.name}` gets requests through `{backend.service}` and has no readiness probe",
                    hint="probe the path that answers only once the model is loaded",
                )


def _listening(pod: PodTemplate, port: int) -> Container | None:
    """Give the container that declares a port, or the only one."""
    running = [entry for entry in pod.containers if entry.runs_on]
    for container in running:
        if any(dig(entry, "containerPort") == port for entry in items(container.body.get("ports"))):
            return container
    return running[0] if len(running) == 1 else None


RULES = (InventoryRule("routing/ungated-backend", ADVICE, _ungated),)
