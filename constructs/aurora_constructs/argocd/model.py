"""What the Argo CD objects of an environment are made from. Imports no cdk8s."""

from dataclasses import dataclass

from aurora_constructs.argocd.destination import Destination
from aurora_constructs.names import Names
from aurora_constructs.versions import FEATURES


@dataclass(frozen=True, slots=True, order=True)
class KindName:
    """An API group and a kind, as an AppProject lists them."""

    group: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredFields:
    """Fields of one object that another controller owns, so that Argo CD leaves them alone."""

    group: str
    kind: str
    namespace: str
    name: str
    json_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentApplication:
    """One Application: the folder of a component, its place in the sync, and what others own in it.

    `namespace` is where objects without one would go; all have one, but the project must permit it.
    """

    component: str
    wave: int
    namespace: str
    creates_applications: bool = False
    ignored: tuple[IgnoredFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgoCdSpec:
    """Everything that Argo CD needs to know to sync one environment."""

    environment: str
    namespace: str
    repository: str
    revision: str
    releases: str | None = None
    """The tags of which the root follows the newest; what it holds follows `revision`, which that tag states."""
    production: bool
    destination: Destination
    fleet: tuple[Destination, ...] = ()
    """Equal clusters that all get the environment, in the place of `destination`; the compiler makes the sets."""
    names: Names
    applications: tuple[ComponentApplication, ...]
    namespaces: tuple[str, ...]
    cluster_kinds: tuple[KindName, ...]
    namespaced_kinds: tuple[KindName, ...]
    features: tuple[str, ...] = tuple(FEATURES)
    """Those of `versions.FEATURES` that the cluster's versions have."""
    retries: int | None = None
    """How often a sync that failed is tried again; None is without end."""
    chart_repositories: tuple[str, ...] = ()
    chart_namespaces: tuple[str, ...] = ()


def project(environment: str) -> str:
    """Name the AppProject of an environment's components."""
    return environment


def root_project(environment: str) -> str:
    """Name the AppProject that may create Applications, and nothing else."""
    return f"{environment}-root"


def platform_project(environment: str) -> str:
    """Name the AppProject of the platform's Helm charts."""
    return f"{environment}-platform"
