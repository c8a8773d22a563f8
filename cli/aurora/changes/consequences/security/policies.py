"""Policies of admission: present or gone, enforcing or only recording, wider or narrower.

Sources: Kyverno 1.19 (`validationActions` of its CEL policies; `failureAction`, formerly
`validationFailureAction`, of ClusterPolicies), Kubernetes 1.35 (admission policies, bindings and webhooks). An
expression that changed is weaker or stronger only to a reader: it is named and not judged.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed, quoted
from aurora.changes.consequences.view import View, both, entered, left
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.policies import actions

ADMISSION = "admissionregistration.k8s.io"
CEL = "policies.kyverno.io"
CLASSIC = "kyverno.io"
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
KINDS: dict[str, tuple[str, ...]] = {
    CEL: (
        *("GeneratingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "ValidatingPolicy"),
        *("NamespacedImageValidatingPolicy", "NamespacedMutatingPolicy", "NamespacedValidatingPolicy"),
        "NamespacedGeneratingPolicy",
    ),
    CLASSIC: ("ClusterPolicy", "Policy"),
    ADMISSION: (
        *("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"),
        *("MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicyBinding", *WEBHOOKS),
    ),
    "cilium.io": ("TracingPolicy", "TracingPolicyNamespaced"),
}


REMOVED = Row("security/policy-removed", WEAKER)
ADDED = Row("security/policy-added", STRONGER)
AUDIT = Row("security/policy-only-records", WEAKER)
DENY = Row("security/policy-refuses", STRONGER)
OPEN = Row("security/policy-fails-open", WEAKER)
CLOSED = Row("security/policy-fails-closed", STRONGER)
NARROWED = Row("security/policy-narrowed", WEAKER)
BROADENED = Row("security/policy-broadened", STRONGER)
REWORDED = Row("security/policy-expression-changed")


def find(view: View) -> Iterator[Found]:
    """Yield policies that came, went, or judge otherwise."""
    for group, kinds in KINDS.items():
        for pair in view.of(group, *kinds):
            gone, came, sides = left(pair), entered(pair), both(pair)
            if gone is not None and came is None:
                yield REMOVED.found(pair, f"the {gone.id.kind} `{gone.id.name}` no longer judges anything")
            elif gone is None and came is not None:
                yield ADDED.found(pair, f"the {came.id.kind} `{came.id.name}` judges from now on")
            elif sides is not None and group != "cilium.io":
                yield from _changed(pair, *sides)


def _changed(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    old, new = actions.refuses(before), actions.refuses(after)
    if old != new:
        row, words = (DENY, "refuses violations now") if new else (AUDIT, "no longer refuses violations")
        yield row.found(pair, words, steps=("spec",))
    lost, gained = _ignoring(before), _ignoring(after)
    if gained - lost:
        yield OPEN.found(
            pair, f"{listed(sorted(gained - lost))}: lets objects pass when it cannot be asked", steps=("spec",)
        )
    if lost - gained:
        yield CLOSED.found(
            pair, f"{listed(sorted(lost - gained))}: refuses objects when it cannot be asked", steps=("spec",)
        )
    yield from _reach(pair, before, after)


def _ignoring(policy: Manifest) -> set[str]:
    """Name what passes unjudged when its judge cannot be asked: the policy, or single webhooks."""
    if policy.id.kind in WEBHOOKS:
        return {
            f"`{text(dig(hook, 'name'))}`"
            for hook in items(policy.get("webhooks"))
            if dig(hook, "failurePolicy") == "Ignore"
        }
    return {f"`{policy.id.name}`"} if policy.get("spec", "failurePolicy") == "Ignore" else set()


def _reach(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    old, new = _parts(before), _parts(after)
    wider: list[str] = []
    narrower: list[str] = []
    for name in old:
        more, less = new[name] - old[name], old[name] - new[name]
        if more and less and name == "expressions":
            continue
        if name in _EXEMPTIONS:
            more, less = less, more
        wider += [_detail(name, more)] if more else []
        narrower += [_detail(name, less)] if less else []
    taken, given = _moved_values(before, after)
    wider += [f"selected values {quoted(given)}"] if given else []
    narrower += [f"selected values {quoted(taken)}"] if taken else []
    if narrower:
        yield NARROWED.found(pair, f"judges less than before: {listed(narrower)}", steps=("spec",))
    if wider:
        yield BROADENED.found(pair, f"judges more than before: {listed(wider)}", steps=("spec",))
    fields = [] if wider or narrower else _otherwise(before, after)
    if fields:
        yield REWORDED.found(pair, f"{quoted(fields)} is another one: compare both", steps=("spec", fields[0]))


_SAID_ELSEWHERE = frozenset({"failurePolicy", "validationActions", "validationFailureAction"})
_WORDING_ONLY = frozenset({"message", "messageExpression", "reason", "failureAction"})


def _otherwise(before: Manifest, after: Manifest) -> list[str]:
    """Name the parts of a policy's spec that changed in another way than those which are compared."""
    old, new = mapping(before.get("spec")), mapping(after.get("spec"))
    names = sorted((old.keys() | new.keys()) - _SAID_ELSEWHERE)
    return [name for name in names if _plain(old.get(name)) != _plain(new.get(name))]


def _plain(value: JsonValue | None) -> JsonValue | None:
    """Leave out what a policy says to people, and its actions, which are compared by themselves."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items() if key not in _WORDING_ONLY}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def _detail(name: str, moved: set[str]) -> str:
    """Name what moved; expressions are too long for a sentence."""
    return f"{len(moved)} of its {name}" if name in ("expressions", "conditions") else f"{name} {quoted(sorted(moved))}"


_EXEMPTIONS = frozenset({"selectors", "conditions", "exclusions"})
"""Parts of a policy that take objects out of its reach."""


def _parts(policy: Manifest) -> dict[str, set[str]]:
    spec = mapping(policy.get("spec"))
    match = _match(policy)
    classic = items(spec.get("rules")) if policy.id.group == CLASSIC else []
    return {
        "matched resources": set(_resources(items(match.get("resourceRules")))),
        "expressions": {text(dig(entry, "expression")) for entry in items(spec.get("validations"))},
        "selectors": _selectors(match),
        "conditions": {str(dig(entry, "expression")) for entry in items(spec.get("matchConditions"))},
        "exclusions": set(_resources(items(match.get("excludeResourceRules")))),
        "rules": {text(dig(entry, "name")) for entry in classic},
    }


def _resources(rules: list[JsonValue]) -> Iterator[str]:
    for rule in rules:
        names = items(dig(rule, "resourceNames")) or ["*"]
        for operation in items(dig(rule, "operations")) or ["*"]:
            for group in items(dig(rule, "apiGroups")):
                for resource in items(dig(rule, "resources")):
                    yield from (f"{operation} {group} {resource} {name}" for name in names)


def _selectors(match: JsonObject) -> set[str]:
    found = set()
    for field in ("namespaceSelector", "objectSelector"):
        for key, value in mapping(dig(match, field, "matchLabels")).items():
            found.add(f"{field} {key}={value}")
    # Values of an expression count by themselves: one more of `In` selects more, and is no other selector.
    return found | _expressions(match).keys()


def _match(policy: Manifest) -> JsonObject:
    spec = mapping(policy.get("spec"))
    return {**mapping(spec.get("matchConstraints")), **mapping(spec.get("matchResources"))}


def _expressions(match: JsonObject) -> dict[str, set[str]]:
    """Give the values of each expression by its field, key and operator; of the same one twice what both hold."""
    found: dict[str, set[str]] = {}
    for field in ("namespaceSelector", "objectSelector"):
        for entry in items(dig(match, field, "matchExpressions")):
            name = f"{field} {text(dig(entry, 'key'))} {text(dig(entry, 'operator'))}"
            values = set(map(str, items(dig(entry, "values"))))
            both_hold = set.union if name.endswith(" NotIn") else set.intersection
            found[name] = both_hold(found[name], values) if name in found else values
    return found


def _moved_values(before: Manifest, after: Manifest) -> tuple[list[str], list[str]]:
    """Name the values that expressions on both sides no longer select, and those that they select now."""
    old, new = _expressions(_match(before)), _expressions(_match(after))
    taken: list[str] = []
    given: list[str] = []
    for name in sorted(old.keys() & new.keys()):
        less, more = old[name] - new[name], new[name] - old[name]
        if name.endswith(" NotIn"):
            less, more = more, less
        key = name.split(" ")[1]
        taken += [f"{key}={value}" for value in sorted(less)]
        given += [f"{key}={value}" for value in sorted(more)]
    return taken, given
