"""The vocabulary of component specifications: the value types that people write in environment files.

Imports no cdk8s: the command line reads specifications without starting Node.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


class Spec(BaseModel):
    """A strict, frozen value written in an environment file: camelCase there, snake_case in Python."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class ComponentReference:
    """Marks a field that names another component of the same environment, and the kinds it may have."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Marks a field that names an entry of the environment's `images`."""


Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=40),
]
"""A DNS-1123 label; 40 characters leave room for what controllers append (domain: names of children)."""

Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""A namespace's name: a DNS-1123 label."""

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

ModelVersion = Annotated[str, StringConstraints(pattern=r"^v[0-9]{8}-[0-9]{6}$")]
"""A model version as the trainer stamps it: `vYYYYMMDD-HHMMSS`."""

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


class Image(Spec):
    """A container image pinned by tag, for people, and by digest, for machines."""

    repository: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$", max_length=255)]
    """Registry host and path, without tag."""
    tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"), AfterValidator(_not_latest)]
    """The tag that was tested; `latest` is refused."""
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
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


class ComponentSpec(Spec):
    """What every component has; each kind adds its own fields."""

    kind: str
    """The component kind; `aurora list` prints them."""


class NamespacedSpec(ComponentSpec):
    """A component whose namespaced objects live in one namespace."""

    namespace: Namespace
    """The namespace of the component's objects."""
