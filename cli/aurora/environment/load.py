"""Turns an environment's files into an `Environment`, or into every reason why not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aurora.environment import rules
from aurora.environment.judgement import Judgement
from aurora.environment.layers import Stack, load_layers
from aurora.environment.model import Environment, LoadedComponent, LoadedWaiver
from aurora.environment.plugins import component_kinds
from aurora.environment.references import Reference, judge_references, references
from aurora.environment.rules import found
from aurora.environment.spec import COMPONENTS, RESERVED_NAMES, EnvironmentSpec
from aurora.environment.wording import described, path_text, suggestion, visible
from aurora.errors import InputError
from aurora.model.finding import order
from aurora_constructs.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aurora.environment.tree import Node
    from aurora.model.finding import Finding
    from aurora.paths import RepositoryPaths
    from aurora_constructs.catalogue import ComponentKind
    from aurora_constructs.spec import ComponentSpec

# An ambiguous value is often of the wrong type or name as well: quoting it mends both.
_ECHOES = frozenset(
    rule.id
    for rule in (
        rules.UNKNOWN_KEY,
        rules.INVALID,
        rules.NAME,
        rules.UNKNOWN_KIND,
        rules.UNKNOWN_COMPONENT,
        rules.WRONG_COMPONENT_KIND,
        rules.UNKNOWN_IMAGE,
    )
)


def load(paths: RepositoryPaths, name: str, *, kinds: Mapping[str, ComponentKind] | None = None) -> Environment:
    """Load an environment; without `kinds`, its components may be of the built-in kinds and the allowed plugins'.

    Raises:
        UsageError: there is no such environment, or an allowed plugin is not there.
        InputError: something is wrong with it; the findings are all that is.
        StorageError: a file exists and cannot be read.
    """
    known = component_kinds(paths) if kinds is None else kinds
    stack = load_layers(paths, name)
    if stack.tree is None:
        raise refusal(name, stack.findings)
    judgement = Judgement(stack.tree, complete=stack.complete)
    judgement.add(*stack.findings)
    _unknown_keys(stack, judgement, known)
    spec = judgement.validate(EnvironmentSpec)
    components = _components(judgement, known)
    _references(judgement, known)
    _name(judgement, name)
    if judgement.findings or spec is None:
        raise refusal(name, judgement.findings)
    return Environment(
        name=name,
        path=stack.layers[-1].path,
        spec=spec,
        platform=_platform(spec, components),
        components=components,
        waivers=tuple(
            LoadedWaiver(waiver, stack.tree.nearest(("waivers", index)).place)
            for index, waiver in enumerate(spec.waivers)
        ),
    )


def refusal(name: str, findings: Iterable[Finding]) -> InputError:
    """Make the error that says everything that is wrong with an environment."""
    ambiguous = {finding.place for finding in findings if finding.rule == rules.AMBIGUOUS.id}
    own = [finding for finding in findings if finding.rule not in _ECHOES or finding.place not in ambiguous]
    shown = sorted((replace(finding, environment=name) for finding in own), key=order)
    count = "1 error" if len(shown) == 1 else f"{len(shown)} errors"
    return InputError(f"environment `{visible(name)}` cannot be compiled: {count}", findings=shown)


def _components_of(tree: Node) -> dict[str, Node]:
    """Give the components that are mappings; a component of another form is reported as such."""
    found_there = tree.find((COMPONENTS,))
    entries = found_there.entries() if found_there is not None else ()
    return {str(step): node for step, node in entries if isinstance(node.content, dict)}


def _kind_name(component: Node) -> str | None:
    kind = component.find(("kind",))
    return kind.content if kind is not None and isinstance(kind.content, str) else None


def _unknown_keys(stack: Stack, judgement: Judgement, kinds: Mapping[str, ComponentKind]) -> None:
    """Look through each layer by itself: what a higher layer covers or removes can be misspelt all the same."""
    merged = _components_of(judgement.tree)
    for layer in stack.layers:
        if layer.tree is None:
            continue
        judgement.unknown_keys(EnvironmentSpec, layer.tree, ())
        for name, node in _components_of(layer.tree).items():
            kind = _kind_name(node) or (_kind_name(merged[name]) if name in merged else None)
            if kind is not None and kind in kinds:
                judgement.unknown_keys(kinds[kind].spec, node, (COMPONENTS, name))


def _components(judgement: Judgement, kinds: Mapping[str, ComponentKind]) -> tuple[LoadedComponent, ...]:
    """Validate each component against its kind; those that are sound are given, by name."""
    sound: list[LoadedComponent] = []
    for name, node in sorted(_components_of(judgement.tree).items()):
        if name in RESERVED_NAMES:
            message = f"the name `{name}` is reserved for what Aurora makes of all components"
            judgement.add(found(rules.RESERVED_NAME, node.key, message, steps=(COMPONENTS, name), hint="rename it"))
        kind = _kind(name, node, judgement, kinds)
        spec: ComponentSpec | None = judgement.validate(kind.spec, (COMPONENTS, name)) if kind else None
        if kind is not None and spec is not None:
            sound.append(LoadedComponent(name, kind, spec, node.key))
    return tuple(sound)


def _kind(name: str, node: Node, judgement: Judgement, kinds: Mapping[str, ComponentKind]) -> ComponentKind | None:
    steps = (COMPONENTS, name, "kind")
    path = path_text(steps)
    written = node.find(("kind",))
    if written is None:
        judgement.missing_kind(steps[:-1], node)
        return None
    if not isinstance(written.content, str):
        message = f"`{path}` is {described(written.plain())}, must be the name of a component kind"
        judgement.add(found(rules.INVALID, written.at, message, steps=steps))
        return None
    if written.content not in kinds:
        hint = suggestion(written.content, kinds, otherwise="there are")
        message = f"`{path}` is `{visible(written.content)}`, which is no component kind"
        judgement.add(found(rules.UNKNOWN_KIND, written.place, message, steps=steps, hint=hint))
        return None
    return kinds[written.content]


def _references(judgement: Judgement, kinds: Mapping[str, ComponentKind]) -> None:
    """Resolve every reference; with a layer missing, what is not found may stand there."""
    if not judgement.complete:
        return
    components = {str(step): _kind_name(node) for step, node in judgement.tree.nearest((COMPONENTS,)).entries()}
    kinds_by_name = {name: kind if kind in kinds else None for name, kind in components.items()}
    made: list[Reference] = []
    for name, node in _components_of(judgement.tree).items():
        kind = kinds_by_name[name]
        if kind is not None:
            made.extend(references(kinds[kind].spec, node, (COMPONENTS, name)))
    images = judgement.tree.find(("images",))
    names = [str(step) for step, _ in images.entries()] if images is not None else []
    judgement.add(*judge_references(made, components=kinds_by_name, images=names))


def _name(judgement: Judgement, name: str) -> None:
    steps = ("metadata", "name")
    node = judgement.tree.find(steps)
    if node is None or node.content == name or any(finding.place == node.place for finding in judgement.findings):
        return
    message = f"`metadata.name` is {described(node.plain())}, must be `{visible(name)}` like the file"
    hint = f"write `name: {visible(name)}`, or rename the file"
    judgement.add(found(rules.NAME, node.place, message, steps=steps, hint=hint))


def _platform(spec: EnvironmentSpec, components: Iterable[LoadedComponent]) -> Platform:
    return Platform(
        environment=spec.metadata.name,
        cluster=spec.cluster,
        names=spec.names,
        images=spec.images,
        components={component.name: component.spec for component in components},
    )
