"""Pages whose commands are run: what stands behind a `$` in blocks of a console, and what is shown of its output."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora.tools.runner import Command, run

GAP = "..."
_PROGRESS = re.compile(r"^[^\n]+: \d+(?: of \d+)?\n", re.MULTILINE)
"""What stands for the bars of a terminal elsewhere."""
_AUTHOR = {
    f"GIT_{who}_{what}": f"test{end}"
    for who in ("AUTHOR", "COMMITTER")
    for what, end in [("NAME", ""), ("EMAIL", "@a")]
}


@dataclass(frozen=True)
class Call:
    """A command of the page, the exit code that it names, and the lines that it shows."""

    words: tuple[str, ...]
    code: int
    shown: tuple[str, ...]


def calls(page: Path) -> Iterator[Call]:
    """Yield the commands of a page in their order."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
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


def call(words: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """Run a command with its errors among its output, as a terminal shows them; only results where there is a pipe."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {name: value for name, value in os.environ.items() if name.startswith("AURORA_")}
    environment = {**own, **_AUTHOR, "PATH": path, "HOME": os.environ["HOME"]}
    program = shutil.which(words[0], path=path)
    assert program, words[0]
    codes = frozenset(range(4))
    result = run(
        Command(args=(program, *words[1:]), cwd=folder, timeout=300, environment=environment, accepted_codes=codes)
    )
    return result.code, result.stdout + _PROGRESS.sub("", result.stderr)


def follow(page: Path, folder: Path) -> int:
    """Run a page's commands one after the other, `cd` among them, hold what they print to the page, and count them."""
    found = list(calls(page))
    for entry in found:
        if entry.words[0] == "cd":
            folder /= entry.words[1]
            continue
        code, printed = call(entry.words, folder)
        assert code == entry.code, f"{entry.words}: {printed}"
        assert fits(entry.shown, printed) or not entry.shown, f"{entry.words} printed:\n{printed}"
    return len(found)
