"""The error tree: an error means that Aurora cannot go on; anything wrong with a manifest is a finding.

    AuroraError
    ├── UsageError           the command line asks for something that is not there          exit 2
    ├── InputError           an environment cannot be compiled; carries its findings        exit 2
    ├── BuildError           a construct refused its specification                          exit 2
    ├── CollisionError       two objects claim one file                                     exit 2
    ├── TableError           a table that ships with Aurora is broken; names every place    exit 2
    ├── ToolError            a program that Aurora needs failed                             exit 3
    │   ├── ToolMissingError     it is not installed
    │   ├── ToolVersionError     what is named for it is not the pinned version
    │   ├── ToolTimeoutError     it ran longer than its time limit
    │   ├── ToolCrashedError     it ended with a code that it has no right to
    │   └── ToolOutputError      its output is no proof: unreadable, incomplete or self-contradicting
    ├── RepositoryError      a chart repository gave no usable answer                       exit 3
    └── StorageError         the disk, or a second run, stands in the way                   exit 3

Must not import anything of Aurora but `model`, and must not print.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora.model.finding import Finding
    from aurora.model.place import Place


class AuroraError(Exception):
    """What failed, with the hint that says what to do about it."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AuroraError):
    """The command line names something that does not exist or does not fit."""

    exit_code = 2


class InputError(AuroraError):
    """An environment cannot be compiled; `findings` holds every reason, not only the first."""

    exit_code = 2

    def __init__(self, message: str, *, findings: Sequence[Finding], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class BuildError(AuroraError):
    """A construct refused its specification; the message names the construct's path."""

    exit_code = 2


class CollisionError(AuroraError):
    """Two objects would be written to one file, or to files that differ only in case."""

    exit_code = 2


class TableError(AuroraError):
    """A table that ships with Aurora, or with a plugin, is broken; the message holds every problem with its place."""

    exit_code = 2

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        super().__init__("\n".join(f"{place}: {message}" for place, message in sorted(problems)))
        self.problems = tuple(problems)


class ToolError(AuroraError):
    """A program that Aurora needs failed, so nothing is proved."""


class ToolMissingError(ToolError):
    """The program is not installed."""


class ToolVersionError(ToolError):
    """What is named for the program is not the pinned version."""


class ToolTimeoutError(ToolError):
    """The program ran longer than its time limit and was killed."""


class ToolCrashedError(ToolError):
    """The program could not be started, was killed, or ended with an exit code outside its contract."""


class ToolOutputError(ToolError):
    """The program's output is unreadable, incomplete, or contradicts what it was given."""


class RepositoryError(AuroraError):
    """A chart repository cannot be reached, or its answer is not what it should be."""


class StorageError(AuroraError):
    """A file or folder could not be read or written, or another run holds the lock."""
