"""The table of kinds beside the definitions of kinds: whatever has pods, a reference or replicas is known.

The definitions are the repository's own, and those of the folders that `AURORA_CRDS` names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora.kinds import table
from aurora.kinds.entry import Form, Kind
from aurora.kinds.paths import DEEP, EACH
from aurora.kinds.paths import Path as Steps
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.yamlio import reading

REFERENCE = re.compile(r"(?i:secret|configMap|serviceAccount|claim|(storage|priority|ingress)Class)Name|.+Refs?")
NO_REFERENCE = frozenset({"fieldRef", "resourceFieldRef", "fileKeyRef", "paramRef"})
"""Fields of a pod itself, and Kyverno's parameters, whose kind stands in another field."""
GATEWAY = "gateway.networking.k8s.io"
ROUTES = frozenset({"parentRefs", "backendRefs", "backendRef"})
"""Fields of the Gateway API's routes that `cluster.routes` reads, since they have weights and sections."""
MADE = frozenset({"WorkflowArtifactGCTask", "WorkflowTaskResult", "WorkflowTaskSet"})
"""Objects that a controller makes for itself: nobody commits them."""
POD_FIELDS = frozenset({"containers", "initContainers", "ephemeralContainers", "volumes", "imagePullSecrets"})
ACCOUNT_AND_CLASS = frozenset({"serviceAccountName", "serviceAccount", "priorityClassName", "runtimeClassName"})
REPLICAS = frozenset({"replicas", "minReplicas", "shards"})
OTHER_COUNTS = frozenset({"fallback", "setCanaryScale", "experiment", "primaryScalerReplicas", "updatePolicy"})
"""Where a count is one of a step, of a time without metrics, or a condition."""


def folders() -> list[Path]:
    own = Path(__file__).parents[2] / "schemas"
    return [own, *(Path(name) for name in os.environ.get("AURORA_CRDS", "").split(os.pathsep) if name)]


def definitions(folder: Path) -> Iterator[JsonObject]:
    for path in sorted((*folder.rglob("*.json"), *folder.rglob("*.yaml"))):
        for document in reading.split(reading.decode(path.read_bytes())):
            body = mapping(reading.parse(document.text).value)
            if body.get("kind") == "CustomResourceDefinition":
                yield mapping(body.get("spec"))


def fields(schema: JsonValue, steps: Steps = ()) -> Iterator[tuple[Steps, JsonObject]]:
    """Yield every field of a schema with the steps to it; items of lists and values of maps are `*`."""
    node = mapping(schema)
    yield steps, node
    for name, inner in mapping(node.get("properties")).items():
        if steps or name not in ("apiVersion", "kind", "metadata", "status"):
            yield from fields(inner, (*steps, name))
    for inner in (node.get("items"), node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from fields(inner, (*steps, EACH))


def leads(path: Steps, steps: Steps) -> bool:
    """Tell whether a path of the table leads to a field of a schema."""
    if not path or not steps:
        return not path and not steps
    if path[0] == DEEP:
        return leads(path[1:], steps) or leads(path, steps[1:])
    if "=" in path[0] or path[0].isdigit():
        return steps[0] == EACH and leads(path[1:], steps[1:])
    ending = path[0][1:].lower() if path[0][0] == EACH else None
    same = steps[0].lower().endswith(ending) if ending is not None else path[0] == steps[0]
    return same and leads(path[1:], steps[1:])


def spec_of(at: Steps, form: Form) -> Steps:
    return (*at, "spec") if form is Form.TEMPLATE else at


def in_a_pod(kind: Kind, steps: Steps) -> bool:
    """Tell whether a field belongs to a pod, whose fields the code knows."""
    for place in kind.pods:
        spec = spec_of(place.at, place.form)
        below = steps[len(spec) :] if leads(spec, steps[: len(spec)]) else ()
        if below and (place.form in (Form.TEMPLATE, Form.CONTAINER) or below[0] in POD_FIELDS | ACCOUNT_AND_CLASS):
            return True
        if place.form is Form.COMPONENT and below:
            return True
        if place.form is Form.WORKFLOW and any(name in WORKFLOW_PODS for name in below):
            return True
    return False


WORKFLOW_PODS = frozenset(
    {"container", "script", "containerSet", "initContainers", "sidecars", "volumes", "imagePullSecrets"}
    | ACCOUNT_AND_CLASS
)


def is_pod(node: JsonObject) -> bool:
    return "image" in mapping(dig(node, "properties", "containers", "items", "properties"))


def is_container(node: JsonObject) -> bool:
    known = mapping(node.get("properties"))
    return "image" in known and "name" in known and ("args" in known or "command" in known)


def is_reference(steps: Steps, node: JsonObject) -> bool:
    name = steps[-1] if steps[-1] != EACH else steps[-2] if len(steps) > 1 else ""
    if not REFERENCE.fullmatch(name) or name in NO_REFERENCE:
        return False
    return node.get("type") == "string" if name.endswith("Name") else "name" in mapping(node.get("properties"))


def knows_pod(kind: Kind, steps: Steps) -> bool:
    return in_a_pod(kind, steps) or any(leads(spec_of(place.at, place.form), steps) for place in kind.pods)


def knows_reference(kind: Kind, steps: Steps) -> bool:
    named = ((*field.at, field.name) if field.name else field.at for field in kind.references)
    return any(leads(path, steps) for path in (*(field.at for field in kind.references), *named))


def knows_replicas(kind: Kind, steps: Steps) -> bool:
    paths: list[Steps] = [path for count in kind.replicas for path in count.at]
    bounds = [bound for count in (*kind.replicas, kind.scaler) if count for bound in (count.least, count.most)]
    return any(leads(path, steps) for path in (*paths, *(bound.at for bound in bounds if bound)))


def gaps(kind: Kind, schema: JsonValue) -> Iterator[str]:
    for steps, node in fields(schema):
        if not steps or in_a_pod(kind, steps):
            continue
        if (is_pod(node) or is_container(node)) and not knows_pod(kind, steps):
            yield f"pods at {'.'.join(steps)}"
        routed = kind.group == GATEWAY and bool(ROUTES & set(steps))
        if is_reference(steps, node) and not routed and not knows_reference(kind, steps):
            yield f"a reference at {'.'.join(steps)}"
        if (
            steps[-1] in REPLICAS
            and not OTHER_COUNTS & set(steps)
            and node.get("type") == "integer"
            and not knows_replicas(kind, steps)
        ):
            yield f"replicas at {'.'.join(steps)}"


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_pods_references_and_replicas_of_every_definition_are_in_the_table(folder: Path) -> None:
    missing: dict[str, list[str]] = {}
    looked_at = 0
    for spec in definitions(folder):
        name = text(dig(spec, "names", "kind"))
        known = table.find(text(spec.get("group")), name) or Kind(scope="")
        for version in items(spec.get("versions")) if name not in MADE else ():
            if dig(version, "storage") is True:
                looked_at += 1
                found = list(gaps(known, dig(version, "schema", "openAPIV3Schema")))
                if found:
                    missing[f"{text(spec.get('group'))}/{name}"] = found
    assert looked_at >= 10
    assert missing == {}


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_scopes_are_those_of_the_definitions(folder: Path) -> None:
    for spec in definitions(folder):
        known = table.find(text(spec.get("group")), text(dig(spec, "names", "kind")))
        assert known is None or known.scope == spec.get("scope"), known


def test_a_field_that_the_table_lacks_is_told() -> None:
    container: JsonObject = {"properties": {"image": {}, "name": {}, "args": {}}}
    spec: JsonObject = {
        "properties": {
            "replicas": {"type": "integer"},
            "secretName": {"type": "string"},
            "storeRef": {"properties": {"name": {}}},
            "template": {"properties": {"spec": {"properties": {"containers": {"items": container}}}}},
        }
    }
    assert set(gaps(Kind(scope="Cluster"), {"properties": {"spec": spec}})) >= {
        "replicas at spec.replicas",
        "a reference at spec.secretName",
        "a reference at spec.storeRef",
        "pods at spec.template.spec",
    }
