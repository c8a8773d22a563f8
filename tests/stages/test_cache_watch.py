"""`aurora synth --watch` proves on save, says what came of it, and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aurora import watching
from aurora.errors import ToolCrashedError
from aurora.paths import RepositoryPaths
from aurora.tools.runner import ToolRun
from commands.command_line import ENVIRONMENT, RULES_ONLY

SECONDS = 60


@dataclass
class Heard:
    """What people were told, in order."""

    words: list[str] = field(default_factory=list)

    @property
    def output(self) -> watching.Output:
        return watching.Output(result=lambda text: self.words.append(f"result {text}"), say=self.words.append)


def test_it_runs_once_and_again_after_each_change() -> None:
    heard, runs = Heard(), iter([ToolRun(0, "table", "1 file changed\n", 0.5), ToolRun(0, "table", "", 0.25)])
    watching.watch([[], ["environments/a.yaml", "b"]], lambda: next(runs), heard.output)
    assert heard.words == [
        "clean after 0.50 s: 1 file changed; watching",
        "saved: environments/a.yaml and 1 more",
        "clean after 0.25 s; watching",
    ]


@pytest.mark.parametrize("code", [1, 2, 3, 70])
def test_a_run_that_fails_is_shown_and_watching_goes_on(code: int) -> None:
    heard = Heard()
    runs = iter([ToolRun(code, "finding\n", "error: wrong\n", 0.5), ToolRun(0, "", "", 0.5)])
    watching.watch([[], ["a"]], lambda: next(runs), heard.output)
    assert heard.words == [
        "result finding\n",
        "error: wrong",
        f"failed with exit code {code} after 0.50 s; watching",
        "saved: a",
        "clean after 0.50 s; watching",
    ]


def test_what_cannot_be_started_ends_it() -> None:
    def again() -> ToolRun:
        raise ToolCrashedError("no memory")

    with pytest.raises(ToolCrashedError):
        watching.watch([[]], again, Heard().output)


def test_everything_that_decides_is_watched(repository: RepositoryPaths) -> None:
    places = watching.places(repository)
    root = repository.root
    for name in ("environments", "policies", "tetragon", "schemas", "pyproject.toml", "cli/aurora"):
        assert root / name in places
    assert root / "constructs" / "aurora_constructs" in places
    assert not any(place.is_relative_to(repository.generated) for place in places)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "example.yaml").write_text(ENVIRONMENT)
    command = (
        sys.executable,
        "-c",
        "from aurora.app import run; run()",
        "synth",
        "--watch",
        *RULES_ONLY,
        "--skip",
        "scaling",
    )
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "AURORA_CACHE": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def heard(process: subprocess.Popen[str], word: str) -> str:
    """Read what is said until a line has a word; a child that says nothing more is ended by a timer."""
    assert process.stderr is not None
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        for line in process.stderr:
            if word in line:
                return line
    finally:
        timer.cancel()
    pytest.fail(f"it ended without saying `{word}`")


def test_a_saved_file_is_proved_and_ctrl_c_ends_it(child: subprocess.Popen[str], tmp_path: Path) -> None:
    heard(child, "clean after")
    file = tmp_path / "environments" / "example.yaml"
    file.write_text(ENVIRONMENT.replace("pods: 20", "pods: twenty"))
    assert "exit code 2" in heard(child, "failed")
    file.write_text(ENVIRONMENT.replace("pods: 20", "pods: 21"))
    heard(child, "clean after")
    assert 'pods: "21"' in (tmp_path / "generated/example/namespaces/team/resourcequota.quota.yaml").read_text()
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=SECONDS) == 130
    assert child.stderr is not None
    assert "Traceback" not in child.stderr.read()
