"""What people write for a secret store. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import SecretBackend
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Name, Namespace, NamespacedSpec, Problem, Spec

Path = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=253)]


class Authority(Spec):
    """Where the certificate authority of the server's certificate is found."""

    kind: Literal["ConfigMap", "Secret"] = "ConfigMap"
    """The kind of object that has it."""
    name: Name
    """Its name."""
    namespace: Namespace
    """Its namespace; a cluster-wide store has none of its own."""
    key: Annotated[str, StringConstraints(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)] = "ca.crt"
    """The key in it."""


class Vault(Spec):
    """A Vault server with a key-value engine of version 2, entered with a Kubernetes identity."""

    type: Literal["vault"]
    """The kind of provider."""
    server: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(:[0-9]+)?$", max_length=253)]
    """Its address, always with TLS."""
    path: Path
    """Where the key-value engine is mounted."""
    role: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=253)]
    """The role that Vault gives the identity."""
    mount_path: Path = "kubernetes"
    """Where the Kubernetes authentication is mounted."""
    audience: Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=253)] = "vault"
    """Whom the identity's token is for: a token for Vault is worth nothing to the API server."""
    authority: Authority | None = None
    """The certificate authority; that of the operator's image when left out."""


class CloudSecrets(Spec):
    """The secrets of the cloud that the cluster is in, entered with an identity of that cloud."""

    type: Literal["cloud"]
    """The kind of provider."""
    resource: Name
    """The entry of `cluster.resources` that the secrets are kept in."""
    identity: Name
    """The entry of `cluster.identities` that may read the secrets."""


class SecretStoreSpec(NamespacedSpec):
    """A store that ExternalSecrets of some namespaces may read; `namespace` is that of its identity."""

    kind: Literal["SecretStore"] = "SecretStore"
    provider: Annotated[Vault | CloudSecrets, Field(discriminator="type")]
    """Where the secrets are kept."""
    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """The only namespaces whose ExternalSecrets may use the store."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a place for secrets, and an identity, that the cluster does not have."""
        provider = self.provider
        if isinstance(provider, Vault):
            return
        yield from platform.resource_problems(provider.resource, SecretBackend, "provider", "resource")
        yield from platform.identity_problems(provider.identity, "provider", "identity")


def access_problems(steps: tuple[str, ...], store: str, namespace: str, platform: Platform) -> Iterator[Problem]:
    """Find that a store is closed to a namespace: the operator would refuse its ExternalSecrets."""
    found = platform.find(store, SecretStoreSpec)
    if found and namespace not in found.namespaces:
        hint = f"add `{namespace}` to the `namespaces` of `{store}`, or name another store"
        yield Problem(steps, f"`{store}` is closed to namespace `{namespace}`", hint, needs="components")
