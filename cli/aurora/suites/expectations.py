"""What a suite expects, spelt out: one case for each result, rule and object; and what it forgets to expect.

Must not run anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from aurora import suite_rules
from aurora.environment.wording import meant
from aurora.model.finding import Finding, Severity
from aurora.model.manifest import Manifest
from aurora.model.place import Place
from aurora.model.suite_report import CaseResult
from aurora.suites.reading import Expectation, Suite
from aurora.suites.subjects import Subjects, TestedPolicy, TestedRule

AUTOGEN = ("autogen-cronjob-", "autogen-")
_SOFT = frozenset({"pass", "fail"})


@dataclass(frozen=True, slots=True)
class Case:
    """An expected verdict of one rule on one object."""

    expectation: Expectation
    policy: TestedPolicy
    rule: TestedRule
    object: Manifest
    names: tuple[str, ...] = ()
    """The names of the objects that it must generate."""

    def result(self, place: Place, *, proved: bool, said: str) -> CaseResult:
        """Say what became of the case; `place` is where its suite expects it."""
        return CaseResult(
            policy=self.policy.name,
            rule=self.rule.name,
            resource=str(self.object.id),
            expected=self.expectation.result,
            proved=proved,
            said=said,
            place=place,
        )

    @property
    def generates(self) -> bool:
        """Whether Kyverno answers with the object that it made instead of the one that it was given."""
        return bool(self.expectation.generated) and self.rule.action == "generate"


@dataclass(frozen=True, slots=True)
class Expected:
    """The cases of a suite, and what is wrong with its results."""

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]


def spell_out(suite: Suite, subjects: Subjects, *, strict: bool) -> Expected:
    """Give every case of a suite; `strict` asks for a case of every rule and object."""
    cases: list[Case] = []
    findings: list[Finding] = []
    for expectation in suite.expectations:
        problems = list(_unknown(suite, expectation, subjects))
        findings.extend(problems)
        if not problems:
            cases.extend(_cases(expectation, subjects))
    findings.extend(_one_sided(suite, subjects, cases, strict=strict))
    if strict:
        findings.extend(_untested(suite, subjects, cases))
    return Expected(tuple(cases), tuple(findings))


def plain(rule: str) -> str:
    """Give the name under which a rule was written: Kyverno repeats it for controllers under another."""
    for prefix in AUTOGEN:
        if rule.startswith(prefix):
            return rule.removeprefix(prefix)
    return rule


def selected(name: str, objects: Sequence[Manifest]) -> list[Manifest]:
    """Give the objects that a result means by a name, `name` or `namespace/name`; Kyverno asks for no kind."""
    namespace, slash, own = name.rpartition("/")
    return [
        entry
        for entry in objects
        if entry.id.name == own and (not slash or (entry.id.namespace or "default") == namespace)
    ]


def _cases(expectation: Expectation, subjects: Subjects) -> Iterator[Case]:
    policy = subjects.policy(expectation.policy)
    if policy is None:
        return
    objects = [entry for name in expectation.resources for entry in selected(name, subjects.named)]
    if not expectation.resources:
        objects = list(subjects.objects)
    objects = [entry for entry in objects if expectation.kind in ("", entry.id.kind)]
    names = tuple(made.id.name for path in expectation.generated for made in subjects.generated.get(path, ()))
    for rule in _meant(expectation, policy):
        for entry in objects:
            yield Case(expectation, policy, rule, entry, names)


def _meant(expectation: Expectation, policy: TestedPolicy) -> list[TestedRule]:
    """Give the rules that a result speaks of; one without a rule's name takes whichever rule answers."""
    if not policy.is_named:
        return list(policy.rules)
    if not expectation.rule:
        return [TestedRule("", policy.rules[0].action)]
    return [rule for rule in policy.rules if rule.name in (expectation.rule, plain(expectation.rule))]


def _unknown(suite: Suite, expectation: Expectation, subjects: Subjects) -> Iterator[Finding]:
    steps = expectation.steps
    policy = subjects.policy(expectation.policy)
    if policy is None:
        known = [entry.name for entry in subjects.policies]
        yield _no_such(
            suite, f"no policy `{expectation.policy}` in this test", expectation.policy, known, *steps, "policy"
        )
        return
    if expectation.rule and policy.is_named and not _meant(expectation, policy):
        known = [rule.name for rule in policy.rules]
        message = f"no rule `{expectation.rule}` in the policy `{policy.name}`"
        yield _no_such(suite, message, expectation.rule, known, *steps, "rule")
    if not suite.has_payloads:
        yield from _unknown_objects(suite, expectation, subjects)


def _unknown_objects(suite: Suite, expectation: Expectation, subjects: Subjects) -> Iterator[Finding]:
    steps = expectation.steps
    kinds = {entry.id.kind for entry in subjects.named}
    if expectation.kind and expectation.kind not in kinds:
        message = f"no object of the kind `{expectation.kind}` in this test"
        yield _no_such(suite, message, expectation.kind, sorted(kinds), *steps, "kind")
        return
    for number, name in enumerate(expectation.resources):
        named = selected(name, subjects.named)
        if not any(expectation.kind in ("", entry.id.kind) for entry in named):
            known = [entry.id.name for entry in subjects.named if entry.id.kind == expectation.kind]
            message = f"no {expectation.kind or 'object'} `{name}` in this test"
            yield _no_such(suite, message, name, known, *steps, "resources", number)


def _no_such(suite: Suite, message: str, name: str, known: Sequence[str], *steps: str | int) -> Finding:
    hint = meant(name, known, otherwise="") or None
    return suite.problem(suite_rules.UNKNOWN, f"there is {message}", *steps, hint=hint)


def _one_sided(suite: Suite, subjects: Subjects, cases: Sequence[Case], *, strict: bool) -> Iterator[Finding]:
    """Find rules of which only one side is asked; a rule that makes objects fails by making none."""
    for policy in subjects.policies:
        for rule in policy.rules:
            asked = {
                case.expectation.result for case in cases if case.policy is policy and case.rule.name in ("", rule.name)
            }
            made = {case.object.id for case in cases if case.policy is policy and case.generates}
            if rule.action == "generate" and any(entry.id not in made for entry in subjects.objects):
                asked.add("fail")
            if rule.action in ("mutate", "delete"):
                asked |= {"fail"} if asked & {"skip", "fail"} else set()
            for side in sorted(_SOFT - asked, reverse=True):
                yield _missing_side(suite, policy, rule, side=side, strict=strict)


def _missing_side(suite: Suite, policy: TestedPolicy, rule: TestedRule, *, side: str, strict: bool) -> Finding:
    what = f"the rule `{rule.name}` of `{policy.name}`" if rule.name else f"the policy `{policy.name}`"
    words = {"fail": "failing", "pass": "passing"}[side]
    found = suite.problem(suite_rules.ONE_SIDED, f"{what} has no {words} case in this test", "results")
    return found if strict else replace(found, severity=Severity.WARNING)


def _untested(suite: Suite, subjects: Subjects, cases: Sequence[Case]) -> Iterator[Finding]:
    """Find objects of which a rule is not asked; one that makes objects is asked for all that it makes."""
    asked = {
        (case.policy.name, case.rule.name, case.object.id)
        for case in cases
        if case.expectation.kind == case.object.id.kind
    }
    for policy in subjects.policies:
        for rule in policy.rules:
            if rule.action == "generate":
                continue
            for entry in subjects.objects:
                if (policy.name, rule.name, entry.id) not in asked:
                    named = f"the rule `{rule.name}`" if rule.name else f"the policy `{policy.name}`"
                    yield Finding.of(
                        suite_rules.UNTESTED,
                        f"`{suite.path}` expects nothing of {named} for {entry.id}",
                        entry.source.place,
                        resource=entry.id,
                        hint="add a result for it, or remove the object",
                    )
