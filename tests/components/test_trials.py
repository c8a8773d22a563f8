"""The state machine of versions on trial: every edge, and that stable can be reached from everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora_constructs.trials import (
    Breach,
    Form,
    IllegalMoveError,
    Kind,
    Move,
    NothingToDoError,
    Plan,
    State,
    after,
    is_older,
    moves,
    objections,
)

OLD, NEW, NEWER = "v20260901-120000", "v20261101-090000", "v20261115-140000"
CANARY = Plan(form=Form.CANARY, stops=(5, 25, 50), judged=True)
BLIND = Plan(form=Form.CANARY, stops=(5, 25, 50), judged=False)
SWITCH = Plan(form=Form.BLUE_GREEN, stops=(0, 100), judged=True)
ROLLOUTS = Plan(form=Form.ROLLOUTS, stops=(), judged=True)
REST = State(OLD)

START, FINISH, ABORT = Move(kind=Kind.START, version=NEW), Move(kind=Kind.FINISH), Move(kind=Kind.ABORT)


def at(weight: int | None) -> State:
    return State(OLD, NEW, weight)


def share(weight: int) -> Move:
    return Move(kind=Kind.WEIGHT, weight=weight)


@pytest.mark.parametrize(
    ("plan", "state", "move", "result"),
    [
        (CANARY, REST, START, at(5)),
        (CANARY, REST, Move(kind=Kind.START, version=NEW, weight=1), at(1)),
        (CANARY, at(1), share(5), at(5)),
        (CANARY, at(5), share(25), at(25)),
        (CANARY, at(10), share(25), at(25)),
        (CANARY, at(25), share(5), at(5)),
        (CANARY, at(25), share(0), at(0)),
        (CANARY, at(25), share(50), at(50)),
        (CANARY, at(50), FINISH, State(NEW)),
        (CANARY, at(0), Move(kind=Kind.START, version=NEWER, weight=0), State(OLD, NEWER, 0)),
        (SWITCH, REST, START, at(0)),
        (SWITCH, at(0), share(100), at(100)),
        (SWITCH, at(100), share(0), at(0)),
        (SWITCH, at(100), FINISH, State(NEW)),
        (ROLLOUTS, REST, START, at(None)),
        (ROLLOUTS, at(None), FINISH, State(NEW)),
        (CANARY, REST, ABORT, REST),
        (BLIND, at(50), ABORT, REST),
        (ROLLOUTS, at(None), ABORT, REST),
    ],
)
def test_a_legal_step_leads_to_its_state(plan: Plan, state: State, move: Move, result: State) -> None:
    assert after(plan, state, move) == result


@pytest.mark.parametrize(
    ("plan", "state", "move", "breach", "words"),
    [
        (CANARY, REST, Move(kind=Kind.START, version=NEW, weight=25), Breach.SKIPPED, "at once to 25 %"),
        (CANARY, at(5), share(50), Breach.SKIPPED, "from 5 % to 50 %"),
        (CANARY, at(5), share(100), Breach.SKIPPED, "from 5 % to 100 %"),
        (CANARY, at(50), share(75), Breach.SKIPPED, "from 50 % to 75 %"),
        (CANARY, at(5), FINISH, Breach.SKIPPED, "from 5 % of the requests to 100 %"),
        (BLIND, at(50), FINISH, Breach.UNJUDGED, "no analysis could have failed it"),
        (CANARY, at(5), Move(kind=Kind.START, version=NEWER), Breach.CHANGED, "in mid-trial"),
        (SWITCH, REST, Move(kind=Kind.START, version=NEW, weight=100), Breach.SKIPPED, "at once to 100 %"),
        (SWITCH, at(0), FINISH, Breach.SKIPPED, "from 0 %"),
        (ROLLOUTS, at(None), Move(kind=Kind.START, version=NEWER), Breach.CHANGED, "in mid-trial"),
    ],
)
def test_an_illegal_step_is_refused_with_its_reason(  # noqa: PLR0917 - a row of the table
    plan: Plan, state: State, move: Move, breach: Breach, words: str
) -> None:
    with pytest.raises(IllegalMoveError) as refused:
        after(plan, state, move)
    assert [objection.breach for objection in refused.value.objections] == [breach]
    assert words in refused.value.objections[0].message and refused.value.objections[0].hint


@pytest.mark.parametrize(
    ("plan", "state", "move", "words"),
    [
        (CANARY, REST, share(5), "no version is on trial"),
        (CANARY, REST, FINISH, "no version is on trial"),
        (CANARY, REST, Move(kind=Kind.START, version=OLD), "serves already"),
        (CANARY, at(5), share(5), "says already"),
        (ROLLOUTS, at(None), share(5), "decides the shares"),
    ],
)
def test_a_step_that_nothing_follows_from_is_refused(plan: Plan, state: State, move: Move, words: str) -> None:
    with pytest.raises(NothingToDoError, match=words):
        after(plan, state, move)


@pytest.mark.parametrize(
    ("plan", "before", "now", "breaches"),
    [
        (CANARY, REST, State(NEW), [Breach.UNTRIED]),
        (CANARY, State(NEW), REST, []),  # the way back to an older version
        (ROLLOUTS, REST, State(NEW), []),  # the controller tries it
        (CANARY, at(5), State(NEWER), [Breach.UNTRIED]),
        (CANARY, at(5), REST, []),
        (CANARY, at(50), State(NEW, NEWER, 5), []),
        (CANARY, at(50), State(NEW, NEWER, 25), [Breach.SKIPPED]),
        (BLIND, at(5), State(NEW), [Breach.SKIPPED, Breach.UNJUDGED]),
        (CANARY, at(5), State(OLD, NEWER, 5), [Breach.CHANGED]),
        (CANARY, at(0), State(OLD, NEWER, 5), [Breach.CHANGED]),
        (CANARY, at(0), State(OLD, NEWER, 0), []),  # a dark canary gets no requests
        (CANARY, at(50), at(50), []),
        (CANARY, at(75), at(60), []),
    ],
)
def test_the_way_between_two_states_is_judged(plan: Plan, before: State, now: State, breaches: list[Breach]) -> None:
    assert [objection.breach for objection in objections(plan, before, now)] == breaches


@pytest.mark.parametrize(
    ("plan", "state", "expected"),
    [
        (CANARY, REST, ["start 5"]),
        (CANARY, at(5), ["weight 25", "abort"]),
        (CANARY, at(25), ["weight 50", "weight 5", "abort"]),
        (CANARY, at(50), ["weight 25", "finish", "abort"]),
        (BLIND, at(50), ["weight 25", "abort"]),
        (SWITCH, at(0), ["weight 100", "abort"]),
        (SWITCH, at(100), ["weight 0", "finish", "abort"]),
        (ROLLOUTS, at(None), ["finish", "abort"]),
    ],
)
def test_the_legal_next_steps_are_known(plan: Plan, state: State, expected: list[str]) -> None:
    found = [str(move.kind) + (f" {move.weight}" if move.weight is not None else "") for move in moves(plan, state)]
    assert found == expected


PLANS = st.one_of(
    st.builds(
        lambda stops, judged: Plan(form=Form.CANARY, stops=tuple(sorted(stops)), judged=judged),
        st.sets(st.integers(1, 99), min_size=1, max_size=6),
        st.booleans(),
    ),
    st.sampled_from([SWITCH, ROLLOUTS]),
)
STATES = st.builds(
    lambda stable, canary, weight: State(stable, canary, weight if canary else None),
    st.sampled_from([OLD, NEW]),
    st.sampled_from([None, NEWER, "v1", "x"]),
    st.one_of(st.none(), st.integers(-5, 200)),
)


@given(plan=PLANS, state=STATES)
def test_stable_can_be_reached_from_every_state(plan: Plan, state: State) -> None:
    reached = after(plan, state, ABORT)
    assert reached == State(state.stable)
    assert list(objections(plan, state, reached)) == []


@given(plan=PLANS, state=STATES)
def test_every_step_that_is_called_legal_is_legal(plan: Plan, state: State) -> None:
    for move in moves(plan, state):
        named = Move(kind=move.kind, version="v0", weight=move.weight) if move.kind is Kind.START else move
        reached = after(plan, state, named)
        assert list(objections(plan, state, reached)) == []


@given(plan=PLANS)
def test_a_version_gets_everything_only_after_every_stop(plan: Plan) -> None:
    state, seen = after(plan, REST, START), []
    for _ in range(len(plan.stops) + 1):
        seen.append(state.weight)
        ahead = [move for move in moves(plan, state) if (move.weight or 0) > (state.weight or 0)]
        if not ahead:
            break
        state = after(plan, state, ahead[0])
    assert tuple(seen) == (plan.stops or (None,))
    assert any(move.kind is Kind.FINISH for move in moves(plan, state)) is plan.judged


def test_versions_are_ordered_by_the_numbers_in_them() -> None:
    assert is_older("9", "10") and is_older(OLD, NEW) and is_older("v1.2", "v1.10")
    assert not is_older("10", "9") and not is_older(NEW, NEW)
