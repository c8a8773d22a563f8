"""What people ask of `aurora rollout`: one step of one component's version on trial."""

from dataclasses import dataclass

from aurora.errors import UsageError
from aurora_constructs.trials import Kind, Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One step, and in which file: the layer that others share (`shared`), or the environment's own (`own`).

    `path` is where a new version lies, for kinds that state that.
    """

    environment: str
    component: str
    move: Move
    path: str | None = None
    shared: bool = False
    own: bool = False


def move(*, canary: str | None, weight: int | None, finish: bool, abort: bool, path: str | None = None) -> Move:
    """Read the options of a step.

    Raises:
        UsageError: they name no step, several, a version without a name, or a path without a version.
    """
    named = [canary is not None or weight is not None, finish, abort]
    if sum(named) != 1:
        raise UsageError(
            "name one step: `--canary VERSION`, `--weight N`, `--finish` or `--abort`",
            hint="`aurora explain ENV components.NAME.strategy` prints the legal ones",
        )
    if canary is not None and not canary.strip():
        raise UsageError(
            "`--canary` names no version", hint="write the version that is to be tried: `--canary VERSION`"
        )
    if path is not None and canary is None:
        raise UsageError("`--path` says where a new version lies, and no `--canary` names one", hint="leave it out")
    if canary is not None:
        return Move(kind=Kind.START, version=canary, weight=weight)
    if weight is not None:
        return Move(kind=Kind.WEIGHT, weight=weight)
    return Move(kind=Kind.FINISH if finish else Kind.ABORT)
