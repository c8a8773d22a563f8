"""Which containers a LimitRange refuses.

Source: Kubernetes 1.35, the LimitRanger. Says what is so; whether it is an error is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.cluster import resources, workloads
from aurora.model import quantity
from aurora.model.json_value import JsonValue, dig, items
from aurora.model.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora.cluster.resources import Resources
    from aurora.model.inventory import Inventory
    from aurora.model.pod_template import Container


def outside(inventory: Inventory) -> Iterator[Violation]:
    """Find the containers that are outside the LimitRange of their namespace."""
    defaults = resources.container_defaults(inventory)
    for limit_range in inventory.of_kind("LimitRange", group=""):
        namespace = workloads.namespace_of(limit_range)
        for item in items(limit_range.get("spec", "limits")):
            if dig(item, "type") != "Container":
                continue
            for pod in workloads.index(inventory).pods_in(namespace):
                # What a runtime merges in stands before the defaults of a namespace.
                unstated = None if pod.partial else defaults.get(namespace)
                for container in pod.containers:
                    for part, name, message in _breaches(container, item, unstated):
                        yield Violation(
                            manifest=pod.manifest,
                            steps=(*container.steps, "resources", part, name),
                            message=f"{message} that {limit_range.id} allows in container `{container.name}`",
                            hint="change the container's resources, or the LimitRange",
                        )


def _breaches(container: Container, item: JsonValue, defaults: Resources | None) -> Iterator[tuple[str, str, str]]:
    asked = resources.of_container(container, defaults)
    for name, most in sorted(resources.amounts(dig(item, "max")).items()):
        for part in (resources.LIMITS, resources.REQUESTS):
            amount = asked.part(part).get(name)
            if amount is not None and amount > most:
                yield part, name, f"{quantity.render(amount)} of `{name}` is more than the {quantity.render(most)}"
    for name, least in sorted(resources.amounts(dig(item, "min")).items()):
        amount = asked.requests.get(name)
        if amount is not None and amount < least:
            shown = f"{quantity.render(amount)} of `{name}` is less than the {quantity.render(least)}"
            yield resources.REQUESTS, name, shown
