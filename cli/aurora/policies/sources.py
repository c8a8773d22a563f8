"""Collects the policies that judge: those among the objects themselves, and those in files given beside them.

Says of every other policy why it does not judge. Must not run anything.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora import manifests
from aurora.manifests import located
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.policies import cluster_policies, folders, rules
from aurora.policies.cluster_policies import ClusterRules
from aurora.policies.matching import OPERATION, Constraints, constraints, unknown_controllers
from aurora.tools.settings import Settings
from aurora.tools.verdicts import SENTINEL, Refusal

GROUP = "policies.kyverno.io"
KIND = "ValidatingPolicy"
_EXCEPTION = "PolicyException"
_ADMISSION = "ValidatingAdmissionPolicy"
PLANTED_FILE = "planted.yaml"
"""In a policy's folder: objects that violate it, for a policy that no generic violation offends."""

_OLD_GROUP = cluster_policies.GROUP
_OLD_KINDS = frozenset({"CleanupPolicy", "ClusterCleanupPolicy", "ClusterPolicy", "Policy"})
# Kyverno's CEL libraries that ask for more than the object: a file of some objects cannot answer.
_LOOKS_FURTHER = re.compile(
    r"\b(globalContext|http|image|resource)\.(get|list|post|client|toGVR|getMetadata)\s*\(", re.IGNORECASE
)
_RESERVED = frozenset({rule.id for rule in rules.RULES} | {folders.UNUSABLE.id})
_SCORED = "policies.kyverno.io/scored"
# What Kyverno's command line puts in front: the name of the file that it was given.
_LOADED = re.compile(r"^failed to load file \S+: ")
_READS_NAMESPACE = re.compile(r"\bnamespaceObject\b")
# Functions of Kyverno's CEL libraries whose results differ from run to run.
_VOLATILE = re.compile(r"\b(now|random|time_(now|now_utc|since))\b")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that judges, what it matches, and objects that violate it for certain, if its folder has any."""

    manifest: Manifest
    constraints: Constraints | ClusterRules
    specimens: tuple[JsonObject, ...] = ()

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.manifest.id.name

    @property
    def has_conditions(self) -> bool:
        """Whether the policy may skip objects that it matches."""
        return isinstance(self.constraints, ClusterRules) or bool(self.manifest.get("spec", "matchConditions"))

    @property
    def reads_namespace(self) -> bool:
        """Whether an expression of the policy looks at the object's namespace."""
        return _mentions(self.manifest.get("spec"), _READS_NAMESPACE)

    @property
    def is_volatile(self) -> bool:
        """Whether an expression of the policy may ask the clock or chance, so that its verdicts do not repeat."""
        return _mentions(self.manifest.get("spec"), _VOLATILE)

    def body(self) -> JsonObject:
        """Give the policy as it is handed over.

        `failurePolicy: Fail` turns what is skipped because a condition ends in an error into an error; the
        annotation that calls violations unimportant goes, as does a cluster's status. Of a ClusterPolicy, the rules
        that are judged are handed over.
        """
        kept = {key: value for key, value in self.manifest.body.items() if key != "status"}
        metadata = mapping(kept.get("metadata"))
        annotations = {key: value for key, value in self.manifest.annotations.items() if key != _SCORED}
        changed: JsonObject = {"failurePolicy": "Fail"}
        if isinstance(self.constraints, ClusterRules):
            changed = {"rules": [*self.constraints.rules]}
        return {
            **kept,
            "metadata": {**metadata, "annotations": {**annotations}},
            "spec": {**mapping(kept.get("spec")), **changed},
        }


@dataclass(slots=True)
class Collection:
    """The policies that judge, the reasons why others do not, and what is wrong with them."""

    judging: list[Policy] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    elsewhere: bool = False
    """Whether there are policies that another check judges by."""

    @property
    def any(self) -> bool:
        """Whether there is any policy, of whatever sort."""
        return bool(self.judging or self.unjudged or self.findings or self.elsewhere)

    def add(self, manifest: Manifest, folders: Iterable[Path], *, named: bool = False) -> None:
        """Sort a policy in; one that somebody `named` to judge by and that cannot judge is a finding."""
        judged, reasons = _judged(manifest)
        if reasons:
            self._leave_out(manifest, ", ".join(reasons), named=named)
        if judged is None:
            return
        problem = self._problem(manifest)
        if problem is not None:
            self.findings.append(located(manifest, ("metadata", "name"), rule=rules.INVALID.id, message=problem))
            return
        specimens = tuple(self._specimens(manifest.id.name, folders))
        self.judging.append(Policy(manifest, judged, specimens))

    def leave_out_unbound(self, named: Iterable[Manifest], every: Iterable[Manifest]) -> None:
        """Say which admission policies of those named are bound by nothing: the check `server` judges by the others."""
        bound = {text(entry.get("spec", "policyName")) for entry in every if entry.id.kind == f"{_ADMISSION}Binding"}
        for manifest in named:
            if manifest.id.kind == _ADMISSION:
                self.elsewhere = True
                if manifest.id.name not in bound:
                    self._leave_out(manifest, "no ValidatingAdmissionPolicyBinding binds it", named=True)

    def _leave_out(self, manifest: Manifest, reason: str, *, named: bool) -> None:
        self.unjudged.append(f"`{manifest.id.name}` ({reason})")
        if named:
            message = f"the policy `{manifest.id.name}` was named, and cannot be judged here: {reason}"
            found = located(manifest, ("kind",), rule=rules.NOT_JUDGED.id, message=message)
            hint = "judge it in a cluster, or keep it out of what `--policies` names"
            self.findings.append(replace(found, severity=rules.NOT_JUDGED.severity, hint=hint))

    def _problem(self, manifest: Manifest) -> str | None:
        name = manifest.id.name
        if name == SENTINEL or f"policy/{name}" in _RESERVED:
            return f"the policy's name `{name}` is reserved"
        first = next((policy for policy in self.judging if policy.name == name), None)
        if first is not None:
            return f"a second policy is called `{name}`: the first is at `{first.manifest.source.place}`"
        if cluster_policies.is_one(manifest):
            empty = not items(manifest.get("spec", "rules"))
            return f"the policy `{name}` has no `rules`, so that it refuses nothing" if empty else None
        return _emptiness(name, mapping(manifest.get("spec")))

    def except_from(self, manifest: Manifest) -> None:
        """Report an exception from a policy that judges: it is not applied here."""
        judging = {policy.name for policy in self.judging}
        at, called = ("policyRefs", "name") if manifest.id.group == GROUP else ("exceptions", "policyName")
        for number, reference in enumerate(items(manifest.get("spec", at))):
            name = text(mapping(reference).get(called))
            if name in judging:
                steps = ("spec", at, number)
                message = f"a cluster exempts objects from the policy `{name}` by this, and it is not applied here"
                found = located(manifest, steps, rule=rules.EXCEPTION.id, message=message)
                hint = "remove it, and waive what may stay as it is in the environment: with a reason and an end"
                self.findings.append(replace(found, hint=hint))

    def _specimens(self, name: str, folders: Iterable[Path]) -> Iterator[JsonObject]:
        for folder in dict.fromkeys(folders):
            path = folder / PLANTED_FILE
            if folder.name == name and path.is_file():
                found = manifests.read(path.read_bytes(), str(path))
                self.findings.extend(found.findings)
                yield from (manifest.body for manifest in found.manifests)


def collect(inventory: Inventory, settings: Settings) -> Collection:
    """Find every policy among the objects and in the given files, and the exceptions from them."""
    collection = Collection()
    every = list(inventory.manifests)
    for manifest in filter(is_policy, inventory.manifests):
        collection.add(manifest, (folder / manifest.id.name for folder in settings.planted))
    for path in settings.policies:
        found = manifests.read(path.read_bytes(), str(path))
        collection.findings.extend(found.findings)
        every.extend(found.manifests)
        for manifest in filter(is_policy, found.manifests):
            collection.add(
                manifest, (path.parent, *(folder / manifest.id.name for folder in settings.planted)), named=True
            )
    collection.leave_out_unbound(every[len(inventory.manifests) :], every)
    for manifest in every:
        if manifest.id.group in (GROUP, _OLD_GROUP) and manifest.id.kind == _EXCEPTION:
            collection.except_from(manifest)
    return collection


def _emptiness(name: str, spec: JsonObject) -> str | None:
    """Say why a policy judges nothing, or less than it says."""
    if not constraints(spec).rules.stated:
        return f"the policy `{name}` has no `matchConstraints.resourceRules`, so that it matches nothing"
    if spec.get("validations") in (None, []):
        return f"the policy `{name}` has no `validations`, so that it refuses nothing"
    unknown = unknown_controllers(spec)
    if unknown:
        return f"only a cluster knows the controller `{unknown[0]}`: write it as `<resource>.<version>.<group>`"
    return None


def is_policy(manifest: Manifest) -> bool:
    """Tell whether an object is a policy of Kyverno, of whatever kind."""
    if manifest.id.group == GROUP:
        return manifest.id.kind.endswith("Policy")
    return manifest.id.group == _OLD_GROUP and manifest.id.kind in _OLD_KINDS


def _judged(manifest: Manifest) -> tuple[Constraints | ClusterRules | None, tuple[str, ...]]:
    """Give what a policy judges, if anything, and why it, or a part of it, cannot be judged from manifests alone."""
    if cluster_policies.is_one(manifest):
        judged, reasons = cluster_policies.parts(manifest)
        return (None if reasons and not judged else ClusterRules(judged)), reasons
    reason = _why_not(manifest)
    return (constraints(mapping(manifest.get("spec"))), ()) if reason is None else (None, (reason,))


def _why_not(manifest: Manifest) -> str | None:
    """Say why a policy cannot be judged from manifests alone; None if it can."""
    if manifest.id.group != GROUP or manifest.id.kind != KIND:
        return manifest.id.kind
    mode = text(manifest.get("spec", "evaluation", "mode"))
    if mode not in ("", "Kubernetes"):
        return f"it judges {mode} payloads"
    if _mentions(manifest.get("spec"), _LOOKS_FURTHER):
        return "it asks for more than the object"
    match = constraints(mapping(manifest.get("spec")))
    if match.rules.stated and not match.judges_creation:
        return f"it does not judge {OPERATION}"
    return None


def _mentions(value: JsonValue | None, pattern: re.Pattern[str]) -> bool:
    if isinstance(value, str):
        return pattern.search(value) is not None
    if isinstance(value, dict):
        return any(_mentions(entry, pattern) for entry in value.values())
    return isinstance(value, list) and any(_mentions(entry, pattern) for entry in value)


def refusal(policy: Policy, refused: Refusal) -> Finding:
    """Report a policy that Kyverno did not load, at the part that its words name."""
    steps = _steps(refused.field or refused.message)
    while steps and dig(policy.manifest.body, *steps) is None:
        steps = steps[:-1]
    return located(policy.manifest, steps, rule=rules.INVALID.id, message=_summary(refused))


def _steps(words: str) -> tuple[str | int, ...]:
    named = re.search(r"\bspec((?:\.\w+|\[\d+\])+)", words)
    if named is None:
        return ()
    parts = re.findall(r"\.(\w+)|\[(\d+)\]", named[1])
    return ("spec", *(key or int(index) for key, index in parts))


def _summary(refused: Refusal) -> str:
    """Keep the compiler's own sentence: what stands around it repeats the whole expression."""
    compiler = re.search(r"ERROR: <input>:(-?\d+):(\d+): ([^\n]*)", refused.message)
    if compiler is not None:
        place = f" (its line {compiler[1]}, column {compiler[2]})" if int(compiler[1]) > 0 else ""
        return f"the expression does not compile: {compiler[3].strip()}{place}"
    if refused.field.endswith("xpression"):
        return f"the expression does not compile: {refused.message.strip()[:500]}"
    return f"Kyverno does not load this policy: {_LOADED.sub('', refused.message).strip()[:500]}"
