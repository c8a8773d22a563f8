"""What is planted beside the objects of an inventory: one violation for each part of the answer and for each kind."""

from collections.abc import Iterator, Sequence
from typing import Any

from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import PREFIX, Planted, beyond_limits, pod
from aurora.server_validation.session import LIMIT_RANGES
from aurora.tools.protocol import Request

NAMESPACE = "aurora-planted"
"""Described to the program as restricted; no namespace of an input may have this name."""

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
            ]
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
_CONTRADICTORY = {
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
}
_DUPLICATE = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "planted"}, "data": {"a": "1", "a": "2"}}'
_DENIED = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "planted", "namespace": NAMESPACE}}


def namespace() -> dict[str, Any]:
    """Describe the namespace of the planted pods."""
    return {"name": NAMESPACE, "labels": _LABELS}


def admission_objects(inventory: Inventory, named: Sequence[Manifest]) -> tuple[dict[str, Any], ...]:
    """Give a policy that refuses a planted object, where admission policies are among the objects or those `named`."""
    own = [*inventory.of_kind("ValidatingAdmissionPolicy"), *named]
    return (_POLICY, _BINDING) if any(entry.id.kind == "ValidatingAdmissionPolicy" for entry in own) else ()


def planted(inventory: Inventory, parts: Sequence[str], named: Sequence[Manifest]) -> Iterator[Planted]:
    """Yield the violations that prove these parts of the answer."""
    if "create" in parts:
        yield _plant("create", "server/create-refused", _CONTRADICTORY, parts)
    if "podSecurity" in parts:
        yield pod(NAMESPACE, parts)
    if LIMIT_RANGES in parts:
        yield from beyond_limits(NAMESPACE, parts)
    if "drift" in parts:
        yield _plant("drift", "server/drift", _DRIFTING, parts)
    if "admissionPolicies" in parts and admission_objects(inventory, named):
        yield _plant("admission", "server/admission-denied", _DENIED, parts)
    if "create" in parts:
        yield _update(parts)
        duplicate = {"text": _DUPLICATE, "want": [*parts]}
        yield Planted(Request(f"{PREFIX}duplicate", "judge", duplicate), frozenset({"server/duplicate-field"}))
        yield from _kinds(inventory, parts)


def _kinds(inventory: Inventory, parts: Sequence[str]) -> Iterator[Planted]:
    found = frozenset({"server/unknown-field", *_KIND_REFUSED})
    for kind in sorted({(manifest.id.api_version, manifest.id.kind) for manifest in inventory.manifests}):
        api_version, name = kind
        body = {"apiVersion": api_version, "kind": name, "metadata": {"name": "planted", "auroraPlanted": True}}
        request = Request(f"{PREFIX}{api_version}/{name}", "judge", {"object": body, "want": [*parts]})
        yield Planted(request, found, kind)


def _update(parts: Sequence[str]) -> Planted:
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


def _plant(name: str, rule: str, body: dict[str, Any], parts: Sequence[str]) -> Planted:
    return Planted(Request(f"{PREFIX}{name}", "judge", {"object": body, "want": [*parts]}), frozenset({rule}))
