"""The workflow as a template, the schedule that runs it, and what its pods may do."""

from __future__ import annotations

import json
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, services
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.component import Component
from aurora_constructs.components.edge.spec import RoutedSpec
from aurora_constructs.components.platform_charts.spec import PlatformChartsSpec
from aurora_constructs.components.training_pipeline import pod, templates
from aurora_constructs.components.training_pipeline.spec import TrainingPipelineSpec
from aurora_contract import pipeline

API_VERSION = "argoproj.io/v1alpha1"
CHART = "argo-workflows"
REPOSITORY = "repository"
CACHE, ARTIFACTS = "-cache", "-artifacts"
CACHE_LABEL = {"workflows.argoproj.io/configmap-type": "Cache"}
"""Without it the controller takes no ConfigMap for a cache (Argo Workflows docs, memoization)."""
_DAY = 24 * 3600


class TrainingPipeline(Component[TrainingPipelineSpec]):
    """Emits the WorkflowTemplate, its CronWorkflow, identity, permissions, flows, artifact repository and cache."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        identity = self.platform.identity(spec.identity)
        # The executor beside each step reports to the API server.
        services.account(self, name, identity, spec.all_needs, token=True)
        results = k8s.PolicyRule(
            api_groups=["argoproj.io"], resources=["workflowtaskresults"], verbs=["create", "patch"]
        )
        services.namespace_permissions(self, name, self.namespace_name, [results])
        services.flows(
            self,
            name,
            labels.selector(name, labels.TRAINING),
            egress=[
                network.api_server(self.platform.api_server_cidrs),
                self._way_to_tracking(),
                *services.to_cloud(self, identity, spec.all_needs),
                *services.outside(spec.egress),
            ],
        )
        self._repository(name)
        k8s.KubeConfigMap(self, "cache", metadata=self.meta(f"{name}{CACHE}", labels=CACHE_LABEL))
        self._template(name)
        if spec.schedule:
            self._schedule(name, spec.schedule)

    def _way_to_tracking(self) -> k8s.NetworkPolicyEgressRule:
        server = self.platform.component(self.spec.tracking, RoutedSpec)
        its = labels.selector(self.platform.names.object(self.spec.tracking), server.POD_COMPONENT)
        return k8s.NetworkPolicyEgressRule(
            to=[network.pods_in([server.namespace], its)], ports=network.tcp(server.pod_port)
        )

    def _repository(self, name: str) -> None:
        """Write the repository down as JSON, which every YAML reader takes for what it is."""
        store = self.platform.resource(self.spec.artifacts, ObjectStore)
        key = f"pipelines/{self.name}/{{{{workflow.name}}}}/{{{{pod.name}}}}"
        body = {"archiveLogs": True, **store.artifact_repository(key, self.platform.cluster.place)}
        text = json.dumps(body, indent=2, sort_keys=True) + "\n"
        k8s.KubeConfigMap(self, "artifacts", metadata=self.meta(f"{name}{ARTIFACTS}"), data={REPOSITORY: text})

    def _template(self, name: str) -> None:
        spec, owned = self.spec, pod.run_labels(self)
        identity = self.platform.identity(spec.identity)
        body = {
            "entrypoint": templates.MAIN,
            "onExit": pipeline.REPORT,
            "serviceAccountName": name,
            "arguments": {"parameters": [{"name": "dataset", "value": spec.dataset}]},
            "artifactRepositoryRef": {"configMap": f"{name}{ARTIFACTS}", "key": REPOSITORY},
            "activeDeadlineSeconds": spec.deadline_seconds,
            "parallelism": 1,
            "synchronization": {"mutexes": [{"name": name}]},
            "podGC": {"strategy": "OnPodSuccess"},
            "ttlStrategy": {"secondsAfterSuccess": _DAY, "secondsAfterFailure": spec.keep_hours * 3600},
            "podMetadata": {"labels": {**owned, **identity.pod_labels}, "annotations": pod.STAYS},
            "workflowMetadata": {"labels": owned},
            **pod.shared_fields(),
            "templates": [templates.graph(), *(self._step(name, step) for step in spec.steps.named())],
        }
        self.custom(
            "template",
            api_version=API_VERSION,
            kind="WorkflowTemplate",
            name=name,
            namespace=self.namespace_name,
            labels={self.platform.names.model: spec.model},
            body={"spec": body},
        )

    def _step(self, name: str, step: str) -> dict[str, Any]:
        settings = self.spec.steps.named()[step]
        fields = pod.fields(self, step, settings)
        made = {
            "name": step,
            "activeDeadlineSeconds": settings.deadline_seconds,
            "retryStrategy": templates.retry(settings.retries),
            **(templates.data(step) if step in pipeline.STEPS else {}),
            **fields,
        }
        if step == templates.CACHED:
            hours, old = self.spec.memory_hours, self._has_old_cache()
            made["memoize"] = templates.memory(fields["container"], f"{name}{CACHE}", hours, with_key=old)
        return made

    def _has_old_cache(self) -> bool:
        """Tell whether the definitions are those of version 3, which demand a key of the cache that 4 does not know."""
        charts = [each for spec in self.platform.of_kind(PlatformChartsSpec).values() for each in spec.charts.values()]
        return any(each.chart == CHART and each.app_version.startswith("v3.") for each in charts)

    def _schedule(self, name: str, schedule: str) -> None:
        spec = {
            "schedules": [schedule],
            "timezone": self.spec.timezone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "suspend": self.spec.suspend,
            "workflowSpec": {"workflowTemplateRef": {"name": name}},
        }
        self.custom(
            "schedule",
            api_version=API_VERSION,
            kind="CronWorkflow",
            name=name,
            namespace=self.namespace_name,
            labels={self.platform.names.model: self.spec.model},
            body={"spec": spec},
        )
