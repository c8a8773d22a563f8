"""What runs: one Deployment, Service and disruption budget per track, alike in all but version, replicas and names."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cdk8s_plus_35 import k8s

from aurora_constructs import pods, services
from aurora_constructs.components.model_serving.gate import GATE
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_serving.tracks import Track
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.services import HTTP
from aurora_constructs.spec import Resources
from aurora_constructs.values import quantity
from aurora_contract import store as layout
from aurora_contract import variables
from aurora_contract.programs import INFERENCE, MODEL_GATE, MODEL_PATH

CACHE = "model"
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


def replicated(track: Track, spec: ModelServingSpec, around: Surroundings) -> services.Replicated:
    """Describe a track's pods, Service and budget."""
    return services.Replicated(
        id=track.track,
        name=track.object_name,
        selector=track.selector,
        pod=_pod(track, spec, around),
        replicas=track.replicas,
        revision_history_limit=5,
        progress_deadline_seconds=2 * spec.load_seconds + 300,
        budget_labels=track.selector,
    )


def _pod(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.PodSpec:
    """The annotation rolls the pods when the gate's script changes: a ConfigMap alone would not."""
    return pods.PodSpec(
        labels=track.pod_labels(around.environment, spec.model),
        annotations={track.names.key("model-gate-checksum"): GATE.checksum},
        service_account=around.service_account,
        containers=[_server(track, spec, around)],
        init_containers=[_gate(track, spec, around)],
        volumes=_volumes(spec, around),
        termination_grace_period_seconds=GRACE_SECONDS,
        spread_over=track.selector,
    )


def _gate(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.ContainerSpec:
    return pods.ContainerSpec(
        name=MODEL_GATE.container,
        image=around.image,
        resources=_GATE_RESOURCES,
        command=GATE.command,
        env=pods.environment(
            {
                **_model(track, spec),
                variables.MODEL_SOURCE: layout.versions_path(layout.ROOT, spec.model),
                variables.GATE_SECONDS: str(spec.load_seconds),
            }
        ),
        mounts=[mounting.mount(read_only=True), GATE.mount(), pods.volume_mount(CACHE, MODEL_PATH, read_only=False)],
    )


def _server(track: Track, spec: ModelServingSpec, around: Surroundings) -> pods.ContainerSpec:
    """Readiness asks whether the model is loaded; liveness does not, or a bad model would mean a restart loop.

    The server reads the pod's own copy: an outage of the shared storage does not take loaded pods with it.
    """
    ready = INFERENCE.readiness
    return pods.ContainerSpec(
        name=INFERENCE.container,
        image=around.image,
        resources=spec.resources,
        env=pods.environment({**_model(track, spec), **services.rate_limit(spec.rate_limit)}),
        ports=INFERENCE.ports,
        mounts=[pods.volume_mount(CACHE, MODEL_PATH, read_only=True)],
        startup=pods.http_probe(
            ready, HTTP, period_seconds=5, timeout_seconds=2, failure_threshold=math.ceil(spec.load_seconds / 5)
        ),
        readiness=pods.http_probe(ready, HTTP, period_seconds=5, timeout_seconds=2, failure_threshold=2),
        liveness=pods.http_probe(INFERENCE.liveness, HTTP, period_seconds=10, timeout_seconds=3, failure_threshold=3),
        lifecycle=services.drain(DRAIN_SECONDS),
    )


def _model(track: Track, spec: ModelServingSpec) -> Mapping[str, str]:
    return {variables.MODEL_NAME: spec.model, variables.MODEL_VERSION: track.version, variables.MODEL_DIR: MODEL_PATH}


def _volumes(spec: ModelServingSpec, around: Surroundings) -> list[k8s.Volume]:
    return [
        mounting.volume(around.store, read_only=True),
        GATE.pod_volume(around.service_account),
        k8s.Volume(name=CACHE, empty_dir=k8s.EmptyDirVolumeSource(size_limit=quantity(spec.cache_size))),
    ]
