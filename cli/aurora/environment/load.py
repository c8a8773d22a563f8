"""Turns an environment's files into an `Environment`, or into every reason why not."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aurora.cluster import kubernetes_versions
from aurora.environment import facts, fitness, rules
from aurora.environment.fitness import Texts
from aurora.environment.judgement import Judgement
from aurora.environment.layers import Stack, load_layers
from aurora.environment.model import Environment, LoadedComponent, LoadedWaiver
from aurora.environment.plugins import component_kinds
from aurora.environment.references import Known, Reference, judge_references, references
from aurora.environment.rules import found
from aurora.environment.spec import COMPONENTS, RESERVED_NAMES, EnvironmentSpec
from aurora.environment.tree import Node
from aurora.environment.wording import described, meant, path_text, suggestion, visible
from aurora.errors import InputError
from aurora.model.finding import Finding, order
from aurora.paths import RepositoryPaths
from aurora.settings import reading as settings
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.names import Names
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec

NAMESPACES = "Namespaces"
"""The component kind that describes namespaces."""
SYSTEM_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""The namespaces that every cluster has."""

# An ambiguous value is often of the wrong type or name as well: quoting it corrects both.
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
        rules.UNKNOWN_NAMESPACE,
    )
)


# What rests on other components is not judged while one names a wrong one: the name is all that has to be mended.
_ASTRAY = (rules.UNKNOWN_COMPONENT, rules.WRONG_COMPONENT_KIND)


def load(
    paths: RepositoryPaths, name: str, *, kinds: Mapping[str, ComponentKind] | None = None, texts: Texts | None = None
) -> Environment:
    """Load an environment; without `kinds`, its components may be of the built-in kinds and the allowed plugins'.

    Without `texts`, the policies that components name are not judged.

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
    platform, is_own = fitness.platform(stack.tree, spec, components, texts)
    _references(judgement, known, platform.names)
    _name(judgement, name)
    _stage(judgement, settings.read(paths.root).stages)
    _versions(judgement, platform)
    sound = {"cluster": is_own, "policies": texts is not None, "components": _whole(stack, judgement, components)}
    judgement.add(*facts.placeholders(stack.tree), *fitness.misfits(components, platform, stack.tree, sound))
    if judgement.findings or spec is None:
        raise refusal(name, judgement.findings)
    return Environment(
        name=name,
        path=stack.layers[-1].path,
        spec=spec,
        platform=platform,
        components=components,
        waivers=_waivers(spec, stack.tree),
        tree=stack.tree,
        root=paths.root,
    )


def _whole(stack: Stack, judgement: Judgement, components: tuple[LoadedComponent, ...]) -> bool:
    """Tell whether all components are known, and name the right ones."""
    expected = _components_of(stack.tree) if stack.tree is not None else ()
    return stack.complete and len(components) == len(expected) and not judgement.has(*_ASTRAY)


def _waivers(spec: EnvironmentSpec, tree: Node) -> tuple[LoadedWaiver, ...]:
    places = [tree.nearest(("waivers", index)).place for index in range(len(spec.waivers))]
    return tuple(map(LoadedWaiver, spec.waivers, places))


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


def _references(judgement: Judgement, kinds: Mapping[str, ComponentKind], names: Names) -> None:
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
    images = [str(step) for step, _ in judgement.tree.nearest(("images",)).entries()]
    if judgement.tree.find(("images",)) is None:
        images = []
    known = Known(kinds_by_name, images, _namespaces(judgement.tree), names.version_pattern)
    judgement.add(*judge_references(made, known))


def _namespaces(tree: Node) -> frozenset[str] | None:
    """Give the namespaces of an environment; None where it describes none, so that nobody can tell."""
    found: set[str] = set()
    for name, node in _components_of(tree).items():
        if _kind_name(node) == NAMESPACES:
            declared = tree.find((COMPONENTS, name, "namespaces"))
            found |= {str(step) for step, _ in declared.entries()} if declared is not None else set()
    for _, external in tree.nearest(("externals",)).entries():
        kind, called = external.child("kind"), external.child("name")
        if kind is not None and kind.content == "Namespace" and called is not None:
            found.add(str(called.content))
    argocd = tree.find(("gitops", "namespace"))
    own = {str(argocd.content) if argocd else "argocd"}
    return frozenset(found | own | SYSTEM_NAMESPACES) if found else None


def _name(judgement: Judgement, name: str) -> None:
    steps = ("metadata", "name")
    node = judgement.tree.find(steps)
    if node is None or node.content == name or any(finding.place == node.place for finding in judgement.findings):
        return
    message = f"`metadata.name` is {described(node.plain())}, must be `{visible(name)}` like the file"
    hint = f"write `name: {visible(name)}`, or rename the file"
    judgement.add(found(rules.NAME, node.place, message, steps=steps, hint=hint))


def _stage(judgement: Judgement, stages: tuple[str, ...]) -> None:
    node = judgement.tree.find(("stage",))
    if node is None or not isinstance(node.content, str) or node.content in stages:
        return
    message = f"`stage` is `{visible(node.content)}`, which is none of the repository's stages"
    order = ", ".join(f"`{stage}`" for stage in stages)
    hint = meant(node.content, stages, otherwise=f"the order is {order}")
    judgement.add(found(rules.UNKNOWN_STAGE, node.place, message, steps=("stage",), hint=hint))


def _versions(judgement: Judgement, platform: Platform) -> None:
    _kubernetes(judgement)
    _profile(judgement, platform)


def _profile(judgement: Judgement, platform: Platform) -> None:
    """Find a profile whose definitions the repository does not have."""
    steps = ("cluster", "profile")
    node = judgement.tree.find(steps)
    if node is None or not isinstance(node.content, str) or not platform.definitions:
        return
    if node.content not in platform.definitions:
        message = f"`cluster.profile` is `{visible(node.content)}`, and `schemas/` has no definitions of it"
        hint = meant(node.content, platform.definitions, otherwise=f"there are {', '.join(platform.definitions)}")
        judgement.add(found(rules.INVALID, node.place, message, steps=steps, hint=hint))


def _kubernetes(judgement: Judgement) -> None:
    """Find a version of Kubernetes that no check knows; what is no version at all is found by its form."""
    steps = ("cluster", "kubernetes")
    node = judgement.tree.find(steps)
    if (
        node is None
        or not isinstance(node.content, str)
        or any(node.place == each.place for each in judgement.findings)
    ):
        return
    unknown = kubernetes_versions.absent(node.content)
    if unknown:
        judgement.add(
            found(rules.INVALID, node.place, f"`cluster.kubernetes`: {unknown[0]}", steps=steps, hint=unknown[1])
        )
