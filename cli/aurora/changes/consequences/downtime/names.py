"""Names that pods give and nobody has: ports of probes, keys of ConfigMaps and Secrets.

Keys that a ConfigMap or Secret loses stand with who picks them up. Source: Kubernetes 1.35, `pkg/probe/util.go`
and `pkg/kubelet/prober/worker.go` (a port is looked up in the probe's own container; a probe that cannot be asked
keeps its first result); External Secrets 2.9 for the keys that an ExternalSecret writes.
"""

from collections.abc import Iterator

from aurora.changes.consequences.downtime.routes import provided_secret
from aurora.changes.consequences.row import DOWNTIME, Found, Row, quoted
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster import workloads
from aurora.cluster.pod_references import PodReference, pod_references
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate

PROBE_PORT = Row("downtime/probe-port", DOWNTIME)
KEY_MISSING = Row("downtime/key-missing", DOWNTIME)

_PROBES = {
    "startupProbe": "the container never counts as started",
    "readinessProbe": "the pod never becomes ready",
    "livenessProbe": "the probe checks nothing",
}
_CONFIG_MAP = ("data", "binaryData")
_SECRET = ("data", "stringData")
_MAKERS = ("ExternalSecret", "Secret")


def find(view: View) -> Iterator[Found]:
    """Yield missing probes and keys that changed pods name, and keys that an ExternalSecret no longer writes."""
    for pair, before, after in view.workloads():
        if after is not None:
            yield from _probes(pair, before, after)
            yield from _keys(view, pair, before, after)
    for pair, old, new in view.updated("external-secrets.io", "ExternalSecret"):
        yield from _unwritten(view, pair, old, new)


def _probes(pair: Pair, before: PodTemplate | None, after: PodTemplate) -> Iterator[Found]:
    known = {key for key, _ in _portless(before)} if before is not None else set()
    for key, steps in _portless(after):
        if key not in known:
            container, probe, port = key
            message = f"the {probe} of `{container}` names the port `{port}`, which it does not have: {_PROBES[probe]}"
            yield PROBE_PORT.found(pair, message, steps=steps)


def _portless(pod: PodTemplate) -> Iterator[tuple[tuple[str, str, str], tuple[Step, ...]]]:
    """Yield the probes whose port has a name that is none of their container's, as what they are and where."""
    for container in pod.containers:
        names = {text(dig(port, "name")) for port in items(container.body.get("ports"))}
        for probe in _PROBES:
            for action in ("httpGet", "tcpSocket"):
                port = dig(container.body.get(probe), action, "port")
                if isinstance(port, str) and not port.isdigit() and port not in names:
                    yield (container.name, probe, port), (*container.steps, probe, action, "port")


def _keys(view: View, pair: Pair, before: PodTemplate | None, after: PodTemplate) -> Iterator[Found]:
    known = {(entry.kind, entry.name, key) for entry, key in _needed(before)} if before is not None else set()
    seen: set[tuple[str, str, str]] = set()
    for reference, key in _needed(after):
        name = (reference.kind, reference.name, key)
        if name in seen or name in known:
            continue
        seen.add(name)
        held = _held(view.after, reference.kind, after.namespace, reference.name)
        if held is not None and key not in held:
            message = f"the {reference.kind} `{reference.name}` has no key `{key}`: new pods do not start"
            yield KEY_MISSING.found(pair, message, steps=reference.steps)


def _needed(pod: PodTemplate) -> Iterator[tuple[PodReference, str]]:
    for reference in pod_references(pod):
        if not reference.optional:
            for key in reference.keys:
                yield reference, key.name


def _held(side: Surroundings, kind: str, namespace: str, name: str) -> set[str] | None:
    """Give the keys that a ConfigMap or Secret has, None where no manifest says."""
    if kind == "ConfigMap":
        found = side.find(kind, name, group="", namespace=namespace)
        return _written(found, _CONFIG_MAP) if found is not None else None
    makers = [entry for entry in side.of_kinds(*_MAKERS, namespace=namespace) if provided_secret(entry) == name]
    parts = [_made(entry) for entry in makers]
    known = [part for part in parts if part is not None]
    return set[str]().union(*known) if known and len(known) == len(parts) else None


def _made(maker: Manifest) -> set[str] | None:
    if maker.id.kind == "Secret":
        filled = text(maker.get("type")) == "kubernetes.io/service-account-token"
        return None if filled else _written(maker, _SECRET)
    open_ended = items(maker.get("spec", "dataFrom")) or items(maker.get("spec", "target", "template", "templateFrom"))
    owned = maker.get("spec", "target", "creationPolicy") in (None, "Owner")
    if open_ended or not owned:
        return None
    keys = {text(dig(entry, "secretKey")) for entry in items(maker.get("spec", "data"))}
    return keys | set(mapping(maker.get("spec", "target", "template", "data")))


def _written(manifest: Manifest, fields: tuple[str, ...]) -> set[str] | None:
    """Give the keys of a manifest's data; one without any is filled by somebody else."""
    return {key for field in fields for key in mapping(manifest.get(field))} or None


def _unwritten(view: View, pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    """Yield the pods that name a key which an ExternalSecret wrote before and writes no more."""
    old = _made(before)
    name, namespace = provided_secret(after), workloads.namespace_of(after)
    held = _held(view.after, "Secret", namespace, name)
    if old is None or _made(after) is None or held is None or provided_secret(before) != name:
        return
    lost = old - held
    users: dict[object, tuple[Manifest, set[str]]] = {}
    for reference in view.after.references("Secret", namespace, name) if lost else ():
        missing = {key.name for key in reference.keys} & lost
        if missing and not reference.optional:
            user = reference.pod.manifest
            users.setdefault(user.id.identity, (user, set()))[1].update(missing)
    for user, missing in users.values():
        message = f"still names {quoted(sorted(missing))} of the Secret `{name}`, which nothing writes any more"
        yield KEY_MISSING.found(pair, message, steps=("spec",), resource=user.id)
