"""A repository with two stages of one platform, in Git."""

from __future__ import annotations

import os
from pathlib import Path

from aurora.paths import RepositoryPaths
from aurora.tools.runner import Command, run
from environment.trialled import CANARY, STABLE, changed

OLD, NEW, NEWER = "v20260901-120000", "v20261101-090000", "v20261115-140000"
DIGEST, OTHER = "sha256:" + "0" * 64, "sha256:" + "1" * 64
BASE = changed(
    (f"    stable: {STABLE}\n    canary: {CANARY}  # on trial\n", "    stable: {replicas: 2}\n"),
    ("metadata: {name: prod}\n", ""),
    ("apiVersion: aurora/v1\nkind: Environment\n", ""),
)


def layer(stage: str, stable: str, tag: str, digest: str) -> str:
    return f"""\
# Pins of {stage}.
stage: {stage}
images:
  inference: {{tag: {tag}, digest: "{digest}"}}   # as tested
components:
  inference:
    stable: {{version: {stable}}}
"""


def own(name: str) -> str:
    head = f"apiVersion: aurora/v1\nkind: Environment\nmetadata: {{name: {name}}}\n"
    return f"{head}extends: [bases/all.yaml, bases/{name}.yaml]\n"


def git(folder: Path, *args: str) -> None:
    home = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    words = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args)
    run(Command(args=words, cwd=folder, timeout=60, environment=home, output=folder.parent / "out"))


def commit(paths: RepositoryPaths, message: str = "a change") -> None:
    git(paths.root, "add", "-A")
    git(paths.root, "commit", "-q", "-m", message)


def two_stages(folder: Path) -> RepositoryPaths:
    """Two stages of one platform: dev has a newer image and model; what was released has a tag."""
    (folder / "environments" / "bases").mkdir(parents=True)
    bases = folder / "environments" / "bases"
    (bases / "all.yaml").write_text(BASE)
    (bases / "dev.yaml").write_text(layer("dev", NEW, "v2", OTHER))
    (bases / "prod.yaml").write_text(layer("prod", OLD, "v1", DIGEST))
    for name in ("dev", "prod"):
        (folder / "environments" / f"{name}.yaml").write_text(own(name))
    found = RepositoryPaths(folder)
    git(folder, "init", "-q")
    commit(found)
    git(folder, "tag", "v1.0.0")
    return found


def pinned(paths: RepositoryPaths, name: str = "prod") -> str:
    return (paths.environments / "bases" / f"{name}.yaml").read_text()
