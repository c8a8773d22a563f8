"""Loads an environment file with the layers it extends and merges them, the lowest first.

Each layer is laid down once, where it is first named: two layers may share a third. Knows no specification.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from aurora.environment import rules
from aurora.environment.documents import Document, obstacle, read_document
from aurora.environment.rules import found
from aurora.environment.tree import Node, merge, vain_removals
from aurora.environment.wording import described, meant, path_text, visible
from aurora.errors import UsageError
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora.paths import RepositoryPaths

MAX_LAYERS = 64
EXTENDS = "extends"


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers of one environment, lowest first, and what is wrong with their files.

    `tree` is all of them merged; None where the environment's own file cannot be read. `complete` says that
    no layer is missing, so that what is absent from the tree was not written.
    """

    layers: tuple[Document, ...]
    tree: Node | None
    findings: tuple[Finding, ...]
    complete: bool


def load_layers(paths: RepositoryPaths, name: str) -> Stack:
    """Read an environment's file and everything below it.

    Raises:
        UsageError: there is no such environment.
        StorageError: a file exists and cannot be read.
    """
    names = paths.environment_names()
    if name not in names:
        raise UsageError(
            f"there is no environment `{visible(name)}` in `{paths.shown(paths.environments)}/`",
            hint=meant(name, names, otherwise="`aurora list` prints the environments"),
        )
    loading = _Loading(paths)
    loading.add_environment(paths.environment(name))
    trees = [layer.tree for layer in loading.layers if layer.tree is not None]
    readable = bool(loading.layers) and loading.layers[-1].tree is not None
    tree = reduce(merge, trees) if readable else None
    if tree is not None and loading.complete:
        loading.findings.extend(_vain(tree))
    return Stack(tuple(loading.layers), tree, tuple(loading.findings), loading.complete)


def _vain(tree: Node) -> Iterator[Finding]:
    for steps, node in vain_removals(tree):
        siblings = tree.nearest(steps[:-1]).entries() if isinstance(steps[-1], str) else ()
        names = (str(step) for step, _ in siblings)
        yield found(
            rules.LAYER,
            node.key,
            f"`{path_text(steps)}` is null, which removes what lower layers say, and none says it",
            steps=steps,
            hint=meant(str(steps[-1]), names, otherwise="write a value, or leave the key out"),
        )


@dataclass(slots=True)
class _Loading:
    """One walk through the files, depth first; `_open` is the way from the environment to where it is."""

    paths: RepositoryPaths
    layers: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    complete: bool = True
    _open: dict[str, str] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def add_environment(self, file: Path) -> None:
        """Load the environment's own file, and through it all others."""
        shown = self.paths.shown(file)
        if self._inside(os.path.realpath(file)):
            self._add(file)
        else:
            self._refuse(rules.LAYER, Place(shown), f"`{shown}` is a link that leaves `environments/`", None)

    def _add(self, file: Path) -> None:
        document = read_document(file, self.paths.shown(file))
        self.findings.extend(document.findings)
        tree = document.tree
        if tree is None:
            self.complete = False
        else:
            real = os.path.realpath(file)
            self._open[real] = document.path
            sound = self._extend(tree, file.parent)
            del self._open[real]
            # Only the environment itself says what it extends; what is no list of names is reported already.
            if self._open or not sound:
                tree = _without_extends(tree)
            self._done.add(real)
        self.layers.append(Document(document.path, tree, document.findings))

    def _extend(self, tree: Node, folder: Path) -> bool:
        """Load what a layer extends; tell whether the list is one of strings."""
        entries = tree.child(EXTENDS)
        if entries is None:
            return True
        if not isinstance(entries.content, list):
            message = f"`{EXTENDS}` is {described(entries.plain())}, must be a list of files"
            self._refuse(rules.INVALID, entries.at, message, "write `extends: [bases/one.yaml]`")
            return False
        for index, entry in enumerate(entries.content):
            problem = None
            if not isinstance(entry.content, str):
                message = f"`{EXTENDS}.{index}` is {described(entry.plain())}, must be the name of a file"
                self._refuse(rules.INVALID, entry.place, message, None)
            elif any(entry.content == other.content for other in entries.content[:index]):
                problem = f"`{visible(entry.content)}` is named twice"
                self._refuse(rules.LAYER, entry.place, problem, "remove one of the two")
            else:
                self._follow(entry.content, entry.place, folder)
        return all(isinstance(entry.content, str) for entry in entries.content)

    def _follow(self, name: str, place: Place, folder: Path) -> None:
        problem = self._escape(name, folder)
        if problem is not None:
            self._refuse(rules.LAYER, place, problem, "name a file under `environments/`, relative to this one")
            return
        file = Path(os.path.normpath(folder / name))
        real = os.path.realpath(file)
        shown = self.paths.shown(file)
        if real in self._open:
            circle = " → ".join(f"`{path}`" for path in self._circle(real))
            self._refuse(rules.LAYER, place, f"layers extend each other: {circle}", "remove one of these entries")
        elif real in self._done:
            return
        elif len(self._open) + len(self._done) >= MAX_LAYERS:
            self._refuse(rules.LAYER, place, f"there are more than {MAX_LAYERS} layers", "merge some of them")
        elif (wrong := obstacle(file, shown)) is not None:
            self._refuse(rules.LAYER, place, wrong, self._nearest(name, folder))
        else:
            self._add(file)

    def _circle(self, real: str) -> list[str]:
        way = list(self._open)
        shown = [self._open[key] for key in way[way.index(real) :]]
        return [*shown, shown[0]]

    def _escape(self, name: str, folder: Path) -> str | None:
        """Say why a name may not be followed: nothing outside `environments/` is ever opened."""
        if not name or not name.isprintable():
            return f"{described(name)} is no name of a file"
        file = os.path.normpath(folder / name)
        if not Path(file).is_relative_to(os.path.normpath(self.paths.environments)) or Path(name).is_absolute():
            return f"`{visible(name)}` leaves `environments/`"
        if not self._inside(os.path.realpath(file)):
            return f"`{visible(name)}` is a link that leaves `environments/`"
        return None

    def _inside(self, real: str) -> bool:
        return Path(real).is_relative_to(os.path.realpath(self.paths.environments))

    def _nearest(self, name: str, folder: Path) -> str:
        known = {Path(os.path.relpath(file, folder)).as_posix() for file in self.paths.environments.rglob("*.yaml")}
        return meant(name, known, otherwise="layers lie in `environments/bases/`")

    def _refuse(self, rule: Rule, place: Place, message: str, hint: str | None) -> None:
        self.findings.append(found(rule, place, message, hint=hint))
        self.complete = False


def _without_extends(tree: Node) -> Node:
    content = tree.content
    if not isinstance(content, dict) or EXTENDS not in content:
        return tree
    return Node({key: node for key, node in content.items() if key != EXTENDS}, tree.place, tree.key)
