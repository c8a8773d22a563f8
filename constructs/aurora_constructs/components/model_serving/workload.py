"""What runs: one Deployment, Service and disruption budget per track, alike in all but version, replicas and names."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.components.model_serving import gate
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_serving.tracks import Track
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ROOT, ModelStoreSpec
from aurora_constructs.spec import Resources
from aurora_constructs.values import int_or_string, quantity

PORT_NAME = "http"
CONTAINER_PORT = ModelServingSpec.POD_PORT
SERVICE_PORT = 80

CACHE = "model"
CACHE_MOUNT = "/model"
GATE = "gate"
GATE_MOUNT = "/gate"
GATE_CHECKSUM = f"{labels.DOMAIN}/model-gate-checksum"
_GATE_RESOURCES = Resources(cpu="100m", memory="128Mi")

DRAIN_SECONDS = 15
"""How long a pod goes on serving after it was told to end: until every proxy has stopped sending to it."""
GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What both tracks' pods get from elsewhere."""

    environment: str
    image: str
    service_account: str
    store: ModelStoreSpec
    gate_config: str


def deployment_spec(track: Track, spec: ModelServingSpec, around: Surroundings) -> k8s.DeploymentSpec:
    """Describe a track's Deployment: a new pod serves before an old one ends."""
    return k8s.DeploymentSpec(
        replicas=track.replicas,
        revision_history_limit=5,
        progress_deadline_seconds=2 * spec.load_seconds + 300,
        selector=k8s.LabelSelector(match_labels=track.selector),
        strategy=k8s.DeploymentStrategy(
            type="RollingUpdate",
            rolling_update=k8s.RollingUpdateDeployment(max_unavailable=int_or_string(0), max_surge=int_or_string(1)),
        ),
        template=pods.template(_pod(track, spec, around)),
    )


def service_spec(track: Track) -> k8s.ServiceSpec:
    """Describe a track's Service."""
    port = k8s.ServicePort(name=PORT_NAME, port=SERVICE_PORT, protocol="TCP", target_port=int_or_string(PORT_NAME))
    return k8s.ServiceSpec(type="ClusterIP", selector=track.selector, ports=[port])


def budget_spec(track: Track) -> k8s.PodDisruptionBudgetSpec:
    """Let one pod at a time be evicted, whatever the number of replicas; a broken pod never blocks a node's drain."""
    return k8s.PodDisruptionBudgetSpec(
        max_unavailable=int_or_string(1),
        selector=k8s.LabelSelector(match_labels=track.selector),
        unhealthy_pod_eviction_policy="AlwaysAllow",
    )


def _pod(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.PodSpec:
    """The annotation rolls the pods when the gate's script changes: a ConfigMap alone would not."""
    return pods.PodSpec(
        labels=track.pod_labels(around.environment, spec.model),
        annotations={GATE_CHECKSUM: hashlib.sha256(gate.SCRIPT.encode()).hexdigest()},
        service_account=around.service_account,
        containers=[_server(track, spec, around)],
        init_containers=[_gate(track, spec, around)],
        volumes=_volumes(spec, around),
        termination_grace_period_seconds=GRACE_SECONDS,
        spread_over=track.selector,
    )


def _gate(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.ContainerSpec:
    return pods.ContainerSpec(
        name="model-gate",
        image=around.image,
        resources=_GATE_RESOURCES,
        command=["python3", "-I", f"{GATE_MOUNT}/{gate.FILE_NAME}"],
        env=pods.environment(
            {
                **_model(track, spec),
                "MODEL_SOURCE": f"{ROOT}/{spec.model}/versions",
                "GATE_SECONDS": str(spec.load_seconds),
            }
        ),
        mounts=[
            mounting.mount(read_only=True),
            k8s.VolumeMount(name=GATE, mount_path=GATE_MOUNT, read_only=True),
            k8s.VolumeMount(name=CACHE, mount_path=CACHE_MOUNT),
        ],
    )


def _server(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.ContainerSpec:
    """Readiness asks whether the model is loaded; liveness does not, or a bad model would mean a restart loop.

    The server reads the pod's own copy: an outage of the shared storage does not take loaded pods with it.
    """
    return pods.ContainerSpec(
        name="inference",
        image=around.image,
        resources=spec.resources,
        env=pods.environment(_model(track, spec)),
        ports={PORT_NAME: CONTAINER_PORT},
        mounts=[k8s.VolumeMount(name=CACHE, mount_path=CACHE_MOUNT, read_only=True)],
        startup=pods.http_probe(
            "/ready", PORT_NAME, period_seconds=5, timeout_seconds=2, failure_threshold=math.ceil(spec.load_seconds / 5)
        ),
        readiness=pods.http_probe("/ready", PORT_NAME, period_seconds=5, timeout_seconds=2, failure_threshold=2),
        liveness=pods.http_probe("/health", PORT_NAME, period_seconds=10, timeout_seconds=3, failure_threshold=3),
        lifecycle=k8s.Lifecycle(pre_stop=k8s.LifecycleHandler(sleep=k8s.SleepAction(seconds=DRAIN_SECONDS))),
    )


def _model(track: Track, spec: ModelServingSpec) -> Mapping[str, str]:
    return {"MODEL_NAME": spec.model, "MODEL_VERSION": track.version, "MODEL_DIR": CACHE_MOUNT}


def _volumes(spec: ModelServingSpec, around: Surroundings) -> list[k8s.Volume]:
    return [
        mounting.volume(around.store, read_only=True),
        k8s.Volume(name=GATE, config_map=k8s.ConfigMapVolumeSource(name=around.gate_config)),
        k8s.Volume(name=CACHE, empty_dir=k8s.EmptyDirVolumeSource(size_limit=quantity(spec.cache_size))),
    ]
