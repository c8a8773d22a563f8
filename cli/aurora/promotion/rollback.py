"""The way back of a promotion: an environment gets the pins that a tag has. What is trialled goes back to stable."""

from collections.abc import Iterator

from aurora.changes import reading, sources_before
from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.environment.load import refusal
from aurora.environment.plugins import component_kinds
from aurora.environment.tree import Node
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import externals, git_state, stages
from aurora.promotion.planning import Promotion, Wanted
from aurora.rollout import edits as steps_of_trials
from aurora.rollout.edits import FileEdit, Writing
from aurora.rollout.planning import edited_texts
from aurora.tools import git
from aurora_constructs.trials import State


def planned(paths: RepositoryPaths, name: str, component: str | None, tag: str | None) -> Promotion:
    """Work out the way back to a tag; without one, to the last tag before the last commit's own.

    Needs only that the environment's files can be read.

    Raises:
        UsageError: there is no such environment, component or tag, the tag has no such environment, files are not
            committed, or the pins are those of the tag.
        InputError: the environment's files cannot be read.
        ToolError: Git is missing or failed.
        StorageError: a file cannot be read.
    """
    kinds, stack = component_kinds(paths), load_layers(paths, name)
    if stack.tree is None:
        raise refusal(name, stack.findings)
    git_state.refuse_unknown(paths)
    wanted_tag = tag or git.last_tag(paths.root)
    earlier = _at(paths, wanted_tag, name)
    where = stages.writing(paths, stack)
    wanted = Wanted(earlier, stack.tree, component, kinds)
    edits = [*wanted.edits(where)]
    for each in wanted.trialled():
        edits.extend(_back(each, earlier, stack.tree, where))
    edits.extend(externals.needed((earlier, stack.tree), edits, kinds, where))
    if not edits:
        hint = "`--tag TAG` names an earlier one; `git tag` lists them"
        raise UsageError(f"nothing to do: `{name}` has the pins that it had at `{wanted_tag}`", hint=hint)
    return Promotion(target=name, before=stack.tree, edits=tuple(edits), texts=edited_texts(paths, edits))


def _at(paths: RepositoryPaths, tag: str, name: str) -> Node:
    """Read the values of an environment at a tag."""
    revision = reading.revision(paths, tag, (sources_before.ENVIRONMENTS,))
    with sources_before.exported(revision) as before:
        if name not in before.environment_names():
            raise UsageError(f"there is no environment `{name}` at `{tag}`", hint="`--tag TAG` names another tag")
        tree = load_layers(before, name).tree
    if tree is None:
        raise UsageError(f"environment `{name}` cannot be read at `{tag}`", hint="`--tag TAG` names another tag")
    return tree


def _back(name: str, earlier: Node, now: Node, where: Writing) -> Iterator[FileEdit]:
    """Serve the version that the tag serves, with nothing on trial unless both say the same."""
    then, current = trials.read(earlier, name), trials.read(now, name)
    if then is None or current is None or then.state == current.state:
        return
    path = earlier.find(trials.steps_to(name, trials.STABLE, steps_of_trials.PATH))
    yield from steps_of_trials.of_step(name, (current.state, State(then.state.stable)), None, where)
    if path is not None:
        at = trials.steps_to(name, trials.STABLE, steps_of_trials.PATH)
        yield from steps_of_trials.set_value(where, at, str(path.content), at[:-1])
