"""A Git repository in a folder of a test, which knows nothing of the user's settings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(folder: Path, *args: str) -> str:
    """Run Git in a folder and give what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    call = ["git", *args]
    done = subprocess.run(call, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def committed(folder: Path, message: str = "a commit") -> str:
    """Commit everything in a folder, which becomes a repository, and give the commit's name."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")
