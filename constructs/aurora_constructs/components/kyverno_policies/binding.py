"""Binds a policy to an environment by editing its structure: actions, namespaces and declared settings.

Pure: a parsed policy in, a bound one out; the text of an expression is replaced as a whole by a literal,
or left alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aurora_constructs.components.kyverno_policies import cel, cluster_policy
from aurora_constructs.labels import NAMESPACE_NAME
from aurora_constructs.spelling import nearest

if TYPE_CHECKING:
    from aurora_constructs.components.kyverno_policies.spec import Binding, Value

GROUP = "policies.kyverno.io"
VALIDATING = "ValidatingPolicy"
GENERATING = "GeneratingPolicy"


def bind(name: str, policy: Mapping[str, object], binding: Binding) -> dict[str, Any]:
    """Give a bound copy of a policy; the one handed in is left as it is.

    Raises:
        ValueError: it is no policy of this name and of a kind that can be bound, the action does not fit
            its kind, it excludes a namespace by itself, or a variable is unknown, computed, or of another type.
    """
    bound = cast("dict[str, Any]", copy.deepcopy(dict(policy)))
    if cluster_policy.is_one(bound):
        cluster_policy.bind(name, bound, binding)
        return bound
    _require_policy(name, bound)
    spec = bound["spec"]
    _set_action(name, bound["kind"], spec, binding)
    if binding.namespaces:
        _set_namespaces(name, spec, binding.namespaces)
    else:
        _except_namespaces(spec, binding.except_namespaces)
    for variable, value in sorted(binding.variables.items()):
        _set_variable(name, spec, variable=variable, value=value)
    return bound


def _require_policy(name: str, policy: Mapping[str, Any]) -> None:
    kind = policy.get("kind")
    group = str(policy.get("apiVersion", "")).partition("/")[0]
    if group != GROUP or kind not in (VALIDATING, GENERATING):
        raise ValueError(f"policy `{name}` is a {kind} of `{group}`: only {VALIDATING} and {GENERATING} can be bound")
    own_name = policy.get("metadata", {}).get("name")
    if own_name != name:
        raise ValueError(f"policy `{name}` is named `{own_name}` in its own text")
    if not policy.get("spec"):
        raise ValueError(f"policy `{name}` has no spec")


def _set_action(name: str, kind: str, spec: dict[str, Any], binding: Binding) -> None:
    """A policy that only reports must not stop an object when Kyverno is away; one that refuses must."""
    if kind == GENERATING:
        if binding.action:
            raise ValueError(f"policy `{name}` generates objects and refuses none: it has no action")
        return
    if not binding.action:
        raise ValueError(f"policy `{name}` judges objects: say `action: Audit` or `action: Deny`")
    spec["validationActions"] = [binding.action]
    spec["failurePolicy"] = "Ignore" if binding.action == "Audit" else "Fail"


def _set_namespaces(name: str, spec: dict[str, Any], namespaces: Iterable[str]) -> None:
    """Replace the policy's own namespaces, unless it guards one of those that the environment names."""
    constraints = spec.setdefault("matchConstraints", {})
    chosen = sorted(set(namespaces))
    for expression in constraints.get("namespaceSelector", {}).get("matchExpressions", []):
        guarded = set(chosen) & set(expression.get("values", []))
        if expression.get("key") == NAMESPACE_NAME and expression.get("operator") == "NotIn" and guarded:
            raise ValueError(f"policy `{name}` keeps off namespace `{min(guarded)}`: it cannot be bound to it")
    names = {"key": NAMESPACE_NAME, "operator": "In", "values": chosen}
    constraints["namespaceSelector"] = {"matchExpressions": [names]}


def _except_namespaces(spec: dict[str, Any], namespaces: Iterable[str]) -> None:
    """Keep the policy off these namespaces too: what it keeps off by itself stays."""
    selector = spec.setdefault("matchConstraints", {}).setdefault("namespaceSelector", {})
    expressions = selector.setdefault("matchExpressions", [])
    own = [entry for entry in expressions if (entry.get("key"), entry.get("operator")) == (NAMESPACE_NAME, "NotIn")]
    if not own:
        own = [{"key": NAMESPACE_NAME, "operator": "NotIn", "values": []}]
        expressions.extend(own)
    own[0]["values"] = sorted({*own[0]["values"], *namespaces})


def _set_variable(name: str, spec: dict[str, Any], *, variable: str, value: Value) -> None:
    declared = {entry["name"]: entry for entry in spec.get("variables", [])}
    settings = [entry for entry in declared if cel.type_of_literal(declared[entry]["expression"])]
    if variable not in declared:
        raise ValueError(f"policy `{name}` declares no variable `{variable}`: {nearest(variable, settings)}")
    expected = cel.type_of_literal(declared[variable]["expression"])
    if expected is None:
        raise ValueError(f"policy `{name}` computes `{variable}`: {nearest(variable, settings)}")
    if cel.type_of(value) != expected:
        raise ValueError(f"policy `{name}` wants a {expected} for `{variable}`, not a {cel.type_of(value)}")
    declared[variable]["expression"] = cel.literal(value)
