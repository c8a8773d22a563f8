"""The one hardened pod template: the restricted Pod Security level, without exception.

Source of the fields: the Pod Security Standards, level restricted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdk8s_plus_35 import k8s
from pydantic.alias_generators import to_snake

from aurora_constructs.pools import Pool
from aurora_constructs.spec import Resources
from aurora_constructs.values import int_or_string, quantity

USER = 10001
"""The user and group of every container: not root, and no user of a distribution's base image."""

TMP = "tmp"
TMP_SIZE = "64Mi"


def quantities(values: Mapping[str, str | None]) -> dict[str, k8s.Quantity]:
    """Turn resource names and quantities into cdk8s' form; entries that are None are left out."""
    return {name: quantity(value) for name, value in values.items() if value is not None}


def requirements(resources: Resources, devices: Mapping[str, int] | None = None) -> k8s.ResourceRequirements:
    """Give requests for CPU and memory, a memory limit always, a CPU limit where one is asked for.

    `devices` are extended resources, such as GPUs: the API server demands that their limit equals the request.
    """
    written = plain_requirements(resources, devices)
    return k8s.ResourceRequirements(
        requests=quantities({**written["requests"]}), limits=quantities({**written["limits"]})
    )


def environment(values: Mapping[str, str]) -> list[k8s.EnvVar]:
    """Give environment variables with fixed values, in name order."""
    return [k8s.EnvVar(name=name, value=value) for name, value in sorted(values.items())]


def secret_variable(name: str, *, secret: str, key: str) -> k8s.EnvVar:
    """Give an environment variable that is read from a Secret's key."""
    selector = k8s.SecretKeySelector(name=secret, key=key, optional=False)
    return k8s.EnvVar(name=name, value_from=k8s.EnvVarSource(secret_key_ref=selector))


def http_probe(
    path: str,
    port: str,
    *,
    initial_delay_seconds: int | None = None,
    period_seconds: int | None = None,
    timeout_seconds: int | None = None,
    failure_threshold: int | None = None,
) -> k8s.Probe:
    """Probe a path on a named port; what is left out gets Kubernetes' own timing."""
    return k8s.Probe(
        http_get=k8s.HttpGetAction(path=path, port=int_or_string(port), scheme="HTTP"),
        initial_delay_seconds=initial_delay_seconds,
        period_seconds=period_seconds,
        timeout_seconds=timeout_seconds,
        failure_threshold=failure_threshold,
    )


HARDENED: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}
"""A security context that forbids everything that a container can forbid itself, as manifests write it."""
HARDENED_POD: Mapping[str, Any] = {
    "fsGroup": USER,
    "fsGroupChangePolicy": "OnRootMismatch",
    "runAsGroup": USER,
    "runAsNonRoot": True,
    "runAsUser": USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""The security context of every pod, as manifests write it."""


def security_context() -> k8s.SecurityContext:
    """Forbid everything that a container can forbid itself."""
    return k8s.SecurityContext(**_arguments(HARDENED))


def _arguments(written: Mapping[str, Any]) -> dict[str, Any]:
    return {to_snake(key): value for key, value in written.items()}


def plain_requirements(resources: Resources, devices: Mapping[str, int] | None = None) -> dict[str, dict[str, str]]:
    """Give requests and limits as manifests write them, for kinds that cdk8s has no class for."""
    counted = {name: str(count) for name, count in (devices or {}).items()}
    cpu = {"cpu": resources.cpu_limit} if resources.cpu_limit else {}
    return {
        "requests": {"cpu": resources.cpu, "memory": resources.memory, **counted},
        "limits": {**cpu, "memory": resources.memory_limit or resources.memory, **counted},
    }


def claim_volume(name: str, claim: str, *, read_only: bool) -> k8s.Volume:
    """Give the volume of a claim; a read-only one cannot be mounted for writing by any container of the pod.

    A writer's volume and mount say nothing: `false` is the default, and not kept by the API server.
    """
    source = k8s.PersistentVolumeClaimVolumeSource(claim_name=claim, read_only=read_only or None)
    return k8s.Volume(name=name, persistent_volume_claim=source)


def volume_mount(name: str, path: str, *, read_only: bool) -> k8s.VolumeMount:
    """Give the mount of a volume."""
    return k8s.VolumeMount(name=name, mount_path=path, read_only=read_only or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """One container; it always gets a writable `/tmp` and the hardened security context."""

    name: str
    image: str
    resources: Resources
    devices: Mapping[str, int] = field(default_factory=dict)
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Sequence[k8s.EnvVar] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    mounts: Sequence[k8s.VolumeMount] = ()
    liveness: k8s.Probe | None = None
    readiness: k8s.Probe | None = None
    startup: k8s.Probe | None = None
    lifecycle: k8s.Lifecycle | None = None


def container(spec: ContainerSpec) -> k8s.Container:
    """Build a container with the hardened security context."""
    return k8s.Container(
        name=spec.name,
        image=spec.image,
        image_pull_policy="IfNotPresent",
        command=list(spec.command) or None,
        args=list(spec.args) or None,
        env=list(spec.env) or None,
        ports=[
            k8s.ContainerPort(name=name, container_port=port, protocol="TCP")
            for name, port in sorted(spec.ports.items())
        ]
        or None,
        resources=requirements(spec.resources, spec.devices),
        volume_mounts=[*spec.mounts, k8s.VolumeMount(name=TMP, mount_path="/tmp")],  # noqa: S108 - in the container
        liveness_probe=spec.liveness,
        readiness_probe=spec.readiness,
        startup_probe=spec.startup,
        lifecycle=spec.lifecycle,
        security_context=security_context(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSpec:
    """One pod; `calls_api` is the only way to get a service account token mounted.

    With `pool` it runs on nodes of that pool, beside what `node_selector` and `tolerations` say; with `preferred` on
    nodes of that one or, where they have no room, of any other.
    """

    labels: Mapping[str, str]
    service_account: str
    containers: Sequence[ContainerSpec]
    init_containers: Sequence[ContainerSpec] = ()
    volumes: Sequence[k8s.Volume] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    calls_api: bool = False
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    spread_over: Mapping[str, str] = field(default_factory=dict)
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[k8s.Toleration] = ()
    pool: Pool | None = None
    preferred: Pool | None = None
    tmp_size: str = TMP_SIZE
    tmp_class: str | None = None
    together_in: str | None = None
    """The label of nodes of which all pods with the labels `together_with` share one value."""
    together_with: Mapping[str, str] = field(default_factory=dict)


def template(spec: PodSpec) -> k8s.PodTemplateSpec:
    """Build a pod template that passes the restricted Pod Security level.

    With `spread_over`, the labels of the pods to spread, replicas spread over zones and hosts: a lost node
    then takes at most its share with it.
    """
    return k8s.PodTemplateSpec(
        metadata=k8s.ObjectMeta(labels=dict(spec.labels), annotations=dict(spec.annotations) or None),
        spec=k8s.PodSpec(
            affinity=_affinity(spec),
            automount_service_account_token=spec.calls_api,
            containers=[container(entry) for entry in spec.containers],
            enable_service_links=False,
            init_containers=[container(entry) for entry in spec.init_containers] or None,
            node_selector={**(spec.pool.node_selector if spec.pool else {}), **spec.node_selector} or None,
            restart_policy=spec.restart_policy,
            security_context=_pod_security_context(),
            service_account_name=spec.service_account,
            termination_grace_period_seconds=spec.termination_grace_period_seconds,
            tolerations=[*spec.tolerations, *_tolerations(spec.pool), *_tolerations(spec.preferred)] or None,
            topology_spread_constraints=_spread(spec.spread_over) if spec.spread_over else None,
            volumes=[
                *spec.volumes,
                _tmp(spec),
            ],
        ),
    )


def _tmp(spec: PodSpec) -> k8s.Volume:
    """Give `/tmp`: room on the node's disk, or with a class a volume that is made and removed with the pod."""
    if spec.tmp_class is None:
        return k8s.Volume(name=TMP, empty_dir=k8s.EmptyDirVolumeSource(size_limit=quantity(spec.tmp_size)))
    claim = k8s.PersistentVolumeClaimSpec(
        access_modes=["ReadWriteOnce"],
        resources=k8s.VolumeResourceRequirements(requests=quantities({"storage": spec.tmp_size})),
        storage_class_name=spec.tmp_class,
        volume_mode="Filesystem",
    )
    template = k8s.PersistentVolumeClaimTemplate(spec=claim)
    return k8s.Volume(name=TMP, ephemeral=k8s.EphemeralVolumeSource(volume_claim_template=template))


def _tolerations(pool: Pool | None) -> list[k8s.Toleration]:
    return [
        k8s.Toleration(key=each["key"], operator=each["operator"], value=each.get("value"), effect=each["effect"])
        for each in (pool.tolerations if pool else ())
    ]


def _affinity(spec: PodSpec) -> k8s.Affinity | None:
    nodes = _of_nodes(spec.pool, spec.preferred)
    if spec.together_in is None:
        return k8s.Affinity(node_affinity=nodes) if nodes else None
    others = k8s.PodAffinityTerm(
        label_selector=k8s.LabelSelector(match_labels=dict(spec.together_with)), topology_key=spec.together_in
    )
    beside = k8s.PodAffinity(required_during_scheduling_ignored_during_execution=[others])
    return k8s.Affinity(node_affinity=nodes, pod_affinity=beside)


def _of_nodes(pool: Pool | None, preferred: Pool | None) -> k8s.NodeAffinity | None:
    required = [
        k8s.NodeSelectorRequirement(key=each.key, operator=each.operator, values=list(each.values))
        for each in (pool.requirements if pool else ())
    ]
    wanted = [
        k8s.NodeSelectorRequirement(key=key, operator="In", values=[value])
        for key, value in sorted(preferred.node_selector.items() if preferred else ())
    ]
    if not (required or wanted):
        return None
    terms = k8s.NodeSelector(node_selector_terms=[k8s.NodeSelectorTerm(match_expressions=required)])
    term = k8s.PreferredSchedulingTerm(weight=100, preference=k8s.NodeSelectorTerm(match_expressions=wanted))
    return k8s.NodeAffinity(
        required_during_scheduling_ignored_during_execution=terms if required else None,
        preferred_during_scheduling_ignored_during_execution=[term] if wanted else None,
    )


def _pod_security_context() -> k8s.PodSecurityContext:
    return k8s.PodSecurityContext(**_arguments(HARDENED_POD))


def _spread(labels: Mapping[str, str]) -> list[k8s.TopologySpreadConstraint]:
    """Spread without blocking: with too few zones or nodes a pod is better placed badly than not at all."""
    selector = k8s.LabelSelector(match_labels=dict(labels))
    return [k8s.TopologySpreadConstraint(label_selector=selector, **_arguments(each)) for each in SPREAD]


def plain_spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Spread alike, as manifests write it."""
    return [{"labelSelector": {"matchLabels": dict(labels)}, **each} for each in SPREAD]


SPREAD: Sequence[Mapping[str, Any]] = [
    {
        "matchLabelKeys": ["pod-template-hash"],
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
    }
    for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
]
