"""What every command takes, and what the shell offers while somebody types."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from aurora import app
from aurora.tools.runner import Command, run
from commands.command_line import CommandLine

ROOT = Path(__file__).resolve().parents[2]


def leaves() -> list[tuple[str, ...]]:
    """Give the words of every command, those of groups included."""
    found: list[tuple[str, ...]] = []
    for name, command in get_command(app.app).commands.items():  # type: ignore[attr-defined]
        nested = getattr(command, "commands", None)
        found += [(name, inner) for inner in nested] if nested else [(name,)]
    return sorted(found)


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_takes_the_shared_options_and_has_an_example(aurora: CommandLine, words: tuple[str, ...]) -> None:
    shown = aurora(*words, "--help").out
    for option in ("-q, --quiet", "-v, --verbose", "--debug"):
        assert option in shown
    assert "Raises:" not in shown, "help is for people who type: what the code raises is none of it"
    assert f"Example: aurora {' '.join(words)}" in shown or ("Example: " in shown and f"aurora {words[0]}" in shown)


@pytest.mark.parametrize(
    "args", [("--quiet", "synth", "--check"), ("synth", "--check", "--quiet"), ("synth", "-q", "--check")]
)
def test_quiet_silences_words_before_and_after_the_name(aurora: CommandLine, args: tuple[str, ...]) -> None:
    assert "note" in aurora("synth", "--only", "network").err
    quiet = [word for word in args if word != "--check"]
    assert aurora(*quiet, "--only", "network").err == ""


def test_debug_shows_the_traceback_of_an_error(aurora: CommandLine) -> None:
    assert "Traceback" not in aurora("synth", "nowhere").err
    assert "Traceback" in aurora("synth", "nowhere", "--debug").err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("aurora synth aur", {"aurora-dev", "aurora-prod"}),
        ("aurora validate --only mon", {"monitoring"}),
        ("aurora test restrict-im", {"restrict-image-registries"}),
        ("aurora explain yaml/b", {"yaml/broken"}),
        ("aurora explain aurora-p", {"aurora-prod"}),
        ("aurora synth --format sa", {"sarif"}),
        ("aurora synt", {"synth"}),
    ],
)
def test_the_shell_completes(typed: str, offered: set[str]) -> None:
    assert _completed(typed, ROOT) == offered


def test_completion_outside_a_repository_offers_nothing(tmp_path: Path) -> None:
    assert _completed("aurora synth ", tmp_path) == set()


def _completed(typed: str, folder: Path) -> set[str]:
    """Ask as Bash does: Typer's own script sets these variables."""
    words = typed.split(" ")
    environment = {
        "_AURORA_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
        "PATH": os.defpath,
    }
    program = str(Path(sys.executable).with_name("aurora"))
    return set(run(Command(args=(program,), cwd=folder, timeout=60, environment=environment)).stdout.split())
