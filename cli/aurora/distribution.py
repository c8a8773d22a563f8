"""What comes with Aurora: layers, policies, definitions, and the Go modules that its programs are built from.

In a clone of Aurora's repository these are the repository's own folders; in an installed wheel they lie packed
beside the code, under the same names. `paths` names what belongs to a user's repository. Reads no files.
"""

from functools import cache
from pathlib import Path

from aurora.paths import RepositoryPaths

PACKAGE = Path(__file__).resolve().parent
PACKED = PACKAGE / "_packed"


@cache
def root() -> Path:
    """Give the folder that holds all of it."""
    return PACKED if PACKED.is_dir() else PACKAGE.parents[1]


def shipped() -> RepositoryPaths:
    """Give the folders of what is shipped, laid out like any repository's."""
    return RepositoryPaths(root())


def modules() -> Path:
    """Give the folder of the Go modules that pin the programs."""
    return root() / "tools"


def go_lock() -> Path:
    """Give the lock of the Python packages that bring a Go toolchain."""
    return root() / "requirements-go.lock"
