"""What an object may be called, by kind, and how its labels may read.

Sources: the registry strategies of Kubernetes 1.35 (pkg/apis/*/validation), apimachinery's `validation.go` for
the three forms of DNS names and for labels, and `reference/domain.md` sections 1, 2, 4 and 6 for the lengths
that leave room for children. Must not look at other objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aurora.cluster.references.lookup import Steps
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import TEMPLATE_STEPS
from aurora.model.rule import Violation
from aurora_constructs.labels import API_GROUP

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_FROM_LETTER = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
SUBDOMAIN_LENGTH = 253
QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")

RBAC = "rbac.authorization.k8s.io"
PATH_SEGMENT_KINDS = frozenset(
    {
        (RBAC, "Role"),
        (RBAC, "RoleBinding"),
        (RBAC, "ClusterRole"),
        (RBAC, "ClusterRoleBinding"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("apiregistration.k8s.io", "APIService"),
        ("networking.k8s.io", "IPAddress"),
        ("internal.apiserver.k8s.io", "StorageVersion"),
    }
)
"""Kinds whose names need only fit into a URL; some of them have stricter forms of their own."""
LABEL_KINDS = frozenset({("", "Namespace"), ("apps", "StatefulSet")})
LABEL_FROM_LETTER_KINDS = frozenset(
    {("", "Service"), ("serving.kserve.io", "InferenceService"), ("trainer.kubeflow.org", "TrainJob")}
)

LONGEST: dict[tuple[str, str], tuple[int, str]] = {
    ("batch", "CronJob"): (52, "its Jobs get a suffix of 11 characters"),
    ("ray.io", "RayJob"): (47, "KubeRay appends to it"),
    (API_GROUP, "MLTrainingJob"): (40, "the operator appends to it"),
    (API_GROUP, "MLDeployment"): (40, "the operator appends to it"),
}
"""Names that the API server or the controller of the kind cannot build its children's names from."""


def names(inventory: Inventory) -> Iterator[Violation]:
    """Find objects whose names the API server refuses."""
    for manifest in inventory.manifests:
        form = _broken_form(manifest)
        if manifest.id.name and form:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "name"),
                message=f"`{manifest.id.name}` is no name for a {manifest.id.kind}: {form}",
                hint="choose a name of that form",
            )


def _broken_form(manifest: Manifest) -> str | None:
    name, kind = manifest.id.name, (manifest.id.group, manifest.id.kind)
    if kind == ("apiextensions.k8s.io", "CustomResourceDefinition"):
        wanted = f"{text(manifest.get('spec', 'names', 'plural'))}.{text(manifest.get('spec', 'group'))}"
        return None if name == wanted else f"it must be `{wanted}`, from `spec.names.plural` and `spec.group`"
    if kind in PATH_SEGMENT_KINDS:
        broken = name in {".", ".."} or "/" in name or "%" in name
        return "it must not be `.` or `..` and must not contain `/` or `%`" if broken else None
    if kind in LABEL_FROM_LETTER_KINDS:
        rule = "at most 63 lower case letters, digits and `-`, beginning with a letter, not ending with `-`"
        return None if LABEL_FROM_LETTER.fullmatch(name) else rule
    if kind in LABEL_KINDS:
        rule = "at most 63 lower case letters, digits and `-`, not beginning or ending with `-`"
        return None if LABEL.fullmatch(name) else rule
    rule = "at most 253 lower case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit"
    return None if len(name) <= SUBDOMAIN_LENGTH and SUBDOMAIN.fullmatch(name) else rule


def lengths(inventory: Inventory) -> Iterator[Violation]:
    """Find objects whose names leave no room for what is made from them."""
    for (group, kind), (longest, reason) in LONGEST.items():
        for manifest in inventory.of_kind(kind, group=group):
            if len(manifest.id.name) > longest:
                yield Violation(
                    manifest=manifest,
                    steps=("metadata", "name"),
                    message=f"`{manifest.id.name}` has {len(manifest.id.name)} characters; "
                    f"a {kind}'s name has at most {longest}: {reason}",
                    hint=f"shorten the name to {longest} characters",
                )


def label_values(inventory: Inventory) -> Iterator[Violation]:
    """Find values of labels, annotations and selectors that are no strings."""
    for manifest, steps, found in inventory.every(_string_maps):
        for key, value in found.items():
            if not isinstance(value, str):
                yield Violation(
                    manifest=manifest,
                    steps=(*steps, key),
                    message=f"`{key}` is {_shown(value)}, not a string",
                    hint="write the value in quotes",
                )


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    return f"the boolean `{str(value).lower()}`" if isinstance(value, bool) else f"the number `{value}`"


def label_syntax(inventory: Inventory) -> Iterator[Violation]:
    """Find labels whose keys or values have a form that the API server refuses."""
    for manifest, steps, found in inventory.every(_string_maps):
        if steps[-1] != "annotations":
            for key, value in found.items():
                problem = _label_problem(key, value if isinstance(value, str) else None)
                if problem:
                    yield Violation(manifest=manifest, steps=(*steps, key), message=problem)


@lru_cache(maxsize=4096)
def _label_problem(key: str, value: str | None) -> str | None:
    """Say what is wrong with a label; the objects of a platform have much the same ones."""
    prefix, slash, name = key.rpartition("/")
    if not QUALIFIED.fullmatch(name) or (
        slash and not (len(prefix) <= SUBDOMAIN_LENGTH and SUBDOMAIN.fullmatch(prefix))
    ):
        return f"`{key}` is no label key: it is at most 63 letters, digits, `-`, `_` and `.`, after an optional domain"
    if value is not None and not LABEL_VALUE.fullmatch(value):
        return (
            f"`{value}` is no label value: it is at most 63 letters, digits, `-`, `_` and `.`, "
            "beginning and ending with a letter or digit"
        )
    return None


def _string_maps(inventory: Inventory) -> Iterator[tuple[Manifest, Steps, JsonObject]]:
    for manifest in inventory.manifests:
        for steps, found in string_maps(manifest):
            yield manifest, steps, mapping(found)


def string_maps(manifest: Manifest) -> Iterator[tuple[Steps, JsonValue | None]]:
    """Yield the maps of an object that hold only strings: labels, annotations, and selectors made of labels."""
    for metadata in _metadata(manifest):
        for field in ("labels", "annotations"):
            yield (*metadata, field), manifest.get(*metadata, field)
    if (manifest.id.group, manifest.id.kind) in {("", "Service"), ("", "ReplicationController")}:
        yield ("spec", "selector"), manifest.get("spec", "selector")
    elif (manifest.id.group, manifest.id.kind) in TEMPLATE_STEPS or manifest.id.group == "policy":
        yield ("spec", "selector", "matchLabels"), manifest.get("spec", "selector", "matchLabels")


def _metadata(manifest: Manifest) -> Iterator[Steps]:
    yield ("metadata",)
    template = TEMPLATE_STEPS.get((manifest.id.group, manifest.id.kind), ())
    if template:
        yield (*template, "metadata")
    if manifest.id.kind == "CronJob":
        yield ("spec", "jobTemplate", "metadata")
    if manifest.id.kind == "StatefulSet":
        for index, claim in enumerate(items(manifest.get("spec", "volumeClaimTemplates"))):
            if isinstance(dig(claim, "metadata"), dict):
                yield ("spec", "volumeClaimTemplates", index, "metadata")
