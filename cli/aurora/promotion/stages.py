"""The way of a promotion from stage to stage, and the files that belong to a stage."""

from aurora.environment.layers import Stack, load_layers
from aurora.environment.model import Environment
from aurora.environment.tree import Node
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.rollout.edits import Writing
from aurora.settings import reading as settings

STAGE = "stage"


def refuse_skipped(paths: RepositoryPaths, source: Environment, target: Environment) -> None:
    """Refuse a promotion that does not go to the next stage of a platform.

    Environments with one provider and the same `names` are stages of one platform.

    Raises:
        UsageError: a stage is not stated, both are the same or the second is the earlier one, or another environment
            of the platform is at a stage between both.
    """
    stages = settings.read(paths.root).stages
    for environment in (source, target):
        if environment.spec.stage is None:
            hint = f"state `stage:` in it, one of {', '.join(f'`{stage}`' for stage in stages)}"
            raise UsageError(f"environment `{environment.name}` is at no stage", hint=hint)
    first, last = (stages.index(str(environment.spec.stage)) for environment in (source, target))
    if first >= last:
        message = (
            f"`{target.name}` at the stage `{stages[last]}` does not come after `{source.name}` at `{stages[first]}`"
        )
        raise UsageError(message, hint=f"`aurora promote {target.name} --rollback` goes back to the last tag")
    between = [name for name in paths.environment_names() if _is_between(paths, name, target, stages[first + 1 : last])]
    if between:
        message = f"`{between[0]}` is at a stage between `{source.name}` and `{target.name}`, and would be skipped"
        raise UsageError(message, hint=f"`aurora promote {source.name} {between[0]}` first")


def _is_between(paths: RepositoryPaths, name: str, target: Environment, stages: tuple[str, ...]) -> bool:
    tree = load_layers(paths, name).tree
    if tree is None or stage_of(tree) not in stages or target.tree is None:
        return False
    same = (("cluster", "provider"), ("names",))
    return all(_plain(tree, steps) == _plain(target.tree, steps) for steps in same)


def _plain(tree: Node, steps: tuple[str, ...]) -> object:
    found = tree.find(steps)
    return found.plain() if found else None


def stage_of(tree: Node | None) -> str | None:
    """Give the stage that merged values state."""
    found = tree.find((STAGE,)) if tree else None
    return str(found.content) if found else None


def writing(paths: RepositoryPaths, stack: Stack) -> Writing:
    """Give where pins of an environment are written: in files that only environments of its stage read.

    A pin that stands in a file of several stages is written anew in the layer that states the stage; where there is
    none, or a file of several stages lies over it, in the environment's own file.
    """
    stage = stage_of(stack.tree)
    foreign: set[str] = set()
    for name in paths.environment_names():
        other = load_layers(paths, name)
        if stage_of(other.tree) != stage or stage is None:
            foreign |= {layer.path for layer in other.layers}
    own = stack.layers[-1].path
    shared = frozenset(layer.path for layer in stack.layers if layer.path in foreign and layer.path != own)
    stated = stack.tree.find((STAGE,)) if stack.tree else None
    order = [layer.path for layer in stack.layers]
    home = stated.place.path if stated else own
    if home in shared or any(order.index(path) > order.index(home) for path in shared):
        home = own
    return Writing(stack, shared, home)
