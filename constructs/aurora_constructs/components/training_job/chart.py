"""The MLTrainingJob, and as a template the Job that the operator makes of it."""

import json

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, services
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api import resources
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.training_job.pod import training_pod, variables
from aurora_constructs.components.training_job.spec import TEMPLATE_SUFFIX, TrainingJobSpec, UriDataset
from aurora_contract.store import ROOT

"""The MLTrainingJob's annotation that names the ConfigMap with its Job."""
TEMPLATE_KEY = "job.json"


class TrainingJob(Component[TrainingJobSpec]):
    """Emits the intent; the Job has one writer, the operator, and is judged here without being written."""

    def compose(self) -> None:
        """Add the MLTrainingJob, the Job and its template, and the run's identity and network policy.

        Raises:
            KeyError: the image or the model store does not exist.
        """
        name = self.object_name
        store = self.platform.component(self.spec.storage, ModelStoreSpec)
        services.account(self, name)
        # Nobody calls a trainer.
        services.flows(self, name, labels.selector(name, labels.TRAINING), egress=services.outside(self.spec.egress))
        self._template(self._job(name))
        self._training_job(name, store)

    @property
    def _template_name(self) -> str:
        return self.platform.names.object(self.name, TEMPLATE_SUFFIX)

    def _job(self, name: str) -> k8s.KubeJob:
        own = {**labels.selector(name, labels.TRAINING), self.platform.names.model: self.spec.model}
        job = services.batch_job(
            self,
            "job",
            metadata=self.meta(self.spec.run_name, labels=own),
            pod=training_pod(self.spec, self.platform, name=name),
            retries=self.spec.retry.backoff_limit,
            deadline=self.spec.retry.active_deadline_seconds,
            alone=True,
        )
        self.template(job)
        return job

    def _template(self, job: k8s.KubeJob) -> None:
        """Write the Job down for the operator, as JSON: every YAML reader takes it for what it is."""
        text = json.dumps(job.to_json(), indent=2, sort_keys=True) + "\n"
        k8s.KubeConfigMap(self, "job-template", metadata=self.meta(self._template_name), data={TEMPLATE_KEY: text})

    def _training_job(self, name: str, store: ModelStoreSpec) -> None:
        spec, names = self.spec, self.platform.names
        body = resources.stated(
            model=spec.model,
            backend="Job",
            nodes=1,
            image=self.platform.image(spec.image),
            args=list(spec.args) or None,
            env=[{"name": key, "value": value} for key, value in sorted(variables(spec).items())],
            serviceAccountName=name,
            resources=resources.stated(
                cpu=spec.resources.cpu,
                memory=spec.resources.memory,
                gpu=resources.stated(count=spec.gpu.count, product=spec.gpu.product) if spec.gpu else None,
            ),
            dataset=self._dataset(),
            output={"claimName": store.claim, "basePath": ROOT, "version": spec.version},
            retry=spec.retry.model_dump(by_alias=True),
            tracking=spec.tracking.model_dump(by_alias=True, exclude_none=True) if spec.tracking else None,
            suspend=False,
        )
        self.custom(
            "training-job",
            api_version=resources.api_version(names),
            kind=resources.TRAINING_JOB,
            name=spec.run_name,
            namespace=self.namespace_name,
            labels={names.model: spec.model},
            annotations={names.key("job-template"): self._template_name},
            body={"spec": body},
        )

    def _dataset(self) -> dict[str, object]:
        dataset = self.spec.dataset
        if isinstance(dataset, UriDataset):
            return {"uri": dataset.uri}
        return {"pvc": {"claimName": dataset.claim, "path": dataset.path}}
