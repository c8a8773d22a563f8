"""Where the version on trial of a component stands, the legal next steps, and the way back, as commands."""

from collections.abc import Mapping
from dataclasses import dataclass

from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.environment.load import load
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node
from aurora.errors import InputError
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.strategies import TrialledSpec
from aurora_constructs.trials import ALL, Kind, Move, Plan, State, moves


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a trial stands. Without a plan the environment has errors, and only the way back is open."""

    environment: str
    component: str
    state: State
    plan: Plan | None

    @property
    def words(self) -> str:
        """The state in a sentence."""
        state = self.state
        if state.canary is None:
            return f"{state.stable} gets all requests, no version is on trial"
        if state.weight is None:
            return f"{state.stable} serves, {state.canary} is on trial, and Argo Rollouts decides its share"
        rest = ALL - state.weight
        return f"{state.stable} gets {rest} % of the requests, {state.canary} is on trial with {state.weight} %"

    @property
    def steps(self) -> tuple[str, ...]:
        """The commands of the legal next steps."""
        found = moves(self.plan, self.state) if self.plan else ()
        return tuple(self.command(move) for move in found if move.kind is not Kind.ABORT)

    @property
    def back(self) -> str | None:
        """The command of the way back; None where stable gets all requests already."""
        return self.command(Move(kind=Kind.ABORT)) if self.state.canary else None

    @property
    def waits_for(self) -> str | None:
        """What keeps a version that has been through all shares from being promoted."""
        if self.plan is None:
            return "the environment has errors, which `aurora synth` lists: until then only the way back is open"
        if self.plan.is_through(self.state) and not self.plan.judged:
            return "no analysis could fail the version: add a Monitoring component, whose alerts evaluate one"
        return None

    def command(self, move: Move) -> str:
        """Write a step as a command."""
        step = {
            Kind.START: f"--canary {move.version or 'VERSION'}",
            Kind.WEIGHT: f"--weight {move.weight}",
            Kind.FINISH: "--finish",
            Kind.ABORT: "--abort",
        }[move.kind]
        return f"aurora rollout {self.environment} {self.component} {step}"


def situation(
    paths: RepositoryPaths, environment: str, component: str, kinds: Mapping[str, ComponentKind]
) -> Situation | None:
    """Tell where a component's trial stands; None where it has no strategy.

    Raises:
        UsageError: there is no such environment.
        StorageError: a file exists and cannot be read.
    """
    tree = load_layers(paths, environment).tree
    if tree is None or not has_strategy(tree, component, kinds):
        return None
    written = trials.read(tree, component)
    if written is None:
        return None
    try:
        loaded = load(paths, environment, kinds=kinds)
    except InputError:
        return Situation(environment, component, written.state, None)
    spec = next(entry.spec for entry in loaded.components if entry.name == component)
    plan = spec.plan(loaded.platform) if isinstance(spec, TrialledSpec) else None
    return Situation(environment, component, written.state, plan)


def has_strategy(tree: Node, component: str, kinds: Mapping[str, ComponentKind]) -> bool:
    """Tell whether a component is of a kind whose new versions are tried."""
    kind = tree.find((COMPONENTS, component, "kind"))
    known = kinds.get(str(kind.content)) if kind else None
    return known is not None and issubclass(known.spec, TrialledSpec)
