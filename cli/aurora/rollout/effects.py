"""What a step does, before it is written: the diff of what the edited files compile to, in a copy of the repository."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aurora import packs, pipeline
from aurora.changes import edits, judging, trials, values
from aurora.changes.judging import Means, Subject
from aurora.changes.reading import Reading
from aurora.changes.sides import Side, synthesised
from aurora.environment import trials as written
from aurora.environment.layers import load_layers
from aurora.environment.model import Environment
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import path_text
from aurora.errors import UsageError
from aurora.model.clock import Clock
from aurora.model.diff import Diff
from aurora.paths import RepositoryPaths
from aurora.rollout.planning import Step, Texts

_COPIED = frozenset({"environments", "components"})
_LEFT_OUT = frozenset({"generated", ".git"})


@contextmanager
def edited(paths: RepositoryPaths, texts: Texts) -> Iterator[RepositoryPaths]:
    """Give a copy of a repository in which files are edited; folders without such files are links.

    Raises:
        OSError: the disk is full, or a file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="aurora-") as folder:
        root = Path(folder).resolve()
        for entry in paths.root.iterdir():
            if entry.name in _COPIED and entry.is_dir():
                shutil.copytree(entry, root / entry.name, symlinks=True)
            elif entry.name not in _LEFT_OUT:
                (root / entry.name).symlink_to(entry)
        for file, (_, content) in texts.items():
            (root / file).write_bytes(content)
        yield RepositoryPaths(root)


def verify(paths: RepositoryPaths, after: RepositoryPaths, step: Step) -> list[str]:
    """Prove that the edited files say what the step leads to, and nothing else; give the environments that it changes.

    Raises:
        UsageError: another value would change, of this environment or, unless that is wanted, of another one.
    """
    request = step.request
    old, new = tree(paths, request.environment), tree(after, request.environment)
    found = written.read(new, request.component) if new else None
    if old is None or new is None or found is None or found.state != step.after:
        raise UsageError("the edited files do not say what the step leads to", hint="edit them by hand")
    own = (COMPONENTS, request.component)
    for steps in changed(old, new):
        if steps[:2] != own or steps[2:3] not in ((written.STABLE,), (written.CANARY,)):
            message = f"the edit would change `{path_text(steps)}` too: an anchor or a merge key stands there"
            raise UsageError(message, hint="edit the files by hand")
    names = touched(paths, after)
    for name in names if not request.shared else ():
        if name != request.environment:
            raise UsageError(f"the edit would change environment `{name}` too", hint="`--shared` allows that")
    return names


def tree(paths: RepositoryPaths, name: str) -> Node | None:
    """Give the merged values of an environment; None where its own file cannot be read."""
    return load_layers(paths, name).tree


def changed(old: Node | None, new: Node | None) -> list[Steps]:
    """Give the steps of each value that differs, of the whole where one side cannot be read; a list is one value."""
    if old is None or new is None:
        return [] if old is new else [()]
    return [edit.steps for edit in values.differences(old, new)]


def touched(paths: RepositoryPaths, after: RepositoryPaths) -> list[str]:
    """Give the environments whose merged values an edit changes."""
    return [name for name in paths.environment_names() if changed(tree(paths, name), tree(after, name))]


def diff(paths: RepositoryPaths, after: RepositoryPaths, names: Sequence[str], means: Means) -> Diff:
    """Compare what the files of environments compile to before and after their edit.

    Raises:
        InputError: an environment cannot be compiled.
        ToolError: server validation failed.
    """
    clock = Clock()
    both = [*zip(*(pipeline.load_environments(each, names) for each in (paths, after)), strict=True)]
    subjects = [
        Subject(
            before=Reading(_side(now, clock, means, "as it is")),
            after=Reading(_side(then, clock, means, "after the step")),
            kubernetes=then.spec.cluster.kubernetes,
            names=then.spec.names,
            cluster=then.spec.cluster,
            archives=lambda _: (paths.charts, paths.charts),
        )
        for now, then in both
    ]
    seen = judging.look(subjects, (packs.pack_of(paths), *means.schemas), means, clock)
    return judging.join(
        seen,
        base="as it is",
        head="after the step",
        environments=names,
        edits=tuple(
            edit
            for (now, then), found in zip(both, seen, strict=True)
            for edit in edits.between(then.name, (now.tree, then.tree), found.changes)
        ),
        findings=tuple(each for now, then in both for each in trials.find(now.tree, then.tree, then)),
        clock=clock,
    )


def _side(environment: Environment, clock: Clock, means: Means, name: str) -> Side:
    result = pipeline.compile_environment(environment, clock, memory=means.memory)
    return synthesised(environment.name, result.manifests, name=name)
