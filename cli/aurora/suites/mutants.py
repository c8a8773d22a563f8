"""Makes mutants of the environments' own objects and counts which of them the policies refuse.

Pods that are alike count once: what decides is the template, not how many workloads share it. Each policy
is asked only for the mutants that it must refuse, and also for the unbroken objects: one that refuses those
has not refused the mutant for what is broken in it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import groupby

from aurora import suite_rules
from aurora.errors import ToolOutputError
from aurora.manifests import located
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, mapping
from aurora.model.manifest import Manifest
from aurora.model.pod_template import pod_templates
from aurora.model.resource import ResourceId
from aurora.model.suite_report import Killing, Score
from aurora.policies.handing import Given, Handed, Surroundings
from aurora.policies.judging import Judge
from aurora.policies.sources import Policy
from aurora.suites.edits import Break, edited
from aurora.suites.environments import Bound
from aurora.suites.operators import OPERATORS, Operator
from aurora.tools.verdicts import Result

Said = Mapping[tuple[str, ResourceId], Result]
"""The verdicts by policy and object."""

_ORIGINAL = "original"
_MUTANT = "mutant"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A real object broken in one way; `number` makes its name."""

    number: int
    origin: Manifest
    operator: Operator
    broken: Break

    def hand(self, surroundings: Surroundings, name: str) -> Handed:
        """Give the broken object under a name of its own."""
        return _hand(surroundings, self.origin, edited(self.origin.body, self.broken.edits), name)


@dataclass(slots=True)
class Trial:
    """One policy of one environment, the mutants that it must refuse, and their originals."""

    environment: str
    policy: Policy
    surroundings: Surroundings
    mutants: list[Mutant] = field(default_factory=list)
    originals: dict[str, Manifest] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """Scores of policies and operators, and the mutants that were not refused."""

    scores: tuple[Score, ...] = ()
    operators: tuple[Killing, ...] = ()
    findings: list[Finding] = field(default_factory=list)


def trials(environments: Sequence[Bound], policies: Iterable[str]) -> tuple[Trial, ...]:
    """Give every trial of the named policies; what is equal in two environments is tried once."""
    wanted = set(policies)
    found: list[Trial] = []
    seen: set[str] = set()
    for entry in environments:
        for policy in entry.judging:
            if policy.name in wanted:
                trial = _trial(entry, policy, seen)
                found.extend([trial] if trial.mutants else [])
    return tuple(found)


def try_all(found: Sequence[Trial], judge: Judge, pool: Executor, policies: Iterable[str]) -> Outcome:
    """Judge the mutants of every trial and score policies and operators.

    Raises:
        ToolError: the judge gave no proof that it looked at everything.
    """
    made, killed = Counter[str](), Counter[str]()
    by_operator, killed_by_operator = Counter[str](), Counter[str]()
    outcome = Outcome()
    groups = [list(group) for _, group in groupby(found, key=lambda trial: trial.environment)]
    if not judge.together:
        groups = [[trial] for trial in found]
    survived = [each for group in pool.map(lambda group: _survivors(group, judge), groups) for each in group]
    for trial, survivors in zip(found, survived, strict=True):
        made[trial.policy.name] += len(trial.mutants)
        killed[trial.policy.name] += len(trial.mutants) - len(survivors)
        alive = {mutant.number for mutant, _ in survivors}
        for mutant in trial.mutants:
            by_operator[mutant.operator.name] += 1
            killed_by_operator[mutant.operator.name] += mutant.number not in alive
        outcome.findings.extend(_survived(trial, mutant, why) for mutant, why in survivors)
    outcome.scores = tuple(Score(name, made[name], killed[name]) for name in sorted(policies) if made[name])
    outcome.operators = tuple(
        Killing(entry.name, entry.summary, by_operator[entry.name], killed_by_operator[entry.name])
        for entry in OPERATORS
        if by_operator[entry.name]
    )
    return outcome


def without_mutants(
    environments: Sequence[Bound], found: Sequence[Trial], policies: Iterable[str]
) -> Iterator[Finding]:
    """Report bound policies of which no mutant was made."""
    tried = {trial.policy.name for trial in found}
    rule = suite_rules.NO_MUTANT
    for name in sorted(set(policies) - tried):
        manifest = next((p.manifest for entry in environments for p in entry.judging if p.name == name), None)
        if manifest is not None:
            message = f"no object of any environment was broken in a way that `{name}` must refuse"
            yield replace(
                located(manifest, ("metadata", "name"), rule=rule.id, message=message),
                severity=rule.severity,
                hint="add a mutation operator for what it forbids",
            )


def _trial(bound: Bound, policy: Policy, seen: set[str]) -> Trial:
    trial = Trial(bound.environment, policy, bound.surroundings)
    judged_by = _digest({"spec": policy.body()["spec"], "action": ""}, drop="validationActions")
    for handed in bound.objects:
        if not policy.constraints.may_match(handed.subject):
            continue
        key = _alike(handed)
        labels = json.dumps(dict(handed.subject.namespace_labels), sort_keys=True)
        for operator in OPERATORS:
            once = "\0".join((judged_by, operator.name, labels, key))
            if policy.name in operator.killers and once not in seen:
                seen.add(once)
                _add(trial, handed.manifest, key, operator)
    return trial


def _add(trial: Trial, manifest: Manifest, key: str, operator: Operator) -> None:
    for broken in operator.breaks(manifest):
        trial.mutants.append(Mutant(len(trial.mutants), manifest, operator, broken))
        trial.originals[key] = manifest


def _alike(handed: Handed) -> str:
    """Give what decides about an object: kind, namespace and pod template, or all of it where it has no pods."""
    template = next((dict(entry.body) for entry in pod_templates(handed.manifest)), None)
    decisive = template if template is not None and handed.manifest.id.kind != "Pod" else handed.body.get("spec")
    return json.dumps([handed.id.api_version, handed.id.kind, handed.subject.namespace, decisive], sort_keys=True)


def _digest(value: JsonObject, *, drop: str) -> str:
    spec = {key: entry for key, entry in mapping(value["spec"]).items() if key != drop}
    return json.dumps(spec, sort_keys=True)


def _survivors(group: Sequence[Trial], judge: Judge) -> list[list[tuple[Mutant, str]]]:
    """Give the mutants of each trial that its policy did not refuse, or refused for what was wrong before."""
    posed = [_pose(trial, f"{number}-") for number, trial in enumerate(group)]
    objects = [entry for each in posed for entry in (*each.originals.values(), *each.mutants)]
    said = results(judge, [trial.policy for trial in group], objects, group[0].surroundings)
    return [list(_alive(each, said)) for each in posed]


def results(judge: Judge, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Said:
    """Give what each policy says of each object that it matches.

    Raises:
        ToolError: the judge gave no proof that it looked at everything, or does not load a policy.
    """
    verdicts = judge.ask(policies, objects, surroundings)
    for name, refused in verdicts.refused.items():
        message = f"Kyverno does not load the policy `{name}`: {refused.message}"
        raise ToolOutputError(message, hint="run `aurora validate`")
    for identity, why in verdicts.unjudged.items():
        raise ToolOutputError(f"no policy has a verdict on {identity}: {why}")
    return {(row.policy, row.resource): row.result for row in verdicts.rows}


@dataclass(frozen=True, slots=True)
class _Posed:
    """A trial's objects as a judge gets them: the unbroken ones by their real identity, the mutants in order."""

    trial: Trial
    originals: dict[ResourceId, Handed]
    mutants: tuple[Handed, ...]


def _pose(trial: Trial, prefix: str) -> _Posed:
    surroundings = trial.surroundings
    return _Posed(
        trial,
        {
            manifest.id: _hand(surroundings, manifest, manifest.body, f"{_ORIGINAL}-{prefix}{number}")
            for number, manifest in enumerate(trial.originals.values())
        },
        tuple(mutant.hand(surroundings, f"{_MUTANT}-{prefix}{mutant.number}") for mutant in trial.mutants),
    )


def _alive(posed: _Posed, said: Said) -> Iterator[tuple[Mutant, str]]:
    name = posed.trial.policy.name
    for mutant, entry in zip(posed.trial.mutants, posed.mutants, strict=True):
        before = said.get((name, posed.originals[mutant.origin.id].id))
        after = said.get((name, entry.id))
        if before is Result.FAIL:
            yield mutant, "it refuses the unbroken object too"
        elif after is not Result.FAIL:
            yield mutant, f"its verdict is {after.value if after else 'none'}"


def _hand(surroundings: Surroundings, manifest: Manifest, body: JsonObject, name: str) -> Handed:
    renamed: JsonObject = {**body, "metadata": {**mapping(body.get("metadata")), "name": name}}
    return surroundings.hand(replace(manifest, body=renamed, id=replace(manifest.id, name=name)))


def _survived(trial: Trial, mutant: Mutant, why: str) -> Finding:
    rule = suite_rules.SURVIVED
    message = f"`{trial.policy.name}` must refuse {mutant.operator.summary} (`{mutant.operator.name}`): {why}"
    found = located(mutant.origin, mutant.broken.steps, rule=rule.id, message=message)
    return replace(found, hint=f"add this case to the policy's own, in `policies/{trial.policy.name}`")
