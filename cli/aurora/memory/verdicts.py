"""Verdicts of outside tools that were proved before, for checks whose verdict on an object depends on it alone.

A verdict is kept only out of a run whose planted violations were caught, and so are those: what is recalled
was proved with the same tool, the same code and the same context. Decides nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aurora.memory import digests, programs
from aurora.memory.store import Memory


@dataclass(frozen=True, slots=True)
class Remembered:
    """The verdicts of one tool in one context; without a context, none are kept and none recalled."""

    memory: Memory
    context: str | None

    def key(self, *parts: str) -> str:
        """Hash what a verdict depends on beside the context."""
        return digests.of(self.context or "", *parts)

    def recall(self, keys: Iterable[str]) -> dict[str, Any]:
        """Give the verdicts that are known."""
        if self.context is None:
            return {}
        return {key: json.loads(value.decode()) for key, value in self.memory.recall(set(keys)).items()}

    def keep(self, verdicts: Mapping[str, Any]) -> None:
        """Remember verdicts that were proved in this run."""
        if self.context is not None:
            self.memory.keep({key: json.dumps(value).encode() for key, value in verdicts.items()})


def remembered(memory: Memory, tool: Path, *context: str) -> Remembered:
    """Give the verdicts of a tool in a context.

    Raises:
        ToolMissingError: the tool cannot be read.
    """
    code = digests.code() if memory.remembers else None
    if code is None:
        return Remembered(memory, None)
    return Remembered(memory, digests.of("verdicts", code, programs.digest(tool, memory), *context))
