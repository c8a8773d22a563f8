"""The editor's schemas agree with the loader: what one refuses in a file, so does the other."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aurora import rule_texts
from aurora.environment.rules import RULES
from aurora.environment.schema import editor_schema, layer_schema
from aurora.model.rule import Rule
from aurora.tools.runner import Command, run
from aurora.yamlio import reading
from aurora_constructs.catalogue import BY_NAME
from environment.test_wrong_keys import CASES as WRONG_KEYS
from environment.test_wrong_values import CASES as WRONG_VALUES
from environment.toys import HEAD, KINDS, SERVING, STORE, findings, repository

EDITOR = Draft202012Validator(editor_schema(KINDS), format_checker=Draft202012Validator.FORMAT_CHECKER)
LAYER = Draft202012Validator(layer_schema(KINDS), format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def built_in() -> dict[str, Any]:
    """Give the editor's schema of the built-in kinds, which takes long to make."""
    return editor_schema(BY_NAME)


# What only the loader can know: checks that a specification makes in code.
ONLY_LOADED = {"rule of a specification's own"}

FULL = (
    SERVING
    + """\
      weight: 3
    canary: {version: v2}
    peers: [inference]
    mirrors: {store: 3}
    route: {type: ingress, host: a.example.com, className: x}
    replicas: auto
    sources: [{folder: a}, {bucket: b, prefix: c}]
    ratio: 1
    debug: true
    probe: {path: /}
    labels: {a: b}
    values: {x: [{z: 1}]}
externals: {token: {kind: Secret, name: a, reason: b}}
waivers: [{rule: a/b, kind: Pod, name: x, reason: old, expires: "2026-01-01"}]
"""
)


def errors(validator: Draft202012Validator, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(reading.parse(text).value)]


@pytest.mark.parametrize("text", [STORE, SERVING, FULL])
def test_what_can_be_loaded_is_valid(text: str, tmp_path: Path) -> None:
    assert findings(repository(tmp_path, {"prod.yaml": HEAD + text})) == ()
    assert errors(EDITOR, HEAD + text) == []
    assert errors(LAYER, HEAD + text) == []


@pytest.mark.parametrize("name", sorted({*WRONG_KEYS, *WRONG_VALUES} - ONLY_LOADED))
def test_what_a_specification_refuses_the_editor_marks(name: str) -> None:
    text, _ = {**WRONG_KEYS, **WRONG_VALUES}[name]
    assert errors(EDITOR, HEAD + text)


def test_a_file_that_extends_layers_may_leave_anything_out() -> None:
    assert errors(EDITOR, "extends: [a.yaml]\ncomponents: {store: {size: 1Gi, backup: null}, other: null}\n") == []
    assert errors(EDITOR, "extends: []\ncomponents: {store: {kind: Store, size: 1Gi}}\n")
    assert errors(EDITOR, HEAD + STORE.replace("size: 10Gi", "backup: null, size: 1Gi"))


@pytest.mark.parametrize(
    "text",
    [
        "cluter: {}",
        "cluster: {provider: none}",
        "cluster: {provder: eks}",
        "extends: null",
        "components: {store: {kind: Shop}}",
        "components: {argocd: {kind: Store}}",
        "components: {Store: {kind: Store}}",
        "components: {store: {kind: Store, sise: 1Gi}}",
        "components: {store: {kind: Serving, route: {type: gateway, className: x}}}",
        "components: {store: {kind: Serving, sources: [{prefix: x}]}}",
        "components: {store: {kind: Serving, sources: [null]}}",
        "waivers: [{rule: a/b}]",
    ],
)
def test_a_layer_is_partial_but_not_free(text: str) -> None:
    assert errors(LAYER, text)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "components: {store: {kind: Store}}",
        "components: {store: {size: 1Gi, anything: 3}}",
        "components: {store: null}",
        "components: {store: {kind: Serving, stable: {weight: 3}, route: {host: a.example.com}, probe: null}}",
        "components: {store: {kind: Serving, replicas: null, labels: {a: null}, mirrors: {b: null}}}",
        "cluster: {kubernetes: null}",
        "images: {server: {tag: v2}}",
    ],
)
def test_a_layer_may_say_a_part_and_remove(text: str) -> None:
    assert errors(LAYER, text) == []


@pytest.mark.parametrize("make", [lambda: editor_schema(KINDS), lambda: layer_schema(KINDS), built_in])
def test_the_schema_is_one_and_every_definition_is_used(make: Callable[[], dict[str, Any]]) -> None:
    schema = make()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    named = {reference.removeprefix("#/$defs/") for reference in references(schema)}
    assert named == set(schema["$defs"])


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def test_the_schema_carries_descriptions_and_kinds() -> None:
    schema = editor_schema(KINDS)
    assert schema["$defs"]["Track"]["properties"]["weight"]["description"] == "Its share of requests."
    assert schema["$defs"]["Component"]["properties"]["kind"]["enum"] == ["Serving", "Store"]
    assert schema["$defs"]["ServingSpec"]["description"] == "A model server."
    assert "title" not in schema["$defs"]["Track"]["properties"]["weight"]


def test_the_schema_does_not_depend_on_order_or_hash_seed() -> None:
    turned = {name: KINDS[name] for name in sorted(KINDS, reverse=True)}
    assert json.dumps(editor_schema(turned)) == json.dumps(editor_schema(KINDS))
    program = """
import json
from aurora.environment.schema import editor_schema, layer_schema
from aurora_constructs.catalogue import BY_NAME
print(json.dumps([editor_schema(BY_NAME), layer_schema(BY_NAME)]))
"""
    outputs = {
        run(
            Command(
                args=(sys.executable, "-c", program),
                cwd=Path.cwd(),
                timeout=60,
                environment={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            )
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_good_examples_of_rules_are_valid_for_the_built_in_kinds(rule: Rule) -> None:
    assert errors(Draft202012Validator(built_in()), rule_texts.text(rule.id).good) == []
