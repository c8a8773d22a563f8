"""What a cluster does with violations of a policy: it refuses the objects, or takes them and records why not.

Sources: Kyverno 1.19.1: `ruleAction`, `matchOverride` and `failureActionForRule` of pkg/engine/api/engineresponse.go,
the names of copied rules in pkg/autogen, the webhook controller, which registers no policy that is not for
admission; defaults of both definitions. Kubernetes 1.35: `validationActions` of bindings. Must not judge.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from aurora.model import selectors
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.policies.matching import Subject

_CLASSIC = "kyverno.io"
_LONGEST = 63
_COPIES = ("", "autogen-", "autogen-cronjob-")
"""What Kyverno puts in front of the name of a rule of pods that it repeats for controllers."""


def refuses(policy: Manifest) -> bool:
    """Tell whether violations of a policy are refused anywhere, rather than recorded."""
    spec = mapping(policy.get("spec"))
    if policy.id.group != _CLASSIC:
        return _denies(spec)
    usual = text(spec.get("validationFailureAction"))
    stated = [text(dig(rule, "validate", "failureAction")) or usual for rule in items(spec.get("rules"))]
    return any(map(_enforces, stated))


def refuses_object(policy: Manifest, rule: str, subject: Subject) -> bool:
    """Tell whether admission refuses an object for a violation; `rule` is that of a ClusterPolicy which it violates."""
    spec = mapping(policy.get("spec"))
    if policy.id.group != _CLASSIC:
        return dig(spec, "evaluation", "admission", "enabled") is not False and _denies(spec)
    if spec.get("admission") is False:
        return False
    every = [mapping(entry) for entry in items(spec.get("rules"))]
    named = [entry for entry in every if rule in _called(text(entry.get("name")))]
    # As in Kyverno: a rule of a name that is not known must not make a policy that refuses one that records.
    stated = [action for entry in named or every for action in _stated(mapping(entry.get("validate")), subject)]
    usual = [*_overrides(spec.get("validationFailureActionOverrides"), subject)]
    return _enforces(next(iter([*stated, *usual]), text(spec.get("validationFailureAction"))))


def _denies(spec: JsonObject) -> bool:
    # Kyverno and Kubernetes refuse where a policy states no action: Deny is the default of both.
    actions = spec.get("validationActions")
    return "Deny" in items(actions) if isinstance(actions, list) and actions else True


def _enforces(action: str) -> bool:
    return action in ("Enforce", "enforce")


def _called(name: str) -> tuple[str, ...]:
    return tuple(f"{copy}{name}"[:_LONGEST] for copy in _COPIES)


def _stated(validate: JsonObject, subject: Subject) -> Iterator[str]:
    yield from _overrides(validate.get("failureActionOverrides"), subject)
    yield from (action for action in [text(validate.get("failureAction"))] if action)


def _overrides(stated: JsonValue | None, subject: Subject) -> Iterator[str]:
    """Yield the actions that a policy states for some namespaces, where the object is in one of them."""
    for entry in map(mapping, items(stated)):
        action, names, selector = text(entry.get("action")), entry.get("namespaces"), entry.get("namespaceSelector")
        inside = names is None or any(fnmatchcase(subject.namespace, text(name)) for name in items(names))
        labelled = selector is None or selectors.matches(selector, subject.namespace_labels)
        if action.lower() in ("audit", "enforce") and inside and labelled:
            yield action
