"""The checks `server` and `pod-security`: the program's answers as findings at their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aurora.checks.server.rules import POD_SECURITY_RULES, SERVER_RULES
from aurora.checks.server.validation import ServerValidation, Verdicts
from aurora.manifests import located
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.place import Step, steps
from aurora.model.report import CheckResult, NotJudged, ToolVersion
from aurora.model.rule import Rule
from aurora.tools.protocol import JUDGED, Reply
from aurora.tools.settings import Settings

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}
_SKEW = "server/version-skew"
_UNJUDGED = "server/unjudged"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """What the API server would say to creating each object."""

    validation: ServerValidation
    name: str = "server"
    rules: tuple[Rule, ...] = SERVER_RULES

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge the objects.

        Raises:
            ToolError: the program gave no proof that it looked at everything.
        """
        verdicts = self.validation.judge(inventory, settings)
        findings = [*_findings(verdicts, self.name), *_unjudged(verdicts), *_skew(verdicts, inventory)]
        notes = sorted({f"{entry['part']}: {entry['why']}" for entry in _not_judged(verdicts)})
        return CheckResult(
            name=self.name,
            tool=ToolVersion("server-validation, Kubernetes", verdicts.kubernetes),
            examined=len(verdicts.replies),
            matched=len({finding.resource for finding in findings}),
            planted=len(verdicts.planted),
            caught=len(verdicts.planted),
            cached=verdicts.cached,
            seconds=verdicts.seconds,
            note="; ".join(
                [*verdicts.problems, *_changes(verdicts, settings), *(f"not judged: {note}" for note in notes)]
            )
            or None,
            findings=tuple(findings),
        )


def _changes(verdicts: Verdicts, settings: Settings) -> Iterator[str]:
    """Say how many changes were judged, where earlier objects were given: none may mean that nothing was recognised."""
    if settings.old:
        judged = sum("update" in reply.result.get("judged", ()) for _, reply in verdicts.replies)
        yield f"changes judged: {judged}; objects that were not there before: {len(verdicts.replies) - judged}"


@dataclass(frozen=True, slots=True)
class PodSecurityCheck:
    """Whether each namespace would admit the pods of its workloads."""

    validation: ServerValidation
    name: str = "pod-security"
    rules: tuple[Rule, ...] = POD_SECURITY_RULES

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge every pod template.

        Raises:
            ToolError: the program gave no proof that it looked at everything.
        """
        verdicts = self.validation.judge(inventory, settings)
        findings = tuple(_findings(verdicts, self.name))
        planted = sum("pod-security/enforce" in entry.rules for entry in verdicts.planted)
        return CheckResult(
            name=self.name,
            tool=ToolVersion("server-validation, Kubernetes", verdicts.kubernetes),
            examined=len(verdicts.replies),
            matched=sum(int(entry.get("pods", 0)) for entry in verdicts.namespaces),
            planted=planted,
            caught=planted,
            cached=verdicts.cached,
            findings=findings,
            details={"namespaces": [_level(entry) for entry in verdicts.namespaces]},
            not_judged=() if inventory.closed or settings.pod_security else tuple(_without_level(verdicts)),
        )


def _without_level(verdicts: Verdicts) -> Iterator[NotJudged]:
    """Say in which namespaces pods were held to no level, because nobody says which one they have."""
    names = sorted(str(entry["namespace"]) for entry in verdicts.namespaces if not entry["known"] and entry["pods"])
    if names:
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        words = f"nothing says which Pod Security level {shown} {'has' if len(names) == 1 else 'have'}"
        yield NotJudged("pod-security", words, "give `--pod-security LEVEL`, or the Namespace with its labels")


def _level(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry.get(key) for key in ("namespace", "known", "level", "version", "highest", "pods", "blockers")}


def _findings(verdicts: Verdicts, check: str) -> Iterator[Finding]:
    for manifest, reply in verdicts.replies:
        for entry in reply.result.get("findings", ()):
            if str(entry.get("rule", "")).startswith(f"{check}/"):
                yield _finding(manifest, entry)


def _finding(manifest: Manifest, entry: Mapping[str, Any]) -> Finding:
    message = str(entry["message"])
    if entry.get("expression") and str(entry["expression"]) not in message:
        message = f"{message} (rule: {entry['expression']})"
    path = _typed(manifest, steps(str(entry.get("pointer") or "")))
    found = located(manifest, path, rule=str(entry["rule"]), message=message)
    return replace(found, severity=_SEVERITIES[str(entry["severity"])])


def _typed(manifest: Manifest, path: Iterable[str]) -> tuple[Step, ...]:
    """Turn the steps of a pointer into keys and indexes, as the manifest has mappings and lists."""
    typed: list[Step] = []
    for step in path:
        is_index = step.isdigit() and isinstance(manifest.get(*typed), list)
        typed.append(int(step) if is_index else step)
    return tuple(typed)


def _unjudged(verdicts: Verdicts) -> Iterator[Finding]:
    for manifest, reply in verdicts.replies:
        if reply.outcome != JUDGED:
            message = f"the server's code has no verdict: {reply.message}"
            yield replace(located(manifest, (), rule=_UNJUDGED, message=message), hint=_hint(reply))


def _hint(reply: Reply) -> str | None:
    if reply.reason == "unknown-kind":
        return "add its CustomResourceDefinition: `--schemas DIR`, or `aurora schemas build` for the repository"
    return None


def _skew(verdicts: Verdicts, inventory: Inventory) -> Iterator[Finding]:
    if verdicts.version_skew:
        yield Finding(
            rule=_SKEW,
            severity=Severity.NOTE,
            message=f"the cluster runs {inventory.kubernetes}, the objects were judged by {verdicts.kubernetes}",
            environment=inventory.environment,
        )


def _not_judged(verdicts: Verdicts) -> Iterator[Mapping[str, Any]]:
    """Yield what has no verdict although the object has one; a refused object has its finding."""
    for _, reply in verdicts.replies:
        for entry in reply.result.get("notJudged", ()):
            if entry.get("why") != "the server refuses the object before":
                yield entry
