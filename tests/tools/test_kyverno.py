"""Kyverno's verdicts count only if the run proves itself; whatever a broken program does has a named error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora.errors import ToolCrashedError, ToolMissingError, ToolOutputError, ToolTimeoutError
from aurora.model.json_value import JsonObject
from aurora.tools.kyverno import apply
from aurora.tools.verdicts import SENTINEL, Refusal, Result, Row
from checks.fake_kyverno import Verdict, canned, report
from tools.kyverno_calls import APP, HONEST, JOB, TAGS, body, call, changed


def test_an_honest_run_gives_every_verdict_but_those_of_the_planted_policy(tmp_path: Path) -> None:
    verdicts = apply(call(tmp_path, canned(tmp_path, stdout=report(HONEST))))
    assert verdicts.refused == {}
    assert verdicts.rows == (Row(TAGS, JOB, Result.FAIL, "said so"), Row(TAGS, APP, Result.PASS, "said so"))


def test_kyverno_gets_files_without_commas_lists_or_a_cluster(tmp_path: Path) -> None:
    before = (
        "import json, os\n"
        "said = {'arguments': sys.argv[1:], 'variables': sorted(os.environ), 'input': sys.stdin.read()}\n"
        "(here / 'said').write_text(json.dumps(said))"
    )
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "aurora", "labels": {"a": "b"}}}
    program = canned(tmp_path, stdout=report(HONEST), before=before)
    apply(call(tmp_path, program, namespaces=[namespace]))
    said = json.loads((tmp_path / "said").read_text())
    assert said["arguments"][:3] == ["apply", "policy-0.yaml", "sentinel.yaml"]
    assert said["arguments"].count("--resource") == 1
    assert not any("," in argument or argument.startswith("--cluster") for argument in said["arguments"])
    assert said["input"] == ""
    assert "KUBECONFIG" not in said["variables"]
    written = (tmp_path / "run" / "objects.yaml").read_text()
    assert written.count("---\n") == 2
    assert "labels:\n        a: b" in (tmp_path / "run" / "values.yaml").read_text()


@pytest.mark.parametrize(
    ("objects", "policies", "message"),
    [
        ([body(APP), body(APP)], {TAGS: {}}, "twice: Pod aurora/app"),
        ([body(APP) | {"items": []}], {TAGS: {}}, "a list: Pod aurora/app"),
        ([body(APP)], {SENTINEL: {}}, "no policy may be called"),
    ],
    ids=["duplicate", "list", "reserved name"],
)
def test_what_kyverno_would_panic_on_never_reaches_it(
    tmp_path: Path, objects: list[JsonObject], policies: dict[str, JsonObject], message: str
) -> None:
    before = "(here / 'ran').touch()"
    with pytest.raises(ValueError, match=message):
        apply(call(tmp_path, canned(tmp_path, before=before), objects=objects, policies=policies, expected={}))
    assert not (tmp_path / "ran").exists()


def test_exit_code_0_with_nothing_printed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="reported nothing"):
        apply(call(tmp_path, canned(tmp_path, code=0)))


@pytest.mark.parametrize("code", [0, 3])
def test_a_code_that_denies_the_planted_violations_is_an_error(tmp_path: Path, code: int) -> None:
    with pytest.raises(ToolOutputError, match=f"exit code {code}, although violations were planted"):
        apply(call(tmp_path, canned(tmp_path, stdout=report(HONEST), code=code)))


def test_a_verdict_on_an_object_that_the_policy_does_not_match_is_an_error(tmp_path: Path) -> None:
    program = canned(tmp_path, stdout=report(HONEST))
    with pytest.raises(
        ToolOutputError, match="`Pod aurora/app`, which the policy `disallow-latest-tag` does not match"
    ):
        apply(call(tmp_path, program, expected={TAGS: frozenset({JOB})}))


def test_errors_and_warnings_about_real_objects_are_handed_on(tmp_path: Path) -> None:
    rows: list[Verdict] = [*HONEST[:2], (TAGS, APP, "error"), (TAGS, JOB, "warn")]
    verdicts = apply(call(tmp_path, canned(tmp_path, stdout=report(rows))))
    assert {row.result for row in verdicts.rows} == {Result.ERROR, Result.WARN}


def test_a_program_that_hangs_is_a_timeout(tmp_path: Path) -> None:
    program = canned(tmp_path, stdout=report(HONEST), before="time.sleep(60)")
    with pytest.raises(ToolTimeoutError):
        apply(call(tmp_path, program, timeout=0.5))


@pytest.mark.parametrize("before", ["import os; os.abort()", "sys.exit(2)"], ids=["signal", "panic"])
def test_a_program_that_crashes_is_a_crash(tmp_path: Path, before: str) -> None:
    with pytest.raises(ToolCrashedError):
        apply(call(tmp_path, canned(tmp_path, stdout=report(HONEST), before=before)))


def test_a_flood_of_output_is_an_error(tmp_path: Path) -> None:
    program = canned(tmp_path, stdout="x" * 5000)
    with pytest.raises(ToolOutputError, match="more than 1000 bytes"):
        apply(call(tmp_path, program, output_limit=1000))


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError, match="nowhere/kyverno"):
        apply(call(tmp_path, tmp_path / "nowhere" / "kyverno"))


DROPPED_BY_PATH = (
    "\x1b[90m2026-01-01T00:00:00Z\x1b[0m -2 command.go:1188 > skipping invalid YAML file "
    'error="failed to load file policy-0.yaml: failed to parse document (spec.bogus: Invalid value: \\"x\\")" '
    "path=policy-0.yaml v=3\n"
)
DROPPED_BY_NAME = (
    'ERR command.go:1184 > Non-fatal parsing error for single document error="failed to validate resource '
    '(ValidatingPolicy.policies.kyverno.io \\"disallow-latest-tag\\" is invalid: spec.validationActions[0])"\n'
)
UNCOMPILED = (
    "Error: failed to apply policies on resource app (failed to compile policy disallow-latest-tag "
    '([spec.validations[0].expression: Invalid value: "1 +": ERROR: <input>:1:4: Syntax error\n | 1 +\n | ...^]))\n'
)


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        (DROPPED_BY_PATH, 'spec.bogus: Invalid value: "x"'),
        (DROPPED_BY_NAME, "spec.validationActions[0]"),
        (DROPPED_BY_NAME.replace("disallow-latest-tag", "somebody"), "spec.validationActions[0]"),
    ],
    ids=["by path", "by name", "the only silent one"],
)
def test_a_policy_that_kyverno_dropped_is_refused_with_its_reason(tmp_path: Path, stderr: str, reason: str) -> None:
    only_sentinel = changed(lambda rows: [row for row in rows if row[0] == SENTINEL])
    verdicts = apply(call(tmp_path, canned(tmp_path, stdout=only_sentinel, stderr=stderr)))
    assert verdicts.rows == ()
    assert reason in verdicts.refused[TAGS].message


@pytest.mark.parametrize(
    ("stderr", "refusal"),
    [
        (
            UNCOMPILED,
            Refusal("ERROR: <input>:1:4: Syntax error\n | 1 +\n | ...^", "spec.validations[0].expression"),
        ),
        (
            UNCOMPILED.partition("([spec")[0]
            + '([<nil>: Internal error: failed, spec.variables[1].expression: Invalid value: "a\\"b": no bool]))\n',
            Refusal("no bool", "spec.variables[1].expression"),
        ),
        ("(failed to compile policy disallow-latest-tag (who knows", Refusal("who knows")),
    ],
    ids=["compiler", "type", "nobody knows"],
)
def test_a_policy_that_does_not_compile_is_refused_at_the_expression_with_the_compilers_words(
    tmp_path: Path, stderr: str, refusal: Refusal
) -> None:
    verdicts = apply(call(tmp_path, canned(tmp_path, stderr=stderr)))
    assert verdicts.rows == ()
    assert verdicts.refused == {TAGS: refusal}


def test_a_complaint_about_no_policy_of_ours_is_an_error(tmp_path: Path) -> None:
    program = canned(tmp_path, stdout=report(HONEST), stderr=DROPPED_BY_PATH.replace("policy-0", "sentinel"))
    with pytest.raises(ToolOutputError, match="could not read what it was given"):
        apply(call(tmp_path, program))


@pytest.mark.parametrize("sentence", ["failed to load resources", "disabled loading of APICall", "ignored variable x"])
def test_a_sentence_that_makes_verdicts_worthless_is_an_error(tmp_path: Path, sentence: str) -> None:
    program = canned(tmp_path, stdout=report(HONEST), stderr=f"1 {sentence}\n")
    with pytest.raises(ToolOutputError, match=sentence):
        apply(call(tmp_path, program))


def test_a_failure_before_any_report_shows_kyvernos_last_words(tmp_path: Path) -> None:
    program = canned(tmp_path, stderr="Error: failed to decode yaml\n")
    with pytest.raises(ToolOutputError, match="reported nothing: Error: failed to decode yaml"):
        apply(call(tmp_path, program))
