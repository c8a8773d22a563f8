"""The check `identity` where the facts of a cluster are known, and what looks alike and is sound."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from aurora.checks import identity
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora_constructs.cluster import Cluster, ClusterFacts
from checks.inventory_cases import SETTINGS, read

CLUSTER: TypeAdapter[ClusterFacts] = TypeAdapter(Cluster)
COMMON = {"kubernetes": "1.35", "domain": "example.com", "apiServerCidrs": ["10.0.0.10/32"]}
AWS: dict[str, Any] = {
    **COMMON,
    "provider": "eks",
    "region": "eu-central-1",
    "account": "210987654321",
    "identity": {"type": "irsa", "oidcProvider": f"oidc.eks.eu-central-1.amazonaws.com/id/{'A1' * 16}"},
    "identities": {"web": "web"},
    "resources": {
        "artifacts": {"type": "bucket", "bucket": "shop-artifacts"},
        "pictures": {"type": "bucket", "bucket": "shop-pictures", "prefix": "large"},
    },
}
AZURE: dict[str, Any] = {
    **COMMON,
    "provider": "aks",
    "subscription": "6f1d2c3b-4a59-4687-9c0d-1e2f3a4b5c6d",
    "tenant": "5d0c1b2a-3948-4576-8bfc-0d1e2f3a4b5c",
    "identity": {"oidcIssuer": "https://example.com/"},
    "identities": {"web": "0d5b6a7f-8e9d-4acb-9a4b-5c6d7e8f9a0b"},
    "resources": {"artifacts": {"type": "blob-container", "account": "shopartifacts", "container": "models"}},
}
BARE = {**COMMON, "provider": "bare-metal"}
ROLE = "eks.amazonaws.com/role-arn"
CLIENT = "azure.workload.identity/client-id"
NEEDS = "aurora.example.com/needs"


def account(name: str = "web", **annotations: str) -> str:
    written = ", ".join(f'{key}: "{value}"' for key, value in annotations.items())
    return (
        f"apiVersion: v1\nkind: ServiceAccount\n"
        f"metadata: {{name: {name}, namespace: shop, annotations: {{{written}}}}}\n---\n"
    )


def pod(*args: str, labels: str = "app: web", env: str = "") -> str:
    words = ", ".join(f'"{argument}"' for argument in args)
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, labels: {{{labels}}}}}\n"
        f"spec: {{serviceAccountName: web, containers: [{{name: web, image: web, args: [{words}], env: [{env}]}}]}}\n"
    )


def found(facts: dict[str, Any], stream: str) -> list[Finding]:
    inventory = Inventory(read(stream), environment="example", cluster=CLUSTER.validate_python(facts), closed=True)
    return list(identity.CHECK.run(inventory, SETTINGS).findings)


def rules(facts: dict[str, Any], stream: str) -> list[str]:
    return [finding.rule for finding in found(facts, stream)]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("arn:aws:iam::210987654321:role/web", []),
        ("arn:aws:iam::210987654321:role/other", ["identity/foreign"]),
        ("arn:aws:iam::320987654321:role/web", ["identity/foreign"]),
        ("web", ["identity/foreign"]),
    ],
)
def test_a_role_is_one_of_the_cluster(role: str, expected: list[str]) -> None:
    assert rules(AWS, account(**{ROLE: role})) == expected


def test_a_role_of_another_account_is_found_with_both_accounts() -> None:
    (finding,) = found(AWS, account(**{ROLE: "arn:aws:iam::320987654321:role/web"}))
    assert "`320987654321`" in finding.message
    assert "`210987654321`" in finding.message


@pytest.mark.parametrize(
    ("facts", "annotations"), [(AWS, {CLIENT: AZURE["identities"]["web"]}), (AZURE, {ROLE: "arn:aws:iam::1:role/web"})]
)
def test_an_annotation_of_another_cloud_is_a_second_mechanism(
    facts: dict[str, Any], annotations: dict[str, str]
) -> None:
    assert "identity/two-mechanisms" in rules(facts, account(**annotations))


def test_a_role_by_annotation_beside_pod_identity_is_a_second_mechanism() -> None:
    pods = AWS | {"identity": {"type": "pod-identity"}}
    assert "identity/two-mechanisms" in rules(pods, account(**{ROLE: "arn:aws:iam::210987654321:role/web"}))
    assert rules(pods, account(**{"aurora.example.com/identity": "web", NEEDS: "artifacts=read"})) == []


@pytest.mark.parametrize(
    ("facts", "needs", "address", "expected"),
    [
        (AWS, "artifacts=read", "s3://shop-artifacts/web", []),
        (AWS, "pictures=read", "s3://shop-pictures/large/web", []),
        (AWS, "pictures=read", "s3://shop-artifacts/web", [Severity.ERROR]),
        (AWS, "", "--artifacts=s3://shop-artifacts", [Severity.ERROR]),
        # It may be open to everybody: that tells only the cloud.
        (AWS, "artifacts=read", "s3://open-data/web", [Severity.WARNING]),
        (AWS, "", "see docs.s3/shop-artifacts", []),
        (AZURE, "artifacts=write", "https://shopartifacts.blob.core.windows.net/models/web", []),
        (AZURE, "artifacts=write", "wasbs://models@shopartifacts.blob.core.windows.net/web", []),
        (AZURE, "", "wasbs://models@shopartifacts.blob.core.windows.net/web", [Severity.ERROR]),
        (AZURE, "", "https://shopartifacts.blob.core.windows.net/models/web", [Severity.ERROR]),
        (AZURE, "artifacts=write", "https://other.blob.core.windows.net/models/web", [Severity.WARNING]),
        (BARE, "", "s3://shop-artifacts/web", []),
    ],
)
def test_a_store_that_a_pod_names_is_one_that_its_account_needs(
    facts: dict[str, Any], needs: str, address: str, expected: list[Severity]
) -> None:
    stream = account(**({NEEDS: needs} if needs else {})) + pod(address)
    assert [each.severity for each in found(facts, stream) if each.rule == "identity/not-needed"] == expected


def test_a_pod_that_says_where_its_store_answers_does_not_mean_the_clouds() -> None:
    server = "{name: MLFLOW_S3_ENDPOINT_URL, value: 'http://minio.shop.svc:9000'}"
    assert rules(AWS, account() + pod("s3://shop-artifacts/web", env=server)) == []


def test_a_label_and_an_annotation_of_azure_stand_together() -> None:
    named, label = account(**{CLIENT: AZURE["identities"]["web"]}), 'azure.workload.identity/use: "true"'
    assert rules(AZURE, named + pod(labels=label)) == []
    assert rules(AZURE, named + pod()) == ["identity/no-token"]
    assert rules(AZURE, account() + pod(labels=label)) == ["identity/no-client"]
    assert rules(AZURE, account() + pod(labels=label, env="{name: AZURE_CLIENT_ID, value: a}")) == []
    assert rules(AZURE, pod(labels=label)) == []


def test_kedas_operator_acts_as_whom_its_triggers_name() -> None:
    operator = pod(labels='azure.workload.identity/use: "true"').replace(
        "name: web, image", "name: keda-operator, image"
    )
    assert "keda-operator" in operator
    trigger = """---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: queue, namespace: shop}
spec: {podIdentity: {provider: azure-workload, identityId: 0d5b6a7f-8e9d-4acb-9a4b-5c6d7e8f9a0b}}
"""
    assert rules(AZURE, account() + operator) == ["identity/no-client"]
    assert rules(AZURE, account() + operator + trigger) == []
    assert rules(AZURE, account() + pod(labels='azure.workload.identity/use: "true"') + trigger) == [
        "identity/no-client"
    ]


@pytest.mark.parametrize("vault", ["mlops_dev", "1mlops", "mlops-"])
def test_names_that_no_vault_can_have_are_refused(vault: str) -> None:
    with pytest.raises(ValidationError, match="vault"):
        CLUSTER.validate_python(AZURE | {"resources": {"secrets": {"type": "key-vault", "vault": vault}}})
