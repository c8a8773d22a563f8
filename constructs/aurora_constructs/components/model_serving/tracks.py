"""The two tracks of a served model: everything in which stable and canary may differ. Imports no cdk8s."""

from dataclasses import dataclass

from aurora_constructs import labels
from aurora_constructs.names import DEFAULT, Names

STABLE = "stable"
CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track; `app` is the name label, which both share, and `object_name` that of its own objects.

    Without a track, a controller gives the pods that label.
    """

    app: str
    track: str
    version: str
    replicas: int = 0
    names: Names = DEFAULT

    @property
    def object_name(self) -> str:
        """The name of the track's Deployment, Service and disruption budget."""
        return f"{self.app}-{self.track}" if self.track == CANARY else self.app

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select this track's pods, and no other's."""
        own = {self.names.track: self.track} if self.track else {}
        return {**labels.selector(self.app, labels.INFERENCE), **own}

    def pod_labels(self, environment: str, model: str) -> dict[str, str]:
        """Give the labels of the track's pods; the version is there for people and metrics, never in a selector."""
        return {
            **self.names.common(environment),
            **self.selector,
            self.names.model: model,
            self.names.model_version: self.version,
        }
