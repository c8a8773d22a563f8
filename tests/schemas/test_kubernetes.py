"""The schemas of the built-in kinds, cut out of the package that carries them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from aurora.cluster import kubernetes_versions
from aurora.model.json_value import JsonObject, JsonValue, mapping, text
from aurora.schemas.group_version_kind import GroupVersionKind
from aurora.schemas.kubernetes import KubernetesSchemas
from aurora.tools.runner import Command, run

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
CURRENT = KubernetesSchemas("1.35")


def valid(kind: GroupVersionKind, **body: JsonValue) -> bool:
    complete = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "x"}, **body}
    return bool(jsonschema.Draft7Validator(CURRENT.schema(kind)).is_valid(complete))


def test_every_minor_version_from_1_25_is_there() -> None:
    assert kubernetes_versions.available() == tuple(f"1.{minor}" for minor in range(25, 38))


@pytest.mark.parametrize("minor", ["1.25", "1.35", "1.37"])
def test_every_kind_is_self_contained_and_names_itself(minor: str) -> None:
    schemas = KubernetesSchemas(minor)
    assert len(schemas.kinds) > 60
    for kind in schemas.kinds:
        schema = schemas.schema(kind)
        jsonschema.Draft7Validator.check_schema(schema)
        assert mapping(mapping(schema["properties"])["kind"])["enum"] == [kind.kind]
        assert mapping(mapping(schema["properties"])["apiVersion"])["enum"] == [kind.api_version]
        assert references(schema) <= {f"#/definitions/{name}" for name in mapping(schema["definitions"])}


def references(value: JsonValue) -> set[str]:
    if isinstance(value, dict):
        own = {text(value.get("$ref"))} - {""}
        return own.union(*map(references, value.values()))
    return set[str]().union(*map(references, value)) if isinstance(value, list) else set()


def test_no_description_is_kept() -> None:
    shown = json.dumps(CURRENT.schema(DEPLOYMENT))
    assert "Deployment enables declarative updates" not in shown
    assert len(shown) < 60_000


def test_definitions_and_common_kinds_are_there_and_lists_are_not() -> None:
    names = {kind.kind for kind in CURRENT.kinds}
    assert {"CustomResourceDefinition", "Namespace", "StatefulSet", "HorizontalPodAutoscaler"} <= names
    assert not [name for name in names if name.endswith("List") or name in ("DeleteOptions", "WatchEvent")]


def test_unknown_fields_are_refused_at_any_depth() -> None:
    pod = GroupVersionKind("", "v1", "Pod")
    containers: list[JsonValue] = [{"name": "a", "image": "b"}]
    assert valid(pod, spec={"containers": containers})
    assert not valid(pod, spec={"containers": containers, "z": 1})
    assert not valid(pod, spec={"containers": [{"name": "a", "imag": "b"}]})


def test_null_counts_as_absent() -> None:
    pod = GroupVersionKind("", "v1", "Pod")
    limits: JsonObject = {"limits": {"cpu": None, "memory": "1Gi"}}
    assert valid(pod, spec={"containers": [{"name": "a", "resources": limits, "command": None}], "nodeSelector": None})


def test_32_bits_and_base64_are_judged() -> None:
    service = GroupVersionKind("", "v1", "Service")
    assert valid(service, spec={"ports": [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 81}]})
    assert not valid(service, spec={"ports": [{"port": 2147483648}]})
    secret = GroupVersionKind("", "v1", "Secret")
    assert valid(secret, data={"a": "YWJj\n", "b": "", "c": "YQ=="})
    assert not valid(secret, data={"a": "not base64!"})


def test_a_type_without_fields_takes_none() -> None:
    definition = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    version: JsonObject = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}}
    spec: JsonObject = {
        "group": "a.b",
        "names": {"kind": "A", "plural": "as"},
        "scope": "Cluster",
        "versions": [version],
    }
    assert valid(definition, spec=spec)
    version["subresources"] = {"status": {"path": ".x"}}
    assert not valid(definition, spec=spec)


def test_a_definition_may_hold_any_schema_that_its_type_allows() -> None:
    definition = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    schema: JsonObject = {"type": "object", "properties": {"default": {"type": "string", "default": {"a": [None]}}}}
    version: JsonObject = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec: JsonObject = {
        "group": "a.b",
        "names": {"kind": "A", "plural": "as"},
        "scope": "Cluster",
        "versions": [version],
    }
    assert valid(definition, spec=spec)
    mapping(schema["properties"])["other"] = {"typ": "string"}
    assert not valid(definition, spec=spec)


def test_a_version_that_is_not_installed_does_not_exist() -> None:
    assert KubernetesSchemas("1.99").kinds == {}


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        CURRENT.schema(GroupVersionKind("apps", "v1", "deployment"))


def test_the_package_is_never_imported() -> None:
    program = (
        "import sys; from aurora.schemas.kubernetes import KubernetesSchemas; "
        "assert KubernetesSchemas('1.35').kinds; "
        "print('kubernetes_validate' in sys.modules, 'jsonschema' in sys.modules)"
    )
    cli = Path(kubernetes_versions.__file__).parents[2]
    ran = run(Command(args=(sys.executable, "-c", program), cwd=cli, timeout=60))
    assert ran.stdout.split() == ["False", "False"]
