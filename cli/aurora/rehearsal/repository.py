"""The Git repository that a rehearsal's Argo CD reads: made from what is committed, served on the loopback address.

Must not know what the files mean.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import StorageError, ToolMissingError
from aurora.tools.background import Programs, free_ports, listens
from aurora.tools.runner import Command, run

_NAME = "environments"
_WHO = ("-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", "-c", "commit.gpgsign=false")
_SECONDS = 60.0
BRANCH = "main"


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository, the folder that is committed into it, and the address under which it is read."""

    bare: Path
    work: Path
    address: str
    git: str

    def commit(self, files: Mapping[str, bytes], message: str, *, name: str) -> str:
        """Commit exactly these files, let the branch and a name be that commit, and give it; other names are tags.

        Raises:
            ToolError: Git failed.
            StorageError: a file cannot be written.
        """
        try:
            for entry in self.work.iterdir():
                if entry.name != ".git":
                    shutil.rmtree(entry)
            for path, content in files.items():
                target = self.work / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        except OSError as error:
            raise StorageError(f"`{self.work}` cannot be written: {error.strerror}") from error
        self._run("add", "--all", "--force")
        self._run("commit", "--quiet", "--allow-empty", "--message", message)
        if name != BRANCH:
            self._run("push", "--quiet", "--force", str(self.bare), f"HEAD:refs/tags/{name}")
        self._run("push", "--quiet", "--force", str(self.bare), f"HEAD:refs/heads/{BRANCH}")
        return self._run("rev-parse", "HEAD").strip()

    def commits(self) -> int:
        """Count the commits so far.

        Raises:
            ToolError: Git failed.
        """
        return int(self._run("rev-list", "--count", "HEAD"))

    def _run(self, *args: str) -> str:
        return _git(self.git, self.work, *args)


def serve(programs: Programs) -> Repository:
    """Make an empty repository in the programs' folder and serve it.

    Raises:
        ToolError: there is no Git, or it failed.
    """
    git = shutil.which("git")
    if git is None:
        raise ToolMissingError("`git` is not on the PATH", hint="install Git")
    served, work = programs.folder / "repositories", programs.folder / "work"
    bare = served / f"{_NAME}.git"
    bare.mkdir(parents=True)
    work.mkdir()
    _git(git, bare, "init", "--quiet", "--bare", f"--initial-branch={BRANCH}")
    _git(git, work, "init", "--quiet", f"--initial-branch={BRANCH}")
    (port,) = free_ports(1)
    args = ("daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", f"--base-path={served}")
    daemon = programs.start("git-daemon", (git, *args, str(served)))
    programs.wait(daemon, lambda: listens(port), _SECONDS)
    return Repository(bare, work, f"git://127.0.0.1:{port}/{_NAME}.git", git)


def _git(git: str, folder: Path, *args: str) -> str:
    # Without the caller's own settings: hooks, signatures and filters of a person do not belong here.
    environment = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return run(Command(args=(git, *_WHO, *args), cwd=folder, timeout=_SECONDS, environment=environment)).stdout
