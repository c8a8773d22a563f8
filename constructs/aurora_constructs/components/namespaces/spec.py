"""What people write for namespaces. Imports no cdk8s."""

from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.recovery import Recovery
from aurora_constructs.spec import ComponentSpec, NewNamespace, Quantity, Spec

PodSecurityLevel = Literal["privileged", "baseline", "restricted"]


class Quota(Spec):
    """What the pods and claims of a namespace may ask for together."""

    cpu: Quantity
    """Sum of CPU requests."""
    memory: Quantity
    """Sum of memory requests; the sum of memory limits has the same bound."""
    pods: Annotated[int, Field(ge=1)]
    """Number of pods that have not ended."""
    gpus: Annotated[int, Field(ge=0)] = 0
    """Sum of GPU requests."""
    claims: Annotated[int, Field(ge=0)] = 0
    """Number of PersistentVolumeClaims."""


class DefaultResources(Spec):
    """What a container gets that states nothing, and what no container may exceed."""

    cpu_request: Quantity = "100m"
    """CPU request of a container that states none."""
    memory_request: Quantity = "128Mi"
    """Memory request of a container that states none."""
    memory_limit: Quantity = "256Mi"
    """Memory limit of a container that states none."""
    cpu_max: Quantity | None = None
    """The largest CPU limit; none by default, since the API server makes it the limit of all that state none."""
    memory_max: Quantity = "32Gi"
    """The largest memory limit."""


class NamespaceSpec(Spec):
    """One namespace."""

    enforce: PodSecurityLevel
    """The Pod Security level that pods must keep."""
    warn: PodSecurityLevel | None = None
    """The level below which the API server warns; no label when left out."""
    audit: PodSecurityLevel | None = None
    """The level below which the audit log notes it; no label when left out."""
    quota: Quota | None = None
    """Bounds for the namespace as a whole; none when left out."""
    defaults: DefaultResources | None = None
    """Bounds for each container; with a quota they must be given, since a quota makes requests mandatory."""
    labels: dict[str, str] = {}
    """Further labels, such as those that Gateways select."""
    recovery: Recovery | None = None
    """What is promised for the day on which the objects of the namespace are lost; nothing when left out."""


class NamespacesSpec(ComponentSpec):
    """Namespaces with their Pod Security level, quota and default limits."""

    kind: Literal["Namespaces"] = "Namespaces"
    namespaces: Annotated[dict[NewNamespace, NamespaceSpec], Field(min_length=1)]
    """The namespaces by name."""
