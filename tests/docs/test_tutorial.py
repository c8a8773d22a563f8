"""The tutorial's commands, run one after the other in the reference repository, print what it shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora.tools.runner import Command, run
from reference.platform import reference

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
GAP = "..."
_PROGRESS = re.compile(r"^[^\n]+: \d+(?: of \d+)?\n", re.MULTILINE)
"""What stands for the bars of a terminal elsewhere."""


@dataclass(frozen=True)
class Call:
    """A command of the page, the exit code that it names, and the lines that it shows."""

    words: tuple[str, ...]
    code: int
    shown: tuple[str, ...]


def calls() -> Iterator[Call]:
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.rstrip("\n").split("\n")
            code = re.search(r" # exit (\d)$", command)
            words = shlex.split(command, comments=True)
            yield Call(tuple(words), int(code[1]) if code else 0, tuple(shown))


def fits(shown: tuple[str, ...], printed: str) -> bool:
    """Tell whether the lines are printed in their order; `...` stands for anything, in a line and for lines."""
    pattern = ""
    for line in shown:
        if line == GAP:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.split(GAP))) + r"\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n" if printed.strip() else "") is not None


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copytree(reference().root, tmp_path, dirs_exist_ok=True)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        call(("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words), tmp_path)
    return tmp_path


def call(words: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """Run a command with its errors among its output, as a terminal shows them; only results where there is a pipe."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
    environment = {**own, "PATH": path, "HOME": os.environ["HOME"]}
    program = shutil.which(words[0], path=path)
    assert program, words[0]
    codes = frozenset(range(4))
    result = run(
        Command(args=(program, *words[1:]), cwd=folder, timeout=300, environment=environment, accepted_codes=codes)
    )
    return result.code, result.stdout + _PROGRESS.sub("", result.stderr)


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_the_tutorial_holds(clone: Path) -> None:
    found = list(calls())
    assert len(found) > 10
    for entry in found:
        code, printed = call(entry.words, clone)
        assert code == entry.code, f"{entry.words}: {printed}"
        assert fits(entry.shown, printed) or not entry.shown, f"{entry.words} printed:\n{printed}"


def test_a_line_that_is_not_printed_does_not_fit() -> None:
    assert fits(("a", GAP, "c...e"), "a\nb\nb\nc d e\n")
    assert not fits(("a", "c"), "a\nb\nc\n")
    assert not fits(("a", GAP, "x"), "a\nb\n")
    assert fits((GAP,), "a\nb\n")


def test_the_setting_up_is_the_one_of_the_readme() -> None:
    assert "make synth\n" in (ROOT / "README.md").read_text()
