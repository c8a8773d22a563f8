"""Objects that must be found wrong in every run: proof that each road through the program is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from aurora.model.inventory import Inventory
from aurora.tools.protocol import Request

NAMESPACE = "aurora-planted"
"""Described to the program as restricted; no namespace of an input may have this name."""
PREFIX = "planted:"

# What the server says of a kind as such, before it looks at fields: then the real objects of it are refused too.
_KIND_REFUSED = ("server/not-served", "server/not-stored", "server/unknown-kind")
_LABELS = {"pod-security.kubernetes.io/enforce": "restricted"}

_DRIFTING = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "planted.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Cluster",
        "preserveUnknownFields": False,
        "names": {"kind": "Planted", "listKind": "PlantedList", "plural": "planted", "singular": "planted"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}
_ADMISSION = "admissionregistration.k8s.io/v1"
_POLICY = {
    "apiVersion": _ADMISSION,
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": NAMESPACE},
    "spec": {
        "matchConstraints": {
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}
            ],
        },
        "validations": [
            {"expression": f'!has(object.metadata.namespace) || object.metadata.namespace != "{NAMESPACE}"'}
        ],
    },
}
_BINDING = {
    "apiVersion": _ADMISSION,
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": NAMESPACE},
    "spec": {"policyName": NAMESPACE, "validationActions": ["Deny"]},
}
_DENIED = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "planted", "namespace": NAMESPACE}}


@dataclass(frozen=True, slots=True)
class Planted:
    """One request that must come back with a finding of one of the rules.

    `kind` is the apiVersion and kind of real objects that it speaks for; None where it speaks for every run.
    """

    request: Request
    rules: frozenset[str]
    kind: tuple[str, str] | None = None


def namespace() -> dict[str, Any]:
    """Describe the namespace of the planted pods."""
    return {"name": NAMESPACE, "labels": _LABELS}


def admission_objects(inventory: Inventory) -> tuple[dict[str, Any], ...]:
    """Give a policy that refuses a planted object, where the inventory has admission policies of its own."""
    return (_POLICY, _BINDING) if any(inventory.of_kind("ValidatingAdmissionPolicy")) else ()


def planted(inventory: Inventory, wanted: Iterable[str]) -> Iterator[Planted]:
    """Yield one violation for each feature, and one for each kind in the inventory."""
    parts = list(wanted)
    yield _plant(
        "create",
        "server/create-refused",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "planted", "namespace": NAMESPACE},
            "spec": {
                "selector": {"matchLabels": {"app": "one"}},
                "template": {
                    "metadata": {"labels": {"app": "other"}},
                    "spec": {"containers": [{"name": "c", "image": "registry.example.com/c:v1"}]},
                },
            },
        },
        parts,
    )
    yield _plant(
        "pod-security",
        "pod-security/enforce",
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "planted", "namespace": NAMESPACE},
            "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "registry.example.com/c:v1"}]},
        },
        parts,
    )
    yield _plant("drift", "server/drift", _DRIFTING, parts)
    yield _update(parts)
    if admission_objects(inventory):
        yield _plant("admission", "server/admission-denied", _DENIED, parts)
    text = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "planted"}, "data": {"a": "1", "a": "2"}}'
    yield Planted(
        Request(f"{PREFIX}duplicate", "judge", {"text": text, "want": parts}), frozenset({"server/duplicate-field"})
    )
    yield from _kinds(inventory, parts)


def _kinds(inventory: Inventory, parts: list[str]) -> Iterator[Planted]:
    for kind in sorted({(manifest.id.api_version, manifest.id.kind) for manifest in inventory.manifests}):
        api_version, name = kind
        body = {"apiVersion": api_version, "kind": name, "metadata": {"name": "planted", "auroraPlanted": True}}
        found = {"server/unknown-field", *_KIND_REFUSED}
        request = Request(f"{PREFIX}{api_version}/{name}", "judge", {"object": body, "want": parts})
        yield Planted(request, frozenset(found), kind)


def _update(parts: list[str]) -> Planted:
    old, new = (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "planted"},
            "immutable": True,
            "data": {"a": data},
        }
        for data in ("1", "2")
    )
    body = {"object": new, "old": {"object": old}, "want": [*parts, "update"]}
    return Planted(Request(f"{PREFIX}update", "judge", body), frozenset({"server/update-refused"}))


def _plant(name: str, rule: str, body: dict[str, Any], parts: list[str]) -> Planted:
    return Planted(Request(f"{PREFIX}{name}", "judge", {"object": body, "want": parts}), frozenset({rule}))
