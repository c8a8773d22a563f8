"""What people write for Secrets that something else names. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.components.secret_store.spec import access_problems
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentReference, NamespacedSpec, Problem, RefreshInterval, SecretValue

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
SecretKey = Annotated[str, StringConstraints(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)]


class SecretsSpec(NamespacedSpec):
    """Secrets of one namespace, filled from a secret store."""

    kind: Literal["Secrets"] = "Secrets"
    store: Annotated[str, ComponentReference(("SecretStore",))] = "secrets"
    """The store that their values are in."""
    secrets: Annotated[
        dict[SecretName, Annotated[dict[SecretKey, SecretValue], Field(min_length=1)]], Field(min_length=1)
    ]
    """The Secrets by the name that others use, and where the value of each of their keys is kept."""
    refresh_interval: RefreshInterval = "1h0m0s"
    """How often the values are read again."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a store that is closed to the namespace."""
        return access_problems(("store",), self.store, self.namespace, platform)
