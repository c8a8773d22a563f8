"""Which values of which files make a step, so that the merged values say what the step leads to."""

from collections.abc import Iterator
from dataclasses import dataclass

from aurora.environment import trials
from aurora.environment.layers import Stack
from aurora.environment.tree import Node, Steps
from aurora_constructs.trials import State

PATH = "path"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One value of one file; without a value the entry goes, and `null` removes what lower layers say."""

    file: str
    steps: tuple[str, ...]
    value: str | int | None
    null: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """The files of an environment: those that only it reads, and its own one."""

    stack: Stack
    shared: frozenset[str]
    own: str

    def found(self, steps: Steps) -> Node | None:
        """Give the merged value at the steps."""
        return self.stack.tree.find(steps) if self.stack.tree else None

    def place(self, steps: Steps, beside: Steps) -> str:
        """Give the file in which a value is written: where it stands, or where the one beside it does."""
        found = self.found(steps) or self.found(beside)
        file = found.place.path if found else self.own
        return self.own if file in self.shared else file

    def holders(self, steps: Steps) -> list[str]:
        """Give the files that say something at the steps, lowest first."""
        layers = [layer for layer in self.stack.layers if layer.tree is not None]
        return [layer.path for layer in layers if layer.tree and layer.tree.find(steps) is not None]


def of_step(component: str, states: tuple[State, State], path: str | None, writing: Writing) -> Iterator[FileEdit]:
    """Yield the edits that lead from one state to another; `path` is where the version on trial lies then.

    Keys of the canary that are no part of a state, such as its header, stay for the next trial.
    """
    before, now = states
    tree = writing.stack.tree
    if tree is None:
        return
    at = trials.steps_to
    stable, canary = at(component, trials.STABLE), at(component, trials.CANARY)
    if now.stable != before.stable:
        yield from set_value(writing, (*stable, trials.VERSION), now.stable, stable)
        tried = tree.find((*canary, PATH))
        if tried is not None:
            yield from set_value(writing, (*stable, PATH), str(tried.content), stable)
    if now.canary is None:
        yield from _removed(canary, writing)
        return
    if now.canary != before.canary:
        yield from set_value(writing, (*canary, trials.VERSION), now.canary, (*stable, trials.VERSION))
        if path is not None:
            yield from set_value(writing, (*canary, PATH), path, (*stable, PATH))
    if now.weight is not None:
        beside = canary if tree.find(canary) else at(component)
        yield from set_value(writing, (*canary, trials.WEIGHT), now.weight, beside)


def set_value(writing: Writing, steps: Steps, value: str | int, beside: Steps) -> Iterator[FileEdit]:
    """Yield the edit that writes a value, unless it stands there; a new one goes where the one beside it stands."""
    found = writing.found(steps)
    if found is None or found.content != value:
        yield FileEdit(writing.place(steps, beside), tuple(map(str, steps)), value)


def _removed(canary: Steps, writing: Writing) -> Iterator[FileEdit]:
    """End the trial; what shared layers say of it is removed by a null in the environment's own file."""
    for key in (trials.VERSION, PATH, trials.WEIGHT):
        steps = (*canary, key)
        files = writing.holders(steps)
        if any(file in writing.shared for file in files):
            yield FileEdit(writing.own, tuple(map(str, steps)), None, null=True)
            files = [file for file in files if file not in writing.shared and file != writing.own]
        for file in files:
            yield FileEdit(file, tuple(map(str, steps)), None)
