"""The pods of a pipeline's steps, as fields of a workflow's template."""

from __future__ import annotations

from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.component import Component
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.training_pipeline.spec import Step, TrainingPipelineSpec
from aurora_constructs.pools import DO_NOT_DISRUPT, SAFE_TO_EVICT
from aurora_constructs.services import SERVICE_PORT
from aurora_constructs.values import quantity
from aurora_contract import pipeline
from aurora_contract import variables as names

OUTPUTS, TRAINING = "outputs", "model-training"
STAYS = {SAFE_TO_EVICT: "false", DO_NOT_DISRUPT: "true"}
"""Annotations for which no autoscaler ends a node to save money while a step runs on it."""
_OF_ONE, _OF_ALL = ("affinity", "nodeSelector", "tolerations", "volumes"), ("securityContext",)

Owner = Component[TrainingPipelineSpec]


def fields(owner: Owner, name: str, step: Step) -> dict[str, Any]:
    """Give what a template says of its pod: the container, its volumes, and the nodes that it runs on."""
    spec, platform = owner.spec, owner.platform
    made = _rendered(
        pods.PodSpec(
            labels={},
            service_account=owner.object_name,
            tmp_size=step.scratch,
            pool=platform.pool(step.pool) if step.pool else None,
            containers=[
                pods.ContainerSpec(
                    name="main",
                    image=platform.image(step.image or spec.image),
                    resources=step.resources or spec.resources,
                    command=step.command,
                    args=step.args,
                    env=pods.environment({**step.env, **_variables(owner, name)}),
                    mounts=[k8s.VolumeMount(name=OUTPUTS, mount_path=pipeline.OUTPUTS)],
                )
            ],
            volumes=[k8s.Volume(name=OUTPUTS, empty_dir=k8s.EmptyDirVolumeSource(size_limit=quantity(step.scratch)))],
        )
    )
    (container,) = made["containers"]
    del container["name"]
    return {"container": container, **{field: made[field] for field in _OF_ONE if field in made}}


def shared_fields() -> dict[str, Any]:
    """Give what all pods of a workflow have in common: the user that they run as."""
    made = _rendered(pods.PodSpec(labels={}, service_account="", containers=[]))
    return {field: made[field] for field in _OF_ALL}


def _rendered(spec: pods.PodSpec) -> dict[str, Any]:
    found: dict[str, Any] = k8s.KubePodTemplate.manifest(template=pods.template(spec))["template"]["spec"]
    return found


def run_labels(owner: Owner) -> dict[str, str]:
    """Give the labels of the runs and of their pods."""
    own = labels.selector(owner.object_name, labels.TRAINING)
    return owner.pod_labels(own, {owner.platform.names.model: owner.spec.model})


def _variables(owner: Owner, name: str) -> dict[str, str]:
    spec, platform = owner.spec, owner.platform
    found = {
        names.DATASET: "{{workflow.parameters.dataset}}",
        names.EXPERIMENT: spec.experiment or spec.model,
        names.MODEL: spec.model,
        names.RUN: "{{workflow.name}}",
        names.STEP: name,
        names.TRACKING_URI: _tracking_uri(owner),
    }
    if name == TRAINING:
        store = platform.resource(spec.artifacts, ObjectStore)
        found[names.CHECKPOINTS] = store.uri(f"checkpoints/{owner.name}/{{{{workflow.name}}}}")
    if name == pipeline.REPORT:
        found[names.RUN_STATUS] = "{{workflow.status}}"
    return found


def _tracking_uri(owner: Owner) -> str:
    server = owner.platform.component(owner.spec.tracking, RoutedSpec)
    host = f"{owner.platform.names.object(owner.spec.tracking)}.{server.namespace}.svc.cluster.local"
    return f"http://{host}:{SERVICE_PORT}"
