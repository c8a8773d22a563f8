"""The table of built-in component kinds: the only list of them.

Charts are named, not imported: importing one starts Node, and `aurora list` must not.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aurora_constructs.components.aurora_api.spec import AuroraApiSpec
from aurora_constructs.components.backups.spec import BackupsSpec
from aurora_constructs.components.chart_route.spec import ChartRouteSpec
from aurora_constructs.components.control_plane.spec import ControlPlaneSpec
from aurora_constructs.components.data_ingestion.spec import DataIngestionSpec
from aurora_constructs.components.edge.spec import EdgeSpec
from aurora_constructs.components.edge_proxy.spec import EdgeProxySpec
from aurora_constructs.components.helm_chart.spec import HelmChartSpec
from aurora_constructs.components.inference_model.spec import InferenceModelSpec
from aurora_constructs.components.kustomization.spec import KustomizationSpec
from aurora_constructs.components.kyverno_policies.spec import KyvernoPoliciesSpec
from aurora_constructs.components.language_model.spec import LanguageModelSpec
from aurora_constructs.components.manifests.spec import ManifestsSpec
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.mlflow_database.spec import MlflowDatabaseSpec
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.monitoring.spec import MonitoringSpec
from aurora_constructs.components.namespaces.spec import NamespacesSpec
from aurora_constructs.components.network_baseline.spec import NetworkBaselineSpec
from aurora_constructs.components.network_flows.spec import NetworkFlowsSpec
from aurora_constructs.components.node_pools.spec import NodePoolsSpec
from aurora_constructs.components.platform_charts.spec import PlatformChartsSpec
from aurora_constructs.components.retention.spec import RetentionSpec
from aurora_constructs.components.scaled_workers.spec import ScaledWorkersSpec
from aurora_constructs.components.secret_store.spec import SecretStoreSpec
from aurora_constructs.components.secrets.spec import SecretsSpec
from aurora_constructs.components.serving_runtimes.spec import ServingRuntimesSpec
from aurora_constructs.components.shared_folders.spec import SharedFoldersSpec
from aurora_constructs.components.sleep_schedule.spec import SleepScheduleSpec
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec
from aurora_constructs.components.training_pipeline.spec import TrainingPipelineSpec
from aurora_constructs.components.training_queues.spec import TrainingQueuesSpec
from aurora_constructs.components.vertical_autoscaler.spec import VerticalAutoscalerSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec

if TYPE_CHECKING:
    from collections.abc import Collection

    from aurora_constructs.component import Component
    from aurora_constructs.folder import FolderSpec
    from aurora_constructs.spec import ComponentSpec


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """A component kind: its specification, its chart as `module:class`, and its place in a sync.

    A kind whose objects the compiler reads from a folder has no chart: it is empty.
    `wave` orders the Applications of an environment, lower first. `custom_kinds` lists the kinds it may
    emit that a CustomResourceDefinition of others defines, as `group/Kind`: the schema pack is built for them.
    `older_kinds` are emitted in the place of custom kinds that a cluster's definitions do not have.
    `own_kinds` are those of the platform's own API group; their definitions are emitted, so every run has them.
    """

    name: str
    summary: str
    spec: type[ComponentSpec]
    chart: str
    wave: int
    custom_kinds: tuple[str, ...] = ()
    own_kinds: tuple[str, ...] = ()
    older_kinds: tuple[str, ...] = ()

    def load_chart(self) -> type[Component[Any]]:
        """Import the chart's class; the first one starts Node."""
        module, _, name = self.chart.partition(":")
        return cast("type[Component[Any]]", getattr(importlib.import_module(module), name))


def _own(
    spec: type[ComponentSpec],
    summary: str,
    wave: int,
    *custom_kinds: str,
    own_kinds: tuple[str, ...] = (),
    older_kinds: tuple[str, ...] = (),
) -> ComponentKind:
    """Describe a kind of this distribution: its chart has the kind's name, in `chart.py` beside the specification."""
    name = str(spec.model_fields["kind"].default)
    chart = f"{spec.__module__.removesuffix('spec')}chart:{name}"
    return ComponentKind(name, summary, spec, chart, wave, custom_kinds, own_kinds, older_kinds)


def _folder(spec: type[FolderSpec], summary: str) -> ComponentKind:
    return ComponentKind(str(spec.model_fields["kind"].default), summary, spec, chart="", wave=0)


_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
_SECRET = "external-secrets.io/ExternalSecret"  # noqa: S105 - a kind
_SERVICE = "serving.kserve.io/InferenceService"
_CHART_KINDS = ("argoproj.io/Application", "argoproj.io/ApplicationSet", "argoproj.io/AppProject")
_PODS, _SERVICES = "monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/ServiceMonitor"

KINDS: tuple[ComponentKind, ...] = (
    _own(NamespacesSpec, "namespaces with their Pod Security level, quota and default limits", -30),
    _own(NetworkBaselineSpec, "default-deny and DNS for a list of namespaces", -25),
    _own(NetworkFlowsSpec, "network policies for the pods of charts in closed namespaces", -24),
    # Before the charts: the controllers' pods need both from their first second.
    _own(EdgeProxySpec, "settings and network policies of an edge's proxies", -22),
    _own(
        PlatformChartsSpec,
        "the platform's Helm charts as Argo CD Applications with exact versions",
        -20,
        *_CHART_KINDS,
    ),
    _own(HelmChartSpec, "one Helm chart, rendered by Argo CD or into files", -20, *_CHART_KINDS),
    _own(
        NodePoolsSpec,
        "node pools whose nodes Karpenter makes on AWS",
        -10,
        *("karpenter.k8s.aws/EC2NodeClass", "karpenter.sh/NodePool"),
    ),
    _own(AuroraApiSpec, "CustomResourceDefinitions MLTrainingJob and MLDeployment", -40),
    _own(ModelStoreSpec, "storage class, claim and folder layout of the shared model store", -10),
    _own(SharedFoldersSpec, "storage class and claims of folders that pods of many nodes share", -10),
    _own(DataIngestionSpec, "a dataset of a bucket, copied into a shared folder on a schedule", 20),
    _own(SecretStoreSpec, "the store that ExternalSecrets read from", -10, "external-secrets.io/ClusterSecretStore"),
    _own(SecretsSpec, "Secrets that charts name, filled from a store", -9, _SECRET),
    _own(MlflowDatabaseSpec, "the way to MLflow's database, for its migration", 5, _SECRET),
    _own(MlflowSpec, "MLflow: tracking server and model registry", 10, _SERVICES, _ROUTE),
    _own(TrainingOperatorSpec, "the operator that makes Jobs of MLTrainingJobs", 0, _PODS),
    _own(ControlPlaneSpec, "platform information and model metadata over HTTP", 10, _SECRET, _SERVICES, _ROUTE),
    # Last, unless its version is served: a run that takes hours, or fails, must not hold back what serves.
    _own(
        TrainingJobSpec,
        "one run that trains one version of a model",
        50,
        *("jobset.x-k8s.io/JobSet", "kubeflow.org/MPIJob", "ray.io/RayJob"),
        *("trainer.kubeflow.org/TrainJob", "trainer.kubeflow.org/TrainingRuntime", _PODS),
        own_kinds=("MLTrainingJob",),
    ),
    _own(
        TrainingQueuesSpec,
        "Kueue's queues, in which runs wait until their pool has room",
        -8,
        *(
            f"kueue.x-k8s.io/{kind}"
            for kind in ("ClusterQueue", "LocalQueue", "ResourceFlavor", "WorkloadPriorityClass")
        ),
    ),
    _own(
        TrainingPipelineSpec,
        "a workflow from data to a registered model, on a schedule",
        30,
        *("argoproj.io/CronWorkflow", "argoproj.io/WorkflowTemplate"),
    ),
    _own(
        KyvernoPoliciesSpec,
        "Kyverno policies bound to namespaces, actions and values",
        -10,
        *("policies.kyverno.io/GeneratingPolicy", "policies.kyverno.io/ValidatingPolicy"),
        older_kinds=("kyverno.io/ClusterPolicy",),
    ),
    _own(
        TetragonPoliciesSpec,
        "Tetragon's tracing policies bound to namespaces, mode and values",
        -10,
        "cilium.io/TracingPolicyNamespaced",
    ),
    _own(
        EdgeSpec,
        "certificate authority, certificates, the Gateway, and the proxies' metrics",
        -10,
        _PODS,
        *("cert-manager.io/Certificate", "cert-manager.io/ClusterIssuer", "elbv2.k8s.aws/IngressClassParams"),
        *("gateway.networking.k8s.io/Gateway", "gateway.networking.k8s.io/GatewayClass", _ROUTE),
    ),
    _own(
        ModelServingSpec,
        "a model served by stable and canary, with the traffic split between them",
        30,
        *(_ROUTE, _PODS, "argoproj.io/Rollout", "argoproj.io/AnalysisTemplate"),
        own_kinds=("MLDeployment",),
    ),
    # Before the models: a model whose runtime is not there fails until it is.
    _own(
        ServingRuntimesSpec, "KServe's runtimes, the servers of models", -5, "serving.kserve.io/ClusterServingRuntime"
    ),
    _own(
        InferenceModelSpec,
        "a classic model that KServe serves, with a canary and the traffic split between them",
        30,
        *(_SERVICE, _PODS, _ROUTE),
    ),
    _own(
        LanguageModelSpec,
        "a language model on GPUs, scaled to zero while nobody asks",
        30,
        *(_SERVICE, "keda.sh/ScaledObject", _PODS, _ROUTE),
    ),
    _own(
        ScaledWorkersSpec,
        "workers whose number follows what waits for them",
        20,
        *("keda.sh/ScaledObject", "keda.sh/TriggerAuthentication"),
    ),
    _own(
        BackupsSpec,
        "where Velero keeps backups, what it backs up and when, and the run that tries a restore",
        -5,
        *("snapshot.storage.k8s.io/VolumeSnapshotClass", "velero.io/BackupStorageLocation"),
        *("velero.io/Schedule", "velero.io/VolumeSnapshotLocation"),
    ),
    _own(
        VerticalAutoscalerSpec,
        "recommended requests of workloads, or requests of their new pods",
        20,
        "autoscaling.k8s.io/VerticalPodAutoscaler",
    ),
    _own(SleepScheduleSpec, "takes workloads of a development environment to zero pods and back, by the hour", 20),
    _own(RetentionSpec, "deletes old versions of models, or old data, and never what is used", 20),
    _own(ChartRouteSpec, "the route of a host to a Service that a chart makes", 40, _ROUTE),
    _own(WebServiceSpec, "an HTTP service with scaling, storage, secrets and a route", 10, _SECRET, _ROUTE, _SERVICES),
    _own(MonitoringSpec, "recording rules, alerts and the dashboard", 40, "monitoring.coreos.com/PrometheusRule"),
    _folder(ManifestsSpec, "the objects of a folder of plain YAML"),
    _folder(KustomizationSpec, "the objects that Kustomize builds from a folder"),
)

BY_NAME = {kind.name: kind for kind in KINDS}


def packed_kinds() -> tuple[str, ...]:
    """Give the custom kinds that components emit and that others define, as `group/Kind`, sorted."""
    return tuple(sorted({name for kind in KINDS for name in kind.custom_kinds}))


def kinds_among(defined: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the kinds that components emit where these are defined, and those of `packed_kinds` that are not, sorted."""
    emitted = {name for kind in KINDS for name in kind.custom_kinds if name in defined}
    older = {name for kind in KINDS if not emitted.issuperset(kind.custom_kinds) for name in kind.older_kinds}
    return tuple(sorted(emitted | older)), tuple(name for name in packed_kinds() if name not in emitted)
