"""What people write for the database of MLflow. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from aurora_constructs.cloud import PostgreSql
from aurora_constructs.components.secret_store.spec import access_problems
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentReference, Name, NamespacedSpec, Problem, RefreshInterval, SecretPath, Spec


class Credentials(Spec):
    """Where the database's user, its password, and the key of the server's sessions are kept."""

    store: Annotated[str, ComponentReference(("SecretStore",))] = "secrets"
    """The store: fields `username`, `password` and `session-key` at one path."""
    path: SecretPath | None = None
    """The path in it; `<environment>/<component>` by default."""
    refresh_interval: RefreshInterval = "1h0m0s"
    """How often they are read again; pods see new ones when they restart."""


class MlflowDatabaseSpec(NamespacedSpec):
    """The way to MLflow's database: Secret, account and network policy of what migrates it."""

    kind: Literal["MlflowDatabase"] = "MlflowDatabase"
    database: Name
    """The entry of `cluster.resources` with the PostgreSQL server."""
    credentials: Credentials = Credentials()
    """Where the user and the password are kept."""

    def server(self, platform: Platform) -> PostgreSql:
        """Give the facts of the database.

        Raises:
            UnavailableError: the cloud does not provide it.
        """
        return platform.resource(self.database, PostgreSql)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a database that the cloud does not provide, and a store that is closed to the namespace."""
        yield from platform.resource_problems(self.database, PostgreSql, "database")
        yield from access_problems(("credentials", "store"), self.credentials.store, self.namespace, platform)
