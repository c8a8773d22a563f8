"""Recognises renamed objects: one that went and one that came which plainly are one object under two names.

Plainly means: one kind, one component, the same identity facts, and nothing else on either side that has them.
Must not decide what follows from a rename: that is what follows from a deletion and a creation.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from aurora.cluster.pod_references import pod_references
from aurora.model.json_value import JsonValue, dig, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate, pod_templates

_SHORTEST_NAME = 3
_OUTSIDE = frozenset({"apiVersion", "kind", "metadata", "status"})
_HASHED = re.compile(r"(.+)-(?=[a-z]*[0-9])[a-z0-9]{8,10}")
"""A name that ends in a hash of the content, as generators of ConfigMaps and Secrets make them."""
_GENERATED = ("ConfigMap", "Secret")
_HOLDING = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
"""Kinds that are nothing but a name and what is stored under it: another name is another object."""


def renames(gone: Iterable[Manifest], fresh: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield pairs of one object under two names; where several could be the other one, there is no pair."""
    old, new = _by_facts(gone), _by_facts(fresh)
    for facts in sorted(old.keys() & new.keys()):
        if len(old[facts]) == len(new[facts]) == 1:
            yield old[facts][0], new[facts][0]


def _by_facts(found: Iterable[Manifest]) -> Mapping[tuple[str, ...], list[Manifest]]:
    grouped: dict[tuple[str, ...], list[Manifest]] = defaultdict(list)
    for entry in found:
        facts = _facts(entry) if entry.id.name and entry.id.kind not in _HOLDING else ""
        if facts:
            grouped[entry.id.group, entry.id.kind, entry.component or "", facts].append(entry)
    return grouped


def _facts(manifest: Manifest) -> str:
    """Give what an object is recognised by under another name; empty where nothing says that much.

    Outside of components nothing bounds where the other one may be: there it has to say the very same.
    """
    hashed = _HASHED.fullmatch(manifest.id.name)
    if hashed and manifest.id.kind in _GENERATED and not manifest.id.group:
        return json.dumps([manifest.id.namespace, hashed[1]])
    if dig(manifest.body, "spec", "volumeClaimTemplates"):
        return ""
    pods = list(pod_templates(manifest))
    if pods and manifest.component:
        named = sorted({fact for pod in pods for fact in _of_pod(pod)})
        return _written(named, manifest.id.name) if any(what == "image" for what, _ in named) else ""
    return _content(manifest)


def _of_pod(pod: PodTemplate) -> Iterator[tuple[str, str]]:
    """Yield what pods are there for: the programs that they run, the claims that they mount, the model."""
    for container in pod.containers:
        image = text(container.body.get("image")).partition("@")[0]
        host, slash, name = image.rpartition("/")
        yield "image", f"{host}{slash}{name.partition(':')[0]}"
    for reference in pod_references(pod):
        if reference.kind == "PersistentVolumeClaim":
            yield "claim", reference.name
    for labels in (pod.labels, pod.manifest.labels):
        yield from (("model", value) for key, value in labels.items() if key.rpartition("/")[2] == "model")


def _content(manifest: Manifest) -> str:
    """Give everything that an object says beside its metadata."""
    body: JsonValue = {key: value for key, value in manifest.body.items() if key not in _OUTSIDE}
    return _written(body, manifest.id.name) if body else ""


def _written(value: object, name: str) -> str:
    """Write values with the object's own name taken out of them."""
    written = json.dumps(value, sort_keys=True)
    return written.replace(name, "\0") if len(name) >= _SHORTEST_NAME else written
