"""What each guard does about a control in a namespace, read from the manifests; with the proof of every claim.

Source of Pod Security's labels and of the order of its levels: k8s.io/pod-security-admission v0.35.4. Source of
`policy-mode`: docs/facts/tracing.md; a policy that does not state it acts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aurora.controls import proofs
from aurora.controls.authored import pods_of
from aurora.controls.object_controls import POLICY_GROUP
from aurora.controls.table import Control, PolicyCase, TracedEvent
from aurora.model import selectors
from aurora.model.control_matrix import Cell, Grip, Guard
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.policies.handing import Surroundings
from aurora.policies.matching import Subject, constraints
from aurora.server_validation.session import LEVELS
from aurora.tracing.hooks import GROUP, INTERFERING, MODE, MONITOR, NAMESPACED, SECTIONS

MODES = ("enforce", "warn", "audit")
POD_SECURITY = "pod-security.kubernetes.io/"
NOTHING = Cell(Grip.NONE, "—")
POLICY_KINDS = ("ValidatingPolicy", "GeneratingPolicy")
"""The kinds of Kyverno policies that the controls are about."""
ENFORCING_ACTIONS = INTERFERING - {"Set"}


@dataclass(frozen=True, slots=True)
class Scope:
    """One namespace of an inventory, what admission knows of it, and where its proofs are looked up."""

    inventory: Inventory
    namespace: str
    proofs: proofs.Proofs
    surroundings: Surroundings


def cells(control: Control, scope: Scope) -> dict[Guard, Cell]:
    """Give what every guard does about a control."""
    return {
        Guard.AUTHORING: _authored(control, scope),
        Guard.KYVERNO: _kyverno(control, scope),
        Guard.POD_SECURITY: _pod_security(control, scope),
        Guard.TETRAGON: _tetragon(control, scope),
    }


def _authored(control: Control, scope: Scope) -> Cell:
    if control.authored is None:
        return NOTHING
    tally = control.authored(scope.inventory, scope.namespace)
    if not tally.total:
        return Cell(Grip.NONE, f"no {tally.noun}")
    noun = tally.noun if tally.total == 1 else f"{tally.noun}s"
    some = Grip.PARTIAL if tally.kept else Grip.NONE
    grip = Grip.FIRM if tally.kept == tally.total else some
    return Cell(grip, f"{tally.kept} of {tally.total} {noun}", (proofs.authored(control),))


def _kyverno(control: Control, scope: Scope) -> Cell:
    found = [(case, policy) for case in control.kyverno for policy in _bound(case, scope)]
    if not found:
        return NOTHING
    parts = [_acting(policy, scope.inventory) for _, policy in found]
    order = (Grip.FIRM, Grip.PARTIAL, Grip.REPORTS)
    grip = min((grip for grip, _ in parts), key=order.index)
    return Cell(grip, "; ".join(words for _, words in parts), tuple(scope.proofs.case(case) for case, _ in found))


def _bound(case: PolicyCase, scope: Scope) -> Iterator[Manifest]:
    """Yield the committed policy of a case, if it is asked about such objects in the namespace."""
    for kind in POLICY_KINDS:
        found = scope.inventory.find(kind, case.policy, group=POLICY_GROUP)
        if found is not None and _meets(found, case, scope):
            yield found


def _meets(policy: Manifest, case: PolicyCase, scope: Scope) -> bool:
    asked = replace(constraints(mapping(policy.get("spec"))), object_selector=None)
    subject = Subject(
        group=case.group,
        version=case.version,
        resource=case.resource,
        namespace=scope.namespace,
        name=scope.namespace if case.resource == "namespaces" else "",
        labels={},
        namespace_labels=scope.surroundings.labels(scope.namespace),
    )
    return asked.matches(subject)


def _acting(policy: Manifest, inventory: Inventory) -> tuple[Grip, str]:
    """Say what a policy does with what it refuses, and what keeps it from doing so."""
    spec = mapping(policy.get("spec"))
    actions = [text(action) for action in items(spec.get("validationActions"))]
    if policy.id.kind == "GeneratingPolicy":
        return Grip.FIRM, f"{policy.id.name} generates"
    words = f"{policy.id.name} {' and '.join(actions) or 'Deny'}"  # Deny is the default (CRD of Kyverno 1.19)
    grip = Grip.FIRM if "Deny" in actions or not actions else Grip.REPORTS
    limits = list(_limits(policy, inventory))
    if limits and grip is Grip.FIRM:
        grip = Grip.PARTIAL
    if "Deny" in actions and spec.get("failurePolicy") == "Ignore":
        limits.append("open while Kyverno is away")
    return grip, f"{words} ({', '.join(limits)})" if limits else words


def _limits(policy: Manifest, inventory: Inventory) -> Iterator[str]:
    spec = mapping(policy.get("spec"))
    if dig(spec, "evaluation", "admission", "enabled") is False:
        yield "not at admission"
    if items(spec.get("matchConditions")):
        yield "under conditions"
    if mapping(dig(spec, "matchConstraints", "objectSelector")):
        yield "for some objects"
    for exception in inventory.of_kind("PolicyException"):
        if any(dig(entry, "name") == policy.id.name for entry in items(exception.get("spec", "policyRefs"))):
            yield f"except {exception.id.name}"


def _pod_security(control: Control, scope: Scope) -> Cell:
    namespace = scope.inventory.find("Namespace", scope.namespace)
    if control.pod_security is None or namespace is None:
        return NOTHING
    needed = LEVELS.index(control.pod_security.level)
    for mode in MODES:
        level = namespace.labels.get(f"{POD_SECURITY}{mode}", LEVELS[0])
        if level in LEVELS and LEVELS.index(level) >= needed:
            grip = Grip.FIRM if mode == "enforce" else Grip.REPORTS
            words = f"{mode} {level} ({control.pod_security.check})"
            return Cell(grip, words, (proofs.pod_security(control),))
    return NOTHING


def _tetragon(control: Control, scope: Scope) -> Cell:
    found = [(event, policy) for event in control.tetragon if (policy := _traced(event, scope)) is not None]
    if not found:
        return NOTHING
    parts = [_watching(policy, scope) for _, policy in found]
    grip = Grip.FIRM if any(grip is Grip.FIRM for grip, _ in parts) else Grip.REPORTS
    return Cell(grip, "; ".join(words for _, words in parts), tuple(scope.proofs.event(event) for event, _ in found))


def _traced(event: TracedEvent, scope: Scope) -> Manifest | None:
    return scope.inventory.find(NAMESPACED, event.policy, group=GROUP, namespace=scope.namespace)


def _watching(policy: Manifest, scope: Scope) -> tuple[Grip, str]:
    """Say in which mode a policy is, and which of the namespace's pods it watches."""
    stated = [dig(option, "value") for option in items(policy.get("spec", "options")) if dig(option, "name") == MODE]
    mode = text(stated[0]) if stated else "enforce"
    acts = mode != MONITOR and _interferes(policy)
    words = f"{policy.id.name} {mode}" if acts or mode == MONITOR else f"{policy.id.name} {mode} (reports only)"
    selector = policy.get("spec", "podSelector")
    if selector:
        pods = pods_of(scope.inventory, scope.namespace)
        watched = sum(selectors.matches(selector, pod.labels) for pod in pods)
        words += f", {watched} of {len(pods)} pod templates"
    return (Grip.FIRM if acts else Grip.REPORTS), words


def _interferes(policy: Manifest) -> bool:
    """Tell whether some action of a policy does more than report."""
    return any(
        dig(action, "action") in ENFORCING_ACTIONS
        for section in SECTIONS
        for hook in items(policy.get("spec", section))
        for selector in items(dig(hook, "selectors"))
        for field in ("matchActions", "matchReturnActions")
        for action in items(dig(selector, field))
    )
