"""What is true of every kind of cluster, and the capabilities that components ask for. Imports no cdk8s."""

import datetime
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.argocd.destination import LOCAL_NAME, LOCAL_SERVER, Destination
from aurora_constructs.cloud import CloudResource
from aurora_constructs.cluster.encryption import EncryptionFacts
from aurora_constructs.pool_facts import PoolFacts
from aurora_constructs.pools import Pool
from aurora_constructs.spec import Cidr, Hostname, LabelValue, Name, Namespace, Pin, Quantity, Spec
from aurora_constructs.spelling import nearest
from aurora_constructs.storage import AzureFiles, CephFs, Efs
from aurora_constructs.versions import DEFAULT

Way = Literal["gateway", "nginx", "alb"]
"""The kinds of the way in: Gateway API, the Ingress pair of the NGINX controller, an AWS Application Load Balancer."""


ArgoCdServer = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
ArgoCdName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")]
"""How Argo CD knows a cluster: by its URL, or by the name of its Secret there."""


Fact = Literal[
    "account", "domain", "name", "podCidrs", "region", "serviceCidrs", "sourceRanges", "subscription", "tenant"
]
"""A fact of a cluster that other software asks for too."""


class UnavailableError(ValueError):
    """A component asks for a capability that the cluster does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What gives a pod an identity of the cloud: annotations of its ServiceAccount, labels of the pod.

    `by_account` says that whoever holds a token of the account has the identity; otherwise only its pods have it.
    """

    annotations: Mapping[str, str] = field(default_factory=dict)
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """The entry of `cluster.identities`, where no annotation of the cloud names it."""
    by_account: bool = True
    keda: Mapping[str, str] = field(default_factory=dict)
    """How KEDA acts as it: the fields of a TriggerAuthentication's `podIdentity`."""
    client: str | None = None
    """The id by which other software names the identity, where it has one."""
    agent: str | None = None
    """The address at which pods ask an agent of their node for credentials, over HTTP; None where there is none."""


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
    source_ranges: list[Cidr] = []
    """The only networks from which clients may come; all where none is given."""

    @property
    def serves_all(self) -> bool:
        """Whether clients may come from everywhere: also where the ranges together are all addresses of a family."""
        networks = [ipaddress.ip_network(cidr) for cidr in self.source_ranges]
        four = ipaddress.collapse_addresses(each for each in networks if isinstance(each, ipaddress.IPv4Network))
        six = ipaddress.collapse_addresses(each for each in networks if isinstance(each, ipaddress.IPv6Network))
        return not networks or any(each.prefixlen == 0 for each in four) or any(each.prefixlen == 0 for each in six)


class MonitoringFacts(Spec):
    """Who collects metrics."""

    namespace: Namespace = "monitoring"
    """The namespace of Prometheus."""
    release: LabelValue = "kube-prometheus-stack"
    """The `release` label that Prometheus selects monitors and rules by."""

    @property
    def address(self) -> str:
        """Where Prometheus answers queries: its Service is named after the release of kube-prometheus-stack."""
        return f"http://{self.release}-prometheus.{self.namespace}.svc:9090"


class Storage(Spec):
    """Storage by purpose."""

    shared: CephFs | Efs | AzureFiles | None = None
    """The filesystem that pods of many nodes share."""


class NodeOverhead(Spec):
    """What the pods of DaemonSets take of every node, those of charts among them."""

    cpu: Quantity = "0"
    """Their CPU requests together."""
    memory: Quantity = "0"
    """Their memory requests together."""


class ClusterFacts(EncryptionFacts):
    """What is true of every kind of cluster."""

    TITLE: ClassVar[str] = "this cluster"
    USUAL_WAY: ClassVar[Way] = "gateway"

    provider: str
    """Who runs the cluster."""
    kubernetes: Annotated[str, Pin(), StringConstraints(pattern=r"^1\.[0-9]{1,2}$")]
    """Its minor version, such as "1.35"."""
    profile: Annotated[Name, Pin()] = DEFAULT
    """Which versions of custom kinds it has: one of the folders in `schemas`, or the pack there itself."""
    as_of: Annotated[datetime.date | None, Pin()] = None
    """The day on which its versions were chosen: what is out of support by then is told."""
    domain: Hostname
    """The DNS domain under which the environment's hosts live."""
    api_server_cidrs: Annotated[list[Cidr], Field(min_length=1)]
    """Addresses of the API server endpoints, as network policies see them (after translation)."""
    argocd_server: Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")] = (
        LOCAL_SERVER
    )
    """The cluster's URL as Argo CD knows it; the default is the one that Argo CD runs in."""
    argocd_name: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")] | None
    ) = None
    """The cluster's name as Argo CD knows it, instead of its URL."""
    service_cidrs: Annotated[list[Cidr], Field(max_length=2)] = []
    """The API server's `--service-cluster-ip-range`, the family of Services by default first; unknown where empty."""
    pod_cidrs: list[Cidr] = []
    """The addresses that pods have: of the cluster's pod network, or of the cloud's subnets; unknown where empty."""
    node_ports: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}-[0-9]{1,5}$")] = "30000-32767"
    """The API server's `--service-node-port-range`."""
    edge: EdgeFacts = EdgeFacts()
    """Where requests from outside come from."""
    monitoring: MonitoringFacts = MonitoringFacts()
    """Who collects metrics."""
    storage: Storage = Storage()
    """Storage by purpose."""
    pools: Mapping[str, PoolFacts] = {}
    """Nodes that are alike, by name; nothing is judged about nodes where none are stated."""
    node_overhead: NodeOverhead = NodeOverhead()
    """What the pods of DaemonSets take of every node; at least what the environment's own DaemonSets request."""

    @model_validator(mode="after")
    def _one_name_of_argo_cd(self) -> Self:
        if self.argocd_name is not None and "argocd_server" in self.model_fields_set:
            raise ValueError("Argo CD knows a cluster by URL or by name: say either `argocdServer` or `argocdName`")
        return self

    @property
    def argocd(self) -> Destination:
        """The cluster as Applications and projects name it."""
        local = self.argocd_name in (None, LOCAL_NAME)
        return Destination(self.argocd_server) if local else Destination(name=self.argocd_name or "")

    @property
    def way_in(self) -> Way:
        """The kind of the way in from outside."""
        return self.edge.type or self.USUAL_WAY

    @property
    def place(self) -> str:
        """Where the cloud's secrets are kept: the region of AWS, or the tenant of Microsoft Entra.

        Raises:
            UnavailableError: the cluster is in no cloud.
        """
        raise UnavailableError(f"{self.TITLE} is in no cloud")

    def fact(self, name: Fact) -> str | list[str]:
        """Give a fact by the key that people write it under; `sourceRanges` is one of the edge.

        Raises:
            UnavailableError: the cluster has no such fact, or does not state it.
        """
        lists = {
            "podCidrs": self.pod_cidrs,
            "serviceCidrs": self.service_cidrs,
            "sourceRanges": self.edge.source_ranges,
        }
        found = lists[name] if name in lists else getattr(self, name, None)
        if not found:
            raise UnavailableError(f"{self.TITLE} states no `cluster.{name}`")
        return list(found) if isinstance(found, list) else str(found)

    @property
    def names_place(self) -> str:
        """What tells the cloud's zones of names apart: the region of AWS, or the subscription of Azure.

        Raises:
            UnavailableError: the cluster is in no cloud.
        """
        return self.place

    def identity(self, name: str) -> Identity:
        """Give what lets pods act as an identity of the cloud.

        Raises:
            UnavailableError: the cluster gives none, or none of that name.
        """
        raise UnavailableError(f"{self.TITLE} gives no identities of a cloud, so there is no `{name}`")

    def resource(self, name: str) -> CloudResource:
        """Give what the cloud provides under a name.

        Raises:
            UnavailableError: the cluster is in no cloud, or there is nothing of that name.
        """
        raise UnavailableError(f"{self.TITLE} is in no cloud, so there is no resource `{name}`")

    @property
    def cloud_cidrs(self) -> list[Cidr]:
        """The addresses at which the cloud's own services answer; none outside of a cloud."""
        return []

    @property
    def cost_tags(self) -> Mapping[str, str]:
        """The tags of what the cluster makes in its cloud; none outside of one."""
        return {}

    @property
    def tolerates_devices(self) -> bool:
        """Whether the API server adds to pods that request a device a toleration of the taint with its name."""
        return False

    @property
    def node_pools(self) -> dict[str, Pool]:
        """The stated node pools by name."""
        return {name: facts.pool(name) for name, facts in self.pools.items()}

    @property
    def discovery(self) -> Mapping[str, str]:
        """The tags by which Karpenter finds the subnets and security groups of the cluster's nodes.

        Raises:
            UnavailableError: Karpenter's provider for AWS makes no nodes for the cluster, or its name is not stated.
        """
        raise UnavailableError(f"{self.TITLE} gets no nodes of Karpenter's provider for AWS")

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


T = TypeVar("T")


def chosen(known: Mapping[str, T], name: str, key: str) -> T:
    """Give an entry of a mapping of the facts.

    Raises:
        UnavailableError: there is none of that name.
    """
    if name not in known:
        raise UnavailableError(f"`cluster.{key}` has no `{name}`: {nearest(name, known)}")
    return known[name]
