"""Asks Git what a revision of a repository holds: every file in one call, the wanted contents in a second.

Reads objects only: no hook, no filter and no network can run. Must not know what the files mean.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolCrashedError, ToolMissingError, ToolOutputError, UsageError
from aurora.tools.runner import Command, run

LINK = "120000"
REGULAR = frozenset({"100644", "100755"})

_REVISION = re.compile(r"[A-Za-z0-9@][A-Za-z0-9._/@{}^~-]*")
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNKNOWN, _NO_COMMIT = "Not a valid object name", "expected commit type"
"""Git's words for a name that leads nowhere, and for one that leads to something else than a commit."""
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""Files of a Git directory by which Git itself knows that it has not finished (git 2.50, wt-status.c)."""
_TIMEOUT = 60.0
_SHA256_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a revision: its mode, the id of its content, and how many bytes that has."""

    mode: str
    id: str
    size: int


def is_revision(text: str) -> bool:
    """Tell whether a text can be the name of a revision; whether there is one, only Git knows."""
    return bool(_REVISION.fullmatch(text))


def listed(folder: Path, revision: str, paths: Iterable[str]) -> dict[str, Entry]:
    """List all files that a revision has below some paths, which are relative to the folder, as the answer is.

    Raises:
        UsageError: this is no Git repository, or it has no such revision.
        ToolError: Git is missing or failed, or the repository is damaged.
    """
    if not is_revision(revision):
        raise UsageError(f"`{revision}` is no name of a Git revision", hint="name a branch, a tag or a commit")
    args = ("ls-tree", "-r", "-z", "-l", f"{revision}^{{commit}}", "--", *paths)
    try:
        output = _git(folder, *args)
    except ToolCrashedError as error:
        raise _explained(folder, revision, error) from error
    return dict(_entry(line) for line in output.split(b"\0") if line)


def contents(folder: Path, ids: Iterable[str]) -> Mapping[str, bytes]:
    """Read the contents that have some ids, all in one call.

    Raises:
        ToolOutputError: the repository lacks one of them.
        ToolError: Git is missing or failed.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    with tempfile.TemporaryDirectory(prefix="aurora-") as workspace:
        given = Path(workspace) / "ids"
        given.write_text("".join(f"{entry}\n" for entry in wanted), encoding="ascii")
        output = _git(folder, "cat-file", "--batch", given=given)
    return _batch(output, wanted)


def content_id(content: bytes, like: str) -> str:
    """Give the id that Git knows a content by, in the format that another id has."""
    algorithm = hashlib.sha256 if len(like) == _SHA256_LENGTH else hashlib.sha1
    return algorithm(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def under_way(folder: Path) -> str | None:
    """Give what has begun and waits for people: a merge, rebase, revert or pick; None where there is nothing.

    Raises:
        ToolError: Git is missing or failed.
    """
    own = Path(_git(folder, "rev-parse", "--absolute-git-dir").decode(errors="surrogateescape").strip())
    return next((words for name, words in _UNDER_WAY.items() if (own / name).exists()), None)


def tags(folder: Path) -> tuple[str, ...]:
    """Give the names of all tags.

    Raises:
        ToolError: Git is missing or failed.
    """
    return tuple(_git(folder, "tag", "--list").decode().split())


def last_tag(folder: Path) -> str:
    """Give the nearest tag on the way to the last commit; what that commit itself is called does not count.

    Raises:
        UsageError: there is none.
        ToolError: Git is missing.
    """
    try:
        return _git(folder, "describe", "--tags", "--abbrev=0", "HEAD^").decode().strip()
    except ToolCrashedError as error:
        message = "no commit before the last one has a tag: nothing says what was released"
        raise UsageError(
            message, hint="`--tag` names a tag or another revision; `git fetch --tags` brings tags"
        ) from error


def _entry(line: bytes) -> tuple[str, Entry]:
    head, _, path = line.partition(b"\t")
    mode, _, found, size = head.decode("ascii").split()
    return path.decode(errors="surrogateescape"), Entry(mode, found, int(size) if size.isdigit() else 0)


def _batch(output: bytes, wanted: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    start = 0
    for expected in wanted:
        end = output.find(b"\n", start)
        words = output[start:end].decode("ascii", errors="replace").split()
        if len(words) != 3 or words[0] != expected:
            raise ToolOutputError(
                f"`git` has no content `{expected}`",
                hint="a partial clone lacks it: fetch it with `git fetch --refetch`",
            )
        size = int(words[2])
        found[expected] = output[end + 1 : end + 1 + size]
        start = end + size + 2
    return found


def _explained(folder: Path, revision: str, failure: ToolCrashedError) -> UsageError | ToolCrashedError:
    """Find out why a revision cannot be read: where it is not for want of such a name, in Git's own words."""
    try:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except ToolCrashedError:
        return UsageError(
            f"`{folder}` is in no Git repository, so there is no revision `{revision}`",
            hint="run `git init` and commit; two folders can be compared without Git: `aurora diff BEFORE AFTER`",
        )
    if _damaged(folder, revision, failure):
        return ToolCrashedError(
            f"`{revision}` is there and cannot be read: {failure.message}",
            hint="`git fsck` lists what is damaged or missing; a fresh clone has it whole",
        )
    if shallow:
        return UsageError(
            f"there is no Git revision `{revision}` here: this clone is shallow, it lacks older commits",
            hint="fetch them with `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0` for the checkout",
        )
    return UsageError(
        f"there is no Git revision `{revision}` in this repository",
        hint="`git branch --all` and `git tag` list what there is; `git fetch` brings what others pushed",
    )


def _damaged(folder: Path, revision: str, failure: ToolCrashedError) -> bool:
    """Tell whether Git knows the name and lacks, or cannot unpack, what it leads to."""
    unknown = _UNKNOWN in failure.message
    if not unknown or ("error: " in failure.message and _NO_COMMIT not in failure.message):
        return True
    if _ID.fullmatch(revision):
        return False
    try:
        found = _git(folder, "rev-parse", "--verify", "--quiet", revision).strip().decode()
    except ToolCrashedError:
        return False
    return not _has(folder, found)


def _has(folder: Path, wanted: str) -> bool:
    try:
        _git(folder, "cat-file", "-e", wanted)
    except ToolCrashedError:
        return False
    return True


def _git(folder: Path, *args: str, given: Path | None = None) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise ToolMissingError(
            "`git` is not on the PATH",
            hint="install git; two folders can be compared without it: `aurora diff BEFORE AFTER`",
        )
    with tempfile.TemporaryDirectory(prefix="aurora-") as workspace:
        output = Path(workspace) / "output"
        run(
            Command(
                args=(git, "-c", "safe.directory=*", "-c", "core.fsmonitor=false", *args),
                cwd=folder,
                timeout=_TIMEOUT,
                environment={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "GIT_OPTIONAL_LOCKS": "0",
                    "GIT_NO_LAZY_FETCH": "1",
                    "GIT_TERMINAL_PROMPT": "0",
                },
                input=given,
                output=output,
            )
        )
        return output.read_bytes()
