"""A whole platform for tests: two environments of their own, in a repository of their own.

Tests of the product read these, never the environments that people edit. Their output is compiled once a
process, by the code under test.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from aurora import pipeline
from aurora.model.clock import Clock
from aurora.paths import RepositoryPaths
from aurora.render import files

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = Path(__file__).parent / "environments"
NAMES = ("aurora-dev", "aurora-prod")
SHARED = ("policies", "schemas", "tetragon", "pyproject.toml")
"""What the repository under test gives to the one of its tests."""


def copy_to(folder: Path) -> RepositoryPaths:
    """Make a repository with the reference environments, before anything is compiled."""
    shutil.copytree(ENVIRONMENTS, folder / "environments")
    for name in SHARED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    return RepositoryPaths(folder)


@cache
def reference() -> RepositoryPaths:
    """Give the compiled reference repository; tests that change files copy it."""
    folder = Path(tempfile.mkdtemp(prefix="aurora-reference-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    paths = copy_to(folder.resolve())
    for environment in pipeline.load_environments(paths, NAMES):
        for path, content in files(pipeline.compile_environment(environment, Clock()).manifests).items():
            (paths.root / path).parent.mkdir(parents=True, exist_ok=True)
            (paths.root / path).write_bytes(content)
    return paths
