"""Reads how manifests were: from a folder, a file, or a Git revision of this repository. Changes nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from aurora import inputs, manifests
from aurora.errors import ToolCrashedError, ToolMissingError, UsageError
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.tools.runner import Command, run

_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@{}^~-]*")
_TIMEOUT = 60.0


def read(origin: str, repository: RepositoryPaths | None, environments: Iterable[str]) -> tuple[Manifest, ...]:
    """Give the manifests of a path, or of environments as a Git revision has them, each with its environment.

    Raises:
        UsageError: it is neither a path nor a revision, or holds something that cannot be read.
        ToolError: Git is missing or failed.
    """
    if Path(origin).exists():
        found = inputs.read(origin)
    elif repository is not None and _REVISION.fullmatch(origin):
        found = manifests.join(_revision(origin, repository, name) for name in environments)
    else:
        raise UsageError(f"`--old {origin}` is neither a path nor a Git revision", hint="check the spelling")
    if found.findings:
        first = found.findings[0]
        raise UsageError(
            f"`--old {origin}` cannot be read: {first.place}: {first.message}", hint="compare with what was committed"
        )
    return found.manifests


def _revision(revision: str, repository: RepositoryPaths, environment: str) -> manifests.Read:
    folder = f"generated/{environment}"
    try:
        listed = _git(repository, "ls-tree", "-r", "-z", "--name-only", f"{revision}^{{commit}}", "--", folder)
    except ToolCrashedError as error:
        raise UsageError(
            f"`--old {revision}` is neither a path nor a Git revision of this repository",
            hint="a shallow clone lacks older commits: fetch them with `git fetch --unshallow`",
        ) from error
    paths = [path for path in listed.split("\0") if path]
    found = manifests.join(
        manifests.read(_git(repository, "show", f"{revision}:{path}").encode(), path) for path in paths
    )
    own = tuple(replace(manifest, environment=environment) for manifest in found.manifests)
    return manifests.Read(own, found.findings)


def _git(repository: RepositoryPaths, *args: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise ToolMissingError("`git` is not on the PATH", hint="install git, or name a folder with `--old`")
    command = Command(
        args=(git, "-c", f"safe.directory={repository.root}", *args),
        cwd=repository.root,
        timeout=_TIMEOUT,
        environment={"PATH": os.environ.get("PATH", os.defpath), "GIT_OPTIONAL_LOCKS": "0"},
    )
    return run(command).stdout
