"""A machine as somebody else has it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from aurora.tools.runner import Command, ToolRun, run

_EVERY_CODE = frozenset(range(256))


@dataclass(frozen=True)
class Elsewhere:
    """An empty Python environment, no Go, nothing of this repository."""

    folder: Path

    def __call__(self, *words: str, cwd: Path | None = None) -> ToolRun:
        """Run a program of the environment; no other Python, no Go and no cache of this machine is to be seen."""
        surroundings = {
            "PATH": f"{self.folder / 'venv' / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "AURORA_CACHE": str(self.folder / "cache"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_CONFIG_FILE": os.devnull,
        }
        program = self.folder / "venv" / "bin" / words[0]
        args = (str(program), *words[1:])
        where = cwd or self.folder
        return run(Command(args=args, cwd=where, timeout=600, environment=surroundings, accepted_codes=_EVERY_CODE))
