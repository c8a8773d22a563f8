"""Runs of `synth` and `validate` that were done before: their report, where nothing that they read has changed.

The key is a hash over everything that such a run reads: environments and layers, policies, schemas, what is
committed, the code, the programs, the options and the day. Imports no pipeline: a run that is known needs
neither specifications nor YAML nor Node.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import distribution, writer
from aurora.errors import ToolError, UsageError
from aurora.memory import digests, forms, programs
from aurora.memory.store import Memory
from aurora.model.report import Report
from aurora.paths import CHARTS_VARIABLE, RepositoryPaths, find_repository
from aurora.settings import reading
from aurora.tools import pins
from aurora.tools.installed import Toolbox

PLUGINS = "aurora.components"
"""The entry points of component kinds; `environment.plugins` says so too, but imports what a known run never needs."""


RUNNERS = ("CI", "GITHUB_ACTIONS")
"""Variables that say who runs: some of them must not leave a chart unjudged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A run over environments of a repository.

    `options` is everything else that decides about its report; whoever `writes` does so alone.
    """

    command: str
    paths: RepositoryPaths
    names: tuple[str, ...]
    options: tuple[str, ...]
    writes: bool = False


class WholeRun:
    """One run; what it reads is hashed before and after it, so that nothing is kept of a moving target."""

    def __init__(self, request: Request, memory: Memory, tools: Toolbox) -> None:
        self.request = request
        self._memory = memory
        self._tools = tools
        self._built: str | None = None
        self._baseline = reading.collect(request.paths.root)[0].rules.baseline
        self._before = self._inputs() if memory.remembers else None

    def is_built(self) -> bool:
        """Tell whether the same code compiled the same environments before, so that nothing is left to build."""
        return self._built is not None and bool(self._memory.recall([self._built]))

    def recall(self) -> Report | None:
        """Give the report of the same run, if it is known and what is committed is what it left behind.

        Raises:
            StorageError: `generated/` cannot be read, or another run writes to it right now.
        """
        if self._before is None or writer.is_unfinished(self.request.paths):
            return None
        with writer.exclusive(self.request.paths) if self.request.writes else nullcontext():
            return self._recall(self._before)

    def _recall(self, inputs: tuple[str, ...]) -> Report | None:
        started = time.monotonic()
        if not self._memory.recall([self._key(inputs, {})]):
            return None  # no such run is known, whatever is committed
        key = self._key(inputs, self._trees())
        known = self._memory.recall([key]).get(key)
        if known is None:
            return None
        entry = json.loads(known)
        self._tools.notes.extend(entry["notes"])
        report = forms.report_from(entry["report"])
        checks = tuple(replace(check, cached=check.examined, seconds=0.0) for check in report.checks)
        return replace(report, checks=checks, seconds={"recall": time.monotonic() - started})

    def keep(self, report: Report, rendered: Mapping[str, Mapping[str, bytes]] | None = None) -> None:
        """Remember a report, of a run that wrote or found exactly what it rendered, or that only read."""
        if self._before is None or self._inputs() != self._before:
            return
        trees = self._trees() if rendered is None else {name: digests.of_files(tree) for name, tree in rendered.items()}
        entry = {"report": forms.report_form(report), "notes": self._tools.notes}
        known = {self._key(self._before, {}): b"", self._key(self._before, trees): json.dumps(entry).encode()}
        self._memory.keep({**known, self._built: b""} if self._built and rendered is not None else known)

    def _key(self, inputs: tuple[str, ...], trees: Mapping[str, str]) -> str:
        request = self.request
        return digests.of(
            "whole run",
            request.command,
            str(request.paths.root),
            json.dumps([request.names, request.options, sorted(trees.items())]),
            inputs[0],
        )

    def _trees(self) -> dict[str, str]:
        """Hash what is committed of each environment; without names, of everything that lies there."""
        paths, names = self.request.paths, self.request.names
        if not names:
            there = paths.generated.iterdir() if paths.generated.is_dir() else ()
            found = {entry.name for entry in there if not entry.name.startswith(".")}
            names = tuple(sorted(found.union(paths.environment_names())))
        return {name: digests.of_files(writer.committed(paths, name)) for name in names}

    def _inputs(self) -> tuple[str, ...] | None:
        """Hash what the run reads, and when it was last changed; None where that cannot be told."""
        paths = self.request.paths
        code, plugins = digests.code(), digests.plugins(PLUGINS)
        settings = [paths.root / name for name in (reading.PROJECT, reading.FILE, self._baseline)]
        read = [paths.policies, paths.tracing_policies, paths.components, *settings]
        packs = [paths.schemas, distribution.shipped().schemas]
        charts = [paths.charts, *map(Path, filter(None, [os.environ.get(CHARTS_VARIABLE)]))]
        committed = [paths.generated] if self.request.command == "validate" else []
        try:
            environments = digests.snapshot([paths.environments])
            found = digests.snapshot([*read, *packs, *charts])
            state = digests.snapshot(committed).state
            programs = [self._program(pin) for pin in pins.BY_NAME.values()]
        except OSError:
            return None
        if code is None or plugins is None:
            return None
        self._built = digests.of("built", code, plugins, environments.content)
        content = digests.of(self._built, found.content, *programs, *(os.environ.get(name, "") for name in RUNNERS))
        return content, environments.state, found.state, state

    def _program(self, pin: pins.ToolPin) -> str:
        """Hash a program, found apart from the run: what is passed over for one that it does not use is no news."""
        toolbox = Toolbox(cache=self._tools.cache, sources=self._tools.sources, wheel=self._tools.wheel)
        try:
            return programs.digest(toolbox.locate(pin.name), self._memory)
        except ToolError as error:
            return f"{type(error).__name__}: {error.message}"


def over_committed(
    folder: Path, targets: Sequence[str], options: tuple[str, ...], *, memory: Memory, tools: Toolbox
) -> WholeRun | None:
    """Give the run of `validate` over what is committed; None where a target is something else."""
    try:
        paths = find_repository(folder)
    except UsageError:
        return None
    if not set(targets) <= set(paths.environment_names()):
        return None
    return WholeRun(Request(command="validate", paths=paths, names=tuple(targets), options=options), memory, tools)
