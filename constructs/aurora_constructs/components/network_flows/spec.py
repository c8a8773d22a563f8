"""What people write for the flows of pods that a chart makes. Imports no cdk8s."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.spec import Egress, LabelValue, Name, Namespace, NamespacedSpec, Port, Spec

Ports = Annotated[list[Port], Field(min_length=1, max_length=16)]


class Callers(Spec):
    """Namespaces whose pods may call, and at which ports of the pods."""

    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """The namespaces."""
    ports: Ports
    """The ports of the pods."""


class Flows(Spec):
    """The flows of some pods, beside name resolution."""

    pods: Annotated[dict[str, LabelValue], Field(min_length=1)]
    """The labels that select the pods."""
    callers: list[Callers] = []
    """Who may call them."""
    webhooks: list[Port] = []
    """The ports of webhooks, which the API server calls."""
    api_server: bool = False
    """Whether they call the API server."""
    cloud: bool = False
    """Whether they call the services of the cloud."""
    egress: list[Egress] = []
    """Where else they may go."""

    @model_validator(mode="after")
    def _open_something(self) -> "Flows":
        if not (self.callers or self.webhooks or self.api_server or self.cloud or self.egress):
            raise ValueError("opens no flow: name resolution is open in every namespace with a network baseline")
        return self


class NetworkFlowsSpec(NamespacedSpec):
    """Openings of a closed namespace for pods that no component of the environment makes."""

    kind: Literal["NetworkFlows"] = "NetworkFlows"
    flows: Annotated[dict[Name, Flows], Field(min_length=1)]
    """The flows by the name of their policy."""
