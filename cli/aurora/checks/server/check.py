"""The check of the results `server` and `pod-security`: the program's answers as findings at their places."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aurora.checks.server import made_pods, validation, webhooks, words
from aurora.checks.server.asking import Answers
from aurora.checks.server.planted import NAMESPACE
from aurora.checks.server.rules import LIMIT_RULES, POD_SECURITY_RULES, SERVER_RULES
from aurora.cluster.sync_ways import way
from aurora.manifests import located, typed
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.place import steps
from aurora.model.report import CheckResult, NotJudged, ToolVersion
from aurora.model.rule import Rule
from aurora.server_validation.planted import LIMIT_RANGE_DEFAULT, OUTSIDE_LIMIT_RANGE, POD_SECURITY
from aurora.server_validation.session import LIMIT_RANGES, PROGRAM, skew
from aurora.tools.protocol import JUDGED, Reply
from aurora.tools.settings import Settings

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}
_UNJUDGED = "server/unjudged"
_UNKNOWN_KIND = "unknown-kind"
_SHOWN = 3
_WITH_SERVER = "let the check `server` judge too: it says of which objects, and why"


PARTS = {
    "server": (validation.CREATE, "drift", "admissionPolicies"),
    "pod-security": (validation.POD_SECURITY,),
    "scaling": (LIMIT_RANGES,),
}
"""The names of the results, and what the program is asked for the sake of each."""
_RULES = {"server": SERVER_RULES, "pod-security": POD_SECURITY_RULES, "scaling": LIMIT_RULES}
_HINTS = {
    OUTSIDE_LIMIT_RANGE: "change the resources, or the LimitRange",
    LIMIT_RANGE_DEFAULT: "state both request and limit, or change the LimitRange",
}


_REMOVE = "remove the field: kubectl and Argo CD may create the object without it, and every later apply is refused"
_HINTS_AT = {"/metadata/resourceVersion": _REMOVE, "/metadata/uid": _REMOVE}


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """What the API server would say to creating each object, and whether namespaces would admit its pods."""

    locate_tool: Callable[[str], Path]
    names: tuple[str, ...] = tuple(PARTS)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What it may find under its names."""
        own = webhooks.rules() if "server" in self.names else ()
        return (*(rule for name in self.names for rule in _RULES[name]), *own)

    def only(self, names: Collection[str]) -> ServerCheck | None:
        """Give the check that asks only for what belongs to the names."""
        kept = tuple(name for name in self.names if name in names)
        return replace(self, names=kept) if kept else None

    def results(self, inventory: Inventory, settings: Settings) -> tuple[CheckResult, ...]:
        """Judge the objects in one session; without a LimitRange there is nothing to say for the check `scaling`.

        Raises:
            ToolError: the program gave no proof that it looked at everything.
        """
        started = time.monotonic()
        limited = any(inventory.of_kind("LimitRange", group=""))
        names = [name for name in self.names if limited or name != "scaling"]
        parts = [part for name in names for part in PARTS[name]]
        if not parts:
            return ()
        answers = validation.judge(self.locate_tool, inventory, settings, parts)
        made = {name: make(answers, inventory, settings) for name, make in _RESULTS.items() if name in names}
        first, *others = made.values()
        if "server" not in made:
            first = replace(first, not_judged=(*first.not_judged, *dict.fromkeys(_gaps(answers))))
        return replace(first, seconds=time.monotonic() - started), *others


def _server(answers: Answers, inventory: Inventory, settings: Settings) -> CheckResult:
    skewed = skew(answers.configured, inventory.kubernetes, answers.kubernetes, inventory.environment, judged="objects")
    findings = (*skewed, *_findings(answers, inventory, "server"), *_unjudged(answers))
    problems = [str(problem.get("message")) for problem in answers.configured.get("problems", ())]
    notes = sorted({f"not judged: {entry['part']}: {entry['why']}" for entry in _not_judged(answers)})
    notes += webhooks.rest((manifest.id.group, manifest.id.kind) for manifest in inventory.manifests)
    return replace(
        _result("server", answers, inventory, findings),
        matched=len({finding.resource for finding in findings}),
        planted=len(answers.planted),
        caught=len(answers.planted),
        note="; ".join([*problems, *_changes(answers, len(inventory.manifests), settings), *notes]) or None,
    )


def _pod_security(answers: Answers, inventory: Inventory, settings: Settings) -> CheckResult:
    namespaces = [entry for entry in answers.levels if entry.get("namespace") != NAMESPACE]
    planted = sum(POD_SECURITY in entry.rules for entry in answers.planted)
    return replace(
        _result("pod-security", answers, inventory, tuple(_findings(answers, inventory, "pod-security"))),
        matched=sum(int(entry.get("pods", 0)) for entry in namespaces),
        planted=planted,
        caught=planted,
        details={"namespaces": [_level(entry) for entry in namespaces]},
        not_judged=() if inventory.closed or settings.pod_security else tuple(_without_level(namespaces)),
    )


def _scaling(answers: Answers, inventory: Inventory, settings: Settings) -> CheckResult:
    """Add to the check `scaling`, which counts the objects itself, what is found by LimitRanges."""
    findings = tuple(_findings(answers, inventory, "scaling"))
    planted = sum(bool(entry.rules & _HINTS.keys()) for entry in answers.planted)
    result = _result("scaling", answers, inventory, findings)
    return replace(result, examined=0, cached=0, matched=0, planted=planted, caught=planted)


def _gaps(answers: Answers) -> Iterator[NotJudged]:
    """Say what has no verdict of Pod Security, where no result of the server's code says it."""
    for _, reply in answers.remarks:
        if reply.outcome != JUDGED:
            yield NotJudged("pod-security", reply.message, _hint(reply) or _WITH_SERVER)
        for entry in reply.result.get("notJudged", ()):
            yield NotJudged("pod-security", str(entry["why"]), _WITH_SERVER)


def _result(name: str, answers: Answers, inventory: Inventory, findings: tuple[Finding, ...]) -> CheckResult:
    return CheckResult(
        name=name,
        tool=ToolVersion(f"{PROGRAM}, Kubernetes", answers.kubernetes),
        examined=len(inventory.manifests),
        cached=answers.recalled,
        findings=findings,
    )


_RESULTS = {"server": _server, "pod-security": _pod_security, "scaling": _scaling}


def _changes(answers: Answers, objects: int, settings: Settings) -> Iterator[str]:
    """Say how many changes were judged, where earlier objects were given: none may mean that nothing was recognised."""
    if settings.old:
        others = objects - answers.updates
        yield f"changes judged: {answers.updates}; objects that were not there before, or are made anew: {others}"


def _without_level(namespaces: Iterable[Mapping[str, Any]]) -> Iterator[NotJudged]:
    """Say in which namespaces pods were held to no level, because nobody says which one they have."""
    names = sorted(str(entry["namespace"]) for entry in namespaces if not entry["known"] and entry["pods"])
    if names:
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        words = f"nothing says which Pod Security level {shown} {'has' if len(names) == 1 else 'have'}"
        yield NotJudged("pod-security", words, "give `--pod-security LEVEL`, or the Namespace with its labels")


def _level(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry.get(key) for key in ("namespace", "known", "level", "version", "highest", "pods", "blockers")}


def _findings(answers: Answers, inventory: Inventory, check: str) -> Iterator[Finding]:
    for manifest, reply in answers.remarks:
        for entry in reply.result.get("findings", ()):
            if str(entry.get("rule", "")).startswith(f"{check}/"):
                side = entry.get("apply")
                how = way(inventory, manifest) if side else None
                if how is None or (how.shows_defaults if entry["rule"] == "server/drift" else how.may_be(side)):
                    found = _finding(manifest, entry)
                    when = how.when(side) if how else made_pods.doubt(inventory, found.message)
                    yield replace(found, severity=Severity.WARNING, message=f"{when}{found.message}") if when else found


def _finding(manifest: Manifest, entry: Mapping[str, Any]) -> Finding:
    message = words.plain(str(entry["message"]))
    if entry.get("expression") and str(entry["expression"]) not in message:
        message = f"{message} (rule: {entry['expression']})"
    rule, path = str(entry["rule"]), typed(manifest, steps(str(entry.get("pointer") or "")))
    if of_webhook := webhooks.origin(entry):
        rule, message, at = of_webhook
        path = typed(manifest, at.split(".")) if at else ()
    found = located(manifest, path, rule=rule, message=message)
    remark = words.is_remark(message)
    stated = Severity.ERROR if of_webhook else _SEVERITIES[str(entry["severity"])]
    return replace(
        found, severity=Severity.NOTE if remark else stated, hint=_HINTS.get(rule) or _HINTS_AT.get(found.pointer or "")
    )


def _unjudged(answers: Answers) -> Iterator[Finding]:
    for manifest, reply in answers.remarks:
        if reply.outcome != JUDGED:
            message = f"the server's code has no verdict: {reply.message}"
            about = ("apiVersion",) if reply.reason == _UNKNOWN_KIND else ()
            yield replace(located(manifest, about, rule=_UNJUDGED, message=message), hint=_hint(reply))


def _hint(reply: Reply) -> str | None:
    if reply.reason == _UNKNOWN_KIND:
        return "add its CustomResourceDefinition: `aurora schemas add FILE|DIR` in a repository, or `--schemas DIR`"
    return None


def _not_judged(answers: Answers) -> Iterator[Mapping[str, Any]]:
    """Yield what has no verdict although the object has one; a refused object has its finding."""
    for _, reply in answers.remarks:
        for entry in reply.result.get("notJudged", ()):
            if entry.get("why") != "the server refuses the object before":
                yield entry
