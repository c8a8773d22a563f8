"""Binds a tracing policy to an environment by editing its structure: mode, pods and declared lists.

Pure: a parsed policy in, a bound one out. Settings are declared by the policy itself, in annotations whose values
are JSON pointers to the lists that may be replaced.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aurora_constructs.spelling import nearest

if TYPE_CHECKING:
    from aurora_constructs.components.tetragon_policies.spec import TracingBinding

API_VERSION = "cilium.io/v1alpha1"
KIND = "TracingPolicyNamespaced"
MODE = "policy-mode"
VALUE_PREFIX = "values.aurora.example.com/"
ENFORCEMENT = "aurora.example.com/enforcement-approved"
"""Says on an object why it may interfere; the check of tracing policies accepts no other approval."""


def bind(name: str, policy: Mapping[str, object], binding: TracingBinding, *, has_mode: bool = True) -> dict[str, Any]:
    """Give a bound copy of a tracing policy, without namespace; the one handed in is left as it is.

    Raises:
        ValueError: it is no tracing policy of this name, it declares no such setting, or a declaration leads
            to no list.
    """
    bound = cast("dict[str, Any]", copy.deepcopy(dict(policy)))
    _require_policy(name, bound)
    annotations = bound["metadata"].setdefault("annotations", {})
    declared = {
        key.removeprefix(VALUE_PREFIX): annotations.pop(key)
        for key in sorted(annotations)
        if key.startswith(VALUE_PREFIX)
    }
    for value, pointers in declared.items():
        for pointer in str(pointers).split():
            _list_at(name, bound, value=value, pointer=pointer)
    for value, chosen in sorted(binding.values.items()):
        if value not in declared:
            raise ValueError(f"tracing policy `{name}` declares no value `{value}`: {nearest(value, declared)}")
        for pointer in str(declared[value]).split():
            _list_at(name, bound, value=value, pointer=pointer)[:] = chosen
    _set_mode(name, bound, binding, has_mode=has_mode)
    _set_pods(name, bound["spec"], binding)
    return bound


def _require_policy(name: str, policy: Mapping[str, Any]) -> None:
    kind, version = policy.get("kind"), policy.get("apiVersion")
    if (version, kind) != (API_VERSION, KIND):
        raise ValueError(f"tracing policy `{name}` is a {kind} of `{version}`: only {KIND} of `{API_VERSION}` is bound")
    metadata = policy.get("metadata", {})
    if metadata.get("name") != name:
        raise ValueError(f"tracing policy `{name}` is named `{metadata.get('name')}` in its own text")
    if "namespace" in metadata:
        raise ValueError(f"tracing policy `{name}` names a namespace in its own text: the binding chooses it")
    if not isinstance(policy.get("spec"), dict) or not policy["spec"]:
        raise ValueError(f"tracing policy `{name}` has no spec")


def _list_at(name: str, policy: object, *, value: str, pointer: str) -> list[str]:
    """Follow a declaration; the names in it hold neither `~` nor `/`, so that nothing is escaped."""
    found = policy
    for step in pointer.split("/")[1:]:
        if isinstance(found, list) and step.isascii() and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            found = None
    if isinstance(found, list):
        return cast("list[str]", found)
    raise ValueError(f"tracing policy `{name}` declares `{value}` at `{pointer}`, where no list is")


def _set_mode(name: str, policy: dict[str, Any], binding: TracingBinding, *, has_mode: bool) -> None:
    spec = policy["spec"]
    others = [option for option in spec.get("options", []) if option.get("name") != MODE]
    if has_mode:
        spec["options"] = [*others, {"name": MODE, "value": binding.mode}]
    elif binding.mode == "monitor" and (acting := sorted(_actions(spec) - {"Post", "NoPost"})):
        raise ValueError(f"tracing policy `{name}` has the action {acting[0]}, and this Tetragon knows no monitor mode")
    if binding.enforcement:
        policy["metadata"]["annotations"][ENFORCEMENT] = binding.enforcement.reason


def _actions(part: object) -> set[str]:
    """Collect the actions of all selectors of all hooks."""
    if isinstance(part, list):
        return set().union(*map(_actions, part))
    if not isinstance(part, dict):
        return set()
    own = {str(entry.get("action")) for entry in part.get("matchActions", [])}
    return own.union(*map(_actions, part.values()))


def _set_pods(name: str, spec: dict[str, Any], binding: TracingBinding) -> None:
    if not binding.pods:
        return
    if "podSelector" in spec:
        raise ValueError(f"tracing policy `{name}` selects its pods by itself: it cannot be bound to others")
    spec["podSelector"] = {
        "matchExpressions": [
            {"key": key, "operator": "In", "values": sorted(set(values))}
            for key, values in sorted(binding.pods.items())
        ]
    }
