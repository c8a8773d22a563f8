"""Secrets that are filled from a store."""

from collections.abc import Callable, Mapping

from aurora_constructs.cloud import SecretBackend
from aurora_constructs.components.secret_store.spec import SecretStoreSpec, Vault
from aurora_constructs.services import Owner
from aurora_constructs.spec import SecretValue


def external_secret(
    owner: Owner,
    name: str,
    *,
    store: str,
    refresh: str,
    values: Mapping[str, SecretValue],
    rendered: Mapping[str, str] | None = None,
) -> None:
    """Add the ExternalSecret that fills the Secret of the same name: with the values, or with templates of them.

    Every default is spelled out, so that Git says what the API server stores. The template is there for
    its effect on metadata: without one the Secret would inherit Argo CD's own labels and annotations.
    """
    template: dict[str, object] = {"engineVersion": "v2", "mergePolicy": "Replace"}
    if rendered:
        template["data"] = dict(rendered)
    target = {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain", "template": template}
    owner.custom(
        f"{name}-external-secret",
        api_version="external-secrets.io/v1",
        kind="ExternalSecret",
        name=name,
        namespace=owner.namespace_name,
        body={
            "spec": {
                "refreshPolicy": "Periodic",
                "refreshInterval": refresh,
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": owner.platform.names.object(store)},
                "target": target,
                "data": _data(owner, store, values),
            }
        },
    )


def _data(owner: Owner, store: str, values: Mapping[str, SecretValue]) -> list[dict[str, object]]:
    fixed = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
    own = f"{owner.platform.environment}/{owner.name}"
    kept = _names(owner, store)
    return [
        {"secretKey": key, "remoteRef": {"key": kept(value.path or own), "property": value.property, **fixed}}
        for key, value in sorted(values.items())
    ]


def _names(owner: Owner, store: str) -> Callable[[str], str]:
    """Give how the place behind a store names what is kept at a path."""
    provider = owner.platform.component(store, SecretStoreSpec).provider
    if isinstance(provider, Vault):
        return str
    return owner.platform.resource(provider.resource, SecretBackend).key
