"""MLflow: the hosts that it answers to, and the script that sets aliases of registered models."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import ToolCrashedError
from aurora.tools.runner import Command, run
from aurora_constructs.components.mlflow import hosts
from aurora_constructs.components.mlflow.aliases import ALIASES


class Registry(ThreadingHTTPServer):
    """A registry that knows version 3 of `iris`, and refuses the alias `forbidden`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    """Answers as MLflow's REST API does."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/api/2.0/mlflow/registered-models/alias"
        assert isinstance(self.server, Registry)
        self.server.asked.append(body)
        if body["alias"] == "forbidden":
            self.answer(403, {"error_code": "PERMISSION_DENIED"})
        elif (body["name"], body["version"]) == ("iris", "3"):
            self.answer(200, {})
        else:
            self.answer(404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def set_aliases(folder: Path, registry: Registry, *pins: str) -> str:
    script = folder / ALIASES.file_name
    script.write_text(ALIASES.text)
    url = f"http://127.0.0.1:{registry.server_port}"
    return run(Command(args=(sys.executable, "-I", str(script), url, *pins), cwd=folder, timeout=30)).stdout


def test_every_pin_is_set_and_a_version_that_is_not_registered_is_said(tmp_path: Path, registry: Registry) -> None:
    said = set_aliases(tmp_path, registry, "iris", "stable", "3", "iris", "canary", "4")
    assert registry.asked == [
        {"name": "iris", "alias": "stable", "version": "3"},
        {"name": "iris", "alias": "canary", "version": "4"},
    ]
    assert said.splitlines() == ["iris@stable: version 3", "iris@canary: version 4 is not registered"]


def test_any_other_refusal_fails(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(ToolCrashedError, match="HTTP 403 PERMISSION_DENIED"):
        set_aliases(tmp_path, registry, "iris", "forbidden", "3")


def test_hosts_are_allowed_alone_and_with_their_port() -> None:
    known = hosts.allowed("mlflow", "ml", ports=[80, 5000], host="mlflow.example.com", pods=["10.244.0.0/15"])
    assert {"mlflow", "mlflow:5000", "mlflow.ml.svc", "mlflow.ml.svc.cluster.local:80"} <= set(known)
    assert known[-4:] == ["mlflow.example.com", "mlflow.example.com:443", "10.244.*", "10.245.*"]
    assert "mlflow.example.com" not in hosts.allowed("mlflow", "ml", ports=[80], host=None)
