"""Works out a promotion: what moves, what stays and why, and the new texts of the files. Reads and writes no others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.environment.load import load
from aurora.environment.model import Environment
from aurora.environment.plugins import component_kinds
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import path_text, suggestion, visible
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import externals, git_state, stages
from aurora.promotion.pins import IMAGES, components, images_of, pins, trialled
from aurora.rollout import edits as steps_of_trials
from aurora.rollout.edits import FileEdit, Writing
from aurora.rollout.planning import Texts, edited_texts
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.strategies import TrialledSpec
from aurora_constructs.trials import IllegalMoveError, Kind, Move, NothingToDoError, State, after

Kinds = Mapping[str, ComponentKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is promoted where; of one component, the images that it names move too."""

    source: str
    target: str
    component: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a promotion comes to: the edits and the texts of the files, and what stays with the reason."""

    target: str
    before: Node
    edits: tuple[FileEdit, ...]
    texts: Texts
    stays: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What moves, one line a value."""
        return tuple(self._line(edit) for edit in self.edits)

    def _line(self, edit: FileEdit) -> str:
        old = self.before.find(edit.steps)
        was = "nothing" if old is None or isinstance(old.content, dict | list) else str(old.content)
        return f"{path_text(edit.steps)}: {was} → {'nothing' if edit.value is None else edit.value} in {edit.file}"


def planned(paths: RepositoryPaths, request: Request) -> Promotion:
    """Work out a promotion to the next stage.

    Raises:
        UsageError: there is no such environment or component, a stage is skipped, the Git state is unknown or files are
            not committed, or nothing is to be promoted.
        InputError: one of the environments cannot be compiled.
        StorageError: a file cannot be read.
    """
    kinds = component_kinds(paths)
    source, target = (load(paths, name, kinds=kinds) for name in (request.source, request.target))
    stages.refuse_skipped(paths, source, target)
    git_state.refuse_unknown(paths)
    stack = load_layers(paths, request.target)
    if source.tree is None or stack.tree is None:
        raise UsageError("an environment has no values")
    wanted = Wanted(source.tree, stack.tree, request.component, kinds)
    where = stages.writing(paths, stack)
    edits, stays = [*wanted.edits(where)], []
    for name in wanted.trialled():
        try:
            edits.extend(_started(name, source.tree, target, where))
        except IllegalMoveError as error:
            stays.append(f"components.{name}: {error}")
    edits.extend(externals.needed((source.tree, stack.tree), edits, kinds, where))
    if not edits:
        reasons = "; ".join(stays) or f"`{request.target}` has all that `{request.source}` has"
        raise UsageError(f"nothing to promote: {reasons}")
    return Promotion(
        target=request.target,
        before=stack.tree,
        edits=tuple(edits),
        texts=edited_texts(paths, edits),
        stays=tuple(stays),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The pins of one environment that another one has too, of one component or of all."""

    source: Node
    target: Node
    component: str | None
    kinds: Kinds

    def __post_init__(self) -> None:
        known = [name for name, *_ in components(self.target, self.kinds)]
        if self.component is not None and self.component not in known:
            hint = suggestion(self.component, known, otherwise="there are")
            raise UsageError(f"the environment has no component `{visible(self.component)}`", hint=hint)

    def edits(self, where: Writing) -> Iterator[FileEdit]:
        """Yield the edit of each pin that differs and whose owner both environments have."""
        for steps, value in pins(self.source, self.kinds).items():
            if self._moves(steps):
                yield from steps_of_trials.set_value(where, steps, value, ("",))

    def trialled(self) -> Iterator[str]:
        """Yield the components with versions on trial that both environments have."""
        there = trialled(self.source, self.kinds)
        for name in trialled(self.target, self.kinds):
            if name in there and self.component in (None, name):
                yield name

    def _moves(self, steps: Steps) -> bool:
        owner = self.target.find(steps[:-1])
        if owner is None:
            return False
        if steps[0] == COMPONENTS:
            same = [tree.find((*steps[:2], "kind")) for tree in (self.source, self.target)]
            if same[0] is None or same[1] is None or same[0].content != same[1].content:
                return False
        if self.component is None:
            return True
        images = images_of(self.target, self.component, self.kinds)
        return steps[:2] == (COMPONENTS, self.component) or (steps[0] == IMAGES and steps[1] in images)


def _started(name: str, source: Node, target: Environment, where: Writing) -> Iterator[FileEdit]:
    """Start a trial of the version that serves at the stage before; nothing where it serves or is on trial already.

    Raises:
        IllegalMoveError: another version is on trial.
    """
    served = trials.read(source, name)
    spec = next(entry.spec for entry in target.components if entry.name == name)
    if served is None or not isinstance(spec, TrialledSpec) or spec.state.canary == served.state.stable:
        return
    plan = spec.plan(target.platform)
    try:
        now = after(plan, spec.state, Move(kind=Kind.START, version=served.state.stable))
    except NothingToDoError:
        return
    path = source.find(trials.steps_to(name, trials.STABLE, steps_of_trials.PATH))
    states: tuple[State, State] = (spec.state, now)
    yield from steps_of_trials.of_step(name, states, str(path.content) if path else None, where)
