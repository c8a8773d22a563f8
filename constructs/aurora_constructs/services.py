"""What workloads are made of: identity, permissions, replicas behind a Service, flows, monitor.

Each function adds objects to the component that it is given; nothing here is a component itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cdk8s_plus_35 import k8s

from aurora_constructs import autoscaling, batch, labels, network, pods
from aurora_constructs.cloud import Access, PostgreSql
from aurora_constructs.cluster import Identity
from aurora_constructs.component import Component
from aurora_constructs.spec import Egress, Replicas
from aurora_constructs.values import int_or_string
from aurora_contract import metrics, variables

HTTP = "http"
"""The name of the port that a Service routes to."""
SERVICE_PORT = 80
RBAC_GROUP = "rbac.authorization.k8s.io"

NOBODY = Identity()
"""No identity of the cloud."""

Owner = Component[Any]


def account(
    owner: Owner,
    name: str,
    identity: Identity = NOBODY,
    needs: Mapping[str, Access] | None = None,
    *,
    token: bool = False,
) -> None:
    """Add the identity of pods; its token is mounted only where a pod calls the API, or with `token` in all of them.

    What it needs of the cloud is an annotation: the permissions of the identity follow from it.
    """
    named = {owner.platform.names.identity: identity.name} if identity.name else {}
    annotations = {**identity.annotations, **named}
    if needs:
        annotations[owner.platform.names.needs] = ",".join(f"{key}={value}" for key, value in sorted(needs.items()))
    metadata = owner.meta(name, annotations=annotations)
    k8s.KubeServiceAccount(owner, f"{name}-account", metadata=metadata, automount_service_account_token=token)


def cluster_permissions(owner: Owner, name: str, rules: Sequence[k8s.PolicyRule]) -> None:
    """Let the account of that name do something in the whole cluster."""
    k8s.KubeClusterRole(owner, "cluster-role", metadata=owner.cluster_meta(name), rules=list(rules))
    k8s.KubeClusterRoleBinding(
        owner,
        "cluster-role-binding",
        metadata=owner.cluster_meta(name),
        role_ref=k8s.RoleRef(api_group=RBAC_GROUP, kind="ClusterRole", name=name),
        subjects=[_subject(owner, name)],
    )


def namespace_permissions(owner: Owner, name: str, namespace: str, rules: Sequence[k8s.PolicyRule]) -> None:
    """Let the account of that name do something in one namespace."""
    metadata = owner.meta(name, namespace=namespace)
    k8s.KubeRole(owner, f"{namespace}-role", metadata=metadata, rules=list(rules))
    k8s.KubeRoleBinding(
        owner,
        f"{namespace}-role-binding",
        metadata=metadata,
        role_ref=k8s.RoleRef(api_group=RBAC_GROUP, kind="Role", name=name),
        subjects=[_subject(owner, name)],
    )


def _subject(owner: Owner, name: str) -> k8s.Subject:
    return k8s.Subject(kind="ServiceAccount", name=name, namespace=owner.namespace_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """Equal pods behind one Service; their number is fixed, or an autoscaler owns it."""

    id: str = "deployment"
    name: str
    selector: Mapping[str, str]
    pod: pods.PodSpec
    replicas: int | Replicas
    revision_history_limit: int | None = None
    progress_deadline_seconds: int | None = None
    budget_labels: Mapping[str, str] | None = None


def replicated(owner: Owner, spec: Replicated) -> None:
    """Add the Deployment, whose new pods serve before old ones end, its Service, budget and autoscaler."""
    selector = k8s.LabelSelector(match_labels=dict(spec.selector))
    metadata = owner.meta(spec.name, labels=spec.selector)
    rolling = k8s.RollingUpdateDeployment(max_surge=int_or_string(1), max_unavailable=int_or_string(0))
    k8s.KubeDeployment(
        owner,
        spec.id,
        metadata=metadata,
        spec=k8s.DeploymentSpec(
            replicas=spec.replicas if isinstance(spec.replicas, int) else None,
            revision_history_limit=spec.revision_history_limit,
            progress_deadline_seconds=spec.progress_deadline_seconds,
            selector=selector,
            strategy=k8s.DeploymentStrategy(type="RollingUpdate", rolling_update=rolling),
            template=pods.template(spec.pod),
        ),
    )
    service(owner, f"{spec.id}-service", spec.name, spec.selector)
    budget(owner, f"{spec.id}-budget", spec.name, spec.selector, labels=spec.budget_labels)
    if isinstance(spec.replicas, Replicas):
        autoscaling.autoscaler(owner, spec.name, spec.replicas)


def service(owner: Owner, id: str, name: str, selector: Mapping[str, str]) -> None:  # noqa: A002 - cdk8s' name
    """Add the Service of the pods that a selector finds, which it also has as labels."""
    port = k8s.ServicePort(name=HTTP, port=SERVICE_PORT, protocol="TCP", target_port=int_or_string(HTTP))
    k8s.KubeService(
        owner,
        id,
        metadata=owner.meta(name, labels=selector),
        spec=k8s.ServiceSpec(type="ClusterIP", selector=dict(selector), ports=[port]),
    )


def budget(
    owner: Owner,
    id: str,  # noqa: A002 - cdk8s' name
    name: str,
    selector: Mapping[str, str],
    *,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Add a budget: one pod at a time, whatever their number; a broken pod never blocks a node's drain."""
    k8s.KubePodDisruptionBudget(
        owner,
        id,
        metadata=owner.meta(name, labels=labels),
        spec=k8s.PodDisruptionBudgetSpec(
            max_unavailable=int_or_string(1),
            selector=k8s.LabelSelector(match_labels=dict(selector)),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
    )


def rate_limit(a_second: int | None) -> dict[str, str]:
    """Give the variable that limits a program's requests; none where its own default holds."""
    return {} if a_second is None else {variables.RATE_LIMIT: str(a_second)}


def drain(seconds: int) -> k8s.Lifecycle:
    """Go on answering for a while: endpoints are withdrawn while the pod already ends."""
    return k8s.Lifecycle(pre_stop=k8s.LifecycleHandler(sleep=k8s.SleepAction(seconds=seconds)))


def callers(namespaces: Sequence[str], *ports: int) -> k8s.NetworkPolicyIngressRule:
    """Let the pods of namespaces in, on these ports of the pod."""
    return k8s.NetworkPolicyIngressRule(from_=[network.pods_in(namespaces)], ports=network.tcp(*ports))


def to_pods(namespace: str, selector: Mapping[str, str], port: int) -> k8s.NetworkPolicyEgressRule:
    """Let pods out to others, on a port of those."""
    return k8s.NetworkPolicyEgressRule(to=[network.pods_in([namespace], selector)], ports=network.tcp(port))


def outside(ways: Sequence[Egress]) -> list[k8s.NetworkPolicyEgressRule]:
    """Let pods out to the addresses and namespaces that a specification names."""
    return [
        k8s.NetworkPolicyEgressRule(
            to=network.addresses([way.cidr]) if way.cidr else [network.pods_in([str(way.namespace)])],
            ports=network.tcp(way.port),
        )
        for way in ways
    ]


def to_cloud(owner: Owner, identity: Identity, needs: Mapping[str, Access]) -> list[k8s.NetworkPolicyEgressRule]:
    """Let pods out to what they need of the cloud, and to where it gives them their identity."""
    platform = owner.platform
    resources = [platform.cluster.resource(name) for name in sorted(needs)]
    databases = [each for each in resources if isinstance(each, PostgreSql)]
    ways = [network.database(each) for each in databases]
    if len(databases) < len(resources):
        ways.append(network.cloud(platform.cluster.cloud_cidrs))
    if identity.agent:
        agent = network.addresses([f"{identity.agent}/32"])
        ways.append(k8s.NetworkPolicyEgressRule(to=agent, ports=network.tcp(80)))
    return ways


def flows(
    owner: Owner,
    name: str,
    selector: Mapping[str, str],
    *,
    ingress: Sequence[k8s.NetworkPolicyIngressRule] = (),
    egress: Sequence[k8s.NetworkPolicyEgressRule] = (),
) -> None:
    """Close the pods to everything but these flows and name resolution."""
    k8s.KubeNetworkPolicy(
        owner,
        f"{name}-network-policy",
        metadata=owner.meta(name),
        spec=k8s.NetworkPolicySpec(
            pod_selector=k8s.LabelSelector(match_labels=dict(selector)),
            policy_types=["Ingress", "Egress"],
            ingress=list(ingress) or None,
            egress=[network.dns(), *egress],
        ),
    )


def closed(owner: Owner, name: str, selector: Mapping[str, str]) -> None:
    """Close the pods to everything, name resolution too."""
    k8s.KubeNetworkPolicy(
        owner,
        f"{name}-network-policy",
        metadata=owner.meta(name),
        spec=k8s.NetworkPolicySpec(
            pod_selector=k8s.LabelSelector(match_labels=dict(selector)), policy_types=["Ingress", "Egress"]
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """How Prometheus reads metrics; `endpoint` holds what differs from a plain scrape.

    `sources` are those of the catalogue of metrics that it brings: alerts on their metrics need one.
    """

    kind: Literal["ServiceMonitor", "PodMonitor"] = "ServiceMonitor"
    sources: Sequence[str] = ()
    port: str = HTTP
    path: str = metrics.PATH
    endpoint: Mapping[str, Any] = field(default_factory=lambda: {"scheme": "http"})
    names_namespace: bool = True


def watched(
    owner: Owner,
    name: str,
    selector: Mapping[str, str],
    port: int,
    *,
    scrape: Scrape | None = Scrape(),
    clients: Sequence[str] = (),
    ingress: Sequence[k8s.NetworkPolicyIngressRule] = (),
    egress: Sequence[k8s.NetworkPolicyEgressRule] = (),
) -> None:
    """Close the pods to all but these flows, the pods of client namespaces and Prometheus, and add its monitor."""
    namespaces = [*clients, *([owner.platform.monitoring.namespace] if scrape else [])]
    within = [callers(namespaces, port)] if namespaces else []
    flows(owner, name, selector, ingress=[*within, *ingress], egress=egress)
    if scrape:
        monitor(owner, name, selector, scrape)


def monitor(owner: Owner, name: str, selector: Mapping[str, str], scrape: Scrape) -> None:
    """Add the monitor by which Prometheus finds Services or pods; the job is named after the pods."""
    endpoints = "endpoints" if scrape.kind == "ServiceMonitor" else "podMetricsEndpoints"
    spec: dict[str, Any] = {
        "selector": {"matchLabels": dict(selector)},
        "jobLabel": labels.NAME,
        endpoints: [{"port": scrape.port, "path": scrape.path, "interval": "30s", **scrape.endpoint}],
    }
    if scrape.names_namespace:
        spec["namespaceSelector"] = {"matchNames": [owner.namespace_name]}
    owner.custom(
        f"{name}-monitor",
        api_version="monitoring.coreos.com/v1",
        kind=scrape.kind,
        name=name,
        namespace=owner.namespace_name,
        labels={"release": owner.platform.monitoring.release},
        annotations={owner.platform.names.key(labels.METRICS): ",".join(scrape.sources)} if scrape.sources else None,
        body={"spec": spec},
    )


def batch_job(
    owner: Owner,
    id: str,  # noqa: A002 - cdk8s' name
    *,
    metadata: k8s.ObjectMeta,
    pod: pods.PodSpec,
    retries: int,
    deadline: int,
    alone: bool = False,
) -> k8s.KubeJob:
    """Add a Job; with `alone` no two of its pods ever run, and a pod that a node took with it is no failure.

    Without a time to live: a collected Job that Git still states would be made and run again.
    """
    job = batch.job_spec(pod, retries=retries, deadline=deadline, alone=alone)
    return k8s.KubeJob(owner, id, metadata=metadata, spec=job)
