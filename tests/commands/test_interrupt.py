"""Ctrl-C ends a run at once, with everything that it started, and leaves `generated/` whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands.command_line import CommandLine, tree


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_its_tools(aurora: CommandLine, number: signal.Signals) -> None:
    marker = aurora.folder / "started"
    slow = aurora.write(
        "slow",
        f"#!{sys.executable}\nimport os, pathlib, sys, time\n"
        "if '-v' in sys.argv: print('v0.7.0'); sys.exit()\n"
        f"pathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)\n",
    )
    slow.chmod(0o755)
    environment = {**os.environ, "AURORA_KUBECONFORM": str(slow), "AURORA_CACHE": str(aurora.folder / "cache")}
    before = tree(aurora.folder / "environments")
    command = [sys.executable, "-c", "from aurora.app import run; run()", "synth", "--only", "schema"]
    with subprocess.Popen(command, cwd=aurora.folder, env=environment, stderr=subprocess.PIPE, text=True) as run:
        _wait_for(marker)
        started = time.monotonic()
        run.send_signal(number)
        _, words = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "interrupted" in words
    assert time.monotonic() - started < 20
    assert not Path(f"/proc/{marker.read_text()}").exists()
    assert [path for path in tree(aurora.folder / "generated") if not path.startswith(".")] == []
    assert tree(aurora.folder / "environments") == before


def _wait_for(marker: Path) -> None:
    deadline = time.monotonic() + 60
    while not (marker.exists() and marker.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
