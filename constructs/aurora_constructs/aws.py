"""Resources of AWS, as the facts of a cluster state them. Imports no cdk8s."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.cloud import DnsZone, ObjectStore, PostgreSql, Queue, Registry, SecretBackend
from aurora_constructs.spec import SecretPath


class Bucket(ObjectStore):
    """A bucket of Amazon S3."""

    type: Literal["bucket"]
    """The kind of resource."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]{1,61})[a-z0-9]$")]
    """Its name."""
    prefix: SecretPath | None = None
    """The beginning of the keys that are meant; all of them by default."""

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

    type: Literal["secrets-manager"]
    """The kind of resource."""


class ParameterStore(_AwsBackend):
    """AWS Systems Manager Parameter Store: parameters by path."""

    SERVICE: ClassVar[str] = "ParameterStore"

    type: Literal["parameter-store"]
    """The kind of resource."""

    def key(self, path: str) -> str:
        """Give the name of a parameter in a hierarchy: it begins with a slash."""
        return f"/{path}"


class SqsQueue(Queue):
    """A queue of Amazon SQS."""

    type: Literal["sqs-queue"]
    """The kind of resource."""
    url: Annotated[str, StringConstraints(pattern=r"^https://sqs\.[a-z0-9.-]+/[0-9]{12}/[A-Za-z0-9_-]{1,80}(\.fifo)?$")]
    """Its address."""

    def trigger(self, place: str, messages: int) -> tuple[str, dict[str, str]]:
        """Give the scaler `aws-sqs-queue`."""
        return "aws-sqs-queue", {"awsRegion": place, "queueLength": str(messages), "queueURL": self.url}


class HostedZone(DnsZone):
    """A hosted zone of Amazon Route 53."""

    type: Literal["hosted-zone"]
    """The kind of resource."""
    zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,32}$")]
    """Its id."""

    def solver(self, place: str, client: str | None) -> dict[str, Any]:
        """Give the solver `route53`, with the credentials of cert-manager's pods."""
        return {"route53": {"hostedZoneID": self.zone_id, "region": place}}


AwsResource = Annotated[
    Bucket | HostedZone | ParameterStore | PostgreSql | Registry | SecretsManager | SqsQueue,
    Field(discriminator="type"),
]
"""What AWS provides."""
