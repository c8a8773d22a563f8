"""Who sees secrets: workloads that are given one, values that leave a Secret, and Secrets in Git.

Source: Kubernetes 1.35, Secrets and `PodSpec`.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, quoted
from aurora.changes.consequences.view import View
from aurora.cluster.pod_references import Way, pod_references
from aurora.model.json_value import JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate

GRANTED = Row("security/secret-granted", WEAKER)
WITHDRAWN = Row("security/secret-withdrawn", STRONGER)
INLINED = Row("security/secret-inlined", WEAKER)
IN_GIT = Row("security/secret-in-git", WEAKER)

_READ = frozenset({Way.ENV, Way.ENV_FROM, Way.VOLUME, Way.PROJECTED})


def find(view: View) -> Iterator[Found]:
    """Yield Secrets that somebody else sees."""
    for pair, before, after in view.workloads():
        if after is None:
            continue
        new, old = _readable(after), _readable(before) if before else set()
        if new - old:
            yield GRANTED.found(pair, f"its containers get the Secret {quoted(sorted(new - old))}")
        if old - new:
            yield WITHDRAWN.found(pair, f"its containers no longer get the Secret {quoted(sorted(old - new))}")
        inlined = (_from_secrets(before) if before else set()) & _literal(after)
        if inlined:
            names = quoted(sorted(name for _, name in inlined))
            yield INLINED.found(pair, f"the value of {names} is in the manifest, before it came from a Secret")
    for pair in view.of("", "Secret"):
        more = _values(pair.after) - _values(pair.before)
        if more:
            yield IN_GIT.found(pair, f"the value of {quoted(sorted(more))} is in Git", steps=("metadata",))


def _readable(pod: PodTemplate) -> set[str]:
    return {entry.name for entry in pod_references(pod) if entry.kind == "Secret" and entry.way in _READ}


def _variables(pod: PodTemplate) -> Iterator[tuple[tuple[str, str], JsonValue]]:
    for container in pod.containers:
        for _, entry in container.variables:
            yield (container.name, text(dig(entry, "name"))), entry


def _from_secrets(pod: PodTemplate) -> set[tuple[str, str]]:
    return {name for name, entry in _variables(pod) if dig(entry, "valueFrom", "secretKeyRef") is not None}


def _literal(pod: PodTemplate) -> set[tuple[str, str]]:
    return {name for name, entry in _variables(pod) if text(dig(entry, "value"))}


def _values(manifest: Manifest | None) -> set[str]:
    """Give the keys of a Secret that hold something."""
    if manifest is None:
        return set()
    fields = [mapping(manifest.get(field)) for field in ("data", "stringData")]
    return {key for entries in fields for key, value in entries.items() if value}
