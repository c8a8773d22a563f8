"""What settings may not do to committed environments, and what an entry of the baseline holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place
from aurora.settings import baseline
from aurora.settings.silencing import load

APP = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n"
OPEN = "network/open-to-all-sources"


def test_an_exclude_hides_nothing_that_is_committed_of_an_environment(tmp_path: Path) -> None:
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated/a.yaml").write_text(APP)
    (tmp_path / "aurora.toml").write_text('[rules]\nexclude = ["generated/**"]\n')
    silencing = load(tmp_path, tmp_path, rules=lambda: [OPEN], fixed=("yaml",), environments=("dev",))
    assert (silencing.admits("generated/dev/a.yaml"), silencing.admits("generated/a.yaml")) == (True, False)
    committed = Finding(
        rule=OPEN, severity=Severity.WARNING, message="open", environment="dev", place=Place("generated/dev/a.yaml", 1)
    )
    kept, silenced_now = silencing.apply([committed], (), ran=(), names=("dev",))
    assert kept == [committed]
    assert [entry.finding.rule for entry in silenced_now] == ["settings/excluded"]


def test_an_entry_holds_no_line_of_another_file() -> None:
    finding = Finding(rule=OPEN, severity=Severity.WARNING, message="it is already at `a/b.yaml:3:1`")
    assert baseline.key(finding, "a.yaml")[4] == "it is already at `a/b.yaml`"


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("there is no Namespace `a`; 1 more object uses it", "there is no Namespace `a`; 2 more objects use it", True),
        ("there is no Namespace `a`", "there is no Namespace `a`; 2 more objects use it", True),
        ("3 Applications sync this Secret: a, b", "4 Applications sync this Secret: a, b", True),
        ("no container declares the port `80`", "no container declares the port `81`", False),
        ("the image `a:1.2` is old", "the image `a:1.3` is old", False),
    ],
)
def test_an_entry_holds_no_count(before: str, after: str, is_same: bool) -> None:
    keys = [
        baseline.key(Finding(rule=OPEN, severity=Severity.WARNING, message=text), "a.yaml") for text in (before, after)
    ]
    assert (keys[0] == keys[1]) is is_same
