"""Where Applications and projects write to, in Argo CD's words. Imports no cdk8s.

Source: Argo CD 3.5, `ApplicationDestination` and `isDestinationMatched` of pkg/apis/application/v1alpha1: a cluster is
named by URL or by name, never by both, and a project permits what its Applications name in the same way.
"""

from dataclasses import dataclass

LOCAL_SERVER = "https://kubernetes.default.svc"
LOCAL_NAME = "in-cluster"
"""The two names of the cluster that Argo CD runs in."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A cluster as Argo CD knows it: by its name, where it has one, or else by its URL."""

    server: str = LOCAL_SERVER
    name: str = ""

    def at(self, namespace: str) -> dict[str, str]:
        """Give the destination of a namespace in the cluster."""
        return (
            {"name": self.name, "namespace": namespace}
            if self.name
            else {"server": self.server, "namespace": namespace}
        )


LOCAL = Destination()
"""The cluster that Argo CD runs in: the default, and always where Argo CD's own objects go."""
