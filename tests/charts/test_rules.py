"""Every rule about charts finds its bad example, and leaves its good one alone."""

from pathlib import Path

import pytest

from aurora import pipeline, rule_texts
from aurora.charts import lock, rules, statements
from aurora.errors import InputError
from aurora.model.rule import Rule
from aurora.paths import RepositoryPaths
from charts import packed
from charts.conftest import Render
from commands.command_line import ENVIRONMENT, CommandLine

IN_APPLICATIONS = [rule for rule in rules.RULES if rule not in (rules.BROKEN_LOCK, rules.APP_VERSION)]


@pytest.fixture(autouse=True)
def on_github(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    packed.add(folder, packed.linked(), "linked")


@pytest.mark.parametrize("rule", IN_APPLICATIONS, ids=lambda rule: rule.id)
def test_the_bad_example_breaks_the_rule_alone_and_the_good_one_keeps_all(rule: Rule, render: Render) -> None:
    text = rule_texts.text(rule.id)
    bad, good = render(text.bad).result, render(text.good).result
    assert bad is not None and {finding.rule for finding in bad.findings} == {rule.id}
    assert good is not None and good.findings == ()


def test_a_lock_is_read_or_refused(tmp_path: Path) -> None:
    text = rule_texts.text(rules.BROKEN_LOCK.id)
    file = tmp_path / lock.FILE
    file.write_text(text.good)
    assert lock.read(file, "charts.lock")["demo", "1.0.0"].source == "https://charts.example.com/demo-1.0.0.tgz"
    file.write_text(text.bad)
    with pytest.raises(InputError) as refused:
        lock.read(file, "charts.lock")
    assert {finding.rule for finding in refused.value.findings} == {rules.BROKEN_LOCK.id}


@pytest.mark.parametrize(("half", "found"), [("bad", True), ("good", False)])
@pytest.mark.parametrize("locked", ["7.2", "v7.2", ""])
def test_what_an_environment_says_of_a_chart_is_held_to_the_lock(
    half: str, found: bool, locked: str, aurora: CommandLine
) -> None:
    text = getattr(rule_texts.text(rules.APP_VERSION.id), half)
    aurora.write("environments/example.yaml", ENVIRONMENT + text.partition("components:\n")[2])
    file = aurora.folder / "charts" / lock.FILE
    file.write_text(file.read_text().replace("source: 'https", f"appVersion: '{locked}', source: 'https"))
    (environment,) = pipeline.load_environments(RepositoryPaths(aurora.folder), ["example"])
    said = list(statements.findings([environment]))
    assert [finding.rule for finding in said] == [rules.APP_VERSION.id] * (found and bool(locked))
    for finding in said:
        assert finding.place is not None
        line = (aurora.folder / finding.place.path).read_text().splitlines()[finding.place.line - 1]
        assert "appVersion" in line
