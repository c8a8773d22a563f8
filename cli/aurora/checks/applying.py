"""Applies rules that compute, and no more of them than what is new asks for.

Findings are remembered under the hash of all that they follow from: the code, the surroundings, and the objects
that the rule looks at. A rule over objects or namespaces says so (`Scope`) and runs on what changed alone. A rule
over an environment is watched: it runs again where an object of a kind that it asked for changed.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aurora.checks import watched
from aurora.checks.watched import Shared, Watched
from aurora.manifests import located
from aurora.memory import digests, forms, groups
from aurora.memory.store import Memory
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.rule import InventoryRule, Scope, Violation


@dataclass(slots=True)
class Applied:
    """What a rule found, at how many objects it had to look for that, and how long it took."""

    findings: list[Finding] = field(default_factory=list)
    looked_at: int = 0
    seconds: float = 0.0


def apply(rules: Sequence[InventoryRule], inventory: Inventory, memory: Memory) -> dict[str, Applied]:
    """Give what rules find in an inventory, by their ids; `memory` knows what they found before."""
    context = _context(inventory) if memory.remembers else None
    if context is None:
        applied = {}
        for entry in rules:
            one = applied[entry.id] = Applied(looked_at=len(inventory.manifests))
            one.findings = [finding for _, finding in _timed(entry, inventory, one)]
        return applied
    run = _Run(inventory, memory, context)
    for scope in (Scope.OBJECT, Scope.NAMESPACE):
        run.in_groups(scope, [entry for entry in rules if entry.scope is scope])
    run.as_watched([entry for entry in rules if entry.scope is Scope.ENVIRONMENT])
    return run.applied


def _context(inventory: Inventory) -> str | None:
    """Hash what all rules depend on beside the objects; None where that has no hash."""
    code = digests.code()
    try:
        return None if code is None else digests.of("rules", code, digests.of_value(inventory.surroundings()))
    except digests.UnknownValueError:
        return None


def _timed(entry: InventoryRule, seen: Inventory, applied: Applied) -> list[tuple[Manifest, Finding]]:
    if entry.own and seen.once(_is_foreign):
        return []
    started = time.monotonic()
    # Pods that are composed share fields of their object: what is wrong with such a field is told once.
    told = {(id(each.manifest), each.steps, each.message): each for each in entry.find(seen)}
    found = [
        (violation.manifest, _finding(violation, entry, severity))
        for violation in told.values()
        if (severity := entry.severity_on(violation.manifest, closed=seen.closed))
    ]
    applied.seconds += time.monotonic() - started
    return found


def _is_foreign(inventory: Inventory) -> bool:
    """Tell whether no object is of an environment: then rules about what Aurora's components make say nothing."""
    return not inventory.closed and all(manifest.environment is None for manifest in inventory.manifests)


def _finding(violation: Violation, entry: InventoryRule, severity: Severity) -> Finding:
    severity = Severity.WARNING if violation.unsure and severity is Severity.ERROR else severity
    found = located(violation.manifest, violation.steps, rule=entry.id, message=violation.message)
    return replace(found, severity=severity, hint=violation.hint)


class _Run:
    """One inventory: what of it is new, and what is remembered of the rest."""

    def __init__(self, inventory: Inventory, memory: Memory, context: str) -> None:
        self.applied: dict[str, Applied] = defaultdict(Applied)
        self._inventory = inventory
        self._memory = memory
        self._context = context

    def in_groups(self, scope: Scope, rules: Sequence[InventoryRule]) -> None:
        """Apply rules to the groups that are new: to components where a rule looks at objects, or to namespaces."""
        if not rules:
            return
        group_of = _GROUPS[scope]
        members: dict[str, list[Manifest]] = defaultdict(list)
        for manifest in self._inventory.manifests:
            members[group_of(manifest)].append(manifest)
        around = members[""] if scope is Scope.NAMESPACE else []
        base = digests.of(self._context, scope, *(entry.id for entry in rules), groups.digest(around))
        keys = {group: digests.of(base, groups.digest(manifests)) for group, manifests in members.items()}
        known = self._recalled(keys.values())
        fresh: dict[str, list[Any]] = {group: [] for group, key in keys.items() if key not in known}
        shown = [each for each in self._inventory.manifests if group_of(each) in fresh]
        part = self._inventory.part([*around, *shown] if "" not in fresh else shown)
        for entry in rules if fresh else ():
            for manifest, finding in self._found(entry, part, len(shown)):
                if group_of(manifest) in fresh:
                    self.applied[finding.rule].findings.append(finding)
                    fresh[group_of(manifest)].append(_form(manifest, finding))
        self._memory.keep({keys[group]: json.dumps(rows).encode() for group, rows in fresh.items()})

    def as_watched(self, rules: Sequence[InventoryRule]) -> None:
        """Apply the rules for which an object of a kind that they asked for is new."""
        place = digests.of(self._context, "asked", *(entry.id for entry in rules))
        asked: dict[str, list[str]] = json.loads(self._memory.recall([place]).get(place, b"{}"))
        keys = self._keys(asked)
        known = self._recalled(keys.values())
        shared: Shared = {}
        fresh: dict[str, bytes] = {}
        for entry in rules:
            name = entry.id
            if keys.get(name) not in known:
                seen = Watched(self._inventory, shared)
                found = self._found(entry, seen, len(self._inventory.manifests))
                self.applied[name].findings.extend(finding for _, finding in found)
                asked[name] = sorted(seen.questions())
                fresh[name] = json.dumps([_form(*each) for each in found]).encode()
        if fresh:
            keys = self._keys({name: asked[name] for name in fresh})
            self._memory.keep({**{keys[name]: rows for name, rows in fresh.items()}, place: json.dumps(asked).encode()})

    def _keys(self, asked: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Hash, for each rule, what it asked for together with the answers that it would get now."""
        answers = {
            question: self._answer(question) for question in {each for every in asked.values() for each in every}
        }
        return {
            name: digests.of(self._context, name, *(part for each in questions for part in (each, answers[each])))
            for name, questions in asked.items()
        }

    def _answer(self, question: str) -> str:
        inventory = self._inventory
        if question == watched.NAMESPACES:
            return digests.of(*inventory.namespaces())
        if question == watched.EVERYTHING:
            return groups.digest(inventory.manifests)
        if question == watched.PODS:
            return groups.digest({id(pod.manifest): pod.manifest for pod in inventory.pods()}.values())
        return groups.digest(inventory.of_kind(question))

    def _found(self, entry: InventoryRule, seen: Inventory, objects: int) -> list[tuple[Manifest, Finding]]:
        applied = self.applied[entry.id]
        applied.looked_at = objects
        return _timed(entry, seen, applied)

    def _recalled(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Take the findings that are known, with the lines of the environment from which their objects come now."""
        known = self._memory.recall(set(keys))
        rows = [row for value in known.values() if value != b"[]" for row in json.loads(value)]
        origins = {(each.source.path, each.source.line): each.origin for each in self._inventory.manifests if rows}
        for path, line, form in rows:
            finding = replace(forms.finding_from(form), origin=origins[path, line])
            self.applied[finding.rule].findings.append(finding)
        return known


_GROUPS: dict[Scope, Callable[[Manifest], str]] = {
    Scope.OBJECT: groups.name,
    Scope.NAMESPACE: lambda manifest: manifest.id.namespace or "",
}


def _form(manifest: Manifest, finding: Finding) -> list[Any]:
    return [manifest.source.path, manifest.source.line, forms.finding_form(finding)]
