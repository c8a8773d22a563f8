"""What people write for MLflow. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs import labels
from aurora_constructs.cloud import Needs, ObjectStore
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.mlflow_database.spec import MlflowDatabaseSpec
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentReference, ImageName, Name, Namespace, Problem, Replicas, Resources, Subject

RegistryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=255)]
Alias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=63)]


class MlflowSpec(RoutedSpec):
    """The tracking server and the model registry, stateless in front of a database and an object store."""

    HOST_LABEL: ClassVar[str] = "mlflow"
    POD_COMPONENT: ClassVar[str] = labels.TRACKING
    ASKS_WHO: ClassVar[bool] = False
    PORT: ClassVar[int] = 5000

    kind: Literal["Mlflow"] = "Mlflow"
    edge: Annotated[str | None, ComponentReference(("Edge",))] = None
    """The edge that requests of people come through, which only some networks may reach; none by default."""
    image: ImageName = "mlflow"
    """The image: MLflow with the driver of PostgreSQL and the libraries of the object store."""
    database: Annotated[str, ComponentReference(("MlflowDatabase",))] = "mlflow-database"
    """The component with its database, in the same namespace."""
    artifacts: Name
    """The entry of `cluster.resources` in which artifacts are stored."""
    identity: Name
    """The entry of `cluster.identities` that reads and writes them: clients need no rights of their own."""
    resources: Resources = Resources(cpu="500m", memory="1Gi", memory_limit="2Gi")
    """What each pod asks for."""
    replicas: Replicas = Replicas()
    """How many pods."""
    client_namespaces: list[Namespace] = []
    """The namespaces whose pods may call it."""
    aliases: dict[RegistryName, Annotated[dict[Alias, Annotated[int, Field(ge=1)]], Field(min_length=1)]] = {}
    """Aliases of registered models, such as `stable` and `canary`, and the versions that they name."""

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return self.PORT

    @property
    def needs(self) -> Needs:
        """What the pods need of the cloud."""
        return {self.artifacts: "write"}

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the server."""
        yield Subject("mlflow-server", self.namespace, platform.names.object(name))

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find an object store or an identity that the cloud does not provide, and a database elsewhere."""
        yield from super().problems(name, platform)
        yield from platform.resource_problems(self.artifacts, ObjectStore, "artifacts")
        yield from platform.identity_problems(self.identity, "identity")
        found = platform.find(self.database, MlflowDatabaseSpec)
        if found and found.namespace != self.namespace:
            message = f"`{self.database}` is in namespace `{found.namespace}`: pods read Secrets of their own only"
            yield Problem(("database",), message, f"put both into `{found.namespace}`", needs="components")
