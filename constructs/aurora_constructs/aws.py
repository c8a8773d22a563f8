"""Resources of AWS, as the facts of a cluster state them. Imports no cdk8s."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import (
    Access,
    BackupPlace,
    DnsZone,
    ObjectStore,
    PostgreSql,
    Queue,
    Registry,
    SecretBackend,
    VolumeSnapshots,
)
from aurora_constructs.permissions import NO_KEYS, Ground, Keys, Permission
from aurora_constructs.spec import SecretPath

_CHANGES_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")


KmsKey = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$")
]
"""A key of AWS KMS, by its ARN: an alias is no resource of a permission."""


class Bucket(ObjectStore):
    """A bucket of Amazon S3; since January 2023 every new object is encrypted (S3 user guide, default encryption)."""

    ALWAYS: ClassVar[str] = "S3 encrypts every object"
    USUAL_KEY: ClassVar[str] = "a key of S3 (SSE-S3)"

    type: Literal["bucket"]
    """The kind of resource."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]$")]
    """Its name."""
    prefix: SecretPath | None = None
    """The beginning of the keys that are meant; all of them by default."""
    kms_key: KmsKey | None = None
    """The key of KMS that its objects are encrypted with, where it is not one that AWS manages."""

    def uri(self, path: str = "") -> str:
        """Give the address of a path in it."""
        return "/".join(part for part in (f"s3://{self.bucket}", self.prefix, path) if part)

    def artifact_repository(self, key: str, place: str) -> dict[str, Any]:
        """Give the repository `s3`, at the endpoint of its region."""
        domain = "amazonaws.com.cn" if place.startswith("cn-") else "amazonaws.com"
        return {
            "s3": {
                "bucket": self.bucket,
                "endpoint": f"s3.{place}.{domain}",
                "keyFormat": f"{self.prefix}/{key}" if self.prefix else key,
                "region": place,
                "useSDKCreds": True,
            }
        }

    def backup_place(self, ground: Ground) -> BackupPlace:
        """Give it as Velero's plugin for AWS 1.14 is told it (`backupstoragelocation.md`)."""
        region = self.region or ground.region
        return BackupPlace(provider="velero.io/aws", bucket=self.bucket, prefix=self.prefix, config={"region": region})

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what lists the keys, and reads or changes the objects behind them."""
        bucket = ground.arn("s3", self.bucket, regional=False, owned=False)
        beginning = f"{self.prefix}/*" if self.prefix else "*"
        listed = {"StringLike": {"s3:prefix": [self.prefix, beginning]}} if self.prefix else {}
        actions = ("s3:GetObject",) if access == "read" else _CHANGES_OBJECTS
        uses = ("kms:Decrypt",) if access == "read" else ("kms:Decrypt", "kms:GenerateDataKey")
        return [
            Permission(allows=("s3:ListBucket",), on=(bucket,), condition=listed),
            Permission(allows=actions, on=(f"{bucket}/{beginning}",)),
            *([Permission(allows=uses, on=(self.kms_key,))] if self.kms_key else []),
        ]


class EbsSnapshots(VolumeSnapshots):
    """Snapshots of Amazon EBS."""

    PROVIDER: ClassVar[str] = "velero.io/aws"
    DRIVER: ClassVar[str] = "ebs.csi.aws.com"

    type: Literal["ebs-snapshots"]
    """The kind of resource."""

    def config(self, ground: Ground) -> dict[str, str]:
        """Give the region (Velero's plugin for AWS 1.14, `volumesnapshotlocation.md`)."""
        return {"region": self.region or ground.region}

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what finds volumes and snapshots, and makes either of the other (the plugin's README)."""
        there = replace(ground, region=self.region or ground.region)
        volumes, snapshots = there.arn("ec2", "volume/*"), there.arn("ec2", "snapshot/*", owned=False)
        found = [Permission(allows=("ec2:DescribeSnapshots", "ec2:DescribeVolumes"), on=("*",))]
        if access == "write":
            found += [
                Permission(
                    allows=("ec2:CreateSnapshot", "ec2:CreateTags", "ec2:CreateVolume"), on=(snapshots, volumes)
                ),
                Permission(allows=("ec2:DeleteSnapshot",), on=(snapshots,)),
            ]
        return found


class _AwsBackend(SecretBackend):
    SERVICE: ClassVar[str]

    def provider(self, place: str, account: Mapping[str, str] | None) -> dict[str, Any]:
        """Give the provider `aws`."""
        body: dict[str, Any] = {"service": self.SERVICE, "region": place}
        if account:
            body["auth"] = {"jwt": {"serviceAccountRef": dict(account)}}
        return {"aws": body}


class SecretsManager(_AwsBackend):
    """AWS Secrets Manager: secrets by name."""

    SERVICE: ClassVar[str] = "SecretsManager"
    ALWAYS: ClassVar[str] = "Secrets Manager encrypts every secret"
    USUAL_KEY: ClassVar[str] = "aws/secretsmanager"

    type: Literal["secrets-manager"]
    """The kind of resource."""

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what reads the secrets of these names; AWS adds a hyphen and six characters to each name."""
        writes = ("secretsmanager:PutSecretValue",) if access == "write" else ()
        actions = ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", *writes)
        named = tuple(ground.arn("secretsmanager", f"secret:{name}-??????") for name in keys.names)
        found = [Permission(allows=actions, on=named)] if named else []
        if keys.searched:
            search = ("secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets")
            every = (ground.arn("secretsmanager", "secret:*"),)
            found += [Permission(allows=search, on=("*",)), Permission(allows=actions, on=every)]
        return found


class ParameterStore(_AwsBackend):
    """AWS Systems Manager Parameter Store: parameters by path."""

    SERVICE: ClassVar[str] = "ParameterStore"
    USUAL_KEY: ClassVar[str] = "aws/ssm"

    type: Literal["parameter-store"]
    """The kind of resource."""

    def key(self, path: str) -> str:
        """Give the name of a parameter in a hierarchy: it begins with a slash."""
        return f"/{path}"

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what reads the parameters of these names."""
        actions = ("ssm:GetParameter",) if access == "read" else ("ssm:GetParameter", "ssm:PutParameter")
        named = tuple(ground.arn("ssm", f"parameter/{name.removeprefix('/')}") for name in keys.names)
        found = [Permission(allows=actions, on=named)] if named else []
        if keys.searched:
            every = (ground.arn("ssm", "parameter/*"),)
            found += [
                Permission(allows=("ssm:DescribeParameters",), on=("*",)),
                Permission(allows=("ssm:GetParameter", "ssm:GetParametersByPath"), on=every),
            ]
        return found


class SqsQueue(Queue):
    """A queue of Amazon SQS."""

    type: Literal["sqs-queue"]
    """The kind of resource."""
    url: Annotated[str, StringConstraints(pattern=r"^https://sqs\.[a-z0-9.-]+/[0-9]{12}/[A-Za-z0-9_-]{1,80}(\.fifo)?$")]
    """Its address."""

    @property
    def called(self) -> str:
        """The last part of its address."""
        return self.url.rpartition("/")[2]

    def trigger(self, place: str, messages: int) -> tuple[str, dict[str, str]]:
        """Give the scaler `aws-sqs-queue`."""
        return "aws-sqs-queue", {"awsRegion": place, "queueLength": str(messages), "queueURL": self.url}

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what finds it by its name, takes messages, and knows how many wait; who writes sends some too."""
        _, _, _, account, name = self.url.split("/")
        region = self.url.split(".")[1]
        actions = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage")
        allowed = tuple(f"sqs:{action}" for action in (*actions, *(("SendMessage",) if access == "write" else ())))
        return [Permission(allows=allowed, on=(f"arn:{ground.partition}:sqs:{region}:{account}:{name}",))]


class HostedZone(DnsZone):
    """A hosted zone of Amazon Route 53."""

    type: Literal["hosted-zone"]
    """The kind of resource."""
    zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,32}$")]
    """Its id."""

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give the solver `route53`, with the credentials of cert-manager's pods."""
        return {"route53": {"hostedZoneID": self.zone_id, "region": place}}

    def permissions(self, access: Access, ground: Ground, keys: Keys = NO_KEYS) -> list[Permission]:
        """Give what reads the records, and changes those that answer an authority."""
        zone = ground.arn("route53", f"hostedzone/{self.zone_id}", regional=False, owned=False)
        found = [Permission(allows=("route53:ListResourceRecordSets",), on=(zone,))]
        if access == "write":
            texts = {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}}
            change = ground.arn("route53", "change/*", regional=False, owned=False)
            found += [
                Permission(allows=("route53:ChangeResourceRecordSets",), on=(zone,), condition=texts),
                Permission(allows=("route53:GetChange",), on=(change,)),
            ]
        return found


AwsResource = Annotated[
    Bucket | EbsSnapshots | HostedZone | ParameterStore | PostgreSql | Registry | SecretsManager | SqsQueue,
    Field(discriminator="type"),
]
"""What AWS provides."""


AUTOSCALER_READS = (
    *(f"autoscaling:Describe{what}" for what in ("AutoScalingGroups", "AutoScalingInstances", "LaunchConfigurations")),
    *("autoscaling:DescribeScalingActivities", "ec2:DescribeImages", "ec2:DescribeInstanceTypes"),
    *("ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup"),
)
AUTOSCALER_CHANGES = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")


def autoscaler_permissions(cluster: str) -> list[Permission]:
    """Give what the cluster autoscaler needs: to look at groups and machines, and to size the groups of its cluster.

    Those are the groups with the tag by which it finds them, whatever its value. Source: Cluster Autoscaler 1.35,
    `cloudprovider/aws/README.md`.
    """
    own = {"Null": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}": ["false"]}}
    return [
        Permission(allows=AUTOSCALER_READS, on=("*",)),
        Permission(allows=AUTOSCALER_CHANGES, on=("*",), condition=own),
    ]
