"""References from components to other components and to images: what they name must exist and be of the right kind.

Reads them along the types of the specifications, so that a component with other errors is checked too.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aurora.environment import rules
from aurora.environment.rules import found
from aurora.environment.shape import Shape, Visit, shape_of, walk
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import described, listed, path_text, suggestion, visible
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora_constructs.names import DEFAULT
from aurora_constructs.spec import ComponentReference, ComponentSpec, ImageReference, NamespaceReference, VersionOfModel

Mark = ComponentReference | ImageReference | NamespaceReference | VersionOfModel


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of a component or an image where one component's specification holds it."""

    name: str
    mark: Mark
    steps: Steps
    place: Place
    is_default: bool


def references(spec: type[ComponentSpec], node: Node, steps: Steps) -> Iterator[Reference]:
    """Yield every reference that a component makes, by what is written in it or by default."""
    for visit in walk(shape_of(spec), node, steps, defaults=True):
        if visit.shape is not None:
            yield from _made(visit, visit.shape)


def _made(visit: Visit, shape: Shape) -> Iterator[Reference]:
    node, is_default = visit.node, visit.default_of is not None
    if isinstance(node.content, str):
        for mark in _marks((shape, *shape.alternatives)):
            yield Reference(node.content, mark, visit.steps, node.place, is_default)
    elif isinstance(node.content, dict) and shape.keys is not None:
        for mark in _marks((shape.keys,)):
            for key, child in node.entries():
                yield Reference(str(key), mark, (*visit.steps, key), child.key, is_default)


def _marks(shapes: Iterable[Shape]) -> Iterator[Mark]:
    marks = [mark for shape in shapes for mark in shape.marks if isinstance(mark, Mark)]
    return iter(dict.fromkeys(marks))


@dataclass(frozen=True, slots=True)
class Known:
    """What references may lead to.

    `components` gives each one's kind, None where it is not known; `namespaces` is None where the environment
    describes none; `version` is the form of model versions.
    """

    components: Mapping[str, str | None]
    images: Collection[str]
    namespaces: Collection[str] | None
    version: str


def judge_references(made: Iterable[Reference], known: Known) -> Iterator[Finding]:
    """Yield a finding for each reference to nothing or to the wrong kind."""
    for reference in made:
        mark = reference.mark
        if isinstance(mark, ComponentReference):
            yield from _component(reference, mark.kinds, known.components)
        elif isinstance(mark, ImageReference):
            yield from _image(reference, known.images)
        elif isinstance(mark, VersionOfModel):
            yield from _version(reference, known.version)
        elif known.namespaces is not None and not reference.is_default:
            yield from _namespace(reference, known.namespaces)


def _image(reference: Reference, images: Collection[str]) -> Iterator[Finding]:
    if reference.name not in images:
        hint = suggestion(reference.name, images, otherwise="list it under `images`, which has")
        yield _found(rules.UNKNOWN_IMAGE, reference, "which `images` does not list", hint)


def _namespace(reference: Reference, namespaces: Collection[str]) -> Iterator[Finding]:
    if reference.name not in namespaces:
        hint = suggestion(
            reference.name,
            namespaces,
            otherwise="add it to a component of kind Namespaces, or to `externals`; there are",
        )
        yield _found(rules.UNKNOWN_NAMESPACE, reference, "and there is no such namespace", hint)


def _version(reference: Reference, form: str) -> Iterator[Finding]:
    if not re.fullmatch(form, reference.name):
        usual = form == DEFAULT.version_pattern
        wanted = "be a model version, such as `v20260901-120000`" if usual else f"match `{form}`"
        message = f"`{path_text(reference.steps)}` is {described(reference.name)}, must {wanted}"
        hint = None if usual else "`names.versionPattern` gives the form of model versions"
        yield found(rules.INVALID, reference.place, message, steps=reference.steps, hint=hint)


def _component(reference: Reference, kinds: tuple[str, ...], components: Mapping[str, str | None]) -> Iterator[Finding]:
    kind = components.get(reference.name)
    if reference.name in components and (kind is None or kind in kinds or not kinds):
        return
    own = reference.steps[1]
    fitting = [name for name, kind in components.items() if name != own and (kind in kinds or not kinds)]
    wanted = f"a component of kind {listed(kinds, joint=' or ')}" if kinds else "a component"
    hint = suggestion(reference.name, fitting, otherwise=f"name {wanted}; there is")
    if reference.name not in components:
        yield _found(rules.UNKNOWN_COMPONENT, reference, "and there is no such component", hint)
        return
    problem = f"which is of kind `{kind}`, must be {wanted}"
    yield _found(rules.WRONG_COMPONENT_KIND, reference, problem, hint)


def _found(rule: Rule, reference: Reference, problem: str, hint: str) -> Finding:
    names = "names by default" if reference.is_default else "names"
    message = f"`{path_text(reference.steps)}` {names} `{visible(reference.name)}`, {problem}"
    return found(rule, reference.place, message, steps=reference.steps, hint=hint)
