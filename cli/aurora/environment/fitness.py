"""Whether components fit into their environment: what their specifications find, before anything is built.

Every component that is sound by itself is asked, also where other parts of the environment are not. Starts no Node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aurora import tables
from aurora.environment import rules
from aurora.environment.model import LoadedComponent
from aurora.environment.problems import judge
from aurora.environment.rules import found
from aurora.environment.spec import COMPONENTS, MODEL_VERSION, EnvironmentSpec, External
from aurora.environment.tree import Node
from aurora.environment.wording import path_text
from aurora.model.finding import Finding
from aurora_constructs.cluster import Cluster
from aurora_constructs.names import DEFAULT, Names
from aurora_constructs.platform import EXAMPLE, Platform
from aurora_constructs.spec import Image, Name, Spec
from aurora_constructs.versions import Definitions

S = TypeVar("S", bound=Spec)


@dataclass(frozen=True, slots=True)
class Texts:
    """The bodies of the repository's policies by name, and what the definitions of each profile are."""

    policies: Mapping[str, Mapping[str, object]]
    tracing: Mapping[str, Mapping[str, object]]
    definitions: Mapping[str, Definitions] = field(default_factory=dict)


class _ClusterPart(Spec):
    """An environment's `cluster`, judged by itself."""

    cluster: Cluster


class _NamesPart(Spec):
    """An environment's `names`, judged by themselves."""

    names: Names = DEFAULT


class _ImagesPart(Spec):
    """An environment's `images`, judged by themselves."""

    images: dict[Name, Image] = {}


class _ExternalsPart(Spec):
    """An environment's `externals`, judged by themselves."""

    externals: dict[Name, External] = {}


def platform(
    tree: Node, spec: EnvironmentSpec | None, components: Sequence[LoadedComponent], texts: Texts | None
) -> tuple[Platform, bool]:
    """Describe an environment to its components; tell whether the cluster's facts are those of the environment."""
    facts = spec or _part(_ClusterPart, tree)
    named, pictured = spec or _part(_NamesPart, tree), spec or _part(_ImagesPart, tree)
    outside = spec or _part(_ExternalsPart, tree)
    made = Platform(
        environment=spec.metadata.name if spec else "",
        cluster=facts.cluster if facts else EXAMPLE,
        names=named.names if named else DEFAULT,
        **({"argocd_namespace": spec.gitops.namespace} if spec else {}),
        retries=spec.gitops.retries if spec else None,
        images=pictured.images if pictured else {},
        components={component.name: component.spec for component in components},
        policies=texts.policies if texts else {},
        tracing_policies=texts.tracing if texts else {},
        published=tuple(sorted(entry.name for entry in outside.externals.values() if entry.kind == MODEL_VERSION))
        if outside
        else None,
        definitions=texts.definitions if texts else {},
        tables=tables.of_component,
    )
    return made, facts is not None


def _part(model: type[S], tree: Node) -> S | None:
    content = {key: node for key in model.model_fields if (node := tree.find((key,))) is not None}
    return judge(model, Node(dict(content), tree.place, tree.key))[0]


def misfits(
    components: Sequence[LoadedComponent], known: Platform, tree: Node, sound: Mapping[str, bool]
) -> Iterator[Finding]:
    """Yield what each component finds wrong with itself in its environment.

    `sound` says of `components`, `cluster` and `policies` whether they are known well enough for a verdict.
    """
    for component in components:
        for problem in component.spec.problems(component.name, known):
            needs = ("cluster", "components") if problem.needs == "pools" else (problem.needs,)
            if not all(sound.get(need, True) for need in needs):
                continue
            steps = (COMPONENTS, component.name, *problem.steps)
            node = tree.nearest(steps)
            place = node.at if len(steps) > len((COMPONENTS, component.name)) else node.key
            message = f"`{path_text(steps)}`: {problem.message}"
            yield found(rules.MISFIT, place, message, steps=steps, hint=problem.hint)
