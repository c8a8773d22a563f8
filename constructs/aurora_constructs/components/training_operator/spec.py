"""What people write for the operator. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.platform import Platform
from aurora_constructs.spec import ImageName, Namespace, NamespacedSpec, Resources, Subject


class TrainingOperatorSpec(NamespacedSpec):
    """The Kopf operator that watches Aurora's own resources and makes Jobs of MLTrainingJobs."""

    kind: Literal["TrainingOperator"] = "TrainingOperator"
    training_namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """The only namespaces in which it may make Jobs."""
    image: ImageName = "operator"
    """The operator's image."""
    module: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$", max_length=128)] = (
        "aurora_programs.operator"
    )
    """The Python module with the handlers."""
    resources: Resources = Resources(cpu="100m", memory="256Mi")
    """What it asks for."""

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the operator, which counts the runs that fail."""
        yield Subject("training", self.namespace, platform.names.object(name))
