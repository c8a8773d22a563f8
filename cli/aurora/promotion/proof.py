"""Proves, in a copy of the repository, that edited files say what a promotion says and nothing else."""

from collections.abc import Sequence

from aurora.environment.tree import Node
from aurora.environment.wording import path_text
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import stages
from aurora.promotion.planning import Promotion
from aurora.rollout import effects
from aurora.rollout.edits import FileEdit


def verify(paths: RepositoryPaths, after: RepositoryPaths, promotion: Promotion) -> tuple[str, ...]:
    """Give the other environments of the stage that get the pins too, since they read the same layer.

    Raises:
        UsageError: a value is not what the promotion says, another one would change, or one of another stage would.
    """
    said(effects.tree(after, promotion.target), promotion.edits)
    return touched(paths, after, (promotion.target,), promotion.edits)


def said(new: Node | None, edits: Sequence[FileEdit]) -> None:
    """Prove that merged values are those that edits wrote.

    Raises:
        UsageError: one is not.
    """
    for edit in edits:
        if edit.value is not None and _plain(new, edit.steps) != edit.value:
            message = f"`{path_text(edit.steps)}` would not be `{edit.value}`: another layer lies over `{edit.file}`"
            raise UsageError(message, hint="edit the files by hand")


def touched(
    paths: RepositoryPaths, after: RepositoryPaths, targets: Sequence[str], edits: Sequence[FileEdit]
) -> tuple[str, ...]:
    """Give the environments besides the targets, which are of one stage, that edits change too.

    Raises:
        UsageError: another value would change, or one of another stage.
    """
    own = {edit.steps for edit in edits}
    stage = stages.stage_of(effects.tree(after, targets[0]))
    also: list[str] = []
    for name in paths.environment_names():
        now = effects.tree(after, name)
        changed = effects.changed(effects.tree(paths, name), now)
        stray = [steps for steps in changed if not any(steps == one[: len(steps)] for one in own)]
        if changed and stages.stage_of(now) != stage:
            raise UsageError(f"environment `{name}` of another stage would change too", hint="edit the files by hand")
        if stray:
            message = f"`{path_text(stray[0])}` of `{name}` would change too: an anchor or a merge key stands there"
            raise UsageError(message, hint="edit the files by hand")
        if changed and name not in targets:
            also.append(name)
    return tuple(also)


def _plain(tree: Node | None, steps: tuple[str, ...]) -> object:
    found = tree.find(steps) if tree else None
    return found.content if found else None
