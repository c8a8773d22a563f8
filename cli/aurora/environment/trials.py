"""Where the versions on trial of an environment stand, read from its merged values, which need not be valid."""

from dataclasses import dataclass

from aurora.environment.problems import judge
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node, Steps
from aurora_constructs.spec import Spec
from aurora_constructs.strategies import CanaryStrategy, Strategy
from aurora_constructs.trials import State

STABLE, CANARY = "stable", "canary"
STRATEGY = "strategy"
VERSION, WEIGHT = "version", "weight"


class _StrategyPart(Spec):
    """A component's `strategy`, judged by itself."""

    strategy: Strategy = CanaryStrategy()


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a model's versions, and how a new one gets its requests."""

    state: State
    strategy: Strategy


def read(tree: Node, component: str) -> Written | None:
    """Read what a component's values say; None where they name no version that serves."""
    stable = _text(tree, component, STABLE, VERSION)
    if stable is None:
        return None
    canary = _text(tree, component, CANARY, VERSION)
    weight = tree.find((COMPONENTS, component, CANARY, WEIGHT))
    share = weight.content if weight and isinstance(weight.content, int) else None
    return Written(State(stable, canary, share if canary else None), _strategy(tree, component))


def _text(tree: Node, component: str, *steps: str) -> str | None:
    node = tree.find((COMPONENTS, component, *steps))
    return node.content if node and isinstance(node.content, str) else None


def _strategy(tree: Node, component: str) -> Strategy:
    node = tree.find((COMPONENTS, component, STRATEGY))
    found = judge(_StrategyPart, Node({STRATEGY: node}, node.place, node.key))[0] if node else None
    return (found or _StrategyPart()).strategy


def steps_to(component: str, *keys: str) -> Steps:
    """Give the steps to a value of a component."""
    return (COMPONENTS, component, *keys)
