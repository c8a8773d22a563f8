"""The ClusterSecretStore and the identity with which it enters its provider."""

from typing import Any

from aurora_constructs import services
from aurora_constructs.cloud import Needs, SecretBackend
from aurora_constructs.cluster import Identity
from aurora_constructs.component import Component
from aurora_constructs.components.secret_store.spec import Authority, SecretStoreSpec, Vault

API_VERSION = "external-secrets.io/v1"
"""The only version that is served (External Secrets 2.9)."""


class SecretStore(Component[SecretStoreSpec]):
    """Emits a cluster-wide store, closed to all namespaces but those that are listed."""

    def compose(self) -> None:
        """Add the store and its ServiceAccount, for which the operator requests short-lived tokens."""
        provider = self.spec.provider
        identity = Identity() if isinstance(provider, Vault) else self.platform.identity(provider.identity)
        if identity.by_account:
            needs: Needs = {} if isinstance(provider, Vault) else {provider.resource: "read"}
            services.account(self, self.object_name, identity, needs)
        self.custom(
            "store",
            api_version=API_VERSION,
            kind="ClusterSecretStore",
            name=self.object_name,
            body={
                "spec": {
                    "conditions": [{"namespaces": sorted(set(self.spec.namespaces))}],
                    "provider": self._provider(identity),
                }
            },
        )

    def _provider(self, identity: Identity) -> dict[str, Any]:
        """Spell out what the definition defaults; references name their namespace, a cluster's store has none."""
        provider = self.spec.provider
        account = {"name": self.object_name, "namespace": self.namespace_name}
        if isinstance(provider, Vault):
            return {"vault": _vault(provider, {**account, "audiences": [provider.audience]})}
        backend = self.platform.resource(provider.resource, SecretBackend)
        return backend.provider(self.platform.cluster.place, account if identity.by_account else None)


def _vault(vault: Vault, identity: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "server": vault.server,
        "path": vault.path,
        "version": "v2",
        "auth": {"kubernetes": {"mountPath": vault.mount_path, "role": vault.role, "serviceAccountRef": identity}},
    }
    if vault.authority:
        body["caProvider"] = _authority(vault.authority)
    return body


def _authority(authority: Authority) -> dict[str, object]:
    return {"type": authority.kind, "name": authority.name, "namespace": authority.namespace, "key": authority.key}
