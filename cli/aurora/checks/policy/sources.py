"""Collects the policies that judge: those among the objects themselves, and those in files given beside them.

Says of every other policy why it does not judge. Must not run anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora import manifests, policies
from aurora.checks.check import Settings, located
from aurora.checks.policy import rules
from aurora.checks.policy.matching import OPERATION, Constraints, constraints
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.tools.kyverno import SENTINEL

GROUP = "policies.kyverno.io"
KIND = "ValidatingPolicy"
PLANTED_FILE = "planted.yaml"
"""In a policy's folder: objects that violate it, for a policy that no generic violation offends."""

_OLD_GROUP = "kyverno.io"
_OLD_KINDS = frozenset({"CleanupPolicy", "ClusterCleanupPolicy", "ClusterPolicy", "Policy"})
# Kyverno's CEL libraries that ask for more than the object: a file of some objects cannot answer.
_LOOKS_FURTHER = re.compile(
    r"\b(globalContext|http|image|resource)\.(get|list|post|client|toGVR|getMetadata)\s*\(", re.IGNORECASE
)
_RESERVED = frozenset({rule.id for rule in rules.RULES} | {policies.UNUSABLE.id})
_SCORED = "policies.kyverno.io/scored"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that judges, what it matches, and objects that violate it for certain, if its folder has any."""

    manifest: Manifest
    constraints: Constraints
    specimens: tuple[JsonObject, ...] = ()

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.manifest.id.name

    @property
    def has_conditions(self) -> bool:
        """Whether the policy may skip objects that it matches."""
        return bool(self.manifest.get("spec", "matchConditions"))

    def body(self) -> JsonObject:
        """Give the policy as it is handed over.

        `failurePolicy: Fail` turns what is skipped because a condition ends in an error into an error; the
        annotation that calls violations unimportant goes, as does a cluster's status.
        """
        kept = {key: value for key, value in self.manifest.body.items() if key != "status"}
        metadata = mapping(kept.get("metadata"))
        annotations = {key: value for key, value in self.manifest.annotations.items() if key != _SCORED}
        return {
            **kept,
            "metadata": {**metadata, "annotations": {**annotations}},
            "spec": {**mapping(kept.get("spec")), "failurePolicy": "Fail"},
        }


@dataclass(slots=True)
class Collection:
    """The policies that judge, the reasons why others do not, and what is wrong with them."""

    judging: list[Policy] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, manifest: Manifest, folders: Iterable[Path], *, named: bool = False) -> None:
        """Sort a policy in; one that somebody `named` to judge by and that cannot judge is a finding."""
        reason = _why_not(manifest)
        if reason is not None:
            self.unjudged.append(f"`{manifest.id.name}` ({reason})")
            if named:
                message = f"the policy `{manifest.id.name}` was named, and cannot be judged here: {reason}"
                found = located(manifest, ("kind",), rule=rules.NOT_JUDGED.id, message=message)
                self.findings.append(replace(found, hint="name ValidatingPolicies of policies.kyverno.io only"))
            return
        problem = self._problem(manifest)
        if problem is not None:
            self.findings.append(located(manifest, ("metadata", "name"), rule=rules.INVALID.id, message=problem))
            return
        specimens = tuple(self._specimens(manifest.id.name, folders))
        self.judging.append(Policy(manifest, constraints(mapping(manifest.get("spec"))), specimens))

    def _problem(self, manifest: Manifest) -> str | None:
        name = manifest.id.name
        if name == SENTINEL or f"policy/{name}" in _RESERVED:
            return f"the policy's name `{name}` is reserved"
        if not constraints(mapping(manifest.get("spec"))).rules:
            return f"the policy `{name}` has no `matchConstraints.resourceRules`, so that it matches nothing"
        for policy in self.judging:
            if policy.name == name:
                return f"a second policy is called `{name}`: the first is at `{policy.manifest.source.place}`"
        return None

    def _specimens(self, name: str, folders: Iterable[Path]) -> Iterator[JsonObject]:
        for folder in dict.fromkeys(folders):
            path = folder / PLANTED_FILE
            if folder.name == name and path.is_file():
                found = manifests.read(path.read_bytes(), str(path))
                self.findings.extend(found.findings)
                yield from (manifest.body for manifest in found.manifests)


def collect(inventory: Inventory, settings: Settings) -> Collection:
    """Find every policy among the objects and in the given files."""
    collection = Collection()
    for manifest in inventory.manifests:
        if is_policy(manifest):
            collection.add(manifest, (folder / manifest.id.name for folder in settings.planted))
    for path in settings.policies:
        found = manifests.read(path.read_bytes(), str(path))
        collection.findings.extend(found.findings)
        for manifest in filter(is_policy, found.manifests):
            collection.add(
                manifest, (path.parent, *(folder / manifest.id.name for folder in settings.planted)), named=True
            )
    return collection


def is_policy(manifest: Manifest) -> bool:
    """Tell whether an object is a policy of Kyverno, of whatever kind."""
    if manifest.id.group == GROUP:
        return manifest.id.kind.endswith("Policy")
    return manifest.id.group == _OLD_GROUP and manifest.id.kind in _OLD_KINDS


def _why_not(manifest: Manifest) -> str | None:
    """Say why a policy cannot be judged from manifests alone; None if it can."""
    if manifest.id.group != GROUP or manifest.id.kind != KIND:
        return manifest.id.kind
    mode = text(manifest.get("spec", "evaluation", "mode"))
    if mode not in ("", "Kubernetes"):
        return f"it judges {mode} payloads"
    if _looks_further(manifest.get("spec")):
        return "it asks for more than the object"
    match = constraints(mapping(manifest.get("spec")))
    if match.rules and not match.judges_creation:
        return f"it does not judge {OPERATION}"
    return None


def _looks_further(value: JsonValue | None) -> bool:
    if isinstance(value, str):
        return _LOOKS_FURTHER.search(value) is not None
    if isinstance(value, dict):
        return any(_looks_further(entry) for entry in value.values())
    return isinstance(value, list) and any(_looks_further(entry) for entry in value)


def refusal(policy: Policy, reason: str) -> Finding:
    """Report a policy that Kyverno did not load, at the part that its words name."""
    steps = _steps(reason)
    while steps and dig(policy.manifest.body, *steps) is None:
        steps = steps[:-1]
    return located(policy.manifest, steps, rule=rules.INVALID.id, message=_summary(reason))


def _steps(reason: str) -> tuple[str | int, ...]:
    named = re.search(r"\bspec((?:\.\w+|\[\d+\])+)", reason)
    if named is None:
        return ()
    parts = re.findall(r"\.(\w+)|\[(\d+)\]", named[1])
    return ("spec", *(key or int(index) for key, index in parts))


def _summary(reason: str) -> str:
    """Keep the compiler's own sentence: what stands around it repeats the whole expression."""
    compiler = re.search(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)", reason)
    if compiler is not None:
        return f"the expression does not compile: {compiler[3].strip()} (its line {compiler[1]}, column {compiler[2]})"
    return f"Kyverno does not load this policy: {reason.strip()[:500]}"
