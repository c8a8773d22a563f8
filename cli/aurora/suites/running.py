"""Runs one suite: gathers what it names, asks Kyverno in isolation, and proves every case.

Must not know of environments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora import suite_rules
from aurora.errors import ToolCrashedError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, mapping
from aurora.model.suite_report import CaseResult, SuiteResult
from aurora.suites import generated
from aurora.suites.expectations import Case, spell_out
from aurora.suites.isolation import isolate
from aurora.suites.proof import leftover, prove
from aurora.suites.reading import Suite
from aurora.suites.subjects import Subjects, gather
from aurora.tools.kyverno_suite import Generation, SuiteRun, generate, run_tests
from aurora.yamlio.writing import dump

_PARSER = "failed to parse document ("
_COMPILER = "ERROR: <input>:"
_VALUE = ": Invalid value: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What every run needs: the program, an empty folder for links and files, and the time limit.

    `strict` is for a library of one's own: everything in it must be tested, not only what is tested proved.
    """

    program: Path
    workspace: Path
    timeout: float
    strict: bool


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a suite."""

    result: SuiteResult
    findings: tuple[Finding, ...]


def run_suite(suite: Suite, using: Runner, *, number: int) -> Ran:
    """Run a suite and prove its cases; one that cannot be run has none that are proved.

    Raises:
        ToolError: Kyverno is missing, did not end in time, or printed something unreadable.
    """
    subjects = gather(suite, strict=using.strict)
    expected = spell_out(suite, subjects, strict=using.strict)
    findings = [*subjects.findings, *expected.findings]
    if not subjects.usable:
        return Ran(_result(suite, _unrun(suite, expected.cases, "the test was not run"), 0.0), tuple(findings))
    folder = using.workspace / f"suite-{number}"
    folder.mkdir()
    mirror = isolate(suite, folder / "tree")
    run = _asked(suite, mirror, using)
    if run.error is not None or run.dropped or len(run.documents) != 1:
        findings.append(_not_run(suite, subjects, run))
        return Ran(
            _result(suite, _unrun(suite, expected.cases, "Kyverno did not run it"), run.seconds), tuple(findings)
        )
    rows = run.documents[0]
    proof = prove(suite, expected.cases, rows)
    findings += [*proof.findings, *leftover(suite, expected.cases, rows)]
    if any(case.generates for case in expected.cases):
        made = _generate(suite, mirror, folder / "made", using)
        findings += generated.compare(suite, subjects, expected.cases, made, strict=using.strict)
    return Ran(_result(suite, proof.cases, run.seconds), tuple(findings))


def _asked(suite: Suite, mirror: Path, using: Runner) -> SuiteRun:
    try:
        return run_tests(using.program, mirror, timeout=using.timeout)
    except ToolCrashedError as error:
        return SuiteRun((), f"{error.message}, running `{suite.path}`", (), 0.0)


def _result(suite: Suite, cases: Sequence[CaseResult], seconds: float) -> SuiteResult:
    return SuiteResult(name=suite.name, path=suite.path, cases=tuple(cases), seconds=seconds)


def _unrun(suite: Suite, cases: Sequence[Case], why: str) -> list[CaseResult]:
    return [case.result(suite.place(*case.expectation.steps), proved=False, said=why) for case in cases]


def _not_run(suite: Suite, subjects: Subjects, run: SuiteRun) -> Finding:
    """Blame a policy where Kyverno's words do, otherwise the test."""
    words = run.error or "; ".join(run.dropped) or f"it printed results of {len(run.documents)} tests instead of one"
    for policy in subjects.policies:
        file = Path(policy.file).name
        if (
            f"load file {file}:" in words
            or f"compile policy {policy.manifest.id.name} " in words
            or _names(words, policy.file)
        ):
            message = f"Kyverno does not load `{policy.name}`: {_short(words)}"
            place = policy.manifest.source.place
            return Finding.of(suite_rules.REFUSED, message, place, resource=policy.manifest.id)
    return suite.problem(suite_rules.NOT_RUN, f"Kyverno did not run this test: {_short(words)}")


def _names(words: str, file: str) -> bool:
    return "failed to load policies" in words and Path(file).name in words


def _short(words: str) -> str:
    """Keep the part of Kyverno's words that tells the reason: what stands around it repeats the expression."""
    before, compiler, reason = words.partition(_COMPILER)
    if compiler:
        field = before.partition(_VALUE)[0].rpartition(" ")[2]
        sentence = reason.partition(": ")[2].partition("\n")[0].rstrip("])")
        return f"{field}: {sentence}" if _VALUE in before else sentence
    return " ".join((words.partition(_PARSER)[2].removesuffix(")))") or words).split())[:400]


def _generate(suite: Suite, mirror: Path, target: Path, using: Runner) -> tuple[JsonObject, ...]:
    """Let the generating policies of a suite make their objects, in full."""
    target.mkdir()
    return generate(
        Generation(
            program=using.program,
            folder=mirror,
            policies=suite.paths("policies"),
            resources=suite.paths("resources"),
            values=_values(suite, mirror),
            target=target,
            timeout=using.timeout,
        )
    )


def _values(suite: Suite, mirror: Path) -> Path | None:
    variables = suite.body.get("variables")
    if isinstance(variables, str) and variables:
        return mirror / variables
    inline = mapping(suite.body.get("values"))
    if not inline:
        return None
    path = mirror / "aurora-values.yaml"
    head: JsonObject = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Value", "metadata": {"name": "values"}}
    path.write_text(dump({**head, **inline}), encoding="utf-8", newline="\n")
    return path
