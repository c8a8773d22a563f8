"""The diff as text and JSON: whoever wrote the values, it stays one report, and nothing is left out unsaid."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given

from aurora.model.change import Effect
from aurora.model.diff import Diff, Fold
from aurora.reporters import diff_json, diff_text
from reporters import diff_cases
from reporters.test_diff_markdown import hostile_diffs

SCHEMA = json.loads(diff_json.SCHEMA_FILE.read_text(encoding="utf-8"))


def test_the_summary_comes_first_and_the_riskiest_change_next() -> None:
    diff = diff_cases.review()
    blocks = diff_text.write(diff).split("\n\n")
    for effect, count in diff.effects().items():
        assert f"{count:>5}  {effect}: " in blocks[0]
    for impact in diff.impacts():
        assert str(impact) in blocks[0]
    assert str(diff.changes[0].resource) in blocks[1]


def test_every_fold_has_its_reason_and_every_edit_its_line() -> None:
    diff = diff_cases.review()
    text = diff_text.write(diff)
    assert all(fold.example.reason in text for fold in diff.folds)
    assert all(edit.what in text for edit in diff.edits)
    assert text.rstrip().endswith("shown or counted above")


def test_a_finding_takes_the_last_word() -> None:
    diff = diff_cases.review(findings=(diff_cases.finding(),))
    text = diff_text.write(diff)
    assert diff_cases.finding().message in text
    assert text.rstrip().endswith("this is not the whole truth")


def test_objects_that_are_not_listed_are_counted() -> None:
    text = diff_text.write(diff_cases.many(100, alike=100))
    assert "… and 88 more objects" in text


def test_reasons_that_are_not_listed_are_counted() -> None:
    (fold,) = diff_cases.many(20, alike=20).folds
    changes = [replace(change, reason=f"reason {number}") for number, change in enumerate(fold.changes)]
    text = diff_text.write(diff_cases.of(changes, folds=[Fold(changes=tuple(changes))]))
    assert text.count("  reason ") == 12
    assert "… and 8 more reasons; `--format json` has all" in text


def test_objects_whose_edit_no_field_shows_only_fare_alike() -> None:
    made = [diff_cases.plain("ConfigMap", name, Effect.CREATED) for name in ("one", "other")]
    text = diff_text.write(diff_cases.of(made, folds=[Fold(changes=tuple(made))]))
    assert "the same happens to 2 objects of 1 environment: 2 ConfigMap" in text
    assert "same change in" not in text


def test_a_renamed_object_shows_both_names() -> None:
    old = diff_cases.new_image("old")
    assert old.before is not None
    was = replace(old.before, id=replace(old.before.id, name="former"))
    text = diff_text.write(diff_cases.of([replace(old, effect=Effect.RENAMED, before=was)]))
    assert "Deployment aurora/former → Deployment aurora/old" in text


@given(hostile_diffs())
def test_nothing_in_a_text_steers_the_terminal(diff: Diff) -> None:
    assert all(char == "\n" or char.isprintable() for char in diff_text.write(diff))


@pytest.mark.parametrize(
    "diff", [diff_cases.review(findings=(diff_cases.finding(),)), diff_cases.many(60, alike=3), diff_cases.of([])]
)
def test_json_keeps_its_schema_and_folds_hold_every_change_once(diff: Diff) -> None:
    report = json.loads(diff_json.write(diff))
    jsonschema.validate(report, SCHEMA)
    members = [number for fold in report["folds"] for number in fold["changes"]]
    assert sorted(members) == list(range(len(report["changes"])))


def test_absent_and_null_are_two_things() -> None:
    change = diff_cases.new_image("a")
    field = replace(change.fields[0], before=None)
    report = diff_json.as_json(diff_cases.of([replace(change, fields=(field,))]))
    assert report["changes"][0]["fields"][0]["before"] is None
    schema = SCHEMA["$defs"]
    assert set(schema["effect"]["enum"]) == set(map(str, Effect))
