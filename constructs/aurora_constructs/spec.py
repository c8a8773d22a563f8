"""The vocabulary of component specifications: the value types that people write in environment files.

Imports no cdk8s: the command line reads specifications without starting Node.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from aurora_constructs.quantities import is_more

if TYPE_CHECKING:
    from aurora_constructs.platform import Platform
    from aurora_constructs.pools import Pool


class Spec(BaseModel):
    """A strict, frozen value written in an environment file: camelCase there, snake_case in Python."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True)


@dataclass(frozen=True, slots=True)
class ComponentReference:
    """Marks a field that names another component of the same environment, and the kinds it may have."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Marks a field that names an entry of the environment's `images`."""


@dataclass(frozen=True, slots=True)
class NamespaceReference:
    """Marks a field that names a namespace of the environment."""


@dataclass(frozen=True, slots=True)
class VersionOfModel:
    """Marks a field that holds a model version, whose form the environment's `names` give."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Marks a field that says which version of something runs: it differs by stage, and a promotion moves it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a specification in its environment, at a key of it; `needs` tells what must be known.

    What rests on `components` is not judged while another component is unsound, and likewise for the others; `pools`
    are known where both the cluster and the components are.
    """

    steps: tuple[str | int, ...]
    message: str
    hint: str | None = None
    needs: Literal["", "components", "cluster", "policies", "pools"] = ""

    @property
    def words(self) -> str:
        """What is wrong and what to do, on one line."""
        return f"{self.message}: {self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Something that alerts are about: what it is, in a word that the tables of `Monitoring` know, where, and its name.

    The name is that of the job under which Prometheus stores its series, where it has one. `values` are what the
    tables fill in for it alone, over what holds for all.
    """

    kind: str
    namespace: str
    name: str
    values: tuple[tuple[str, str], ...] = ()


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=40)]
"""A DNS-1123 label; 40 characters leave room for what controllers append (docs/facts/workloads.md)."""

NewNamespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""A namespace's name: a DNS-1123 label."""

Namespace = Annotated[NewNamespace, NamespaceReference()]
"""The name of a namespace that the environment has."""

Hostname = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$", max_length=253
    ),
]
"""A fully qualified host name in lower case, without wildcard."""

Quantity = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$", max_length=32)
]
"""A non-negative Kubernetes resource quantity, such as `500m` or `2Gi`."""

ModelVersion = Annotated[
    str, VersionOfModel(), StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=63)
]
"""A model version as the trainer stamps it: by default `vYYYYMMDD-HHMMSS`."""

ImageName = Annotated[str, ImageReference(), StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
"""The name of an entry of `images`."""

Weight = Annotated[int, Field(ge=0, le=100)]
"""A share of traffic in percent."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

LabelValue = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", min_length=1, max_length=63)
]
"""The value of a label."""


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 or IPv6 network without host bits, such as `10.0.0.0/24`."""


def _not_latest(tag: str) -> str:
    if tag == "latest":
        raise ValueError("`latest` is not a version: name the tag that was tested")
    return tag


ImageRepository = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$", max_length=255)]
"""Registry host and path of an image, without tag."""
ImageTag = Annotated[
    str, Pin(), StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"), AfterValidator(_not_latest)
]
"""The tag of an image; `latest` is refused."""
ImageDigest = Annotated[str, Pin(), StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""The digest of an image's manifest."""


class Image(Spec):
    """A container image pinned by tag, for people, and by digest, for machines."""

    repository: ImageRepository
    """Registry host and path, without tag."""
    tag: ImageTag
    """The tag that was tested; `latest` is refused."""
    digest: ImageDigest
    """The manifest digest that the tag meant when it was tested."""

    @property
    def reference(self) -> str:
        """The reference that a container names: repository, tag and digest."""
        return f"{self.repository}:{self.tag}@{self.digest}"


class Resources(Spec):
    """What a container asks for; the memory limit equals the request unless it is stated."""

    cpu: Quantity
    """CPU request."""
    memory: Quantity
    """Memory request."""
    cpu_limit: Quantity | None = None
    """CPU limit; none by default, since a CPU limit throttles model servers."""
    memory_limit: Quantity | None = None
    """Memory limit; the memory request by default."""


RateLimit = Annotated[int, Field(ge=0, le=100_000)]
"""Requests a second, probes and scrapes aside; 0 for no limit."""
SharedMemory = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(Ki|Mi|Gi)$", max_length=16)]
"""The size of `/dev/shm`, which counts towards the memory limit of its container."""


def check_shared_memory(size: SharedMemory, resources: Resources) -> None:
    """Check that shared memory leaves something of the memory limit.

    Raises:
        ValueError: it does not.
    """
    limit = resources.memory_limit or resources.memory
    if not is_more(limit, size):
        raise ValueError(f"sharedMemory `{size}` leaves nothing of the memory limit `{limit}`")


class ComponentSpec(Spec):
    """What every component has; each kind adds its own fields."""

    kind: str
    """The component kind; `aurora list` prints them."""

    def problems(self, name: str, platform: Platform) -> Iterable[Problem]:
        """Find what cannot work in this environment, before anything is built; `name` is the component's."""
        return ()

    def claims(self, platform: Platform) -> Iterable[str]:
        """Give what no other component may have too, such as the host that it serves."""
        return ()

    def node_pools(self, platform: Platform) -> Iterable[Pool]:
        """Give the node pools that the component's objects make."""
        return ()

    def subjects(self, name: str, platform: Platform) -> Iterable[Subject]:
        """Give what it brings that alerts are about: `Monitoring` has alerts for what there is."""
        return ()


class NamespacedSpec(ComponentSpec):
    """A component whose namespaced objects live in one namespace."""

    namespace: Namespace
    """The namespace of the component's objects."""


class Replicas(Spec):
    """Bounds of the number of pods; the autoscaler owns the number itself."""

    minimum: Annotated[int, Field(ge=2, le=50)] = 2
    """The fewest; one pod could not outlive its node."""
    maximum: Annotated[int, Field(ge=2, le=50)] = 5
    """The most."""
    cpu_percent: Annotated[int, Field(ge=10, le=100)] = 70
    """The share of the CPU request to aim at."""

    @model_validator(mode="after")
    def _ordered(self) -> Replicas:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is below minimum {self.minimum}")
        return self


class Egress(Spec):
    """Where pods may go: a network outside the cluster, or the pods of a namespace."""

    cidr: Cidr | None = None
    """The network."""
    namespace: Namespace | None = None
    """The namespace; one of both is named."""
    port: Port = 443
    """The TCP port, of the pods where a namespace is named."""

    @model_validator(mode="after")
    def _one_way(self) -> Egress:
        if (self.cidr is None) == (self.namespace is None):
            raise ValueError("name either `cidr` or `namespace`")
        return self


SecretPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=253)]
"""A path in a secret store."""

SecretProperty = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=253)]
"""A field at a path of a secret store."""

RefreshInterval = Annotated[str, StringConstraints(pattern=r"^[0-9]+h[0-9]+m[0-9]+s$", max_length=16)]
"""How often a secret is read again, as the operator writes it; pods see a new value when they restart."""


class SecretValue(Spec):
    """Where the value of a variable is kept."""

    path: SecretPath | None = None
    """The path in the store; `<environment>/<component>` by default, so that no environment reads another one's."""
    property: SecretProperty
    """The field at that path."""


Text = Annotated[str, StringConstraints(max_length=1024)]
"""An argument or the value of a variable."""

UrlPath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=256)]
"""A path of an HTTP server."""

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]
"""The name of an environment variable."""
