"""What people write for the proxies of an edge. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from aurora_constructs.components.edge.spec import EdgeSpec, proxies_of
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentReference, NamespacedSpec, Problem


class EdgeProxySpec(NamespacedSpec):
    """What the proxies of an edge need before they start; `namespace` is the edge's."""

    kind: Literal["EdgeProxy"] = "EdgeProxy"
    edge: Annotated[str, ComponentReference(("Edge",))] = "edge"
    """The edge whose proxies are meant."""

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the edge's proxies."""
        yield proxies_of(self.edge)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find an edge in another namespace, and one that has two of these components."""
        edge = platform.find(self.edge, EdgeSpec)
        if edge and edge.namespace != self.namespace:
            message = f"the edge `{self.edge}` and its proxies are in `{edge.namespace}`, not in `{self.namespace}`"
            yield Problem(("namespace",), message, f"write `namespace: {edge.namespace}`", needs="components")
        first = platform.claimant(proxies_of(self.edge))
        if first is not None and first != name:
            message = f"components `{first}` and `{name}` both describe the proxies of `{self.edge}`"
            yield Problem(("edge",), message, "remove one of them", needs="components")
