"""Which lines that people wrote changed, and which objects each of them touched.

Environments are compared as what their layers come to, so that a value that moves between layers is no edit.
Of constructs and policies the file is the edit. What touched an object is told by its component, or by the value
that it holds; an object may be touched by several edits.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aurora.changes import sources_before, trials, values
from aurora.changes.reading import Revision
from aurora.environment.model import Environment, LoadedComponent
from aurora.environment.spec import COMPONENTS
from aurora.environment.tree import Node
from aurora.model.change import Change
from aurora.model.diff import Edit
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora_constructs.folder import FolderSpec

_PACKAGES = ("constructs", "aurora_constructs", "components")
"""The folder of component kinds, one package each."""

Touched = tuple[str | None, ResourceId]
Collected = dict[tuple[str, Place | None], dict[Touched, None]]
"""Edits with the objects that they touched, in the order in which they were found."""


@dataclass(frozen=True, slots=True)
class Found:
    """The edits, what could not be read of the files before, and illegal steps of versions on trial."""

    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]


def find(
    revision: Revision, environments: Sequence[Environment], names: Sequence[str], changes: Sequence[Change]
) -> Found:
    """Find what people edited since a revision, in the named environments and in what all are made of.

    Raises:
        ToolError: Git failed.
        StorageError: a file cannot be read.
    """
    touched: Collected = {}
    findings: list[Finding] = []
    changed = sources_before.changed(revision)
    if any(path.startswith("environments/") for path in changed):
        with sources_before.exported(revision) as before:
            for name in names:
                own = [change for change in changes if change.environment == name]
                old, unread = sources_before.tree(before, name)
                new, _ = sources_before.tree(revision.paths, name)
                findings.extend(unread)
                findings.extend(
                    found for each in environments if each.name == name for found in trials.find(old, new, each)
                )
                _environment(f"environments/{name}.yaml", (old, new), own, touched)
    for path, what in changed.items():
        if not path.startswith("environments/"):
            found = _made_from(path, environments, changes)
            if found:
                touched.setdefault((f"`{path}` {what}", Place(path)), {}).update(dict.fromkeys(found))
    return Found(_edits(touched), tuple(findings))


def between(environment: str, trees: tuple[Node | None, Node | None], changes: Sequence[Change]) -> tuple[Edit, ...]:
    """Give the edits between two values of one environment, with the objects that they touched."""
    touched: Collected = {}
    _environment(f"environments/{environment}.yaml", trees, changes, touched)
    return _edits(touched)


def _edits(touched: Collected) -> tuple[Edit, ...]:
    return tuple(Edit(what=what, place=place, resources=tuple(found)) for (what, place), found in touched.items())


def _environment(
    path: str, trees: tuple[Node | None, Node | None], changes: Sequence[Change], touched: Collected
) -> None:
    """Add the edits of one environment: a layer that several extend gives the same edit for each."""
    old, new = trees
    if old is None and new is None:
        return
    if old is None or new is None:
        what = f"`{path}` {'is new or was not readable' if old is None else 'is gone'}"
        touched.setdefault((what, None if new is None else new.place), {}).update(dict.fromkeys(map(_name, changes)))
        return
    found = list(values.differences(old, new))
    explained = {id(change) for edit in found for change in changes if _explains(edit, change)}
    for edit in found:
        objects = _touched(edit, changes, explained)
        touched.setdefault((edit.what, edit.place), {}).update(dict.fromkeys(map(_name, objects)))


def _touched(edit: values.ValueEdit, changes: Sequence[Change], explained: set[int]) -> list[Change]:
    """Give the objects that an edit touched.

    Inside a component: those with a field that changed as the edit did, and those that no edit explains. An edit
    whose values are in no object may be behind all of them. Elsewhere: those that hold the value.
    """
    if edit.steps[0] != COMPONENTS or len(edit.steps) == 1:
        return [change for change in changes if _holds(edit, change)]
    own = [change for change in changes if change.component == edit.steps[1]]
    if not any(_explains(edit, change) for change in own):
        return own
    return [change for change in own if _explains(edit, change) or id(change) not in explained]


def _explains(edit: values.ValueEdit, change: Change) -> bool:
    """Tell whether a field of an object of the edited component changed as the value did."""
    if len(edit.steps) == 1 or change.component != edit.steps[1]:
        return False
    return any((entry.before, entry.after) == (edit.before, edit.after) for entry in change.fields)


def _holds(edit: values.ValueEdit, change: Change) -> bool:
    held = [text for entry in change.fields for text in (str(entry.before), str(entry.after))]
    return any(word in text for word in edit.words for text in held)


def _made_from(path: str, environments: Iterable[Environment], changes: Iterable[Change]) -> list[Touched]:
    """Give the changed objects that a file of a construct or a policy makes."""
    parts = path.split("/")
    if parts[0] not in (_PACKAGES[0], COMPONENTS):
        return [_name(change) for change in changes if change.resource.name.startswith(parts[1])]
    if parts[0] == COMPONENTS:
        return _of_components(changes, environments, lambda entry: _reads(entry, parts))
    if tuple(parts[: len(_PACKAGES)]) != _PACKAGES or len(parts) <= len(_PACKAGES) + 1:
        return [_name(change) for change in changes if change.component]
    package = f"{'.'.join(_PACKAGES[1:])}.{parts[len(_PACKAGES)]}."
    return _of_components(changes, environments, lambda entry: entry.kind.chart.startswith(package))


def _reads(entry: LoadedComponent, parts: Sequence[str]) -> bool:
    """Tell whether a component has a folder in which a file lies, or beside it: an overlay's base."""
    return isinstance(entry.spec, FolderSpec) and entry.spec.place(entry.name).split("/")[1] == parts[1]


def _of_components(
    changes: Iterable[Change], environments: Iterable[Environment], wanted: Callable[[LoadedComponent], bool]
) -> list[Touched]:
    made = {
        (environment.name, entry.name)
        for environment in environments
        for entry in environment.components
        if wanted(entry)
    }
    return [_name(change) for change in changes if (change.environment, change.component) in made]


def _name(change: Change) -> Touched:
    return change.environment, change.resource
