"""The cluster as a union: what each provider states and can do, and what is no fact of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from aurora_constructs.cloud import ObjectStore, SecretBackend
from aurora_constructs.cluster import Cluster, ClusterFacts, UnavailableError
from environment.toys import repository, shown

EVERY: dict[str, Any] = {"kubernetes": "1.35", "domain": "ml.example.com", "apiServerCidrs": ["10.0.0.10/32"]}
ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
EKS: dict[str, Any] = {
    "provider": "eks",
    "region": "eu-central-1",
    "account": "111122223333",
    "identity": {"type": "irsa", "oidcProvider": ISSUER},
    "identities": {"web": "aurora-web"},
}
TENANT = "22222222-3333-4444-5555-666666666666"
AKS: dict[str, Any] = {
    "provider": "aks",
    "subscription": "11111111-2222-3333-4444-555555555555",
    "tenant": TENANT,
    "identity": {"oidcIssuer": "https://westeurope.oic.prod-aks.azure.com/tenant/cluster/"},
    "identities": {"web": "33333333-4444-5555-6666-777777777777"},
}


def cluster(facts: dict[str, Any], **more: Any) -> ClusterFacts:
    adapter: TypeAdapter[ClusterFacts] = TypeAdapter(Cluster)
    return adapter.validate_json(json.dumps({**EVERY, **facts, **more}), by_alias=True, by_name=False)


def problems(tmp_path: Path, **facts: Any) -> list[str]:
    environment = {
        "apiVersion": "aurora/v1",
        "kind": "Environment",
        "metadata": {"name": "prod"},
        "gitops": {"repository": "https://git.example.com/a.git", "revision": "v1"},
        "components": {"store": {"kind": "Store", "size": "1Gi"}},
        "cluster": {**EVERY, **facts},
    }
    return shown(repository(tmp_path, {"prod.yaml": json.dumps(environment)}))


def test_a_role_is_named_by_annotation_where_the_accounts_oidc_provider_vouches() -> None:
    identity = cluster(EKS).identity("web")
    assert identity.annotations == {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/aurora-web"}
    assert identity.by_account


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")]
)
def test_a_role_is_in_the_partition_of_its_region(region: str, partition: str) -> None:
    arn = cluster(EKS, region=region).identity("web").annotations["eks.amazonaws.com/role-arn"]
    assert arn.split(":")[1] == partition


def test_pod_identity_needs_nothing_in_manifests_and_only_pods_have_it() -> None:
    identity = cluster(EKS, identity={"type": "pod-identity"}).identity("web")
    assert (identity.annotations, identity.pod_labels, identity.by_account) == ({}, {}, False)


def test_workload_identity_needs_a_label_of_the_pod() -> None:
    identity = cluster(AKS).identity("web")
    assert identity.annotations == {
        "azure.workload.identity/client-id": "33333333-4444-5555-6666-777777777777",
        "azure.workload.identity/tenant-id": TENANT,
    }
    assert identity.pod_labels == {"azure.workload.identity/use": "true"}


def test_what_a_cluster_lacks_is_said_in_words() -> None:
    bare = cluster({"provider": "bare-metal"})
    with pytest.raises(UnavailableError, match="a bare-metal cluster gives no identities of a cloud"):
        bare.identity("web")
    with pytest.raises(UnavailableError, match="has no `wen`: did you mean `web`"):
        cluster(EKS).identity("wen")
    with pytest.raises(UnavailableError, match="a bare-metal cluster is in no cloud, so there is no resource `files`"):
        bare.resource("files")
    with pytest.raises(UnavailableError, match="`cluster.resources` has no `fils`: did you mean `files`"):
        cluster(EKS, resources={"files": {"type": "bucket", "bucket": "my-files"}}).resource("fils")


def test_a_place_for_files_has_the_address_that_each_reader_needs() -> None:
    bucket = cluster(EKS, resources={"files": {"type": "bucket", "bucket": "my-files", "prefix": "ml"}}).resource(
        "files"
    )
    blobs = {"type": "blob-container", "account": "myfiles", "container": "ml"}
    container = cluster(AKS, resources={"files": blobs}).resource("files")
    assert isinstance(bucket, ObjectStore)
    assert isinstance(container, ObjectStore)
    assert (bucket.uri("a/b"), bucket.serving_uri()) == ("s3://my-files/ml/a/b", "s3://my-files/ml")
    assert container.uri("a/b") == "wasbs://ml@myfiles.blob.core.windows.net/a/b"
    assert container.serving_uri("a/b") == "https://myfiles.blob.core.windows.net/ml/a/b"


def test_a_place_for_secrets_names_its_keys_as_its_service_does() -> None:
    resources = {"parameters": {"type": "parameter-store"}, "secrets": {"type": "secrets-manager"}}
    vault = {"vault": {"type": "key-vault", "vault": "my-vault"}}
    places = [
        *(cluster(EKS, resources=resources).resource(name) for name in resources),
        cluster(AKS, resources=vault).resource("vault"),
    ]
    keys = [place.key("prod/my_app") for place in places if isinstance(place, SecretBackend)]
    assert keys == ["/prod/my_app", "prod/my_app", "prod-my-app"]


def test_the_usual_way_in_follows_the_provider_and_can_be_stated() -> None:
    assert [cluster(facts).way_in for facts in ({"provider": "bare-metal"}, EKS, AKS)] == ["gateway", "alb", "gateway"]
    assert cluster(EKS, edge={"type": "nginx"}).way_in == "nginx"
    assert cluster(EKS, edge={"loadBalancers": ["10.1.0.0/24"]}).way_in == "alb"


def test_shared_storage_says_what_its_class_holds() -> None:
    storage = {"shared": {"type": "efs", "fileSystem": "fs-0123456789abcdef0"}}
    efs = cluster(EKS, storage=storage).shared_storage
    files = cluster(AKS).shared_storage
    assert efs is not None
    assert files is not None
    assert (efs.storage_class().provisioner, efs.storage_class().expandable) == ("efs.csi.aws.com", False)
    assert efs.storage_class().parameters["fileSystemId"] == "fs-0123456789abcdef0"
    assert (files.storage_class().provisioner, files.storage_class().expandable) == ("file.csi.azure.com", True)
    assert cluster({"provider": "bare-metal"}).shared_storage is None


def test_facts_of_another_provider_are_errors_at_their_place(tmp_path: Path) -> None:
    found = problems(tmp_path, provider="bare-metal", subscription="11111111-2222-3333-4444-555555555555")
    assert len(found) == 1
    assert "unknown-key: `subscription` is no key of `cluster`" in found[0]
    assert "only a `cluster` with `provider: aks` has it" in found[0]


def test_storage_of_another_provider_is_an_error(tmp_path: Path) -> None:
    storage = {"shared": {"type": "efs", "fileSystem": "fs-0123456789abcdef0"}}
    assert any("cluster.storage.shared" in line for line in problems(tmp_path, **{**AKS, "storage": storage}))


def test_everything_that_is_wrong_with_a_cluster_is_said_though_its_provider_is_unknown(tmp_path: Path) -> None:
    found = problems(tmp_path, provider="gke", kubernetes="latest", domain="ML")
    assert [line.split(" => ")[0].split(": ", 1)[1].split(" is ")[0] for line in found] == [
        "`cluster.kubernetes`",
        "`cluster.domain`",
        "`cluster.provider`",
    ]


@pytest.mark.parametrize(
    ("facts", "destination"),
    [
        ({}, {"server": "https://kubernetes.default.svc", "namespace": "shop"}),
        ({"argocdName": "in-cluster"}, {"server": "https://kubernetes.default.svc", "namespace": "shop"}),
        ({"argocdName": "berlin"}, {"name": "berlin", "namespace": "shop"}),
        (
            {"argocdServer": "https://berlin.example.com:6443"},
            {"server": "https://berlin.example.com:6443", "namespace": "shop"},
        ),
    ],
)
def test_argo_cd_knows_a_cluster_by_name_or_by_url(facts: dict[str, Any], destination: dict[str, str]) -> None:
    assert cluster({"provider": "bare-metal", **facts}).argocd.at("shop") == destination


def test_a_cluster_has_no_two_names_in_argo_cd(tmp_path: Path) -> None:
    said = problems(tmp_path, provider="bare-metal", argocdName="berlin", argocdServer="https://berlin.example.com")
    assert len(said) == 1
    assert "say either `argocdServer` or `argocdName`" in said[0]
