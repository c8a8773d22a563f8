"""The texts of rules: complete, made of parts that exist, and refused with their place where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.commands import rulebook
from aurora.errors import TableError
from aurora.model.rule import Basis, Rule

RULES = rulebook.all_rules()
TEXTS = rule_texts.texts()


def test_every_rule_has_texts_and_every_text_a_rule() -> None:
    assert sorted(TEXTS) == sorted(rule.id for rule in RULES)


def test_no_rule_has_texts_in_two_files() -> None:
    ids = [id_ for file in rule_texts.files() for id_ in rule_texts.read(file)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_who_refuses_is_named(rule: Rule) -> None:
    found = TEXTS[rule.id]
    assert found == rule_texts.text(rule.id)
    assert found.summary and found.why and found.bad != found.good
    assert found.source or rule.basis is not Basis.REFUSED


def test_files_are_short_enough_to_read() -> None:
    assert [str(file) for file in rule_texts.files() if len(file.read_text().splitlines()) > 300] == []


def test_an_unknown_rule_has_no_texts() -> None:
    with pytest.raises(LookupError):
        rule_texts.text("scaling/nothing")


PARTS = """\
examples:
  pod: |
    kind: Pod
    name: a
a/b:
  summary: x
  why: so
  bad: {of: good, swap: [Pod, Job]}
  good:
    - pod
    - {of: pod, swaps: [[Pod, Claim], ["name: a", "name: b"]]}
"""


def read(folder: Path, text: str) -> rule_texts.RuleText:
    file = folder / "rules.yaml"
    file.write_text(text)
    return rule_texts.read(file)["a/b"]


def test_examples_are_made_of_parts(tmp_path: Path) -> None:
    found = read(tmp_path, PARTS)
    assert found.good == "kind: Pod\nname: a\n---\nkind: Claim\nname: b\n"
    assert found.bad == "kind: Job\nname: a\n---\nkind: Claim\nname: b\n"


def test_examples_of_a_folder_are_shared(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "examples.yaml").write_text("examples:\n  pod: |\n    kind: Pod\n    name: a\n")
    (folder / "one.yaml").write_text(PARTS.partition("a/b:")[1] + PARTS.partition("a/b:")[2])
    assert rule_texts.read(folder / "one.yaml")["a/b"] == read(tmp_path, PARTS)


@pytest.mark.parametrize(
    ("swap", "place", "message"),
    [
        (("  why: so\n", ""), "5:1", "`why` is missing"),
        (("  why: so\n", "  whi: so\n  why: so\n"), "7:3", "unknown key `whi`"),
        (("  bad: {of: good, swap: [Pod, Job]}\n", ""), "5:1", "`bad` is missing"),
        (("    - pod\n", "    - pot\n"), "9:3", "there is no example `pot` (nearest: `pod`)"),
        (("[Pod, Job]", "[Pot, Job]"), "8:3", "`Pot` occurs 0 times in the example"),
        (("[Pod, Job]", "[Pod]"), "8:3", "a swap is a list of two texts"),
        (("of: good, swap", "of: good, swop"), "8:3", "needs `of`, and `swap` or `swaps`"),
        (("    - pod\n    - {of: pod", "    - bad\n    - {of: pod"), "9:3", "there is no example `bad`"),
        (("    - pod\n", "    - 3\n"), "9:3", "there is no example `3`"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(swap: tuple[str, str], place: str, message: str, tmp_path: Path) -> None:
    text = PARTS.replace(*swap)
    assert text != PARTS
    with pytest.raises(TableError) as refused:
        read(tmp_path, text)
    assert f"rules.yaml:{place}" in str(refused.value) and message in str(refused.value)
