"""Facts about the cluster of an environment: a union by `provider`, and what each kind of cluster can do.

People write it under `cluster:`; components ask for a capability and never for the provider's name.
Imports no cdk8s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from aurora_constructs.spec import Cidr, Hostname, LabelValue, Name, Namespace, Spec
from aurora_constructs.spelling import nearest
from aurora_constructs.storage import AzureFiles, CephFs, Efs

Way = Literal["gateway", "nginx", "alb"]
"""The kinds of the way in: Gateway API, the Ingress pair of the NGINX controller, an AWS Application Load Balancer."""

Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""An identifier of Azure: hexadecimal digits in lower case."""

RoleName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", max_length=512)
]
"""The name of an IAM role, with its path if it has one."""


class UnavailableError(ValueError):
    """A component asks for a capability that the cluster does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What gives a pod an identity of the cloud: annotations of its ServiceAccount, labels of the pod.

    `by_account` says that whoever holds a token of the account has the identity; otherwise only its pods have it.
    """

    annotations: Mapping[str, str] = field(default_factory=dict)
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    by_account: bool = True


class EdgeFacts(Spec):
    """Where requests from outside come from."""

    type: Way | None = None
    """The kind of the way in; by default what suits the provider: `alb` on EKS, else `gateway`."""
    namespace: Namespace = "aurora-edge"
    """The namespace of the proxies; an Application Load Balancer has none, it is outside the cluster."""
    labels: dict[str, LabelValue] = {}
    """The labels of the proxies' pods; every pod of the namespace where none is given."""
    load_balancers: list[Cidr] = []
    """Addresses of the load balancers, as pods see them; for an Application Load Balancer its subnets."""


class MonitoringFacts(Spec):
    """Who collects metrics."""

    namespace: Namespace = "monitoring"
    """The namespace of Prometheus."""
    release: LabelValue = "kube-prometheus-stack"
    """The `release` label that Prometheus selects monitors and rules by."""


class Storage(Spec):
    """Storage by purpose."""

    shared: CephFs | Efs | AzureFiles | None = None
    """The filesystem that pods of many nodes share."""


class ClusterFacts(Spec):
    """What is true of every kind of cluster."""

    TITLE: ClassVar[str] = "this cluster"
    USUAL_WAY: ClassVar[Way] = "gateway"

    provider: str
    """Who runs the cluster."""
    kubernetes: Annotated[str, StringConstraints(pattern=r"^1\.[0-9]{1,2}$")]
    """Its minor version, such as "1.35"."""
    domain: Hostname
    """The DNS domain under which the environment's hosts live."""
    api_server_cidrs: Annotated[list[Cidr], Field(min_length=1)]
    """Addresses of the API server endpoints, as network policies see them (after translation)."""
    argocd_server: Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")] = (
        "https://kubernetes.default.svc"
    )
    """The cluster as Argo CD knows it; the default is the one that Argo CD runs in."""
    service_cidrs: Annotated[list[Cidr], Field(max_length=2)] = []
    """The API server's `--service-cluster-ip-range`, the family of Services by default first; unknown where empty."""
    node_ports: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}-[0-9]{1,5}$")] = "30000-32767"
    """The API server's `--service-node-port-range`."""
    edge: EdgeFacts = EdgeFacts()
    """Where requests from outside come from."""
    monitoring: MonitoringFacts = MonitoringFacts()
    """Who collects metrics."""
    storage: Storage = Storage()
    """Storage by purpose."""

    @property
    def way_in(self) -> Way:
        """The kind of the way in from outside."""
        return self.edge.type or self.USUAL_WAY

    @property
    def region(self) -> str:
        """The region of the cloud.

        Raises:
            UnavailableError: the cluster is in no cloud with regions.
        """
        raise UnavailableError(f"{self.TITLE} has no region of AWS")

    @property
    def tenant_id(self) -> str:
        """The tenant of the directory.

        Raises:
            UnavailableError: the cluster has no such directory.
        """
        raise UnavailableError(f"{self.TITLE} has no tenant of Azure")

    def identity(self, name: str) -> Identity:
        """Give what lets pods act as an identity of the cloud.

        Raises:
            UnavailableError: the cluster gives none, or none of that name.
        """
        raise UnavailableError(f"{self.TITLE} gives no identities of a cloud, so there is no `{name}`")

    @property
    def gives_addresses(self) -> bool:
        """Whether something gives Services of type LoadBalancer their addresses, as clouds do."""
        return True

    @property
    def has_default_class(self) -> bool:
        """Whether a claim without class may have a volume: what is the default class of a cloud is not judged."""
        return True

    @property
    def shared_storage(self) -> CephFs | Efs | AzureFiles | None:
        """The storage that pods of many nodes share; None where the cluster states none."""
        return self.storage.shared


def _chosen(identities: Mapping[str, str], name: str) -> str:
    if name not in identities:
        raise UnavailableError(f"`cluster.identities` has no `{name}`: {nearest(name, identities)}")
    return identities[name]


class BareMetalStorage(Storage):
    """Storage of a cluster on own machines."""

    shared: CephFs | None = None
    """The filesystem that pods of many nodes share."""
    default_class: Name | None = None
    """The default StorageClass, where none of the environment's objects is it."""


class BareMetal(ClusterFacts):
    """A cluster on own machines."""

    TITLE: ClassVar[str] = "a bare-metal cluster"

    provider: Literal["bare-metal"]
    """Who runs the cluster."""
    storage: BareMetalStorage = BareMetalStorage()
    """Storage by purpose."""
    load_balancer: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n]*$")] | None = None
    """Who gives Services of type LoadBalancer their addresses, in words; nobody by default."""

    @property
    def gives_addresses(self) -> bool:
        """Whether somebody is stated to give Services of type LoadBalancer their addresses."""
        return self.load_balancer is not None

    @property
    def has_default_class(self) -> bool:
        """Whether a default class is stated."""
        return self.storage.default_class is not None


class EksStorage(Storage):
    """Storage of an EKS cluster."""

    shared: Efs | None = None
    """The filesystem that pods of many nodes share."""


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


class Eks(ClusterFacts):
    """A cluster of Amazon EKS."""

    TITLE: ClassVar[str] = "an EKS cluster"
    USUAL_WAY: ClassVar[Way] = "alb"

    provider: Literal["eks"]
    """Who runs the cluster."""
    region_name: Annotated[str, Field(alias="region"), StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """The region of AWS."""
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    """The account of AWS: twelve digits, quoted."""
    mechanism: Annotated[Irsa | PodIdentity, Field(alias="identity", discriminator="type")]
    """How pods get roles of IAM."""
    identities: dict[Name, RoleName] = {}
    """Roles of the account by the name that components use."""
    storage: EksStorage = EksStorage()
    """Storage by purpose."""

    @property
    def region(self) -> str:
        """The region of AWS."""
        return self.region_name

    @property
    def partition(self) -> str:
        """The partition of AWS that the region is in, as ARNs name it."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.region_name.rsplit("-", 2)[0], "aws")

    def identity(self, name: str) -> Identity:
        """Give the annotation that names a role; with Pod Identity nothing, and only pods have the role."""
        role = _chosen(self.identities, name)
        if isinstance(self.mechanism, PodIdentity):
            return Identity(by_account=False)
        arn = f"arn:{self.partition}:iam::{self.account}:role/{role}"
        return Identity(annotations={"eks.amazonaws.com/role-arn": arn})


class AksStorage(Storage):
    """Storage of an AKS cluster."""

    shared: AzureFiles | None = AzureFiles(type="azure-files")
    """The filesystem that pods of many nodes share."""


class WorkloadIdentity(Spec):
    """Microsoft Entra Workload ID: an annotation names the client, a label of the pod asks for its token."""

    type: Literal["workload-identity"] = "workload-identity"
    """The mechanism."""
    oidc_issuer: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(/[A-Za-z0-9-]+)*/?$", max_length=253)]
    """The cluster's OIDC issuer: federated credentials trust it."""


class Aks(ClusterFacts):
    """A cluster of Azure AKS."""

    TITLE: ClassVar[str] = "an AKS cluster"

    provider: Literal["aks"]
    """Who runs the cluster."""
    subscription: Guid
    """The subscription of Azure."""
    tenant: Guid
    """The tenant of Microsoft Entra."""
    mechanism: Annotated[WorkloadIdentity, Field(alias="identity")]
    """How pods get identities of Azure."""
    identities: dict[Name, Guid] = {}
    """Client ids by the name that components use."""
    storage: AksStorage = AksStorage()
    """Storage by purpose."""

    @property
    def tenant_id(self) -> str:
        """The tenant of Microsoft Entra."""
        return self.tenant

    def identity(self, name: str) -> Identity:
        """Give the annotations that name a client, and the label without which a pod gets no token."""
        client = _chosen(self.identities, name)
        return Identity(
            annotations={"azure.workload.identity/client-id": client, "azure.workload.identity/tenant-id": self.tenant},
            pod_labels={"azure.workload.identity/use": "true"},
        )


Cluster = Annotated[BareMetal | Eks | Aks, Field(discriminator="provider")]
"""The cluster of an environment."""
