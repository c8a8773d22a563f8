"""The check `policy`: Kyverno's ValidatingPolicies, judged before the cluster sees the objects.

Every violation is an error, whatever the policy's action: `Audit` says what the cluster does with what is
already there, while what is committed must be clean. Policies that generate, mutate or look beyond the
object are named in the note and counted as skipped, never as passed.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aurora.checks.check import Settings, located
from aurora.checks.policy import rules, sources
from aurora.checks.policy.handing import Handed, Sorted, Surroundings, sort_out
from aurora.checks.policy.judging import Judge, Judgement, judge
from aurora.checks.policy.sources import Collection, Policy
from aurora.errors import ToolOutputError
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.pod_template import pod_templates
from aurora.model.report import CheckResult, ToolVersion
from aurora.model.rule import Rule
from aurora.tools import kyverno, pins
from aurora.tools.kyverno_output import Result, Row

_CONTAINER = re.compile(r"\bcontainer `?([a-z0-9]([-a-z0-9]*[a-z0-9])?)")


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """Judges objects by Kyverno's policies; `locate_tool` gives the path of a pinned program."""

    locate_tool: Callable[[str], Path]
    name: str = "policy"
    rules: Sequence[Rule] = rules.RULES

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge every object that a policy matches.

        Raises:
            ToolError: Kyverno is missing, failed, or gave no proof that it looked at everything.
        """
        started = time.monotonic()
        collection = sources.collect(inventory, settings)
        result = CheckResult(
            name=self.name,
            examined=0,
            skipped=len(collection.unjudged),
            note=_note(collection, idle=()),
            findings=tuple(collection.findings),
        )
        if collection.judging:
            result = self._judge(collection, inventory, settings, result)
        return replace(result, seconds=time.monotonic() - started)

    def _judge(
        self, collection: Collection, inventory: Inventory, settings: Settings, result: CheckResult
    ) -> CheckResult:
        surroundings = Surroundings(inventory)
        every = [surroundings.hand(manifest) for manifest in inventory.manifests]
        concerned = [entry for entry in every if _is_matched(entry, collection.judging)]
        sorted_out = sort_out(concerned)
        using = Judge(
            apply=kyverno.apply,
            program=self.locate_tool(pins.KYVERNO.name),
            workspace=settings.workspace,
            surroundings=surroundings,
            parallel=settings.parallel,
            timeout=settings.timeout,
        )
        judgement = judge(collection.judging, sorted_out.handed, using)
        findings = [
            *result.findings,
            *_findings(judgement, collection.judging),
            *_impossible(sorted_out),
            *_misjudged(collection.judging, every, surroundings),
        ]
        met = {row.policy for row, _ in judgement.rows} | judgement.refused.keys()
        idle = [policy.name for policy in collection.judging if policy.name not in met]
        return replace(
            result,
            note=_note(collection, idle=idle),
            examined=len(every),
            matched=len({entry.id for row, entry in judgement.rows if row.result is not Result.SKIP}),
            planted=len(judgement.proved | judgement.due.keys()),
            caught=len(judgement.proved),
            tool=ToolVersion(pins.KYVERNO.name, pins.KYVERNO.version),
            findings=tuple(findings),
        )


def _is_matched(entry: Handed, policies: Sequence[Policy]) -> bool:
    return any(policy.constraints.matches(entry.subject) for policy in policies)


def _note(collection: Collection, *, idle: Sequence[str]) -> str | None:
    said = []
    if not (collection.judging or collection.unjudged or collection.findings):
        said.append("no policies were given")
    if collection.unjudged:
        said.append(f"not judged: {', '.join(sorted(collection.unjudged))}")
    if idle:
        said.append(f"met no object: {', '.join(f'`{name}`' for name in sorted(idle))}")
    return "; ".join(said) or None


def _findings(judgement: Judgement, policies: Sequence[Policy]) -> Iterator[Finding]:
    by_name = {policy.name: policy for policy in policies}
    for name, reason in sorted(judgement.refused.items()):
        yield sources.refusal(by_name[name], reason)
    for row, entry in judgement.rows:
        match row.result:
            case Result.FAIL:
                yield _violation(row, entry, by_name[row.policy])
            case Result.ERROR | Result.WARN:
                yield _undecided(row, entry, by_name[row.policy])
            case Result.SKIP if not by_name[row.policy].has_conditions:
                raise ToolOutputError(f"kyverno skipped `{entry.id}` under `{row.policy}`, which has no conditions")
            case _:
                pass
    yield from _unproved(judgement, by_name)


def _violation(row: Row, entry: Handed, policy: Policy) -> Finding:
    found = located(entry.manifest, _steps(row, entry), rule=f"policy/{row.policy}", message=row.message)
    return replace(found, hint=f"the policy is at `{policy.manifest.source.place}`")


def _steps(row: Row, entry: Handed) -> tuple[str | int, ...]:
    """Find the part that a message speaks of: the container that it names, otherwise the pod."""
    for template in pod_templates(entry.manifest):
        named = [match[1] for match in _CONTAINER.finditer(row.message)]
        containers = {container.name: container.steps for container in template.containers()}
        return next((containers[name] for name in named if name in containers), template.steps)
    return ()


def _undecided(row: Row, entry: Handed, policy: Policy) -> Finding:
    found = located(
        entry.manifest,
        (),
        rule=rules.ERROR.id,
        message=f"the policy `{row.policy}` cannot decide about {entry.manifest.id}: {row.message}",
    )
    hint = f"the policy is at `{policy.manifest.source.place}`; guard what may be absent with `has()` or `.?`"
    return replace(found, hint=hint)


def _unproved(judgement: Judgement, by_name: dict[str, Policy]) -> Iterator[Finding]:
    routes: dict[str, set[str]] = defaultdict(set)
    for proof in judgement.unproved:
        routes[proof.policy].add(str(proof.route))
    for name, found in sorted(routes.items()):
        yield _unproved_policy(
            by_name[name],
            f"the policy `{name}` passed real objects and an object made to violate it: {', '.join(sorted(found))}",
            f"put an object that violates it into `{sources.PLANTED_FILE}` in the policy's folder",
        )


def _unproved_policy(policy: Policy, message: str, hint: str) -> Finding:
    found = located(policy.manifest, ("metadata", "name"), rule=rules.UNPROVED.id, message=message)
    return replace(found, hint=hint)


def _impossible(sorted_out: Sorted) -> Iterator[Finding]:
    for entry, reason in sorted_out.impossible:
        yield located(entry.manifest, (), rule=rules.ERROR.id, message=f"this cannot be judged: {reason}")


def _misjudged(policies: Sequence[Policy], every: Sequence[Handed], surroundings: Surroundings) -> Iterator[Finding]:
    for policy in policies:
        kinds = sorted({e.id.kind for e in every if surroundings.is_misjudged(policy.constraints, e)})
        if kinds:
            yield _unproved_policy(
                policy,
                f"the policy `{policy.name}` matches {', '.join(kinds)}, whose plural or scope Kyverno only guesses",
                "Kyverno without a cluster derives both from the kind's name, so it judges other objects than in it",
            )
