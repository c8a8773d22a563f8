"""`aurora explain` knows every rule, and the committed pages say what the rules say."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

import aurora as package
from aurora import rule_texts
from aurora.changes import page
from aurora.commands import rulebook
from aurora.model.rule import Basis, Rule
from aurora.paths import RepositoryPaths
from aurora.policies import folders
from commands.command_line import CommandLine, tree

RULES = rulebook.all_rules()
CODE = Path(package.__file__).parent
ROOT = Path(__file__).resolve().parents[2]


def every_rule_in_the_code() -> dict[str, str]:
    """Give each rule that a module defines, and the module."""
    found: dict[str, str] = {}
    for entry in pkgutil.walk_packages([str(CODE)], "aurora."):
        for value in vars(importlib.import_module(entry.name)).values():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Rule):
                    found.setdefault(one.id, entry.name)
    return found


def test_every_rule_that_the_code_defines_is_in_the_rulebook() -> None:
    found = every_rule_in_the_code()
    assert len(found) >= 250
    assert {id_: module for id_, module in found.items() if id_ not in {rule.id for rule in RULES}} == {}


def test_every_rule_that_the_code_names_is_in_the_rulebook() -> None:
    named = {
        keyword.value.value
        for path in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "rule" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    assert {id_ for id_ in named if "/" in id_} <= {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_explained_with_both_examples(rule: Rule) -> None:
    found = rulebook.explained(rule.id, "text", folder=CODE)
    assert found.startswith(f"{rule.id} ({rule.severity}, {rule.basis})\n{rule_texts.text(rule.id).summary}\n")
    assert "\nbad:\n    " in found
    assert "\ngood:\n    " in found
    assert json.loads(rulebook.explained(rule.id, "json", folder=CODE))["why"] == rule_texts.text(rule.id).why


@pytest.mark.parametrize("subject", ["environment", "yaml", "generated", "test", "tracing", "diff"])
def test_rules_of_stages_are_explained_like_those_of_checks(aurora: CommandLine, subject: str) -> None:
    wanted = next(rule.id for rule in RULES if rule.id.startswith(f"{subject}/"))
    outcome = aurora("explain", wanted)
    assert outcome.code == 0
    assert outcome.out.startswith(f"{wanted} (")


@pytest.mark.parametrize("name", sorted(folders.read(RepositoryPaths(ROOT))))
def test_every_policy_of_the_repository_is_explained_by_its_comment_and_its_tests(name: str) -> None:
    found = json.loads(rulebook.explained(f"policy/{name}", "json", folder=ROOT))
    written = (ROOT / "policies" / name / "policy.yaml").read_text()
    assert found["why"].split()[0] in written.splitlines()[0]
    refused = ROOT / "policies" / name / "resources" / "refused.yaml"
    assert not refused.exists() or found["bad"].strip() in refused.read_text()


@pytest.mark.parametrize("name", ["no-such-policy", "..", "disallow-latest-tag/../disallow-privilege", ""])
def test_a_policy_that_is_not_there_is_no_rule(aurora: CommandLine, name: str) -> None:
    aurora.write("policies/disallow-latest-tag/policy.yaml", "a: b\n")
    assert aurora("explain", f"policy/{name}").code == 2


def test_an_unknown_rule_is_refused_with_the_nearest(aurora: CommandLine) -> None:
    outcome = aurora("explain", "yaml/brokn")
    assert outcome.code == 2
    assert "did you mean `yaml/broken`" in outcome.err


@pytest.mark.parametrize("arguments", [(), ("yaml/broken", "--write", "pages")])
def test_nothing_and_both_are_refused(aurora: CommandLine, arguments: tuple[str, ...]) -> None:
    outcome = aurora("explain", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert not (aurora.folder / "pages").exists()


def test_a_format_of_reports_is_none_of_explanations(aurora: CommandLine) -> None:
    assert aurora("explain", "yaml/broken", "--format", "sarif").code == 2
    assert aurora("explain", "example", "metadata.name", "--format", "markdown").code == 2


def test_the_committed_pages_are_those_of_the_rules(repository: RepositoryPaths) -> None:
    committed = {path: content.decode() for path, content in tree(repository.root / "docs" / "rules").items()}
    assert committed == dict(rulebook.pages()), "run `aurora explain --write docs/rules`"


def test_writing_removes_the_page_of_a_check_that_is_gone(aurora: CommandLine) -> None:
    aurora.write("pages/astrology.md", "# astrology\n")
    outcome = aurora("explain", "--write", "pages")
    assert outcome.code == 0
    assert {path: content.decode() for path, content in tree(aurora.folder / "pages").items()} == rulebook.pages()


def test_every_subject_of_rules_is_described_and_has_rules() -> None:
    assert set(rulebook.SUBJECTS) == {rule.id.partition("/")[0] for rule in RULES}


def test_every_rule_is_on_exactly_one_page_with_its_words() -> None:
    pages = rulebook.pages()
    found = {name: re.findall(r"^## `(.*)`$", content, re.MULTILINE) for name, content in pages.items()}
    listed = sorted(id_ for ids in found.values() for id_ in ids)
    assert listed == sorted(rule.id for rule in RULES)
    for rule in RULES:
        page = pages[f"{rule.id.partition('/')[0]}.md"]
        assert rule_texts.text(rule.id).bad.strip("\n") in page
        assert rule_texts.text(rule.id).good.strip("\n") in page


def test_an_example_with_a_fence_of_its_own_stays_inside_its_fence() -> None:
    text = rule_texts.RuleText(summary="x", why="y", bad="a: |\n  ```\n  b\n", good="a: b\n")
    section = rulebook._section(rulebook.Explained(Rule("yaml/x", Basis.BROKEN), text))
    assert "````yaml\na: |\n  ```\n  b\n````" in section


@pytest.mark.parametrize("id_", ["deployment/pod-template", "capacity/demand"])
@pytest.mark.parametrize("format_", rulebook.FORMATS)
def test_a_row_behind_a_diff_is_explained_too(aurora: CommandLine, id_: str, format_: str) -> None:
    outcome = aurora("explain", id_, "--format", format_)
    assert outcome.code == 0
    assert id_ in outcome.out
    assert "before" in outcome.out


def test_a_misspelt_row_names_the_nearest(aurora: CommandLine) -> None:
    assert "deployment/pod-template" in aurora("explain", "deployment/pod-tmplate").err


def test_no_row_is_called_like_a_rule() -> None:
    assert not set(page.ids()) & {rule.id for rule in RULES}
