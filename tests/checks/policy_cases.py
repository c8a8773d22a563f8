"""Policies and objects that tests of the check `policy` share."""

from __future__ import annotations

from collections.abc import Sequence

from aurora import manifests
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.yamlio.writing import dump

POD_RULE: JsonObject = {
    "apiGroups": [""],
    "apiVersions": ["v1"],
    "operations": ["CREATE", "UPDATE"],
    "resources": ["pods"],
}


def policy_spec(
    *, rules: Sequence[JsonObject] = (POD_RULE,), controllers: Sequence[str] | None = None, **match: JsonValue
) -> JsonObject:
    """Give a policy's spec with match constraints."""
    spec: JsonObject = {
        "validationActions": ["Audit"],
        "matchConstraints": {"resourceRules": list(rules), **match},
        "validations": [{"expression": "object.spec.containers.all(c, c.name != 'planted')", "message": "no"}],
    }
    if controllers is not None:
        spec["autogen"] = {"podControllers": {"controllers": list(controllers)}}
    return spec


def in_namespaces(*names: str, operator: str = "In") -> JsonObject:
    entry: JsonObject = {"key": "kubernetes.io/metadata.name", "operator": operator, "values": list(names)}
    return {"matchExpressions": [entry]}


def policy(
    name: str, spec: JsonObject | None = None, *, kind: str = "ValidatingPolicy", annotations: JsonObject | None = None
) -> str:
    """Print a policy."""
    metadata: JsonObject = {"name": name, **({"annotations": annotations} if annotations else {})}
    return dump(
        {
            "apiVersion": "policies.kyverno.io/v1",
            "kind": kind,
            "metadata": metadata,
            "spec": policy_spec() if spec is None else spec,
        }
    )


def pod(name: str, namespace: str = "aurora", *, labels: JsonObject | None = None) -> str:
    """Print a Pod with the container `app`."""
    metadata: JsonObject = {"name": name, "namespace": namespace, **({"labels": labels} if labels else {})}
    spec: JsonObject = {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]}
    return dump({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def inventory(*documents: str) -> Inventory:
    """Read documents into an environment."""
    read = manifests.read("\n---\n".join(documents).encode(), "generated/input.yaml")
    assert not read.findings
    return Inventory(read.manifests, environment="example", closed=True)
