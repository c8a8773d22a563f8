"""Holds what Kyverno said against what a suite expects: only an `Ok` row for a case proves it.

Must not run anything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aurora import suite_rules
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping
from aurora.model.manifest import Manifest
from aurora.model.suite_report import CaseResult
from aurora.policies.handing import Surroundings
from aurora.policies.matching import constraints
from aurora.suites.expectations import Case, plain
from aurora.suites.reading import Suite
from aurora.suites.subjects import CEL_GROUP, TestedPolicy, written
from aurora.tools.kyverno_suite import EXCLUDED, FAILED, INVALID, NOT_FOUND, OK, SuiteRow

_SKIP = "skip"


@dataclass(slots=True)
class Proof:
    """The cases with what was said of each, and what is wrong."""

    cases: list[CaseResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _Rows:
    """The rows of a run by what they are about."""

    def __init__(self, rows: Sequence[SuiteRow]) -> None:
        self._by_subject: dict[tuple[str, str], list[SuiteRow]] = defaultdict(list)
        for row in rows:
            self._by_subject[row.policy, row.resource].append(row)
        self._spoken = {(row.policy, plain(row.rule)) for row in rows if row.reason == OK}
        self._ok = Counter((row.policy, row.resource) for row in rows if row.reason == OK)

    def about(self, case: Case) -> list[SuiteRow]:
        """Give the rows that answer a case."""
        policy = case.expectation.policy
        found = [row for name in written(case.object) for row in self._by_subject.get((policy, name), ())]
        if not (case.policy.is_named and case.rule.name):
            return found
        return [row for row in found if plain(row.rule) == case.rule.name]

    def speaks(self, case: Case) -> bool:
        """Tell whether the case's rule gave any verdict in this run."""
        policy = case.expectation.policy
        if not (case.policy.is_named and case.rule.name):
            return any(name == policy for name, _ in self._spoken)
        return (policy, case.rule.name) in self._spoken

    def made(self, case: Case, name: str) -> list[SuiteRow]:
        """Give the rows about a generated object; Kyverno writes its name only."""
        return self._by_subject.get((case.expectation.policy, f"/{name}"), [])


def prove(suite: Suite, cases: Sequence[Case], rows: Sequence[SuiteRow]) -> Proof:
    """Judge every case of a suite by the rows of its run."""
    proof = Proof()
    said = _Rows(rows)
    for case in cases:
        _take(suite, case, proof, _generated(case, said) if case.generates else _verdict(suite, case, said))
    return proof


@dataclass(frozen=True, slots=True)
class _Answer:
    said: str
    proved: bool = False
    contradicted: bool = False


def _verdict(suite: Suite, case: Case, said: _Rows) -> _Answer:
    rows = said.about(case)
    failed = [row for row in rows if row.result == FAILED]
    if failed:
        return _Answer(_words(failed[0]), contradicted=_contradicts(failed[0]))
    if any(row.reason == OK for row in rows):
        return _Answer(OK, proved=True)
    if not rows:
        return _Answer("Kyverno printed no verdict")
    if rows[0].reason == EXCLUDED and case.expectation.result == _SKIP:
        return _excluded(suite, case, said)
    if rows[0].reason == INVALID:
        return _Answer(_words(rows[0]))
    return _Answer(f"`{rows[0].reason}`, which Kyverno counts as passed")


def _excluded(suite: Suite, case: Case, said: _Rows) -> _Answer:
    """Believe that a rule left an object out only if it speaks of others, and its constraints say so too."""
    if not said.speaks(case):
        return _Answer("`Excluded`, but the rule gave no verdict in this test at all")
    if not (suite.body.get("values") or suite.body.get("variables")) and _matches(case.policy, case.object):
        return _Answer("`Excluded`, although the policy's constraints match the object")
    return _Answer(EXCLUDED, proved=True)


def _matches(policy: TestedPolicy, manifest: Manifest) -> bool:
    """Tell whether a policy certainly speaks of an object: known only without conditions of its own."""
    body = policy.manifest
    if body.id.group != CEL_GROUP or body.id.kind != "ValidatingPolicy" or body.get("spec", "matchConditions"):
        return False
    if body.get("spec", "evaluation", "mode") not in (None, "Kubernetes"):
        return False
    subject = Surroundings(Inventory((manifest,))).hand(manifest).subject
    return constraints(mapping(body.get("spec"))).matches(subject)


def _generated(case: Case, said: _Rows) -> _Answer:
    """A row about a generated object names the object; a row about the trigger means that none was made."""
    names = [row for name in case.names for row in said.made(case, name)]
    failed = [row for row in (*names, *said.about(case)) if row.result == FAILED]
    if failed:
        return _Answer(_words(failed[0]), contradicted=_contradicts(failed[0]))
    if any(row.reason == OK for row in names):
        return _Answer(OK, proved=True)
    return _Answer("Kyverno generated none of the expected objects")


def _contradicts(row: SuiteRow) -> bool:
    """Tell whether a failed row holds a verdict; the others say that there is none."""
    return row.reason not in (EXCLUDED, INVALID, NOT_FOUND)


def _words(row: SuiteRow) -> str:
    return f"{row.reason}: {row.message}" if row.message and row.message != row.reason else row.reason


def _take(suite: Suite, case: Case, proof: Proof, answer: _Answer) -> None:
    expectation = case.expectation
    place = suite.place(*expectation.steps)
    proof.cases.append(case.result(place, proved=answer.proved, said=answer.said))
    if answer.proved:
        return
    rule = suite_rules.FAILED if answer.contradicted else suite_rules.UNPROVED
    named = f"rule `{case.rule.name}` of `{case.policy.name}`" if case.rule.name else f"`{case.policy.name}`"
    proof.findings.append(
        Finding.of(
            rule,
            f"{named} must {_VERB.get(expectation.result, expectation.result)} this object: {answer.said}",
            place,
            resource=case.object.id,
            hint=f"the object is at `{case.object.source.place}`, the policy at `{case.policy.manifest.source.place}`",
        )
    )


_VERB = {"pass": "pass", "fail": "refuse", "skip": "leave out"}


def leftover(suite: Suite, cases: Sequence[Case], rows: Sequence[SuiteRow]) -> Iterator[Finding]:
    """Find rows that failed but answer no case, so that nothing in the output stays unread."""
    known = {(case.expectation.policy, name) for case in cases for name in written(case.object)}
    known |= {(case.expectation.policy, f"/{name}") for case in cases if case.generates for name in case.names}
    for row in rows:
        if row.result == FAILED and (row.policy, row.resource) not in known:
            yield suite.problem(suite_rules.FAILED, f"`{row.policy}` on `{row.resource}`: {_words(row)}", "results")
