"""The secret store: open to the listed namespaces only, entered without a stored credential."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.building import CONTROL_PLANE, MODEL_STORE, SECRETS, Built, build, specification, without


@pytest.fixture(scope="module")
def built() -> Built:
    return build("secrets", {"secrets": without(SECRETS, namespaces=["research", "aurora"])})


def vault(built: Built) -> dict[str, Any]:
    provider: dict[str, Any] = built.one("ClusterSecretStore")["spec"]["provider"]["vault"]
    return provider


def test_the_store_uses_the_only_version_that_is_served(built: Built) -> None:
    assert built.one("ClusterSecretStore")["apiVersion"] == "external-secrets.io/v1"


def test_the_store_is_closed_to_namespaces_that_are_not_listed(built: Built) -> None:
    assert built.one("ClusterSecretStore")["spec"]["conditions"] == [{"namespaces": ["aurora", "research"]}]


def test_a_store_without_namespaces_is_refused() -> None:
    with pytest.raises(ValidationError, match="namespaces"):
        specification(without(SECRETS, namespaces=[]))


def test_the_identity_is_an_emitted_service_account_named_with_its_namespace(built: Built) -> None:
    account = built.one("ServiceAccount")["metadata"]
    reference = vault(built)["auth"]["kubernetes"]["serviceAccountRef"]
    assert reference["name"] == account["name"]
    assert reference["namespace"] == account["namespace"] == "external-secrets"
    assert reference["audiences"] == ["vault"]


def test_defaults_are_spelled_out_and_nothing_is_stored(built: Built) -> None:
    assert vault(built)["version"] == "v2"
    assert vault(built)["auth"]["kubernetes"]["mountPath"] == "kubernetes"
    assert set(vault(built)["auth"]) == {"kubernetes"}
    assert built.kinds == ["ClusterSecretStore", "ServiceAccount"]


def test_a_private_authority_is_named_with_its_namespace() -> None:
    provider = {**SECRETS["provider"], "authority": {"name": "vault-ca", "namespace": "external-secrets"}}
    built = build("secrets", {"secrets": without(SECRETS, provider=provider)})
    assert vault(built)["caProvider"] == {
        "type": "ConfigMap",
        "name": "vault-ca",
        "namespace": "external-secrets",
        "key": "ca.crt",
    }


@pytest.mark.parametrize("change", [{"server": "http://vault.example.com"}, {"type": "files"}, {"token": "x"}])
def test_a_provider_without_tls_of_unknown_type_or_with_a_credential_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        specification(without(SECRETS, provider={**SECRETS["provider"], **change}))


def test_a_store_that_is_closed_to_a_namespace_is_refused() -> None:
    secrets = {"kind": "Secrets", "namespace": "monitoring", "secrets": {"grafana": {"password": {"property": "p"}}}}
    with pytest.raises(ValueError, match="`secrets` is closed to namespace `monitoring`: add `monitoring` to"):
        build("own", {"secrets": SECRETS, "own": secrets})
    opened = {**SECRETS, "namespaces": ["aurora", "monitoring"]}
    made = build("own", {"secrets": opened, "own": secrets}).one("ExternalSecret", name="grafana")
    assert made["spec"]["data"][0]["remoteRef"]["key"] == "example/own"
    with pytest.raises(ValueError, match="closed to namespace `aurora`"):
        closed = {**SECRETS, "namespaces": ["shop"]}
        build("own", {"model-store": MODEL_STORE, "secrets": closed, "own": CONTROL_PLANE})
