"""Runs a program as a process of its own, as its container does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask(url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Give the status and the body of a reply, as JSON where it is; status 0 where nobody answers."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content, headers), timeout=10) as reply:
            status, text = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    except OSError:
        return 0, None
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text.decode()


def until(url: str, status: int, seconds: float = 20) -> float:
    """Wait until `url` answers with `status`, and give the seconds."""
    begun = time.monotonic()
    while ask(url)[0] != status:
        assert time.monotonic() - begun < seconds, url
        time.sleep(0.02)
    return time.monotonic() - begun


@contextmanager
def started(
    args: Sequence[str], variables: Mapping[str, str], stdout: int | IO[str]
) -> Iterator[subprocess.Popen[str]]:
    """Run `python ARGS...` with these variables and no others that matter; ended at the end."""
    path = os.pathsep.join(map(str, (ROOT, ROOT / "contract", ROOT / "tests")))
    process = subprocess.Popen(
        (sys.executable, *args),
        env={"PYTHONPATH": path, "PATH": "/usr/bin", "PYTHONUNBUFFERED": "1", **variables},
        stdout=stdout,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def program(*args: str, **variables: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Run a program whose output is asked for; a pipe that nobody reads is full after some hundred log lines."""
    return started(args, variables, subprocess.PIPE)
