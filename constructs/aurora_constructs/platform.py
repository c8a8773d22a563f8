"""What a component may know of its surroundings: the environment's facts, images and other components.

Imports no cdk8s.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aurora_constructs.cloud import Access, CloudResource
from aurora_constructs.cluster import BareMetal, ClusterFacts, Identity, MonitoringFacts, UnavailableError
from aurora_constructs.names import DEFAULT, Names
from aurora_constructs.pools import Pool
from aurora_constructs.spec import ComponentSpec, Image, Problem, Subject
from aurora_constructs.spelling import nearest
from aurora_constructs.versions import FEATURES, Definitions

FORM = "/"
"""Between a policy's name and the profile that a form of it is for, where policies are named."""
S = TypeVar("S", bound=ComponentSpec)
R = TypeVar("R", bound=CloudResource)

EXAMPLE = BareMetal(provider="bare-metal", kubernetes="1.35", domain="example.com", api_server_cidrs=["10.0.0.10/32"])
"""A cluster for components that are built without an environment."""


def _no_tables(name: str) -> Mapping[str, Any]:
    raise KeyError(f"table `{name}`: nobody reads tables for this platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One environment as its components see it.

    `policies` and `tracing_policies` hold the files that components need, read by the compiler: name to body.
    `definitions` says of each profile which versions its definitions are of.
    `argocd_namespace` is that of Argo CD's own objects, `retries` how often a failed sync is tried again: None is
    without end. `published` are the model versions that are declared external, as `MODEL/VERSION`; None where that is
    not known. `tables` reads, like the policies, a table that ships with a component: `FOLDER/NAME` gives `NAME.yaml`.
    """

    environment: str
    cluster: ClusterFacts = EXAMPLE
    names: Names = DEFAULT
    argocd_namespace: str = "argocd"
    retries: int | None = None
    images: Mapping[str, Image] = field(default_factory=dict)
    components: Mapping[str, ComponentSpec] = field(default_factory=dict)
    policies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tracing_policies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    published: tuple[str, ...] | None = None
    definitions: Mapping[str, Definitions] = field(default_factory=dict)
    tables: Callable[[str], Mapping[str, Any]] = _no_tables
    _claimed: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)
    _kinds: dict[type, dict[str, Any]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def kubernetes(self) -> str:
        """The cluster's minor version."""
        return self.cluster.kubernetes

    def has_kind(self, kind: str) -> bool:
        """Tell whether the cluster's definitions have a custom kind that components emit, given as `group/Kind`."""
        return kind not in self._defined.lacking

    @property
    def features(self) -> tuple[str, ...]:
        """Those of `versions.FEATURES` that the cluster's versions have."""
        return tuple(feature for feature in FEATURES if self._defined.offers(feature))

    @property
    def _defined(self) -> Definitions:
        return self.definitions.get(self.cluster.profile, Definitions())

    def policy(self, name: str) -> Mapping[str, object] | None:
        """Give a Kyverno policy in the form that the cluster has the kind of; None where there is none."""
        body = self.policies.get(name)
        if body is None:
            return None
        kind = f"{str(body.get('apiVersion')).partition('/')[0]}/{body.get('kind')}"
        return body if self.has_kind(kind) else self.policies.get(f"{name}{FORM}{self.cluster.profile}")

    @property
    def domain(self) -> str:
        """The domain under which the environment's hosts live."""
        return self.cluster.domain

    @property
    def api_server_cidrs(self) -> tuple[str, ...]:
        """The API server's endpoints as network policies see them: after translation."""
        return tuple(self.cluster.api_server_cidrs)

    @property
    def monitoring(self) -> MonitoringFacts:
        """Who collects metrics."""
        return self.cluster.monitoring

    def identity(self, name: str | None) -> Identity:
        """Give what lets pods act as an identity of the cloud; nothing where no identity is asked for.

        Raises:
            UnavailableError: the cluster gives none, or none of that name.
        """
        return self.cluster.identity(name) if name else Identity()

    def identity_problems(self, name: str | None, *steps: str) -> Iterator[Problem]:
        """Find that the cluster does not give an identity that a component asks for at a key."""
        try:
            self.identity(name)
        except UnavailableError as error:
            yield Problem(
                steps, str(error), "remove the key, or name an entry of `cluster.identities`", needs="cluster"
            )

    def resource(self, name: str, kind: type[R]) -> R:
        """Give a resource of the cloud, of a kind such as `ObjectStore`.

        Raises:
            UnavailableError: the cluster has none of that name, or it is of another kind.
        """
        found = self.cluster.resource(name)
        if not isinstance(found, kind):
            raise UnavailableError(f"`cluster.resources.{name}` is for {found.PURPOSE}, not for {kind.PURPOSE}")
        return found

    def resource_problems(self, name: str | None, kind: type[CloudResource], *steps: str) -> Iterator[Problem]:
        """Find that the cloud does not provide what a component asks for at a key."""
        try:
            _ = self.resource(name, kind) if name else None
        except UnavailableError as error:
            yield Problem(steps, str(error), "name an entry of `cluster.resources`", needs="cluster")

    def need_problems(self, needs: Mapping[str, Access], identity: str | None, *steps: str) -> Iterator[Problem]:
        """Find needs that the cloud does not provide, or that the pods have no identity for."""
        for name in sorted(needs):
            yield from self.resource_problems(name, CloudResource, *steps, name)
        if needs and not identity:
            message = "the pods need resources of the cloud and have no identity there"
            yield Problem(steps, message, "add `identity: NAME`, an entry of `cluster.identities`", needs="cluster")

    def pools(self) -> dict[str, Pool]:
        """Give every node pool by name: those that the cluster states, and those that components make."""
        found = dict(self.cluster.node_pools)
        for _, spec in sorted(self.components.items()):
            for pool in spec.node_pools(self):
                found.setdefault(pool.name, pool)
        return found

    def pool(self, name: str) -> Pool:
        """Give a node pool, whoever makes its nodes.

        Raises:
            UnavailableError: there is none of that name.
        """
        known = self.pools()
        if name not in known:
            raise UnavailableError(f"there is no node pool `{name}`: {nearest(name, known)}")
        return known[name]

    def pool_problems(self, name: str | None, *steps: str) -> Iterator[Problem]:
        """Find that there is no node pool of the name that a component states at a key."""
        known = self.pools()
        if name and name not in known:
            hint = f"{nearest(name, known)}; `cluster.pools` states pools, NodePools components make them"
            yield Problem(steps, f"there is no node pool `{name}`", hint, needs="pools")

    def gpu_problems(self, name: str | None, count: int, product: str | None, *steps: str) -> Iterator[Problem]:
        """Find that a node pool which a component states has no machine with the GPUs that it asks for at a key."""
        pool = self.pools().get(name or "")
        try:
            _ = pool.with_gpus(count, product=product) if pool else None
        except ValueError as error:
            yield Problem(steps, str(error), "ask for what its machines have, or name another pool", needs="pools")

    def image(self, name: str) -> str:
        """Give the pinned reference of an image.

        Raises:
            KeyError: the environment lists no such image.
        """
        return self.images[name].reference

    def component(self, name: str, spec: type[S]) -> S:
        """Give the specification of another component.

        Raises:
            KeyError: there is no such component.
            TypeError: it is of another kind.
        """
        found = self.components[name]
        if not isinstance(found, spec):
            raise TypeError(f"component `{name}` is a {found.kind}, not a {spec.__name__.removesuffix('Spec')}")
        return found

    def find(self, name: str, spec: type[S]) -> S | None:
        """Give the specification of another component; None where there is none of that name and kind."""
        found = self.components.get(name)
        return found if isinstance(found, spec) else None

    def claimant(self, claim: str) -> str | None:
        """Give the component that claims what only one may have; of several, the first by name."""
        if not self._claimed:
            for name, spec in sorted(self.components.items()):
                for each in spec.claims(self):
                    self._claimed.setdefault(each, name)
        return self._claimed.get(claim)

    def subjects(self) -> tuple[Subject, ...]:
        """Give what the components bring that alerts are about, in order and once each."""
        return tuple(sorted({each for name, spec in self.components.items() for each in spec.subjects(name, self)}))

    def of_kind(self, spec: type[S]) -> Mapping[str, S]:
        """Give the components of a kind by name, in name order."""
        if spec not in self._kinds:
            named = sorted(self.components.items())
            self._kinds[spec] = {name: found for name, found in named if isinstance(found, spec)}
        return self._kinds[spec]
