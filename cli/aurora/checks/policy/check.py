"""The check `policy`: Kyverno's ValidatingPolicies and ClusterPolicies, judged before the cluster sees the objects.

What the cluster would refuse is an error; what it would only record, since the policy's action is `Audit` or
`Warn`, is a warning, and the objects are counted. Policies that generate, mutate or look beyond the object are
named in the note and counted as skipped, never as passed.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aurora.checks.check import SingleCheck
from aurora.checks.policy import findings
from aurora.kinds.table import is_builtin_group
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult, NotJudged
from aurora.model.rule import Rule
from aurora.policies import judging, rules, sources
from aurora.policies.handing import Doubt, Handed, Surroundings, sort_out
from aurora.policies.kinds import Kinds
from aurora.policies.made_pods import MadePod, made_pods
from aurora.policies.proving import Judgement, Means, judge
from aurora.policies.remembering import cached, remembering
from aurora.policies.sources import Collection, Policy
from aurora.tools.settings import Settings
from aurora.tools.verdicts import Result


@dataclass(frozen=True, slots=True)
class PolicyCheck(SingleCheck):
    """Judges objects by Kyverno's policies; `locate_tool` gives the path of a pinned program.

    `engine` says who judges: the policy engine, or `cli`, Kyverno's own command line.
    """

    locate_tool: Callable[[str], Path]
    engine: str = judging.DEFAULT
    name: str = "policy"
    rules: Sequence[Rule] = rules.RULES

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge every object that a policy matches.

        Raises:
            ToolError: the judge is missing, failed, or gave no proof that it looked at everything.
        """
        started = time.monotonic()
        collection = sources.collect(inventory, settings)
        result = CheckResult(
            name=self.name,
            examined=0,
            skipped=len(collection.unjudged),
            note=_note(collection),
            not_judged=() if inventory.closed else tuple(_not_judged(collection)),
            findings=tuple(collection.findings),
        )
        if collection.judging:
            result = self._judge(collection, inventory, settings, result)
        return replace(result, seconds=time.monotonic() - started)

    def _judge(
        self, collection: Collection, inventory: Inventory, settings: Settings, result: CheckResult
    ) -> CheckResult:
        means = self._means(inventory, settings)
        every = list(_handed(inventory, collection.judging, means.surroundings))
        doubts = list(_doubts(every, collection.judging, means.surroundings))
        concerned = [entry for entry in every if _is_matched(entry, collection.judging, means.surroundings)]
        sorted_out = sort_out((*concerned, *made_pods(inventory, collection.judging, means.surroundings)))
        judgement = _undoubted(judge(collection.judging, sorted_out.handed, means), doubts)
        judgement = _told_once(judgement, collection.judging)
        met = {row.policy for row, _ in judgement.rows}
        decided = {row.policy for row, _ in judgement.rows if row.result is not Result.SKIP}
        idle = [policy.name for policy in collection.judging if policy.name not in met | judgement.refused.keys()]
        return replace(
            result,
            note=_note(collection, idle=idle, skipping=met - decided),
            examined=len(inventory.manifests),
            matched=len({entry.manifest.id for row, entry in judgement.rows if row.result is not Result.SKIP}),
            planted=len(judgement.proved | judgement.due.keys()),
            caught=len(judgement.proved),
            cached=cached(means.judge),
            would_be_refused=findings.would_be_refused(judgement, collection.judging),
            tool=means.judge.tool,
            findings=(
                *result.findings,
                *findings.of_judgement(judgement, collection.judging),
                *findings.of_impossible(sorted_out.impossible),
                *findings.of_doubts(doubts),
                *findings.of_guesses(collection.judging, every, means),
            ),
        )

    def _means(self, inventory: Inventory, settings: Settings) -> Means:
        made = judging.make(
            self.engine,
            self.locate_tool,
            workspace=settings.workspace,
            timeout=settings.timeout,
            parallel=settings.parallel,
        )
        return Means(
            remembering(made, settings.memory),
            Surroundings(inventory, Kinds(inventory, settings.schemas, settings.cache)),
        )


def _handed(inventory: Inventory, policies: Sequence[Policy], surroundings: Surroundings) -> Iterator[Handed]:
    """Prepare the objects of every kind but the built-in ones that no policy is about."""
    concerned: dict[tuple[str, str], bool] = {}
    for manifest in inventory.manifests:
        group, version, kind = manifest.id.group, manifest.id.version, manifest.id.kind
        wanted = concerned.get((manifest.id.api_version, kind))
        if wanted is None:
            served = surroundings.kinds.find(group, kind) if is_builtin_group(group) else None
            wanted = served is None or any(
                policy.constraints.about(group, version, kind, served.resource) for policy in policies
            )
            concerned[manifest.id.api_version, kind] = wanted
        if wanted:
            yield surroundings.hand(manifest)


def _is_matched(entry: Handed, policies: Sequence[Policy], surroundings: Surroundings) -> bool:
    return surroundings.is_known(entry) and any(policy.constraints.may_match(entry.subject) for policy in policies)


def _doubts(
    every: Iterable[Handed], policies: Sequence[Policy], surroundings: Surroundings
) -> Iterator[tuple[Handed, Policy, Doubt]]:
    for entry in every:
        for policy in policies if surroundings.may_doubt(entry) else ():
            doubt = surroundings.doubt(policy, entry)
            if doubt is not None:
                yield entry, policy, doubt


def _undoubted(judgement: Judgement, doubts: Iterable[tuple[Handed, Policy, Doubt]]) -> Judgement:
    """Drop the verdicts that rest on what is not known."""
    doubted = {(policy.name, entry.id) for entry, policy, _ in doubts}
    kept = [(row, entry) for row, entry in judgement.rows if (row.policy, entry.id) not in doubted]
    return replace(judgement, rows=kept)


def _told_once(judgement: Judgement, policies: Iterable[Policy]) -> Judgement:
    """Drop the verdicts on pods of which the object that describes them was told the same."""
    by_name = {policy.name: policy for policy in policies}
    told = {
        (row.policy, id(entry.manifest))
        for row, entry in judgement.rows
        if row.result is Result.FAIL and not isinstance(entry, MadePod)
    }
    kept = [
        (row, entry)
        for row, entry in judgement.rows
        if not isinstance(entry, MadePod)
        or not ((row.policy, id(entry.manifest)) in told or entry.repeats(by_name[row.policy]))
    ]
    return replace(judgement, rows=kept)


def _not_judged(collection: Collection) -> Iterator[NotJudged]:
    if not collection.any:
        yield NotJudged("policy", "no policies were given", "give a folder of them with `--policies DIR`")
    elif collection.unjudged:
        yield NotJudged("policy", f"objects by {_unjudged(collection)}", "judge by it with Kyverno: `kyverno apply`")


def _unjudged(collection: Collection) -> str:
    return ", ".join(sorted(collection.unjudged))


def _note(collection: Collection, *, idle: Iterable[str] = (), skipping: Iterable[str] = ()) -> str | None:
    said = []
    if not collection.any:
        said.append("no policies were given")
    if collection.unjudged:
        said.append(f"not judged: {_unjudged(collection)}")
    for words, names in (("met no object", sorted(idle)), ("conditions skipped every object", sorted(skipping))):
        if names:
            said.append(f"{words}: {', '.join(f'`{name}`' for name in names)}")
    return "; ".join(said) or None
