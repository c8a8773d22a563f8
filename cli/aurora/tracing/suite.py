"""Runs the recorded events of one tracing policy: every event is judged, every hook and selector proved.

`judge` is pure; `run` reads the two files of a policy's folder.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject
from aurora.model.place import Place, Step, pointer
from aurora.model.rule import Rule
from aurora.policies import folders
from aurora.tracing import events, policy, rules
from aurora.tracing.events import Event, EventError
from aurora.tracing.policy import Hook, Selector, UnmodelledError
from aurora.yamlio import reading

TESTS = "tests.yaml"
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One event: whether it must be reported, whether it was, and by which selector (a JSON pointer)."""

    name: str
    call: str
    expected: bool
    got: bool
    selector: str | None
    place: Place

    @property
    def passed(self) -> bool:
        """Whether the policy does with the event what its tests demand."""
        return self.expected == self.got


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What the events of one policy proved; without findings, everything that the policy hooks is proved."""

    policy: str
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong and something was proved."""
        return bool(self.cases) and not any(finding.fails for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Text:
    """A parsed file, with what is needed to say where its parts stand."""

    path: str
    content: str
    body: JsonObject

    def place(self, steps: Steps) -> Place:
        """Give the place of a part, or of its nearest parent that exists."""
        return Place(self.path, *reading.locate(self.content, steps))


def run(folder: Path, *, shown: str | None = None) -> SuiteResult:
    """Judge the events of `tests.yaml` by the `policy.yaml` beside it; `shown` is the folder as findings name it.

    What is missing or unreadable is a finding.
    """
    name, where = folder.name, shown or str(folder)
    try:
        raw_policy = (folder / folders.FILE).read_bytes()
        raw_tests = (folder / TESTS).read_bytes()
    except OSError as error:
        missing = Path(error.filename or where).name
        problem = _finding(
            rules.BAD_EVENT, f"`{missing}` cannot be read: {error.strerror}", Place(f"{where}/{missing}")
        )
        return SuiteResult(policy=name, cases=(), findings=(problem,))
    body, unusable = folders.parse(raw_policy, name, f"{where}/{folders.FILE}")
    tests, unreadable = parse_tests(raw_tests, f"{where}/{TESTS}")
    problems = tuple(finding for finding in (unusable, unreadable) if finding)
    if body is None or tests is None or problems:
        return SuiteResult(policy=name, cases=(), findings=problems)
    return judge(name, Text(f"{where}/{folders.FILE}", reading.decode(raw_policy), body), tests)


def parse_tests(raw: bytes, path: str) -> tuple[Text | None, Finding | None]:
    """Read a file of events; give it, or what is wrong with it."""
    try:
        content = reading.decode(raw)
        documents = list(reading.split(content))
        value = reading.parse(documents[0].text).value if len(documents) == 1 else None
    except reading.YamlError as error:
        return None, _finding(rules.BAD_EVENT, error.message, Place(path, error.line, error.column))
    if len(documents) != 1 or not isinstance(value, dict):
        return None, _finding(rules.BAD_EVENT, "this file must hold one mapping", Place(path))
    return Text(path, content, value), None


def judge(name: str, subject: Text, tests: Text) -> SuiteResult:
    """Judge events by a policy; an event that cannot be judged, or a policy that is not modelled, is a finding."""
    try:
        hooks = {hook.call: hook for hook in policy.hooks(subject.body)}
    except UnmodelledError as error:
        problem = _finding(
            rules.UNMODELLED, f"`{name}`: {error.message}, so no event can be judged", subject.place(error.steps)
        )
        return SuiteResult(policy=name, cases=(), findings=(problem,))
    cases: list[Case] = []
    findings: list[Finding] = []
    for event in events.read(tests.body, name):
        found = event if isinstance(event, EventError) else _case(event, hooks, tests)
        if isinstance(found, EventError):
            findings.append(_finding(rules.BAD_EVENT, found.message, tests.place(found.steps)))
            continue
        cases.append(found)
    findings += [_wrong(case) for case in cases if not case.passed]
    findings += _unproved(tuple(hooks.values()), cases, subject)
    return SuiteResult(policy=name, cases=tuple(cases), findings=tuple(findings))


def _case(event: Event, hooks: dict[str, Hook], tests: Text) -> Case | EventError:
    hook = hooks.get(event.call)
    if hook is None:
        return EventError(f"the policy does not hook `{event.call}`", (*event.steps, "call"))
    try:
        reporter: Selector | None = hook.first_match(event.binary, events.arguments(event, hook))
    except EventError as error:
        return error
    return Case(
        name=event.name,
        call=event.call,
        expected=event.expected,
        got=reporter is not None,
        selector=pointer(reporter.steps) if reporter else None,
        place=tests.place(event.steps),
    )


def _wrong(case: Case) -> Finding:
    demand = "must be reported and is not" if case.expected else f"must not be reported and is, by `{case.selector}`"
    return _finding(rules.WRONG_VERDICT, f"`{case.name}` {demand}", case.place)


def _unproved(hooks: Sequence[Hook], cases: Sequence[Case], subject: Text) -> Iterator[Finding]:
    """Only events that are judged as demanded prove something."""
    proved: dict[str, set[bool]] = defaultdict(set)
    for case in cases:
        if case.passed:
            proved[case.call].add(case.expected)
    reporters = {case.selector for case in cases if case.passed}
    for hook in hooks:
        for expected, words in ((True, "must be reported"), (False, "must not be reported")):
            if expected not in proved[hook.call]:
                message = f"no event proves what of `{hook.call}` {words}"
                yield _finding(rules.UNPROVED_HOOK, message, subject.place((*hook.steps, "call")))
        for selector in hook.selectors:
            if pointer(selector.steps) not in reporters:
                message = f"no event is reported by this selector of `{hook.call}`"
                yield _finding(rules.UNPROVED_SELECTOR, message, subject.place(selector.steps))


HINTS = {
    rules.WRONG_VERDICT.id: "correct the selector, or the event if it was recorded wrongly",
    rules.UNPROVED_HOOK.id: f"record such an event in `{TESTS}`",
    rules.UNPROVED_SELECTOR.id: f"record an event in `{TESTS}` that only this selector reports, or remove the selector",
    rules.UNMODELLED.id: "write the policy with what is modelled, or extend the evaluator with its tests",
    rules.BAD_EVENT.id: "an event has `name`, `call`, `binary` and `args`, in the function's own order",
}


def _finding(rule: Rule, message: str, place: Place) -> Finding:
    return Finding.of(rule, message, place, hint=HINTS[rule.id])
