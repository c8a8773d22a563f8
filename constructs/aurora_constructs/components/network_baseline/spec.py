"""What people write for the network baseline. Imports no cdk8s."""

from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.spec import ComponentSpec, Namespace


class NetworkBaselineSpec(ComponentSpec):
    """Default-deny and DNS for a list of namespaces; everything else is opened by the components."""

    kind: Literal["NetworkBaseline"] = "NetworkBaseline"
    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """The namespaces whose pods may by default neither be reached nor reach anything but DNS."""
    node_local_dns: bool = False
    """Whether NodeLocal DNSCache runs: pods then ask a link-local address of their node."""
