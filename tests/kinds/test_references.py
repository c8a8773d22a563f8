"""Every reference of the table: one that leads to nothing is told at its field, and one that leads somewhere is not."""

from __future__ import annotations

import pytest

from aurora.checks import references
from aurora.cluster.references.fields import needed, others
from aurora.kinds import table
from aurora.kinds.entry import Kind, Reference
from aurora.kinds.paths import DEEP, EACH
from aurora.kinds.paths import Path as Steps
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.place import pointer
from aurora.yamlio import writing
from checks.inventory_cases import judge, read

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
ENTRIES = [(kind, field) for kind in table.every() for field in kind.references]
TARGET = ("apps", "Deployment")
"""What is named where only the object says the kind."""


def named(entry: tuple[Kind, Reference]) -> str:
    return f"{entry[0].name}:{'.'.join(entry[1].at)}"


def concrete(path: Steps) -> tuple[str | int, ...]:
    """Write a path down as the steps to one field: no step for `**`, and a key for an ending."""
    found: list[str | int] = []
    for step in path:
        if step == EACH or "=" in step or step.isdigit():
            found.append(0)
        elif step != DEEP:
            found.append(f"x{step[1:]}" if step[0] == EACH else step)
    return tuple(found)


def value(field: Reference) -> JsonValue:
    group, kind = field.to or TARGET
    said: JsonObject = {}
    for name in field.says:
        match name:
            case "kind":
                said[name] = kind
            case "apiVersion":
                said[name] = f"{group}/v1" if group else "v1"
            case "group" | "apiGroup":
                said[name] = group
    text = f"{field.after}nowhere/deeper" if field.after else "nowhere"
    return {**said, field.name or "name": text} if said or field.name else text


def written(kind: Kind, field: Reference) -> str:
    body: JsonValue = value(field)
    filters = [step for step in field.at if step != DEEP]
    for step, name in zip(reversed(concrete(field.at)), reversed(filters), strict=True):
        if "=" in name and isinstance(body, dict):
            body[name[1:].partition("=")[0]] = name.partition("=")[2]
        body = [body] if isinstance(step, int) else {step: body}
    assert isinstance(body, dict)
    given = body.pop("metadata", {})
    assert isinstance(given, dict)
    metadata: JsonObject = {"name": "probe", **({"namespace": "shop"} if kind.namespaced else {}), **given}
    version = f"{kind.group}/v1" if kind.group else "v1"
    return writing.dump({"apiVersion": version, "kind": kind.name, **body, "metadata": metadata})


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_a_reference_to_nothing_is_told_at_its_field(entry: tuple[Kind, Reference]) -> None:
    kind, field = entry
    at = concrete(field.at) if isinstance(value(field), str) else (*concrete(field.at), field.name or "name")
    told = {found.pointer for found in judge(references.CHECK, written(kind, field), NAMESPACE)}
    assert (pointer(at) in told) != field.optional


@pytest.mark.parametrize("kind", [kind for kind in table.every() if kind.scaler], ids=lambda kind: kind.name)
def test_an_autoscaler_of_nothing_is_an_error(kind: Kind) -> None:
    assert kind.scaler is not None
    (field,) = (field for field in kind.references if field.at == kind.scaler.target)
    found = judge(references.CHECK, written(kind, field), NAMESPACE)
    assert [entry.rule for entry in found if entry.severity.value == "error"] == ["references/scale-target"]


@pytest.mark.parametrize(
    ("kind", "spec", "at"),
    [
        ("InferenceService", "predictor: {model: {storageUri: '%s'}}", "/spec/predictor/model/storageUri"),
        ("InferenceService", "predictor: {sklearn: {storageUri: '%s'}}", "/spec/predictor/sklearn/storageUri"),
        (
            "InferenceService",
            "predictor: {containers: [{name: kserve-container, env: [{name: STORAGE_URI, value: '%s'}]}]}",
            "/spec/predictor/containers/0/env/0/value",
        ),
        ("LLMInferenceService", "model: {uri: '%s'}", "/spec/model/uri"),
    ],
)
def test_the_claim_in_an_address_of_a_model_is_looked_for(kind: str, spec: str, at: str) -> None:
    head = f"apiVersion: serving.kserve.io/v1\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\nspec: {{{spec}}}\n"
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: models, namespace: shop}\n"

    def told(address: str, *more: str) -> list[tuple[str, str | None]]:
        found = judge(references.CHECK, head % address, NAMESPACE, *more)
        return [(entry.rule, entry.pointer) for entry in found]

    assert told("pvc://models/a/b") == [("references/claim", at)]
    for address in ("pvc://models/a/b", "pvc://models"):
        assert told(address, claim) == []
    for address in ("s3://models/a", "/mnt/models", "pvc:///a"):
        assert told(address) == []


@pytest.mark.parametrize(
    "container",
    [
        "{name: other, env: [{name: STORAGE_URI, value: 'pvc://a/b'}]}",
        "{name: kserve-container, env: [{name: OTHER, value: 'pvc://a/b'}]}",
    ],
)
def test_a_variable_that_kserve_does_not_read_names_no_claim(container: str) -> None:
    text = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a, namespace: shop}\n"
        f"spec: {{predictor: {{containers: [{container}]}}}}\n"
    )
    assert judge(references.CHECK, text, NAMESPACE) == []


def test_an_issuer_of_another_group_belongs_to_another_controller() -> None:
    certificate = (
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: shop}\n"
        "spec: {secretName: web, issuerRef: {group: awspca.cert-manager.io, kind: AWSPCAIssuer, name: pca}}\n"
    )
    assert judge(references.CHECK, certificate, NAMESPACE) == []


def test_a_reference_is_looked_for_by_one_rule() -> None:
    """What the rule for all other kinds finds is not found by a rule of its own as well."""
    for kind, field in ENTRIES:
        inventory = Inventory(read(written(kind, field)))
        found = [reference.steps for reference in others(inventory)]
        assert len(found) == len(set(found))
        assert not found or not list(needed(inventory, ("", "Secret")))
