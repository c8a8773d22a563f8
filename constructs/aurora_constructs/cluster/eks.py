"""A cluster of Amazon EKS. Imports no cdk8s."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.aws import AwsResource
from aurora_constructs.cluster.cloud_facts import CloudFacts
from aurora_constructs.cluster.facts import Identity, Storage, Way, chosen
from aurora_constructs.permissions import Ground
from aurora_constructs.pool_facts import EksPool
from aurora_constructs.spec import Name, Spec
from aurora_constructs.storage import Efs

RoleName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", max_length=512)
]
"""The name of an IAM role, with its path if it has one."""


AGENT = "169.254.170.23"
"""The address of the Pod Identity agent on every node (EKS user guide, "EKS Pod Identity restrictions")."""


class EksStorage(Storage):
    """Storage of an EKS cluster."""

    shared: Efs | None = None
    """The filesystem that pods of many nodes share."""
    default_class: Name | None = None
    """The default StorageClass, where none of the environment's objects is it; EKS marks none since 1.30."""


class Irsa(Spec):
    """IAM roles for service accounts: an annotation names the role, the cluster's OIDC provider vouches."""

    type: Literal["irsa"]
    """The mechanism."""
    oidc_provider: Annotated[
        str, StringConstraints(pattern=r"^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/id/[A-F0-9]{32}$")
    ]
    """The cluster's OIDC provider, without `https://`: roles trust it."""


class PodIdentity(Spec):
    """EKS Pod Identity: AWS itself associates accounts with roles, so manifests say nothing."""

    type: Literal["pod-identity"]
    """The mechanism."""


class Eks(CloudFacts):
    """A cluster of Amazon EKS."""

    TITLE: ClassVar[str] = "an EKS cluster"
    USUAL_WAY: ClassVar[Way] = "alb"

    provider: Literal["eks"]
    """Who runs the cluster."""
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """The region of AWS."""
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    """The account of AWS: twelve digits, quoted."""
    mechanism: Annotated[Irsa | PodIdentity, Field(alias="identity", discriminator="type")]
    """How pods get roles of IAM."""
    identities: dict[Name, RoleName] = {}
    """Roles of the account by the name that components use."""
    resources: dict[Name, AwsResource] = {}
    """What AWS provides, by the name that components use."""
    storage: EksStorage = EksStorage()
    """Storage by purpose."""
    pools: dict[Name, EksPool] = {}
    """Managed node groups by their exact name; nothing is judged about nodes where no pool is stated."""

    @property
    def has_default_class(self) -> bool:
        """Whether a default class is stated (EKS user guide, release notes of 1.30: `gp2` is no longer marked)."""
        return self.storage.default_class is not None

    @property
    def secrets_at_rest(self) -> tuple[str, str]:
        """EKS user guide, "Default envelope encryption for all Kubernetes API data": from 1.28 on, all of it."""
        return "EKS encrypts everything that its API server keeps", "a key that AWS owns"

    @property
    def discovery(self) -> Mapping[str, str]:
        """The tag that Karpenter's own guide gives subnets and security groups, with the cluster's name."""
        return {"karpenter.sh/discovery": str(self.fact("name"))}

    @property
    def place(self) -> str:
        """The region of AWS."""
        return self.region

    @property
    def partition(self) -> str:
        """The partition of AWS that the region is in, as ARNs name it."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.region.rsplit("-", 2)[0], "aws")

    @property
    def ground(self) -> Ground:
        """The region and the account."""
        return Ground(partition=self.partition, region=self.region, account=self.account)

    def identity(self, name: str) -> Identity:
        """Give the annotation that names a role; with Pod Identity nothing, and only pods have the role."""
        role = chosen(self.identities, name, "identities")
        arn = f"arn:{self.partition}:iam::{self.account}:role/{role}"
        keda = {"provider": "aws", "roleArn": arn}
        if isinstance(self.mechanism, PodIdentity):
            return Identity(name=name, by_account=False, agent=AGENT, keda=keda)
        return Identity(annotations={"eks.amazonaws.com/role-arn": arn}, keda=keda)
