"""ClusterPolicies of `kyverno.io/v1`: which of their rules can be judged from an object alone, and what they may match.

Kyverno itself decides what a rule matches; here is only known which kinds it names, so that other objects are not
handed over. Sources: Kyverno 1.19.1, `api/kyverno/v1` and `ParseKindSelector` of `pkg/utils/kube`. Must not judge.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.tree import mappings, strings
from aurora.policies.matching import OPERATION, Subject, by_name_only

GROUP, KIND, VERSION = "kyverno.io", "ClusterPolicy", "v1"

_DOES = {"mutate": "mutates", "generate": "generates", "verifyImages": "verifies images"}
_ASKS = {
    "apiCall": "calls an API",
    "configMap": "reads a ConfigMap of the cluster",
    "globalReference": "reads Kyverno's global context",
    "imageRegistry": "asks a registry",
}
_VERSION = re.compile(r"v\d((alpha|beta)\d)?|\*")
_WITH_SUBRESOURCE = 2
_BY_USER = ("clusterRoles", "roles", "subjects")
# Kyverno's own words for who makes a request: only a cluster knows.
_OF_REQUEST = re.compile(
    r"\{\{[^}]*\b(request\.(userInfo|roles|clusterRoles)|(?<![.\w])serviceAccount(Name|Namespace))\b"
)
_POD_CONTROLLERS = frozenset(
    {"CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"}
)
"""Kinds for which Kyverno may repeat a rule of pods."""


def is_one(manifest: Manifest) -> bool:
    """Tell whether an object is a ClusterPolicy that the engine reads."""
    return manifest.id.api_version == f"{GROUP}/{VERSION}" and manifest.id.kind == KIND


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """The rules of a ClusterPolicy that are judged."""

    rules: tuple[JsonObject, ...]
    is_repeated: bool = False
    """The pods of controllers are judged beside them: a violation of both is told once."""
    namespaces: tuple[str, ...] = ()

    def about(self, group: str, version: str, kind: str, resource: str) -> bool:
        """Tell whether any rule may be about a kind."""
        return any(_is_about(rule, group, version, kind) for rule in self.rules)

    def may_match(self, subject: Subject) -> bool:
        """Tell whether any rule may be about an object: Kyverno decides whether it is."""
        return self.about(subject.group, subject.version, subject.kind, subject.resource)

    def asks_labels(self, subject: Subject) -> bool:
        """Tell whether a rule about an object takes more of a namespace's labels than its name."""
        return bool(subject.namespace) and any(
            not by_name_only(resources.get("namespaceSelector"))
            for rule in self.rules
            if _is_about(rule, subject.group, subject.version, subject.kind)
            for side in ("match", "exclude")
            for resources in _resources(rule, side)
        )


def parts(manifest: Manifest) -> tuple[tuple[JsonObject, ...], tuple[str, ...]]:
    """Give the rules of a ClusterPolicy that can be judged, and of every other one why it cannot."""
    rules = [mapping(rule) for rule in items(manifest.get("spec", "rules"))]
    reasons = [_why_not(rule) for rule in rules]
    judged = tuple(rule for rule, reason in zip(rules, reasons, strict=True) if not reason)
    said = tuple(
        f"its rule `{text(rule.get('name'))}` {reason}" for rule, reason in zip(rules, reasons, strict=True) if reason
    )
    if judged and any(rule.get("mutate") for rule in rules):
        return (), (*said, "its other rules judge what that makes of an object")
    return judged, said


def _why_not(rule: JsonObject) -> str:
    """Say why a rule cannot be judged from an object alone; an empty text if it can."""
    return next(_reasons(rule), "")


def _reasons(rule: JsonObject) -> Iterator[str]:
    yield from (does for key, does in _DOES.items() if rule.get(key))
    validate = mapping(rule.get("validate"))
    if validate.get("manifests"):
        yield "verifies signatures"
    if mapping(validate.get("cel")).get("paramKind"):
        yield "takes parameters from the cluster"
    yield from (asks for entry in _context(rule) for key, asks in _ASKS.items() if entry.get(key))
    if any(block.get(key) for block in _blocks(rule, "match") for key in _BY_USER):
        yield "matches by who makes the request"
    if any(_OF_REQUEST.search(value) for value in strings(rule)):
        yield "asks who makes the request"
    operations = [each for resources in _resources(rule, "match") for each in items(resources.get("operations"))]
    if operations and OPERATION not in operations:
        yield f"does not judge {OPERATION}"


def _context(rule: JsonObject) -> Iterator[JsonObject]:
    """Yield every entry of a context, also of those of loops."""
    for _, within in mappings(rule):
        yield from map(mapping, items(within.get("context")))


def _blocks(rule: JsonObject, side: str) -> Iterator[JsonObject]:
    stated = mapping(rule.get(side))
    yield stated
    for key in ("any", "all"):
        yield from map(mapping, items(stated.get(key)))


def _resources(rule: JsonObject, side: str) -> Iterator[JsonObject]:
    return (mapping(block.get("resources")) for block in _blocks(rule, side))


def _is_about(rule: JsonObject, group: str, version: str, kind: str) -> bool:
    named = [text(entry) for resources in _resources(rule, "match") for entry in items(resources.get("kinds"))]
    return any(_names(entry, group, version, kind) for entry in named) or (
        kind in _POD_CONTROLLERS and any(_names(entry, "", "v1", "Pod") for entry in named)
    )


def _names(entry: str, group: str, version: str, kind: str) -> bool:
    """Tell whether `[[group/]version/]Kind[/subresource]`, each part with wildcards, means a kind itself."""
    *before, last = entry.split("/")
    steps = [*before, *last.split(".")]
    if len(steps) > 1 and _VERSION.fullmatch(steps[0]):
        steps = ["*", *steps]
    elif len(steps) <= _WITH_SUBRESOURCE:
        steps = ["*", "*", *steps]
    wanted = (group, version, kind)
    return steps == ["*"] * 4 or (
        len(steps) == len(wanted) and all(fnmatchcase(each, step) for each, step in zip(wanted, steps, strict=True))
    )
