"""Every command of the page about operating an environment runs, in its order."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, run
from charts import packed
from commands.command_line import CommandLine
from reference.platform import reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
NAMES = {"dev": "aurora-dev", "prod": "aurora-prod"}
CHART = {
    "Chart.yaml": "{apiVersion: v2, name: argo-cd, version: 10.1.1}",
    "templates/a.yaml": "{apiVersion: v1, kind: ServiceAccount, metadata: {name: server}}",
}


def git(folder: Path, *args: str) -> None:
    home = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    words = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args)
    run(Command(args=words, cwd=folder, timeout=60, environment=home, output=folder.parent / "out"))


@pytest.mark.real_tools
def test_the_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], real_toolbox: Toolbox
) -> None:
    assert real_toolbox.locate("server-validation")
    commands = [
        [NAMES.get(word, word) for word in shlex.split(line)[1:]]
        for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.S)
        for line in block.splitlines()
    ]
    assert len(commands) == 10
    [built] = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.S)
    folder = tmp_path / "repository"
    shutil.copytree(reference().root, folder)
    for stage, name in NAMES.items():
        file = folder / "environments" / f"{name}.yaml"
        newer = "images:\n  operator: {tag: v1.5.0}\n" if stage == "dev" else ""
        file.write_text(file.read_text() + f"stage: {stage}\n{newer}")
    (folder / "built.json").write_text(built)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "begin")
    git(folder, "tag", "v1.4.0")
    git(folder, "tag", "v1.0.0")
    packed.vendor(folder / "charts", CHART, "argo-cd", "10.1.1")
    aurora = CommandLine(folder, monkeypatch, capsys)
    for words in commands:
        outcome = aurora(*words)
        assert outcome.code == 0, (words, outcome.err, outcome.out)
        if words[0] == "bootstrap":
            assert "kind: AppProject" in outcome.out
            shutil.rmtree(folder / "charts", ignore_errors=True)
        if words[0] == "images":
            assert f"→ {json.loads(built)['images'][0]['digest']}" in outcome.out
        git(folder, "add", ".")
        git(folder, "commit", "-q", "--allow-empty", "-m", " ".join(words))
