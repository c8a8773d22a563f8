"""Binds a policy's older form, a ClusterPolicy of `kyverno.io/v1`, by editing its rules.

Source: Kyverno 1.13, api/kyverno/v1: `failureAction` of a rule, `namespaces` of what it matches and excludes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aurora_constructs.components.kyverno_policies.spec import Binding

API_VERSION = "kyverno.io/v1"
KIND = "ClusterPolicy"


def is_one(policy: Mapping[str, object]) -> bool:
    """Tell whether a policy is of this form."""
    return (policy.get("apiVersion"), policy.get("kind")) == (API_VERSION, KIND)


def bind(name: str, policy: dict[str, Any], binding: Binding) -> None:
    """Bind a policy, in place.

    Raises:
        ValueError: the action does not fit its rules, it excludes a namespace by itself, or a variable is set.
    """
    if binding.variables:
        raise ValueError(f"policy `{name}` has no variables in its form for older versions of Kyverno")
    spec = policy["spec"]
    judges = any("validate" in rule for rule in spec["rules"])
    if judges and not binding.action:
        raise ValueError(f"policy `{name}` judges objects: say `action: Audit` or `action: Deny`")
    if binding.action and not judges:
        raise ValueError(f"policy `{name}` generates objects and refuses none: it has no action")
    if binding.action:
        spec["failurePolicy"] = "Ignore" if binding.action == "Audit" else "Fail"
    for rule in spec["rules"]:
        if "validate" in rule:
            rule["validate"]["failureAction"] = "Audit" if binding.action == "Audit" else "Enforce"
        _set_namespaces(name, rule, binding)


def _set_namespaces(name: str, rule: dict[str, Any], binding: Binding) -> None:
    """Narrow what a rule matches, or widen what it excludes; Namespaces are chosen by their own names."""
    matched = [entry["resources"] for entry in rule["match"]["any"]]
    key = "names" if any("Namespace" in resources["kinds"] for resources in matched) else "namespaces"
    excluded = [entry["resources"] for entry in rule.setdefault("exclude", {"any": [{"resources": {}}]})["any"]]
    chosen = sorted(set(binding.namespaces))
    for resources in matched if chosen else ():
        resources[key] = chosen
    for resources in excluded:
        guarded = set(chosen) & set(resources.get(key, []))
        if guarded:
            raise ValueError(f"policy `{name}` keeps off namespace `{min(guarded)}`: it cannot be bound to it")
    excluded[0][key] = sorted({*excluded[0].get(key, []), *binding.except_namespaces})
