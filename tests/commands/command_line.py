"""Runs the command line in this process, in a small repository of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aurora import app

ENVIRONMENT = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: example}
cluster: {provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.0/29]}
gitops: {repository: "https://git.example.com/ml/aurora.git", revision: v1.4.0}
externals:
  argocd: {kind: Namespace, name: argocd, reason: installed with the cluster}
  argocd-settings: {kind: ConfigMap, namespace: argocd, name: argocd-cm, reason: installed with the cluster}
components:
  namespaces:
    kind: Namespaces
    namespaces:
      team: {enforce: restricted, quota: {cpu: "4", memory: 8Gi, pods: 20}, defaults: {}}
  network:
    kind: NetworkBaseline
    namespaces: [team]
"""

RULES_ONLY = tuple(word for check in ("schema", "server", "pod-security", "policy") for word in ("--skip", check))
"""What a test adds that is not about the outside tools, so that it needs none."""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def rules(self) -> list[str]:
        return [finding["rule"] for finding in self.json["findings"]]


class CommandLine:
    """The command line, run from one folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *args: str) -> Outcome:
        self._monkeypatch.chdir(self.folder)
        self._monkeypatch.setattr(sys, "argv", ["aurora", *args])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app.main()
        captured = self._capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    def write(self, path: str, text: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file under a folder by its relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
