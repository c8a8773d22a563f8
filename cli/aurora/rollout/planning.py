"""Works out a step of a version on trial: the state that it leads to, and the new texts of the files that say so.

Reads files and writes none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.environment import trials
from aurora.environment.layers import Stack, load_layers
from aurora.environment.load import load, refusal
from aurora.environment.plugins import component_kinds
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node
from aurora.environment.trial_steps import Situation, has_strategy
from aurora.environment.wording import suggestion, visible
from aurora.errors import StorageError, UsageError
from aurora.paths import RepositoryPaths
from aurora.rollout.edits import FileEdit, Writing, of_step
from aurora.rollout.request import Request
from aurora.yamlio import round_trip
from aurora.yamlio.reading import YamlError
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.strategies import TrialledSpec
from aurora_constructs.trials import IllegalMoveError, Kind, NothingToDoError, Plan, State, after

Texts = Mapping[str, tuple[bytes, bytes]]
"""The texts of edited files, before and after, by their paths from the repository's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step comes to: both states, the edits, and the texts of the edited files before and after."""

    request: Request
    before: State
    after: State
    edits: tuple[FileEdit, ...]
    texts: Texts


def planned(paths: RepositoryPaths, request: Request) -> Step:
    """Work out a step.

    Raises:
        UsageError: there is no such environment or component, it has no strategy, the step is illegal or changes
            nothing, or it would edit a layer of other environments.
        InputError: the environment cannot be compiled; the way back needs only that its files can be read.
        StorageError: a file cannot be read.
    """
    kinds = component_kinds(paths)
    stack = load_layers(paths, request.environment)
    if stack.tree is None:
        raise refusal(request.environment, stack.findings)
    written = _written(stack.tree, request, kinds)
    now = _next(paths, request, written.state, kinds)
    readers = {} if request.shared else _readers(paths, request, stack)
    writing = Writing(stack, frozenset(readers), stack.layers[-1].path)
    edits = tuple(of_step(request.component, (written.state, now), request.path, writing))
    if not edits:
        raise UsageError(f"nothing to do: {_situation(request, written.state, None).words}")
    _refuse_shared(request, stack, edits, readers)
    return Step(request=request, before=written.state, after=now, edits=edits, texts=edited_texts(paths, edits))


def _written(tree: Node, request: Request, kinds: Mapping[str, ComponentKind]) -> trials.Written:
    known = [str(step) for step, _ in tree.nearest((COMPONENTS,)).entries()]
    shown = visible(request.component)
    if request.component not in known:
        hint = suggestion(request.component, known, otherwise="there are")
        raise UsageError(f"environment `{request.environment}` has no component `{shown}`", hint=hint)
    if not has_strategy(tree, request.component, kinds):
        able = [f"`{name}`" for name in known if has_strategy(tree, name, kinds)]
        hint = f"with a strategy: {', '.join(able)}" if able else "ModelServing and InferenceModel have one"
        raise UsageError(f"component `{shown}` has no strategy: no version of it can be on trial", hint=hint)
    found = trials.read(tree, request.component)
    if found is None:
        raise UsageError(f"component `{shown}` names no stable version", hint="`aurora synth` says what is missing")
    return found


def _next(paths: RepositoryPaths, request: Request, state: State, kinds: Mapping[str, ComponentKind]) -> State:
    """Ask the state machine; only the way back needs no environment that can be compiled."""
    if request.move.kind is Kind.ABORT:
        return State(state.stable)
    loaded = load(paths, request.environment, kinds=kinds)
    spec = next(entry.spec for entry in loaded.components if entry.name == request.component)
    if not isinstance(spec, TrialledSpec):
        raise UsageError(f"component `{request.component}` has no strategy")
    plan = spec.plan(loaded.platform)
    try:
        return after(plan, state, request.move)
    except IllegalMoveError as error:
        hints = dict.fromkeys(objection.hint for objection in error.objections)
        raise UsageError(f"illegal step: {error}", hint="; ".join([*hints, *_legal(request, state, plan)])) from error
    except NothingToDoError as error:
        raise UsageError(f"nothing to do: {error}", hint="; ".join(_legal(request, state, plan))) from error


def _situation(request: Request, state: State, plan: Plan | None) -> Situation:
    return Situation(request.environment, request.component, state, plan)


def _legal(request: Request, state: State, plan: Plan) -> list[str]:
    found = _situation(request, state, plan)
    commands = [f"`{command}`" for command in (*found.steps, *([found.back] if found.back else []))]
    return [f"legal now: {', '.join(commands)}"]


def _readers(paths: RepositoryPaths, request: Request, stack: Stack) -> dict[str, list[str]]:
    """Give the layers that other environments with this component read too, with these environments."""
    found: dict[str, list[str]] = {}
    own = {layer.path for layer in stack.layers}
    for name in paths.environment_names():
        other = load_layers(paths, name) if name != request.environment else None
        if other is None or other.tree is None or other.tree.find((COMPONENTS, request.component)) is None:
            continue
        for layer in other.layers:
            if layer.path in own:
                found.setdefault(layer.path, []).append(name)
    return found


def _refuse_shared(
    request: Request, stack: Stack, edits: tuple[FileEdit, ...], readers: Mapping[str, list[str]]
) -> None:
    """Refuse to decide silently whether a value of a shared layer changes for all or for one environment.

    The way back is never refused: it is written into the environment's own file.
    """
    if request.own or request.move.kind is Kind.ABORT:
        return
    for edit in edits:
        for layer in stack.layers:
            if layer.path in readers and layer.tree is not None and layer.tree.find(edit.steps) is not None:
                others = ", ".join(f"`{name}`" for name in readers[layer.path])
                message = f"`{'.'.join(edit.steps)}` stands in `{layer.path}`, which {others} read too"
                own = stack.layers[-1].path
                hint = f"`--shared` edits the layer for all of them, `--own` writes into `{own}` alone"
                raise UsageError(message, hint=hint)


def edited_texts(paths: RepositoryPaths, edits: Sequence[FileEdit]) -> Texts:
    """Work out the texts of edited files.

    Raises:
        UsageError: a file cannot be edited: an edit leads through what is no mapping.
        StorageError: a file cannot be read.
    """
    found: dict[str, tuple[bytes, bytes]] = {}
    for file in dict.fromkeys(edit.file for edit in edits):
        own = [round_trip.Edit(edit.steps, edit.value, edit.null) for edit in edits if edit.file == file]
        raw = read(paths.root / file)
        try:
            text = round_trip.edited(raw.decode(), own)
        except (YamlError, UnicodeDecodeError) as error:
            raise UsageError(f"`{file}` cannot be edited: {error}", hint="edit it by hand") from error
        found[file] = (raw, text.encode())
    return found


def read(file: Path) -> bytes:
    """Read a file.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise StorageError(f"`{file}` cannot be read: {error.strerror}") from error
