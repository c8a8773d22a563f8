"""Reads how manifests were: from a folder, a file, or a Git revision of this repository. Changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from aurora import exports, inputs, manifests
from aurora.errors import UsageError
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.tools import git


def read(
    origin: str, repository: RepositoryPaths | None, environments: Iterable[str], paths: Sequence[str] = ()
) -> tuple[Manifest, ...]:
    """Give the manifests of a path, or of environments as a Git revision has them, each with its environment.

    Raises:
        UsageError: it is neither a path nor a revision, or holds something that cannot be read; or it is a revision,
            and paths are judged, whose earlier content is not read from Git.
        ToolError: Git is missing or failed.
    """
    if not origin:
        raise UsageError("`--old` is empty", hint="was a variable not set? Leave it out to judge no changes")
    if Path(origin).exists():
        found = inputs.read(origin)
    elif repository is not None and git.is_revision(origin):
        if paths:
            git.listed(repository.root, origin, ["generated"])
            raise UsageError(
                f"`--old {origin}` is a Git revision, which is read for environments only; `{paths[0]}` is a path",
                hint="name a folder that holds the objects as they were: `git worktree add FOLDER REVISION` makes one",
            )
        found = manifests.join(_revision(origin, repository, name) for name in environments)
    else:
        raise UsageError(f"`--old {origin}` is neither a path nor a Git revision", hint="check the spelling")
    if found.findings:
        first = found.findings[0]
        raise UsageError(
            f"`--old {origin}` cannot be read: {first.place}: {first.message}", hint="compare with what was committed"
        )
    return exports.compared(found).manifests


def _revision(revision: str, repository: RepositoryPaths, environment: str) -> manifests.Read:
    listed = git.listed(repository.root, revision, [f"generated/{environment}"])
    contents = git.contents(repository.root, (entry.id for entry in listed.values()))
    found = manifests.join(manifests.read(contents[entry.id], path) for path, entry in listed.items())
    own = tuple(replace(manifest, environment=environment) for manifest in found.manifests)
    return manifests.Read(own, found.findings)
