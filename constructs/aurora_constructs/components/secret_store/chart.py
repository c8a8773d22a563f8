"""The ClusterSecretStore and the identity with which it enters its provider."""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.secret_store.spec import Authority, SecretStoreSpec, Vault, store_name

API_VERSION = "external-secrets.io/v1"
"""The only version that is served (domain, section 18)."""


class SecretStore(Component[SecretStoreSpec]):
    """Emits a cluster-wide store, closed to all namespaces but those that are listed."""

    def compose(self) -> None:
        """Add the store and its ServiceAccount, for which the operator requests short-lived tokens."""
        name = store_name(self.name)
        k8s.KubeServiceAccount(self, "service-account", metadata=self.meta(name), automount_service_account_token=False)
        self.custom(
            "store",
            api_version=API_VERSION,
            kind="ClusterSecretStore",
            name=name,
            body={
                "spec": {
                    "conditions": [{"namespaces": sorted(set(self.spec.namespaces))}],
                    "provider": {"vault": self._vault(self.spec.provider, account=name)},
                }
            },
        )

    def _vault(self, vault: Vault, *, account: str) -> dict[str, object]:
        """Spell out what the definition defaults; references name their namespace, a cluster's store has none."""
        identity = {"name": account, "namespace": self.namespace_name, "audiences": [vault.audience]}
        body: dict[str, object] = {
            "server": vault.server,
            "path": vault.path,
            "version": "v2",
            "auth": {"kubernetes": {"mountPath": vault.mount_path, "role": vault.role, "serviceAccountRef": identity}},
        }
        if vault.authority:
            body["caProvider"] = _authority(vault.authority)
        return body


def _authority(authority: Authority) -> dict[str, object]:
    return {
        "type": authority.kind,
        "name": authority.name,
        "namespace": authority.namespace,
        "key": authority.key,
    }
