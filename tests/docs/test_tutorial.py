"""The tutorial's commands, run one after the other in the reference repository, print what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from docs.console_pages import GAP, call, fits, follow
from reference.platform import reference

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial.md"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copytree(reference().root, tmp_path, dirs_exist_ok=True)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        call(("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words), tmp_path)
    return tmp_path


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_the_tutorial_holds(clone: Path) -> None:
    assert follow(PAGE, clone) > 10


def test_a_line_that_is_not_printed_does_not_fit() -> None:
    assert fits(("a", GAP, "c...e"), "a\nb\nb\nc d e\n")
    assert not fits(("a", "c"), "a\nb\nc\n")
    assert not fits(("a", GAP, "x"), "a\nb\n")
    assert fits((GAP,), "a\nb\n")


def test_the_setting_up_is_the_one_of_the_readme() -> None:
    assert "make synth\n" in (ROOT / "README.md").read_text()
