"""Illegal steps of versions on trial: what an edit does to them that the state machine refuses.

Judged is the edit of the merged values, by the plan with which the trial began: a change of the plan opens no way.
"""

from collections.abc import Iterator

from aurora.changes import rules
from aurora.environment import trials
from aurora.environment.model import Environment
from aurora.environment.tree import Node
from aurora.model.finding import Finding
from aurora.model.json_value import JsonValue
from aurora_constructs.strategies import TrialledSpec, plan_of
from aurora_constructs.trials import Breach, Objection, State, gets_requests, objections

_RULES = {
    Breach.CHANGED: rules.CHANGED_ON_TRIAL,
    Breach.SKIPPED: rules.STEP_SKIPPED,
    Breach.UNTRIED: rules.UNTRIED_VERSION,
    Breach.UNJUDGED: rules.PROMOTED_UNJUDGED,
}


def find(before: Node | None, now: Node | None, environment: Environment) -> Iterator[Finding]:
    """Yield every illegal step of the environment's served models; a model that is new or goes makes none."""
    if before is None or now is None:
        return
    for component in environment.components:
        spec = component.spec
        written = trials.read(before, component.name)
        if not isinstance(spec, TrialledSpec) or written is None:
            continue
        for objection in _objections(written, spec, environment, (before, now)):
            node = now.nearest(trials.steps_to(component.name, *_keys(spec.state)))
            yield rules.found(
                _RULES[objection.breach],
                f"`components.{component.name}`: {objection.message}",
                place=node.at,
                environment=environment.name,
                hint=objection.hint,
            )


def _keys(state: State) -> tuple[str, str]:
    if state.canary is None:
        return trials.STABLE, trials.VERSION
    return trials.CANARY, trials.VERSION if state.weight is None else trials.WEIGHT


def _objections(
    written: trials.Written, spec: TrialledSpec, environment: Environment, trees: tuple[Node, Node]
) -> Iterator[Objection]:
    state, now = written.state, spec.state
    strategy = written.strategy if state.canary else spec.strategy
    plan = plan_of(strategy, judged=spec.is_watched(environment.platform))
    yield from objections(plan, state, now)
    if not (state.canary and now.canary == state.canary and now.stable == state.stable):
        return
    hint = "finish the trial or take the version back first"
    if strategy.type != spec.strategy.type:
        message = f"the strategy changes from `{strategy.type}` to `{spec.strategy.type}` in mid-trial"
        yield Objection(Breach.CHANGED, message, hint)
    if gets_requests(plan, state) and _image(trees[0], spec, environment) != _image(trees[1], spec, environment):
        message = f"the image of both tracks changes while `{state.canary}` is on trial: what is compared is no longer"
        yield Objection(Breach.CHANGED, f"{message} what was", hint)


def _image(tree: Node, spec: TrialledSpec, environment: Environment) -> JsonValue:
    """Give the image that the tracks' pods run, as it is written."""
    node = tree.find(("images", spec.program(environment.platform) or ""))
    return node.plain() if node else None
