"""Whether Services still reach pods: selectors, labels, named ports, deleted workloads.

Source: Kubernetes 1.35, endpoints of Services (labels of pods; a named target port is looked up in each pod).
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row, listed
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View, left
from aurora.changes.pairs import Pair
from aurora.cluster import services, workloads
from aurora.model import selectors
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

EMPTY = Row("downtime/service-empty", DOWNTIME)
PORT = Row("downtime/port-unresolved", DOWNTIME)
FEWER = Row("downtime/fewer-behind", DOWNTIME)
GONE = Row("downtime/service-gone", DOWNTIME)
BOTH_GONE = Row("downtime/serving-deleted", DOWNTIME)


def find(view: View) -> Iterator[Found]:
    """Yield Services that lost what they reached."""
    concerned: dict[int, tuple[Manifest, list[Pair]]] = {}
    for pair in view.of("", "Service"):
        if pair.before is not None and left(pair) is None:
            concerned[id(pair.before)] = (pair.before, [pair])
        elif pair.before is not None and _behind(view.after, pair.before):
            yield GONE.found(pair, f"`{pair.before.id.name}` no longer resolves; its pods stay")
    for pair, before, _ in view.workloads():
        if before is None:
            continue
        for service in _selecting(view.before, before):
            concerned.setdefault(id(service), (service, []))[1].append(pair)
            yield from _both_gone(view, pair, service)
    for service, pairs in concerned.values():
        yield from _service(view, service, pairs)


def _both_gone(view: View, pair: Pair, service: Manifest) -> Iterator[Found]:
    own = view.pair_of(service)
    if pair.after is None and own is not None and own.after is None:
        yield BOTH_GONE.found(pair, f"answered requests to {service.id}, which is gone as well")


def _selecting(side: Surroundings, pod: PodTemplate) -> Iterator[Manifest]:
    for service in side.of_kinds("Service", namespace=pod.namespace):
        if service.id.group == "" and selectors.map_matches(service.get("spec", "selector"), pod.labels):
            yield service


def _behind(side: Surroundings, service: Manifest) -> list[PodTemplate]:
    selector = service.get("spec", "selector")
    if not selector:
        return []
    return list(side.selected(workloads.namespace_of(service), selector, plain=True))


def _service(view: View, before: Manifest, pairs: list[Pair]) -> Iterator[Found]:
    own = view.pair_of(before)
    after = before if own is None else own.after
    if after is None:
        return
    reached, reaches = _behind(view.before, before), _behind(view.after, after)
    if not reached:
        return
    if not reaches:
        for pair in pairs:
            yield EMPTY.found(pair, "selects no pod any more", resource=after.id)
        return
    gone = [pair for pair in pairs if left(pair) is not None and pair.resource.kind != "Service"]
    for pair in gone:
        others = listed(str(pod.manifest.id) for pod in reaches)
        yield FEWER.found(pair, f"its requests go to {others} alone", resource=after.id)
    lost = _unresolved(after, reaches) - _unresolved(before, reached)
    for pair in pairs if lost else []:
        names = ", ".join(f"`{name}`" for name in sorted(lost))
        yield PORT.found(pair, f"none of its pods has a port named {names}", resource=after.id)


def _unresolved(service: Manifest, pods: list[PodTemplate]) -> set[str]:
    """Give the names of target ports that no pod has."""
    found = set()
    for entry in items(service.get("spec", "ports")):
        target, protocol = dig(entry, "targetPort"), text(dig(entry, "protocol")) or "TCP"
        if isinstance(target, str) and not any(services.pod_port(pod, target, protocol) for pod in pods):
            found.add(target)
    return found
