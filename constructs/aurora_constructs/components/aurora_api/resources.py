"""What components that emit Aurora's own custom resources share: names of the kinds, and how fields are left out.

What the definitions default is spelled out by whoever builds a body, so that Git says what the API server
stores. Pure; imports no cdk8s.
"""

from typing import Any

from aurora_constructs.names import Names

VERSION = "v1alpha1"
TRAINING_JOB = "MLTrainingJob"
DEPLOYMENT = "MLDeployment"

NAME_LENGTH = 40
"""The longest name of either kind: controllers append suffixes for Jobs and pods, and labels end at 63 characters."""


def api_version(names: Names) -> str:
    """Give the group and the version of both kinds."""
    return f"{names.api_group}/{VERSION}"


def stated(**fields: Any) -> dict[str, Any]:
    """Give the fields that have a value: null is not what leaving out is."""
    return {name: value for name, value in fields.items() if value is not None}
