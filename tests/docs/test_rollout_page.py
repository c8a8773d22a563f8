"""Every command of the page about new versions runs, in its order, and leads to what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.paths import RepositoryPaths
from aurora.tools.installed import Toolbox
from aurora_constructs.trials import State
from commands.command_line import CommandLine
from environment.trialled import ENVIRONMENT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rollout.md"
OLD, NEW, NEWER = "v20260901-120000", "v20261101-090000", "v20261115-140000"
REACHED = [
    State(OLD, NEW, 5),
    State(OLD, NEW, 5),
    State(OLD, NEW, 25),
    State(OLD, NEW, 50),
    State(NEW),
    State(NEW, NEWER, 5),
    State(NEW),
]


@pytest.mark.real_tools
def test_the_commands_of_the_page_run(aurora: CommandLine, real_toolbox: Toolbox) -> None:
    assert real_toolbox.locate("server-validation")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.S)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert len(commands) == len(REACHED)
    aurora.write("environments/prod.yaml", ENVIRONMENT)
    for words, reached in zip(commands, REACHED, strict=True):
        outcome = aurora(*words[1:])
        assert outcome.code == 0, (words, outcome.err)
        tree = load_layers(RepositoryPaths(aurora.folder), "prod").tree
        found = trials.read(tree, "inference") if tree else None
        assert found is not None and found.state == reached, words
