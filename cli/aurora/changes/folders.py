"""Compares two files or folders of anybody's manifests. Compiles nothing and needs no repository."""

from pathlib import Path

from aurora import packs
from aurora.changes import judging, reading
from aurora.model.clock import Clock
from aurora.model.diff import Diff
from aurora.paths import RepositoryPaths


def compare(before: Path, after: Path, means: judging.Means, repository: RepositoryPaths | None) -> Diff:
    """Compare the manifests of two files or folders; the kinds that the repository knows are known here too.

    Raises:
        UsageError: one of them does not exist.
        ToolError: server validation is missing, failed, or proved nothing.
        StorageError: a file cannot be read.
    """
    clock = Clock()
    with clock.stage("read"):
        subject = judging.Subject(before=reading.given(before), after=reading.given(after))
    seen = judging.look([subject], (packs.pack_of(repository), *means.schemas), means, clock)
    return judging.join(seen, base=str(before), head=str(after), environments=(), clock=clock)
