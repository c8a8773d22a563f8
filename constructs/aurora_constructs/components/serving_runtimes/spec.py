"""What people write for model servers. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.components.serving_runtimes.servers import SERVERS
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec, ImageName, Problem, Resources, Spec

Name = Literal["sklearn", "pytorch", "tensorflow", "vllm"]


class Runtime(Spec):
    """One server."""

    image: ImageName
    """Its image; any user runs it, from a read-only root filesystem."""
    resources: Resources = Resources(cpu="500m", memory="1Gi", memory_limit="2Gi")
    """What a pod asks for whose model states nothing."""


class ServingRuntimesSpec(ComponentSpec):
    """KServe's ClusterServingRuntimes, one for each framework."""

    kind: Literal["ServingRuntimes"] = "ServingRuntimes"
    servers: Annotated[dict[Name, Runtime], Field(min_length=1)]
    """The servers by the framework of their models: `sklearn`, `pytorch`, `tensorflow`, `vllm`."""

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the names of the runtimes, which are those of the whole cluster."""
        yield from (f"runtime {server}" for server in self.servers)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find another component with a runtime of the same name."""
        for server in self.servers:
            other = platform.claimant(f"runtime {server}")
            if other not in (None, name):
                message = f"components `{other}` and `{name}` both make the runtime `{server}`"
                yield Problem(("servers", server), message, "leave it to one of them")


def runtime_problems(key: str, component: str, server: str, platform: Platform) -> Iterator[Problem]:
    """Find that a component does not make the runtime that a model needs."""
    found = platform.find(component, ServingRuntimesSpec)
    if found and server not in found.servers:
        known = ", ".join(f"`{each}`" for each in SERVERS if each in found.servers)
        message = f"`{component}` has no runtime `{server}`: it has {known}"
        yield Problem((key,), message, f"add `{server}` to its `servers`", needs="components")
