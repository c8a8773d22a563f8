"""A run on one node: a Job, or an MLTrainingJob of which Aurora's operator makes the Job."""

import json
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import services
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api import resources
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.training_job.parts import UriDataset
from aurora_constructs.components.training_job.pod import run_labels, training_pod, variables
from aurora_constructs.components.training_job.spec import TEMPLATE_SUFFIX, TrainingJobSpec
from aurora_contract.store import ROOT

TEMPLATE_KEY = "job.json"
"""The key of the ConfigMap under which the operator finds the Job."""

Run = Component[TrainingJobSpec]


def add_job(run: Run) -> None:
    """Add the Job."""
    _job(run)


def add_ml_training_job(run: Run) -> None:
    """Add the MLTrainingJob, and the Job as a template, which its operator alone writes and every check judges."""
    job = _job(run)
    run.template(job)
    template = run.platform.names.object(run.name, TEMPLATE_SUFFIX)
    # JSON: every YAML reader takes it for what it is.
    text = json.dumps(job.to_json(), indent=2, sort_keys=True) + "\n"
    k8s.KubeConfigMap(run, "job-template", metadata=run.meta(template), data={TEMPLATE_KEY: text})
    names = run.platform.names
    run.custom(
        "training-job",
        api_version=resources.api_version(names),
        kind=resources.TRAINING_JOB,
        name=run.spec.run_name,
        namespace=run.namespace_name,
        labels={names.model: run.spec.model},
        annotations={names.key("job-template"): template},
        body={"spec": _intent(run)},
    )


def _job(run: Run) -> k8s.KubeJob:
    spec, name = run.spec, run.object_name
    return services.batch_job(
        run,
        "job",
        metadata=run.meta(spec.run_name, labels=run_labels(spec, run.platform, name)),
        pod=training_pod(spec, run.platform, name=name),
        retries=spec.retry.backoff_limit,
        deadline=spec.retry.active_deadline_seconds,
        alone=True,
    )


def _intent(run: Run) -> dict[str, Any]:
    spec, platform = run.spec, run.platform
    store = platform.component(spec.storage, ModelStoreSpec)
    return resources.stated(
        model=spec.model,
        backend="Job",
        nodes=1,
        image=platform.image(spec.image),
        command=list(spec.command) or None,
        args=list(spec.args) or None,
        env=[{"name": key, "value": value} for key, value in sorted(variables(spec).items())],
        serviceAccountName=run.object_name,
        resources=resources.stated(
            cpu=spec.resources.cpu,
            memory=spec.resources.memory,
            gpu=resources.stated(count=spec.gpu.count, product=spec.gpu.product) if spec.gpu else None,
        ),
        dataset=_dataset(spec),
        output={"claimName": store.claim, "basePath": ROOT, "version": spec.version},
        queueName=spec.queue,
        retry=spec.retry.model_dump(by_alias=True),
        tracking=spec.tracking.model_dump(by_alias=True, exclude_none=True) if spec.tracking else None,
        suspend=False,
    )


def _dataset(spec: TrainingJobSpec) -> dict[str, object]:
    dataset = spec.dataset
    if isinstance(dataset, UriDataset):
        return {"uri": dataset.uri}
    return {"pvc": {"claimName": dataset.claim, "path": dataset.path}}
