"""Turns verdicts into findings at their places, in the same words whoever judged."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from aurora.errors import ToolOutputError
from aurora.manifests import located, typed
from aurora.model.finding import Finding, Severity
from aurora.model.pod_template import pod_templates
from aurora.policies import actions, rules, sources
from aurora.policies.cluster_policies import ClusterRules
from aurora.policies.handing import Doubt, Handed
from aurora.policies.made_pods import MadePod
from aurora.policies.proving import Judgement, Means
from aurora.policies.sources import Policy
from aurora.tools.verdicts import Result, Row

_TOO_COSTLY = "cost limit exceeded"
_CHEAPER = "nest fewer loops in its expressions, or compute what is repeated once in `spec.variables`"
_PATH = re.compile(r"\bfailed at path (/\S+)")
_CONTAINER = re.compile(r"\bcontainer `?([a-z0-9]([-a-z0-9]*[a-z0-9])?)")


def of_judgement(judgement: Judgement, policies: Sequence[Policy]) -> Iterator[Finding]:
    """Give what is wrong with objects and with policies.

    Raises:
        ToolOutputError: a policy without conditions skipped an object.
    """
    by_name = {policy.name: policy for policy in policies}
    for name, refused in sorted(judgement.refused.items()):
        yield sources.refusal(by_name[name], refused)
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
    for entry, why in judgement.unjudged:
        message = f"no policy has a verdict on {entry.manifest.id}: {why}"
        yield located(entry.manifest, (), rule=rules.UNJUDGED.id, message=message)
    yield from _unproved(judgement, by_name)


def _violation(row: Row, entry: Handed, policy: Policy) -> Finding:
    refused = actions.refuses_object(policy.manifest, row.rule, entry.subject)
    pods = f"its pods {'are' if refused else 'would be'} refused: " if isinstance(entry, MadePod) else ""
    found = located(entry.manifest, _steps(row, entry), rule=f"policy/{row.policy}", message=f"{pods}{row.message}")
    place = f"the policy is at `{policy.manifest.source.place}`"
    if refused:
        return replace(found, hint=place)
    return replace(found, severity=Severity.WARNING, hint=f"{place}; the cluster only records this violation so far")


def would_be_refused(judgement: Judgement, policies: Sequence[Policy]) -> int:
    """Count the objects that violate a policy which records and does not refuse."""
    by_name = {policy.name: policy for policy in policies}
    return len(
        {
            entry.manifest.id
            for row, entry in judgement.rows
            if row.result is Result.FAIL
            and not actions.refuses_object(by_name[row.policy].manifest, row.rule, entry.subject)
        }
    )


def _steps(row: Row, entry: Handed) -> tuple[str | int, ...]:
    """Find the part that a message is about: its path, the container that it names, otherwise the pod."""
    if (path := _PATH.search(row.message)) and not isinstance(entry, MadePod):
        steps = typed(entry.manifest, [step for step in path[1].split("/") if step])
        while steps and entry.manifest.get(*steps) is None:
            steps = steps[:-1]
        if steps:
            return steps
    pods = list(pod_templates(entry.manifest))
    named = [match[1] for match in _CONTAINER.finditer(row.message)]
    containers = {container.name: container.steps for pod in reversed(pods) for container in pod.containers}
    return next((containers[name] for name in named if name in containers), pods[0].steps if pods else ())


def _undecided(row: Row, entry: Handed, policy: Policy) -> Finding:
    found = located(
        entry.manifest,
        (),
        rule=rules.ERROR.id,
        message=f"the policy `{row.policy}` cannot decide about {entry.manifest.id}: {row.message}",
    )
    advice = _CHEAPER if _TOO_COSTLY in row.message else "guard what may be absent with `has()` or `.?`"
    return replace(found, hint=f"the policy is at `{policy.manifest.source.place}`; {advice}")


def _unproved(judgement: Judgement, by_name: Mapping[str, Policy]) -> Iterator[Finding]:
    routes: dict[str, set[str]] = defaultdict(set)
    for proof in judgement.unproved:
        routes[proof.policy].add(str(proof.route))
    for name, found in sorted(routes.items()):
        said = _unproved_policy(
            by_name[name],
            f"the policy `{name}` passed real objects and an object made to violate it: {', '.join(sorted(found))}",
            f"put an object that violates it into `{sources.PLANTED_FILE}` in the policy's folder",
        )
        # Patterns often forbid one name or one value, which an object made without knowledge of them does not have.
        of_patterns = isinstance(by_name[name].constraints, ClusterRules)
        yield replace(said, severity=Severity.WARNING) if of_patterns else said


def _unproved_policy(policy: Policy, message: str, hint: str) -> Finding:
    found = located(policy.manifest, ("metadata", "name"), rule=rules.UNPROVED.id, message=message)
    return replace(found, hint=hint)


def of_impossible(impossible: Iterable[tuple[Handed, str]]) -> Iterator[Finding]:
    """Report the objects that no judge can take."""
    for entry, reason in impossible:
        yield located(entry.manifest, (), rule=rules.ERROR.id, message=f"this cannot be judged: {reason}")


def of_doubts(doubts: Iterable[tuple[Handed, Policy, Doubt]]) -> Iterator[Finding]:
    """Report every object that policies may match, once for each reason."""
    joined: dict[tuple[int, Doubt], tuple[Handed, list[str]]] = {}
    for entry, policy, doubt in doubts:
        joined.setdefault((id(entry), doubt), (entry, []))[1].append(policy.name)
    for (_, doubt), (entry, names) in joined.items():
        listed = ", ".join(f"`{name}`" for name in names)
        message = f"no verdict of {listed} on {entry.manifest.id}: {doubt.reason}"
        found = located(entry.manifest, (), rule=rules.UNJUDGED.id, message=message)
        yield replace(found, hint=doubt.hint)


def of_guesses(policies: Sequence[Policy], every: Sequence[Handed], means: Means) -> Iterator[Finding]:
    """Report the policies that the judge takes to match other objects than a cluster would."""
    known = [entry for entry in every if means.surroundings.is_known(entry)]
    for policy in policies:
        kinds = means.judge.misjudged(policy, known, means.surroundings)
        if kinds:
            yield _unproved_policy(
                policy,
                f"the policy `{policy.name}` matches {', '.join(kinds)}, whose plural or scope Kyverno only guesses",
                "Kyverno's command line derives both from the kind's name; judge with `--engine engine`",
            )
