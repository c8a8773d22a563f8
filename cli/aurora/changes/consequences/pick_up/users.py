"""Who uses a changed ConfigMap or Secret, and by which way.

Source of the ways: Kubernetes documentation, ConfigMaps and Secrets (mounted ones are updated in place, with the
kubelet's sync period and cache as delay; environment variables are not; `subPath` mounts never are). Source of the
fields: `pod_references`, and the table of kinds for custom resources that name ConfigMaps and Secrets.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import DOWNTIME, Found, Row, quoted
from aurora.changes.consequences.view import View, entered, left, namespace_of
from aurora.changes.pairs import Pair
from aurora.cluster.pod_references import PodReference, Way, pod_references
from aurora.cluster.references.fields import named
from aurora.cluster.references.lookup import DEFAULT_NAMESPACE
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import pointer
from aurora.model.pod_template import ANYWHERE, Container, PodTemplate, pod_templates
from aurora_constructs import labels

KINDS = ("ConfigMap", "Secret")
RESTARTED = Row("pick-up/own-restart")
AT_START = Row("pick-up/at-start")
ENVIRONMENT = Row("pick-up/environment")
SUB_PATH = Row("pick-up/sub-path")
VOLUME = Row("pick-up/volume")
NEXT_RUN = Row("pick-up/next-run")
HOOK = Row("pick-up/hook")
PULL = Row("pick-up/pull-secret")
NEW_NAME = Row("pick-up/new-name")
IMMUTABLE = Row("pick-up/immutable")
GONE = Row("pick-up/gone", DOWNTIME)
CUSTOM = Row("pick-up/custom")

_DATA = ("data", "binaryData", "stringData")


def find(view: View) -> Iterator[Found]:
    """Yield everybody who uses a changed ConfigMap or Secret."""
    for pair in view.of("", *KINDS):
        gone = left(pair)
        if gone is not None:
            yield from _gone(view, pair, gone)
        elif entered(pair) is not None or _content(pair.before) == _content(pair.after):
            continue
        elif pair.before is not None and pair.before.get("immutable") is True:
            yield IMMUTABLE.found(pair, "it is immutable: its users keep the old content", steps=("immutable",))
        else:
            yield from _users(view, pair)
    yield from _renamed(view)


def _content(manifest: Manifest | None) -> list[JsonObject]:
    return [mapping(manifest.get(field)) if manifest else {} for field in _DATA]


def _keys(pair: Pair) -> set[str]:
    """Give the keys whose values differ."""
    found: set[str] = set()
    for old, new in zip(_content(pair.before), _content(pair.after), strict=True):
        found |= {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return found


def _lost(pair: Pair) -> set[str]:
    """Give the keys that only the earlier side has."""
    old, new = ({key for part in _content(side) for key in part} for side in (pair.before, pair.after))
    return old - new


def _users(view: View, pair: Pair) -> Iterator[Found]:
    changed, lost = _keys(pair), _lost(pair)
    seen: set[tuple[object, str]] = set()
    for reference in view.after.references(pair.resource.kind, namespace_of(pair), pair.resource.name):
        named = {key.name for key in reference.keys}
        if named and not named & changed:
            continue
        missing = [] if reference.optional else sorted(named & lost)
        row, words = _how(view, reference)
        if missing:
            row, words = GONE, f"still names {quoted(missing)}, which is gone: new pods do not start"
        user = reference.pod.manifest.id
        if (user, row.id) not in seen:
            seen.add((user, row.id))
            yield row.found(pair, words, resource=user)
    yield from _custom(view, pair)


def _how(view: View, reference: PodReference) -> tuple[Row, str]:
    manifest = reference.pod.manifest
    if labels.HOOK in manifest.annotations:
        return HOOK, "the hook sees the new content when the next sync runs it"
    if reference.way is Way.PULL:
        return PULL, "the new credentials count at the next pull of an image"
    if manifest.id.group == "batch":
        return NEXT_RUN, "pods that start from now on see the new content"
    if _template_changes(view, manifest):
        return RESTARTED, "its pod template changes as well: the new pods start with the new content"
    return _running(reference)


def _running(reference: PodReference) -> tuple[Row, str]:
    """Say how pods that keep running come by the new content."""
    readers = list(_readers(reference))
    if readers and not any(container.runs_on for container in readers):
        return AT_START, "only init containers read it: it counts for pods that start from now on"
    if reference.way in (Way.ENV, Way.ENV_FROM):
        return ENVIRONMENT, f"the environment keeps the old values until a restart ({pointer(reference.steps)})"
    if _only_parts(reference):
        return SUB_PATH, f"mounted with `subPath`: the old content stays until a restart ({pointer(reference.steps)})"
    return VOLUME, "the mounted files change in place within about two minutes; the program must reread them"


def _template_changes(view: View, manifest: Manifest) -> bool:
    pair = view.pair_of(manifest)
    if pair is None or pair.before is None or pair.after is None:
        return False
    before, after = ([pod.body for pod in pod_templates(side)] for side in (pair.before, pair.after))
    return before != after


def _readers(reference: PodReference) -> Iterator[Container]:
    """Yield the containers that a reference gives content to."""
    for container in reference.pod.containers:
        if reference.steps[: len(container.steps)] == container.steps or any(_mounts(reference, container)):
            yield container


def _mounts(reference: PodReference, container: Container) -> Iterator[JsonObject]:
    """Yield a container's mounts of the volume that a reference belongs to."""
    named = (text(volume.get("name")) for at, volume in reference.pod.volumes if reference.steps[: len(at)] == at)
    name = next(named, "")
    return (mount for _, mount in container.mounts if name and mount.get("name") == name)


def _only_parts(reference: PodReference) -> bool:
    """Tell whether every mount of a reference's volume names a `subPath`."""
    mounts = [mount for container in reference.pod.containers for mount in _mounts(reference, container)]
    return bool(mounts) and all(dig(mount, "subPath") or dig(mount, "subPathExpr") for mount in mounts)


def _custom(view: View, pair: Pair) -> Iterator[Found]:
    """Yield the custom resources that name it by a field of the table."""
    wanted, namespace = ("", pair.resource.kind), namespace_of(pair)
    for manifest in view.after.naming(view.after.custom_kinds(wanted), [pair.resource.name]):
        names_it = any(
            entry.target == wanted
            and entry.reference.name == pair.resource.name
            and (entry.reference.namespace or DEFAULT_NAMESPACE) in (ANYWHERE, namespace)
            for entry in named(Inventory((manifest,)))
        )
        if names_it and view.pair_of(manifest) is None:
            yield CUSTOM.found(
                pair, "names it; its controller decides when the new content counts", resource=manifest.id
            )


def _gone(view: View, pair: Pair, gone: Manifest) -> Iterator[Found]:
    namespace = gone.id.namespace or "default"
    users: dict[object, PodReference] = {}
    for reference in view.after.references(gone.id.kind, namespace, gone.id.name):
        if not reference.optional:
            users.setdefault(reference.pod.manifest.id, reference)
    provided = users and view.after.find(gone.id.kind, gone.id.name, namespace=namespace) is not None
    for reference in () if provided else users.values():
        message = f"still names {gone.id}: new pods do not start"
        yield GONE.found(pair, message, resource=reference.pod.manifest.id)


def _renamed(view: View) -> Iterator[Found]:
    """Yield workloads whose template names another ConfigMap or Secret in a field where it named one before."""
    for pair, before, after in view.updated_workloads():
        for kind in KINDS:
            old, new = (_named(pod, kind) for pod in (before, after))
            fresh = [name for name in new - old if _came(view, kind, after, name)]
            if fresh and old - new:
                message = f"uses {quoted(sorted(fresh))} in place of {quoted(sorted(old - new))}: a restart of its own"
                yield NEW_NAME.found(pair, message)


def _came(view: View, kind: str, pod: PodTemplate, name: str) -> bool:
    found = view.after.find(kind, name, group="", namespace=pod.namespace)
    pair = view.pair_of(found) if found is not None else None
    return pair is not None and entered(pair) is not None


def _named(pod: PodTemplate, kind: str) -> set[str]:
    return {reference.name for reference in pod_references(pod) if reference.kind == kind}
