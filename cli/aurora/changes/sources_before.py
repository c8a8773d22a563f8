"""What people write, as a revision has it: environment files, constructs, folders of components, policies.

Writes only to its own folder.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from aurora.changes.reading import Revision
from aurora.environment.documents import MAX_BYTES
from aurora.environment.layers import load_layers
from aurora.environment.tree import Node
from aurora.errors import StorageError
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from aurora.tools import git

ENVIRONMENTS, CONSTRUCTS, COMPONENTS = "environments", "constructs", "components"
POLICIES = ("policies", "tetragon")
WRITTEN = (ENVIRONMENTS, CONSTRUCTS, COMPONENTS, *POLICIES)
"""The folders that people write in and objects are made from."""
# Whatever lies in a folder of a component can be part of it.
_SUFFIXES = {
    ENVIRONMENTS: frozenset({".yaml"}),
    CONSTRUCTS: frozenset({".py", ".yaml", ".yml", ".json", ".j2", ".lua", ".promql"}),
    **dict.fromkeys(POLICIES, frozenset({".yaml"})),
}


def changed(revision: Revision) -> Mapping[str, str]:
    """Give the files that differ from a revision, with what happened: `changed`, `is new`, `is gone`.

    Raises:
        StorageError: a file cannot be read.
    """
    before = {
        path: entry for folder in WRITTEN for path, entry in revision.below(folder).items() if _counts(path, folder)
    }
    now = {path: file for folder in WRITTEN for path, file in _files(revision.paths, folder)}
    found: dict[str, str] = {}
    for path in sorted(before.keys() | now.keys()):
        if path not in now:
            found[path] = "is gone"
        elif path not in before:
            found[path] = "is new"
        elif _id(now[path], before[path]) != before[path].id:
            found[path] = "changed"
    return found


def _files(paths: RepositoryPaths, folder: str) -> Iterator[tuple[str, Path]]:
    for file in sorted((paths.root / folder).rglob("*")):
        shown = file.relative_to(paths.root).as_posix()
        if _counts(shown, folder) and file.is_file():
            yield shown, file


def _counts(path: str, folder: str) -> bool:
    known = _SUFFIXES.get(folder)
    return (known is None or PurePosixPath(path).suffix in known) and "__pycache__" not in path


def _id(file: Path, like: git.Entry) -> str:
    try:
        return git.content_id(file.read_bytes(), like.id)
    except OSError as error:
        raise StorageError(f"`{file}` cannot be read: {error.strerror}", hint="check its permissions") from error


@contextmanager
def exported(revision: Revision) -> Iterator[RepositoryPaths]:
    """Give a folder with the environment files of a revision, which is deleted at the end.

    Raises:
        ToolError: Git failed.
    """
    entries = {
        path: entry
        for path, entry in revision.below(ENVIRONMENTS).items()
        if entry.mode in git.REGULAR and entry.size <= MAX_BYTES and ".." not in PurePosixPath(path).parts
    }
    contents = revision.contents(entries.values())
    with tempfile.TemporaryDirectory(prefix="aurora-") as folder:
        root = Path(folder).resolve()
        (root / ENVIRONMENTS).mkdir()
        for path, entry in entries.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[entry.id])
        yield RepositoryPaths(root)


def tree(paths: RepositoryPaths, environment: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """Give the merged values of an environment, None where it does not exist or cannot be read.

    Raises:
        StorageError: a file exists and cannot be read.
    """
    if environment not in paths.environment_names():
        return None, ()
    stack = load_layers(paths, environment)
    if stack.tree is None:
        return None, tuple(replace(entry, environment=environment) for entry in stack.findings)
    return stack.tree, ()
