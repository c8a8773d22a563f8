"""What pods ask for once the API server has filled in what their manifests leave out.

Source: Kubernetes 1.35, `SetDefaults_Pod` and `SetDefaults_LimitRangeItem` (defaults), the LimitRanger
(what a LimitRange adds) and `PodRequests` of component-helpers (how containers add up). Finds facts;
never judges them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from aurora.cluster import workloads
from aurora.model import quantity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.pod_template import Container, PodTemplate

Amounts = dict[str, Fraction]
REQUESTS = "requests"
LIMITS = "limits"
_POD_LEVEL = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class Resources:
    """Requests and limits by resource name."""

    requests: Amounts = field(default_factory=dict)
    limits: Amounts = field(default_factory=dict)

    def part(self, name: str) -> Amounts:
        """Give the requests or the limits, by their field's name."""
        return self.requests if name == REQUESTS else self.limits


def amounts(value: JsonValue | None) -> Amounts:
    """Read a map of quantities; unreadable ones are left out, since another rule finds them."""
    found = {name: quantity.read(entry) for name, entry in mapping(value).items()}
    return {name: amount for name, amount in found.items() if amount is not None}


def is_extended(name: str) -> bool:
    """Tell whether a resource is one of a device plugin, such as a GPU."""
    domain, slash, _ = name.partition("/")
    return bool(slash) and not domain.endswith("kubernetes.io")


def container_defaults(inventory: Inventory) -> dict[str, Resources]:
    """Give by namespace what its LimitRanges add to containers that state nothing."""
    found: dict[str, Resources] = defaultdict(Resources)
    for limit_range in inventory.of_kind("LimitRange", group=""):
        known = found[workloads.namespace_of(limit_range)]
        for item in items(limit_range.get("spec", "limits")):
            if dig(item, "type") == "Container":
                limits = {**amounts(dig(item, "max")), **amounts(dig(item, "default"))}
                requests = {**amounts(dig(item, "min")), **limits, **amounts(dig(item, "defaultRequest"))}
                known.limits.update(limits)
                known.requests.update(requests)
    return found


def of_container(container: Container, defaults: Resources | None = None) -> Resources:
    """Give a container's requests and limits with everything that is added to them."""
    stated = container.body.get("resources")
    limits = amounts(dig(stated, LIMITS))
    requests = {**limits, **amounts(dig(stated, REQUESTS))}
    added = defaults or Resources()
    return Resources({**added.requests, **requests}, {**added.limits, **limits})


def of_pod(pod: PodTemplate, part: str, defaults: Resources | None = None) -> Amounts:
    """Sum up the requests or limits of a pod, with what it states as a whole and its overhead."""
    running: Amounts = defaultdict(Fraction, of_containers(pod, part, defaults))
    stated = amounts(dig(pod.get("resources"), part))
    running.update({name: amount for name, amount in stated.items() if name in _POD_LEVEL})
    overhead = amounts(pod.get("overhead"))
    _add(running, overhead if part == REQUESTS else {name: overhead[name] for name in overhead if running.get(name)})
    return dict(running)


def of_containers(pod: PodTemplate, part: str, defaults: Resources | None = None) -> Amounts:
    """Sum up the requests or limits of a pod's containers.

    Containers and sidecars run together; another init container runs beside the sidecars before it, and
    counts where that is more.
    """
    running: Amounts = defaultdict(Fraction)
    starting: Amounts = {}
    sidecars: Amounts = defaultdict(Fraction)
    for container in pod.containers:
        asked = of_container(container, defaults).part(part)
        if "ephemeralContainers" in container.steps:
            continue
        if not container.init:
            _add(running, asked)
        elif container.runs_on:
            _add(running, asked)
            _add(sidecars, asked)
        else:
            _raise_to(starting, {name: amount + sidecars.get(name, 0) for name, amount in asked.items()})
    _raise_to(running, starting)
    return dict(running)


def _add(total: Amounts, more: Mapping[str, Fraction]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, Fraction(0)) + amount


def _raise_to(total: Amounts, other: Mapping[str, Fraction]) -> None:
    for name, amount in other.items():
        total[name] = max(total.get(name, Fraction(0)), amount)


def missing_requests(containers: Iterable[Container], name: str, defaults: Resources | None) -> list[Container]:
    """Give the running containers for which nothing requests a resource."""
    return [
        container
        for container in containers
        if container.runs_on
        and "ephemeralContainers" not in container.steps
        and name not in of_container(container, defaults).requests
    ]


def resource_maps(pod: PodTemplate) -> Iterable[tuple[tuple[str | int, ...], str, JsonValue]]:
    """Yield steps, resource name and stated amount of every request and limit in a pod."""
    for container in pod.containers:
        for part in (REQUESTS, LIMITS):
            for name, stated in mapping(dig(container.body, "resources", part)).items():
                yield (*container.steps, "resources", part, name), text(name), stated
