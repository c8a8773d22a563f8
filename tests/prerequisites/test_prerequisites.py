"""What the cloud must provide for three small environments: text, JSON, and documents that permit what is needed."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from aurora import pipeline
from aurora.model.prerequisites import Prerequisites
from aurora.paths import RepositoryPaths
from aurora.prerequisites import build
from aurora.render import files
from aurora.reporters import prerequisites_json, prerequisites_text
from aurora_constructs.aws import AwsResource
from aurora_constructs.azure import AzureResource
from aurora_constructs.cloud import PostgreSql, Registry
from aurora_constructs.permissions import Ground, Keys
from commands.command_line import CommandLine
from reference.platform import reference

HERE = Path(__file__).parent
NAMES = ("azure", "eks-irsa", "eks-pod-identity")


@cache
def found(name: str) -> Prerequisites:
    (environment,) = pipeline.load_environments(RepositoryPaths(HERE), [name])
    compiled = pipeline.compile_environment(environment, pipeline.Clock())
    return build.of(environment, compiled.inventory)


def documents(name: str, identity: str) -> dict[str, Any]:
    content = json.loads(prerequisites_json.write(found(name)))
    return next(each["documents"] for each in content["identities"] if each["name"] == identity)


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_has_its_expected_text(name: str, pytestconfig: pytest.Config) -> None:
    expected = HERE / "expected" / f"{name}.txt"
    written = prerequisites_text.write(found(name)) + "\n"
    if pytestconfig.getoption("--update-golden"):
        expected.write_text(written, encoding="utf-8")
    assert written == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_json_fits_its_schema(name: str) -> None:
    schema = json.loads(prerequisites_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(prerequisites_json.write(found(name))))


def test_a_role_trusts_exactly_the_accounts_that_act_as_it_and_keda_where_a_trigger_does() -> None:
    (statement,) = documents("eks-irsa", "shop")["trust"]["Statement"]
    equal = statement["Condition"]["StringEquals"]
    provider = statement["Principal"]["Federated"].partition("oidc-provider/")[2]
    assert equal[f"{provider}:aud"] == "sts.amazonaws.com"
    assert equal[f"{provider}:sub"] == [
        f"system:serviceaccount:{name}" for name in ("keda:keda-operator", "shop:aurora-resizer", "shop:aurora-web")
    ]
    assert documents("eks-irsa", "idle")["trust"]["Statement"] == []


def test_an_identity_may_do_what_its_accounts_need_and_no_more() -> None:
    permitted = documents("eks-irsa", "shop")["permissions"]["Statement"]
    every = {action for statement in permitted for action in statement["Action"]}
    assert {"s3:PutObject", "sqs:ReceiveMessage"} <= every
    assert not {action for action in every if action.startswith(("secretsmanager", "ssm", "rds", "iam"))}
    assert "permissions" not in documents("eks-irsa", "node-autoscaler")
    assert "*" not in {resource for statement in permitted for resource in statement["Resource"]}


@pytest.mark.parametrize("name", ["eks-irsa", "eks-pod-identity"])
def test_the_reader_of_secrets_may_read_exactly_those_that_external_secrets_name(name: str) -> None:
    (statement,) = documents(name, "secrets")["permissions"]["Statement"]
    assert statement["Resource"] == [f"arn:aws:secretsmanager:eu-central-1:210987654321:secret:{name}/web-??????"]


def test_with_pod_identity_keda_takes_the_role_of_the_workers() -> None:
    pods, lent = documents("eks-pod-identity", "shop")["trust"]["Statement"]
    assert pods["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert lent["Principal"] == {"AWS": "arn:aws:iam::210987654321:role/shop-keda"}
    (taken,) = documents("eks-pod-identity", "keda")["permissions"]["Statement"]
    assert (taken["Action"], taken["Resource"]) == (["sts:AssumeRole"], ["arn:aws:iam::210987654321:role/shop-web"])
    associated = documents("eks-pod-identity", "shop")["associations"]
    assert [each["serviceAccount"] for each in associated] == ["aurora-resizer", "aurora-web"]


def test_the_autoscaler_of_nodes_sizes_the_groups_of_its_own_cluster_only() -> None:
    looks, sizes = documents("eks-pod-identity", "groups")["permissions"]["Statement"]
    assert all(action.partition(":")[2].startswith(("Describe", "Get")) for action in looks["Action"])
    assert sizes["Action"] == ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    assert sizes["Condition"] == {"Null": {"aws:ResourceTag/k8s.io/cluster-autoscaler/shop": ["false"]}}
    identities = {each.name: each for each in found("eks-pod-identity").identities}
    assert identities["groups"].unknown == ()
    assert (
        identities["volumes"].published[0].endswith("/aws-ebs-csi-driver/v1.64.0/docs/AmazonEBSCSIDriverPolicyV2.json")
    )


def test_azure_gets_a_credential_for_each_account_and_roles_at_the_narrowest_scope() -> None:
    body = documents("azure", "shop")
    assert [each["subject"] for each in body["federatedCredentials"]] == [
        f"system:serviceaccount:{name}" for name in ("keda:keda-operator", "shop:aurora-resizer", "shop:aurora-web")
    ]
    ends = {(each["role"], each["scope"].rpartition("/providers/")[2]) for each in body["roleAssignments"]}
    assert ends == {
        (
            "Storage Blob Data Contributor",
            "Microsoft.Storage/storageAccounts/shoppictures/blobServices/default/containers/large",
        ),
        ("Azure Service Bus Data Receiver", "Microsoft.ServiceBus/namespaces/shop-messages/queues/work"),
    }


RESOURCES: dict[str, dict[str, Any]] = {
    "blob-container": {"account": "pictures", "container": "large"},
    "bucket": {"bucket": "pictures"},
    "disk-snapshots": {"resourceGroup": "snapshots"},
    "dns-zone": {"zone": "example.com", "resourceGroup": "names"},
    "ebs-snapshots": {"region": "eu-west-1"},
    "hosted-zone": {"zoneId": "Z1"},
    "key-vault": {"vault": "shop-vault"},
    "parameter-store": {},
    "secrets-manager": {},
    "service-bus-queue": {"namespace": "messages", "queue": "work"},
    "sqs-queue": {"url": "https://sqs.eu-central-1.amazonaws.com/210987654321/work"},
}
GROUND = Ground(partition="aws", region="eu-central-1", account="210987654321", subscription="0", group="shop")


def classes() -> dict[str, type[Any]]:
    every = [*get_args(get_args(AwsResource)[0]), *get_args(get_args(AzureResource)[0])]
    return {get_args(each.model_fields["type"].annotation)[0]: each for each in every}


def test_every_kind_of_resource_says_what_an_access_means() -> None:
    without_identity = {get_args(each.model_fields["type"].annotation)[0] for each in (PostgreSql, Registry)}
    assert classes().keys() - without_identity == RESOURCES.keys()


@pytest.mark.parametrize("type_", list(RESOURCES))
def test_who_writes_may_more_than_who_reads(type_: str) -> None:
    resource = classes()[type_](type=type_, **RESOURCES[type_])
    read, write = (resource.permissions(access, GROUND, Keys(names=("a",))) for access in ("read", "write"))
    assert read
    assert {name for each in read for name in each.allows} != {name for each in write for name in each.allows}


def test_snapshots_are_made_and_deleted_in_their_region_alone() -> None:
    made = classes()["ebs-snapshots"](type="ebs-snapshots", region="eu-west-1").permissions("write", GROUND)
    changing = {where for each in made for where in each.on if where != "*"}
    assert changing == {"arn:aws:ec2:eu-west-1::snapshot/*", "arn:aws:ec2:eu-west-1:210987654321:volume/*"}
    scope = classes()["disk-snapshots"](type="disk-snapshots", resourceGroup="g").permissions("write", GROUND)[0].on
    assert scope == ("/subscriptions/0/resourceGroups/g",)


@pytest.mark.parametrize("type_", ["key-vault", "parameter-store", "secrets-manager"])
def test_secrets_that_nobody_reads_are_open_to_nobody_and_a_search_sees_all(type_: str) -> None:
    resource = classes()[type_](type=type_, **RESOURCES[type_])
    assert resource.permissions("read", GROUND) == []
    searched = resource.permissions("read", GROUND, Keys(searched=True))
    assert all("/secrets/" not in where and not where.endswith("-??????") for each in searched for where in each.on)
    assert searched


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("210987654321.dkr.ecr.eu-central-1.amazonaws.com", "arn:aws:ecr:eu-central-1:210987654321:repository/*"),
        ("shop.azurecr.io", "Microsoft.ContainerRegistry/registries/shop"),
        ("registry.example.com", ""),
    ],
)
def test_registries_of_a_cloud_take_its_permissions(host: str, expected: str) -> None:
    permitted = Registry(type="registry", host=host).permissions("write", GROUND)
    assert [where for each in permitted for where in each.on if where.endswith(expected)] or not expected
    assert bool(permitted) is bool(expected)


def test_the_command_prints_what_a_cluster_in_no_cloud_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = CommandLine(reference().root, monkeypatch, capsys)
    content = line("prerequisites", "aurora-dev", "--format", "json").json
    assert (content["provider"], content["identities"]) == ("bare-metal", [])
    assert "dns-name" in {item["kind"] for item in content["items"]}
    assert line("prerequisites", "nowhere").code == 2


def test_the_command_prints_a_cloud_in_both_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(HERE / "environments", tmp_path / "environments")
    (environment,) = pipeline.load_environments(RepositoryPaths(tmp_path), ["eks-irsa"])
    compiled = files(pipeline.compile_environment(environment, pipeline.Clock()).manifests)
    for path, content in compiled.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    line = CommandLine(tmp_path, monkeypatch, capsys)
    assert line("prerequisites", "eks-irsa").out.rstrip("\n") == prerequisites_text.write(found("eks-irsa"))
