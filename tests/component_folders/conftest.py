"""A repository with one environment whose component `web` has a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aurora import pipeline
from aurora.errors import InputError
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from aurora.pipeline import Compiled

ENVIRONMENT = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: dev}
cluster: {provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.10/32]}
gitops: {repository: https://git.example.com/ml/aurora.git, revision: main, production: false}
components:
  web: ENTRY
"""
Files = dict[str, str]


class Repository:
    """Compiles what is written into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)
        (root / "environments").mkdir()

    def write(self, entry: str, files: Files) -> None:
        (self.root / "environments" / "dev.yaml").write_text(ENVIRONMENT.replace("ENTRY", entry), encoding="utf-8")
        for path, content in files.items():
            file = self.root / "components" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")

    def compile(self, entry: str, files: Files) -> Compiled:
        self.write(entry, files)
        (environment,) = pipeline.load_environments(RepositoryPaths(self.root), ["dev"])
        return pipeline.compile_environment(environment, pipeline.Clock())

    def refused(self, entry: str, files: Files) -> tuple[Finding, ...]:
        with pytest.raises(InputError) as caught:
            self.compile(entry, files)
        assert all(finding.fails and finding.hint for finding in caught.value.findings)
        return caught.value.findings


@pytest.fixture
def made(tmp_path: Path) -> Callable[[], Repository]:
    return lambda: Repository(tmp_path / "repository")
