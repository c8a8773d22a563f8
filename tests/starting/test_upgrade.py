"""What a newer Aurora changes is told before it is done, and nothing that people wrote is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora.starting import answers, files, record, upgrade
from commands.command_line import CommandLine

PLATFORM = answers.Answers(platform="housing", name="acme", domain="", repository="", api_group="", registry="")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    for path, content in files.files(answers.filled(PLATFORM)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return CommandLine(tmp_path, monkeypatch, capsys)


def as_if_older(line: CommandLine, *paths: str) -> None:
    """Put another text in the place of files, as if an older Aurora had written it."""
    found = json.loads((line.folder / record.FILE).read_text())
    for path in paths:
        line.write(path, f"# older {path}\n")
        found["files"][path] = record.digest((line.folder / path).read_bytes())
    found["aurora"] = "0.0.9"
    line.write(record.FILE, json.dumps(found))


def test_a_repository_of_this_aurora_needs_nothing(line: CommandLine) -> None:
    outcome = line("upgrade")
    assert (outcome.code, outcome.out) == (0, "")
    assert "nothing: these are the files of Aurora" in outcome.err


def test_what_is_edited_here_alone_is_no_news(line: CommandLine) -> None:
    line.write("environments/acme-prod.yaml", "# mine\n")
    (line.folder / "README.md").unlink()
    assert line("upgrade").out == ""


def test_changes_are_told_and_written_when_asked_and_edits_are_kept(line: CommandLine) -> None:
    new = (line.folder / "aurora.toml").read_bytes()
    as_if_older(line, "aurora.toml", "environments/bases/housing.yaml", "environments/bases/retired.yaml")
    line.write("environments/bases/housing.yaml", "# mine\n")
    said = line("upgrade")
    assert said.out.splitlines() == [
        "aurora.toml: changes",
        "environments/bases/housing.yaml: changes, and was edited here",
        "environments/bases/retired.yaml: no longer comes with Aurora",
    ]
    assert "3 files differ from those of Aurora 0.0.9, 2 of them for you to merge or remove" in said.err
    assert (line.folder / "aurora.toml").read_text() == "# older aurora.toml\n"
    assert line("upgrade", "--write").code == 0
    assert (line.folder / "aurora.toml").read_bytes() == new
    assert (line.folder / "environments/bases/housing.yaml").read_text() == "# mine\n"
    again = line("upgrade").out.splitlines()
    assert again == said.out.splitlines()[1:], "what is left to merge is named until it is merged"


def test_a_new_file_is_written_but_not_over_one_that_is_there(tmp_path: Path) -> None:
    begun = record.Record("0.0.9", PLATFORM, {})
    (tmp_path / "mine").write_text("mine")
    found = list(upgrade.steps(tmp_path, begun, {"mine": b"theirs", "new": b"new"}))
    assert [(step.path, step.what) for step in found] == [("mine", upgrade.EDITED), ("new", upgrade.ADDED)]
    upgrade.write(tmp_path, begun, {"mine": b"theirs", "new": b"new"}, found)
    assert ((tmp_path / "mine").read_text(), (tmp_path / "new").read_text()) == ("mine", "new")


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"schema": "aurora.begun/v9"}', '{"schema": "aurora.begun/v1"}']
)
def test_without_a_sound_record_nothing_is_done(line: CommandLine, content: str | None) -> None:
    if content is None:
        (line.folder / record.FILE).unlink()
    else:
        line.write(record.FILE, content)
    outcome = line("upgrade", "--write")
    assert outcome.code == 2
    assert record.FILE in outcome.err


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "is no JSON"), ("null", "is not what"), ("[]", "is not what"), ('{"answers": 5}', "is not what")],
)
def test_a_damaged_record_is_told_in_words_and_nothing_is_written(line: CommandLine, text: str, words: str) -> None:
    line.write(record.FILE, text)
    outcome = line("upgrade", "--write")
    assert outcome.code == 2 and words in outcome.err and "restore" in outcome.err
    assert "object" not in outcome.err and "indices" not in outcome.err
    assert (line.folder / record.FILE).read_text() == text
