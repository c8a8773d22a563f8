"""The state machine of a version on trial: where it stands, which steps are legal next, and the way back.

Pure: states and plans in, states and objections out. Who reads it: specifications, `aurora explain`, `aurora diff` and
`aurora rollout`. Imports no cdk8s.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

ALL = 100
"""Every request, in percent."""
WEIGHT_LIMIT = "canary-weight-limit"
"""Annotation or label of a route, behind the platform's prefix: the largest share, in percent, of its canary."""
USUAL_LIMIT = 50
"""The largest share where a route states none."""


class Form(StrEnum):
    """How a version gets its requests."""

    CANARY = "canary"
    BLUE_GREEN = "blue-green"
    ROLLOUTS = "rollouts"


class Breach(StrEnum):
    """What makes a step illegal."""

    CHANGED = "changed-on-trial"
    SKIPPED = "step-skipped"
    UNTRIED = "untried-version"
    UNJUDGED = "promoted-unjudged"


@dataclass(frozen=True, slots=True)
class State:
    """What an environment says: the version that serves, the one on trial, and the share of that one in percent.

    The share is None without a version on trial, and where a controller decides it.
    """

    stable: str
    canary: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a version comes into service: the shares at which it stops, rising, and whether something may fail it.

    Without stops a controller moves the shares.
    """

    form: Form
    stops: tuple[int, ...]
    judged: bool

    @property
    def limit(self) -> int | None:
        """The largest share that a route must allow, where that is more than usual."""
        largest = max(self.stops, default=0)
        return largest if largest > USUAL_LIMIT else None

    @property
    def largest_step(self) -> int:
        """The most by which the share rises at once."""
        return max((later - earlier for earlier, later in pairwise((0, *self.stops))), default=0)

    @property
    def first(self) -> int | None:
        """The share with which a trial begins."""
        return self.stops[0] if self.stops else None

    def following(self, weight: int) -> int | None:
        """Give the next share above one; None after the last."""
        return next((stop for stop in self.stops if stop > weight), None)

    def preceding(self, weight: int) -> int | None:
        """Give the last share below one; None before the first."""
        return next((stop for stop in reversed(self.stops) if stop < weight), None)

    def is_through(self, state: State) -> bool:
        """Tell whether the version on trial has been through all shares."""
        return state.canary is not None and (not self.stops or (state.weight or 0) >= self.stops[-1])


class Kind(StrEnum):
    """The steps that people take."""

    START = "start"
    WEIGHT = "weight"
    FINISH = "finish"
    ABORT = "abort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step: a start names the version, and the share unless it is the first; a weight names the share."""

    kind: Kind
    version: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a step is illegal, and what is legal in its place."""

    breach: Breach
    message: str
    hint: str


class IllegalMoveError(ValueError):
    """A step that the state machine refuses; `objections` say why."""

    def __init__(self, *objections: Objection) -> None:
        super().__init__("; ".join(objection.message for objection in objections))
        self.objections = objections


class NothingToDoError(ValueError):
    """A step that needs a version on trial where there is none, or that changes nothing."""


def moves(plan: Plan, state: State) -> tuple[Move, ...]:
    """Give the legal next steps; the way back is the last of them. A start names no version yet."""
    if state.canary is None:
        return (Move(kind=Kind.START, weight=plan.first),)
    found: list[Move] = []
    if plan.stops and state.weight is not None:
        for share in (plan.following(state.weight), plan.preceding(state.weight)):
            if share is not None:
                found.append(Move(kind=Kind.WEIGHT, weight=share))
    if plan.is_through(state) and plan.judged:
        found.append(Move(kind=Kind.FINISH))
    return (*found, Move(kind=Kind.ABORT))


def after(plan: Plan, state: State, move: Move) -> State:
    """Give the state that a step leads to. The way back is never refused.

    Raises:
        IllegalMoveError: the state machine refuses the step.
        NothingToDoError: nothing is on trial, or the step changes nothing.
    """
    if move.kind is Kind.ABORT:
        return State(state.stable)
    found = _target(plan, state, move)
    if found == state:
        raise NothingToDoError("this is what the environment says already")
    refused = tuple(objections(plan, state, found))
    if refused:
        raise IllegalMoveError(*refused)
    return found


def _target(plan: Plan, state: State, move: Move) -> State:
    if move.kind is Kind.START:
        if move.version == state.stable:
            raise NothingToDoError(f"`{state.stable}` serves already")
        weight = plan.first if move.weight is None else move.weight
        return State(state.stable, move.version, weight if plan.stops else None)
    if state.canary is None:
        raise NothingToDoError("no version is on trial")
    if move.kind is Kind.FINISH:
        return State(state.canary)
    if not plan.stops:
        raise NothingToDoError("Argo Rollouts decides the shares")
    return State(state.stable, state.canary, move.weight)


def objections(plan: Plan, before: State, now: State) -> Iterator[Objection]:
    """Yield what is illegal about the way from one state to another; nothing where the way goes back."""
    if before.canary is None:
        yield from _begun(plan, before, now)
    elif now.canary is None:
        yield from _ended(plan, before, now)
    elif now.stable != before.stable:
        yield from _ended(plan, before, State(now.stable))
        yield from _begun(plan, State(now.stable), now)
    elif now.canary != before.canary:
        if gets_requests(plan, before) or gets_requests(plan, now):
            message = f"the version on trial changes from `{before.canary}` to `{now.canary}` in mid-trial"
            hint = "take the first one back, then start the other one: each is compared with stable from its beginning"
            yield Objection(Breach.CHANGED, message, hint)
        else:
            yield from _begun(plan, State(before.stable), now)
    else:
        yield from _raised(plan, before.weight or 0, now)


def gets_requests(plan: Plan, state: State) -> bool:
    """Tell whether a version on trial may get requests by weight; the first stop of blue-green is 0."""
    return not plan.stops or bool(state.weight)


def _begun(plan: Plan, before: State, now: State) -> Iterator[Objection]:
    if now.stable != before.stable and plan.form is not Form.ROLLOUTS and not is_older(now.stable, before.stable):
        yield _untried(before.stable, now.stable)
    if now.canary is not None:
        yield from _raised(plan, -1, now)


def _ended(plan: Plan, before: State, now: State) -> Iterator[Objection]:
    if now.stable == before.stable:
        return
    if now.stable != before.canary:
        if not is_older(now.stable, before.stable):
            yield _untried(before.stable, now.stable)
        return
    if not plan.is_through(before):
        share = before.weight or 0
        upcoming = plan.following(share)
        message = f"`{before.canary}` goes from {share} % of the requests to {ALL} %"
        yield Objection(Breach.SKIPPED, message, f"the next step is {upcoming} %")
    if not plan.judged:
        message = f"`{before.canary}` is promoted, and no analysis could have failed it"
        hint = "add a Monitoring component, whose alerts evaluate `strategy.analysis`"
        yield Objection(Breach.UNJUDGED, message, hint)


def _raised(plan: Plan, share: int, now: State) -> Iterator[Objection]:
    upcoming = plan.following(share)
    wanted = now.weight or 0
    if plan.stops and wanted > max(share, upcoming if upcoming is not None else share):
        origin = f"from {share} %" if share >= 0 else "at once"
        message = f"`{now.canary}` goes {origin} to {wanted} % of the requests"
        hint = (
            f"the next step is {upcoming} %" if upcoming is not None else "there is no further step: finish the trial"
        )
        yield Objection(Breach.SKIPPED, message, hint)


def _untried(stable: str, now: str) -> Objection:
    message = f"`{now}` gets every request in the place of `{stable}`, and was not on trial"
    return Objection(Breach.UNTRIED, message, "start with it as the canary")


def is_older(version: str, other: str) -> bool:
    """Tell whether a version is older than another by its name, numbers in it compared as numbers: a way back."""
    return _parts(version) < _parts(other)


def _parts(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", version)]
