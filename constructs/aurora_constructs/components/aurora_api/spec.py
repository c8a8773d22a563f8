"""What people write for Aurora's own API. Imports no cdk8s."""

from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.spec import ComponentSpec


class AuroraApiSpec(ComponentSpec):
    """The CustomResourceDefinitions MLTrainingJob and MLDeployment."""

    kind: Literal["AuroraApi"] = "AuroraApi"
    weight_step: Annotated[int, Field(ge=1, le=100)] = 25
    """How many percent a canary's weight may grow at once; it may always fall."""
