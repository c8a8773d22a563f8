"""What an environment calls its own things: prefixes, label keys, API group, form of model versions.

Settings with Aurora's names as defaults; constructs and checks read them here and hold no name of their own.
Imports no cdk8s.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from aurora_constructs.spec import Hostname, LabelValue, Spec

Prefix = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9]*)-)?$", max_length=20)]
"""The beginning of names: empty, or lower-case letters, digits and hyphens with a hyphen at the end."""


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"it is no regular expression: {error}") from error
    return pattern


class Names(Spec):
    """Names of the platform; every default is Aurora's own."""

    prefix: Prefix = "aurora-"
    """What the names of a component's objects begin with."""
    part_of: LabelValue = "aurora"
    """The value of the label `app.kubernetes.io/part-of`."""
    label_prefix: Hostname = "aurora.example.com"
    """The domain in front of the platform's own labels and annotations."""
    api_group: Hostname = "ml.aurora.example.com"
    """The API group of MLTrainingJob and MLDeployment."""
    version_pattern: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^^$]*$"), AfterValidator(_expression)
    ] = "v[0-9]{8}-[0-9]{6}"
    """The regular expression that a whole model version matches, without anchors."""

    def object(self, component: str, suffix: str = "") -> str:
        """Name an object of a component."""
        return f"{self.prefix}{component}{suffix}"

    def key(self, name: str) -> str:
        """Give the platform's own label or annotation of this name."""
        return f"{self.label_prefix}/{name}"

    @property
    def track(self) -> str:
        """The label that tells stable from canary."""
        return self.key("track")

    @property
    def model(self) -> str:
        """The label with a model's name."""
        return self.key("model")

    @property
    def model_version(self) -> str:
        """The label with a model's version."""
        return self.key("model-version")

    @property
    def needs(self) -> str:
        """The annotation of a ServiceAccount with its needs of the cloud: `RESOURCE=ACCESS`, separated by commas."""
        return self.key("needs")

    @property
    def identity(self) -> str:
        """The annotation of a ServiceAccount that names its entry of `cluster.identities` where nothing else does."""
        return self.key("identity")

    def common(self, environment: str) -> dict[str, str]:
        """Give the labels of every object of an environment."""
        return {
            "app.kubernetes.io/managed-by": "aurora",
            "app.kubernetes.io/part-of": self.part_of,
            self.key("environment"): environment,
        }


DEFAULT = Names()
"""Aurora's own names: what holds where an environment says nothing, and for manifests of others."""
