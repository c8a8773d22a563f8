"""A suite is green only if every event is judged as demanded and everything that is hooked is proved."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora import rule_texts
from aurora.model.rule import Rule
from aurora.paths import RepositoryPaths
from aurora.tracing.rules import RULES
from aurora.tracing.suite import TESTS, SuiteResult, Text, judge, run
from aurora.yamlio import reading, writing
from checks.inventory_cases import VALUES, nodes, replaced
from tracing.cases import judged, policy, rules, with_one_value_less, without_one_filter

ROOT = RepositoryPaths(Path(__file__).resolve().parents[2])
FOLDERS = sorted(file.parent for file in ROOT.tracing_policies.glob("*/policy.yaml"))
POLICY = policy("[{matchArgs: [{index: 0, operator: Equal, values: [/a]}]}]")
EVENTS = """\
policy: watch
mustMatch:
  - {name: the file, call: hooked, binary: /bin/sh, args: [/a]}
mustNotMatch:
  - {name: another file, call: hooked, binary: /bin/sh, args: [/b]}
"""


def parsed(text: str, path: str) -> Text:
    body: Any = reading.parse(text).value
    return Text(path, text, body)


def example(stream: str) -> SuiteResult:
    first, second = (document.text for document in reading.split(stream))
    return judge("example", parsed(first, "policy.yaml"), parsed(second, TESTS))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_breaks_the_rule(rule: Rule) -> None:
    assert rule.id in rules(example(rule_texts.text(rule.id).bad).findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_good_example_is_proved(rule: Rule) -> None:
    assert example(rule_texts.text(rule.id).good).passed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_repositorys_policies_are_proved(folder: Path) -> None:
    result = run(folder, shown=ROOT.shown(folder))
    assert result.findings == ()
    assert result.passed
    assert {case.expected for case in result.cases} == {True, False}


def test_every_folder_of_a_policy_has_events_and_a_page() -> None:
    folders = [path for path in ROOT.tracing_policies.iterdir() if path.is_dir()]
    assert sorted(folders) == FOLDERS
    assert [path.name for path in folders if not ({TESTS, "README.md"} <= {file.name for file in path.iterdir()})] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_part_of_the_repositorys_policies_can_go_unnoticed(folder: Path) -> None:
    body: Any = reading.parse((folder / "policy.yaml").read_text(encoding="utf-8")).value
    tests = parsed((folder / TESTS).read_text(encoding="utf-8"), TESTS)
    changed = [*without_one_filter(body), *with_one_value_less(body)]
    assert changed
    survivors = [name for name, text in changed if judge(folder.name, parsed(text, "policy.yaml"), tests).passed]
    assert survivors == []


def test_a_proved_policy_lists_what_proved_it(tmp_path: Path) -> None:
    result = judged(tmp_path, POLICY, EVENTS)
    assert result.passed
    matched, other = result.cases
    assert (matched.name, matched.expected, matched.got, matched.selector) == (
        "the file",
        True,
        True,
        "/spec/kprobes/0/selectors/0",
    )
    assert (other.name, other.expected, other.got, other.selector) == ("another file", False, False, None)
    assert str(matched.place) == "tetragon/watch/tests.yaml:3:5"


def test_a_wrong_verdict_says_which_selector_matched(tmp_path: Path) -> None:
    result = judged(tmp_path, POLICY, EVENTS.replace("[/b]", "[/a]"))
    assert not result.passed
    assert rules(result.findings) == {"tracing/wrong-verdict", "tracing/unproved-hook"}
    assert "by `/spec/kprobes/0/selectors/0`" in result.findings[0].message


def test_what_is_judged_wrongly_proves_nothing(tmp_path: Path) -> None:
    result = judged(tmp_path, POLICY.replace("[/a]", "[/c]"), EVENTS)
    assert rules(result.findings) == {"tracing/wrong-verdict", "tracing/unproved-hook", "tracing/unproved-selector"}


def test_a_selector_behind_a_wider_one_is_dead(tmp_path: Path) -> None:
    filters = "{matchArgs: [{index: 0, operator: %s, values: [/a]}]}"
    wide = policy(f"[{filters % 'Prefix'}, {filters % 'Equal'}]")
    (finding,) = judged(tmp_path, wide, EVENTS).findings
    assert finding.rule == "tracing/unproved-selector"


@pytest.mark.parametrize("group", ["mustMatch", "mustNotMatch"])
def test_every_hook_needs_both_sorts_of_events(group: str, tmp_path: Path) -> None:
    lines = EVENTS.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{group}:"))
    result = judged(tmp_path, POLICY, "".join(lines[:at] + lines[at + 2 :]))
    assert "tracing/unproved-hook" in rules(result.findings)


def test_without_events_nothing_is_proved(tmp_path: Path) -> None:
    result = judged(tmp_path, POLICY, "policy: watch\n")
    assert not result.passed
    assert rules(result.findings) == {"tracing/unproved-hook", "tracing/unproved-selector"}


def test_each_text_is_an_event_of_its_own(tmp_path: Path) -> None:
    wider = POLICY.replace("[/a]", "[/a, /c]")
    tests = EVENTS.replace("binary: /bin/sh, args: [/a]", "binary: /bin/sh, each: [/a, /c], args: [$each]")
    result = judged(tmp_path, wider, tests)
    assert [case.name for case in result.cases] == ["the file: /a", "the file: /c", "another file"]
    assert result.passed
    assert not judged(tmp_path, POLICY, tests).passed


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("policy: watch", "policy: wach", "`policy` must be `watch`"),
        ("policy: watch", "policies: watch", "the field `policies` is unknown"),
        ("mustMatch:", "mustmatch:", "the field `mustmatch` is unknown"),
        ("name: another file", "name: the file", "another event is named `the file`"),
        ("name: the file, ", "", "`name` is missing"),
        (
            "call: hooked, binary: /bin/sh, args: [/a]",
            "call: hoked, binary: /bin/sh, args: [/a]",
            "does not hook `hoked`",
        ),
        ("binary: /bin/sh, args: [/a]", "args: [/a]", "`binary` is missing"),
        ("binary: /bin/sh, args: [/a]", "binary: sh, args: [/a]", "the whole path"),
        ("args: [/a]", "args: []", "the argument 0 of `hooked` is missing"),
        ("args: [/a]", "args: [4]", "is no `path`"),
        ("args: [/a]", "arguments: [/a]", "the field `arguments` is unknown"),
        ("args: [/a]", "args: /a", "must list the call's arguments"),
        ("args: [/a]", "each: [], args: [$each]", "`each` must list"),
        ("args: [/a]", "each: [1], args: [$each]", "`each` must list"),
        ("args: [/a]", "each: [/a], args: [/a]", "`each` must list"),
        ("args: [/a]}", "args: [/a]}\n  - text", "`name` is missing"),
    ],
)
def test_an_event_that_cannot_be_judged_is_a_finding(old: str, new: str, words: str, tmp_path: Path) -> None:
    result = judged(tmp_path, POLICY, EVENTS.replace(old, new, 1))
    assert not result.passed
    bad = [finding for finding in result.findings if finding.rule == "tracing/bad-event"]
    assert any(words in finding.message for finding in bad), result.findings


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("int", "true"),
        ("int", "'1'"),
        ("int", "1.5"),
        ("int", "null"),
        ("string", "null"),
        ("sock", "10.0.0.1"),
        ("sock", "{destination: 10.0.0.1}"),
        ("sock", "{source: 10.0.0.1, sourcePort: 1, destination: '::1', destinationPort: 1}"),
        ("sock", "{source: a, sourcePort: 1, destination: b, destinationPort: 1}"),
        ("sock", "{source: 10.0.0.1, sourcePort: 1, destination: 10.0.0.1, destinationPort: 65536}"),
        ("sock", "{source: 10.0.0.1, sourcePort: true, destination: 10.0.0.1, destinationPort: 1}"),
    ],
)
def test_arguments_have_the_type_that_the_hook_reads(kind: str, argument: str, tmp_path: Path) -> None:
    operator, value = ("DAddr", "10.0.0.0/8") if kind == "sock" else ("Equal", "1")
    selector = f"[{{matchArgs: [{{index: 0, operator: {operator}, values: ['{value}']}}]}}]"
    text = policy(selector, args=f"[{{index: 0, type: {kind}}}]")
    tests = f"policy: watch\nmustMatch:\n  - {{name: x, call: hooked, binary: /bin/sh, args: [{argument}]}}\n"
    assert "tracing/bad-event" in rules(judged(tmp_path, text, tests).findings)


@pytest.mark.parametrize(
    ("policy_text", "tests", "rule"),
    [
        ("a: [", EVENTS, "policy/unusable"),
        (POLICY.replace("name: watch", "name: other"), EVENTS, "policy/unusable"),
        (f"{POLICY}---\n{POLICY}", EVENTS, "policy/unusable"),
        (POLICY, "a: [", "tracing/bad-event"),
        (POLICY, "[]", "tracing/bad-event"),
        (POLICY, "", "tracing/bad-event"),
        (POLICY, f"{EVENTS}---\n{EVENTS}", "tracing/bad-event"),
    ],
)
def test_files_that_cannot_be_used_are_findings(policy_text: str, tests: str, rule: str, tmp_path: Path) -> None:
    result = judged(tmp_path, policy_text, tests)
    assert (result.passed, rules(result.findings)) == (False, {rule})


@pytest.mark.parametrize("missing", ["policy.yaml", TESTS])
def test_a_missing_file_is_a_finding(missing: str, tmp_path: Path) -> None:
    judged(tmp_path, POLICY, EVENTS)
    (tmp_path / "watch" / missing).unlink()
    (finding,) = run(tmp_path / "watch").findings
    assert finding.rule == "tracing/bad-event"
    assert f"`{missing}` cannot be read" in finding.message


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_policy_and_no_events_make_the_suite_raise(data: st.DataObject) -> None:
    bodies: list[Any] = [reading.parse(text).value for text in (POLICY, EVENTS)]
    for position in data.draw(st.lists(st.sampled_from([0, 1]), max_size=3)):
        path = data.draw(st.sampled_from(nodes(bodies[position])))
        if path:
            bodies[position] = replaced(copy.deepcopy(bodies[position]), path, data.draw(VALUES))
    subject, tests = (Text(path, writing.dump(body), body) for path, body in zip(("p", "t"), bodies, strict=True))
    result = judge("watch", subject, tests)
    assert result.cases or result.findings
