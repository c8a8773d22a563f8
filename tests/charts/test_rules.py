"""Every rule about charts finds its bad example, and leaves its good one alone."""

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.charts import lock, rules
from aurora.errors import InputError
from aurora.model.rule import Rule
from charts import packed
from charts.conftest import Render

IN_APPLICATIONS = [rule for rule in rules.RULES if rule is not rules.BROKEN_LOCK]


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
