"""The examples of the page on settings are accepted, and do what the page says."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from aurora import validation
from aurora.checks import secrets
from aurora.environment.spec import Waiver
from aurora.settings import reading
from aurora.yamlio import reading as yaml

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
(TOML,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
COMMENT, WAIVERS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TOML)
    found = reading.read(tmp_path).rules
    assert (found.exclude, set(found.severity), list(found.ignore)) == (
        ("vendor/**",),
        {"monitoring", "scaling/no-budget"},
        ["legacy/*.yaml"],
    )


def test_every_key_is_on_the_page() -> None:
    keys = set(re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE))
    assert keys == {*reading.KEYS, *(f"rules.{name}" for name in reading.RULE_KEYS)} - {"rules"}


def test_the_comment_silences_its_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(COMMENT)
    request = validation.Request(targets=("app.yaml",), kubernetes="1.35", policies=(), schemas=(), externals=())
    report = validation.validate(request, tmp_path, checks=(secrets.CHECK,), today=datetime.date(2026, 1, 1))
    assert (report.findings, report.silenced_by) == ((), {"comment": 1})


def test_the_waiver_is_one() -> None:
    value = yaml.parse(WAIVERS).value
    assert isinstance(value, dict) and isinstance(value["waivers"], list)
    assert Waiver.model_validate(value["waivers"][0], strict=False).rule == "scaling/single-replica"
