"""The table of built-in component kinds: the only list of them.

Charts are named, not imported: importing one starts Node, and `aurora list` must not.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aurora_constructs.components.aurora_api.spec import AuroraApiSpec
from aurora_constructs.components.control_plane.spec import ControlPlaneSpec
from aurora_constructs.components.edge.spec import EdgeSpec
from aurora_constructs.components.kyverno_policies.spec import KyvernoPoliciesSpec
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.monitoring.spec import MonitoringSpec
from aurora_constructs.components.namespaces.spec import NamespacesSpec
from aurora_constructs.components.network_baseline.spec import NetworkBaselineSpec
from aurora_constructs.components.platform_charts.spec import PlatformChartsSpec
from aurora_constructs.components.secret_store.spec import SecretStoreSpec
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.components.training_operator.spec import TrainingOperatorSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec

if TYPE_CHECKING:
    from aurora_constructs.component import Component
    from aurora_constructs.spec import ComponentSpec


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """A component kind: its specification, its chart as `module:class`, and its place in a sync.

    `wave` orders the Applications of an environment, lower first. `custom_kinds` lists the kinds it may
    emit that a CustomResourceDefinition of others defines, as `group/Kind`: the schema pack is built for them.
    `own_kinds` are those of the platform's own API group; their definitions are emitted, so every run has them.
    """

    name: str
    summary: str
    spec: type[ComponentSpec]
    chart: str
    wave: int
    custom_kinds: tuple[str, ...] = ()
    own_kinds: tuple[str, ...] = ()

    def load_chart(self) -> type[Component[Any]]:
        """Import the chart's class; the first one starts Node."""
        module, _, name = self.chart.partition(":")
        return cast("type[Component[Any]]", getattr(importlib.import_module(module), name))


def _chart(folder: str, name: str) -> str:
    return f"aurora_constructs.components.{folder}.chart:{name}"


KINDS: tuple[ComponentKind, ...] = (
    ComponentKind(
        "Namespaces",
        "namespaces with their Pod Security level, quota and default limits",
        NamespacesSpec,
        _chart("namespaces", "Namespaces"),
        wave=-30,
    ),
    ComponentKind(
        "NetworkBaseline",
        "default-deny and DNS for a list of namespaces",
        NetworkBaselineSpec,
        _chart("network_baseline", "NetworkBaseline"),
        wave=-25,
    ),
    ComponentKind(
        "PlatformCharts",
        "the platform's Helm charts as Argo CD Applications with exact versions",
        PlatformChartsSpec,
        _chart("platform_charts", "PlatformCharts"),
        wave=-20,
        custom_kinds=("argoproj.io/Application", "argoproj.io/AppProject"),
    ),
    ComponentKind(
        "AuroraApi",
        "CustomResourceDefinitions MLTrainingJob and MLDeployment",
        AuroraApiSpec,
        _chart("aurora_api", "AuroraApi"),
        wave=-40,
    ),
    ComponentKind(
        "ModelStore",
        "storage class, claim and folder layout of the shared model store",
        ModelStoreSpec,
        _chart("model_store", "ModelStore"),
        wave=-10,
    ),
    ComponentKind(
        "SecretStore",
        "the store that ExternalSecrets read from",
        SecretStoreSpec,
        _chart("secret_store", "SecretStore"),
        wave=-10,
        custom_kinds=("external-secrets.io/ClusterSecretStore",),
    ),
    ComponentKind(
        "TrainingOperator",
        "the operator that makes Jobs of MLTrainingJobs",
        TrainingOperatorSpec,
        _chart("training_operator", "TrainingOperator"),
        wave=0,
        custom_kinds=("monitoring.coreos.com/PodMonitor",),
    ),
    ComponentKind(
        "ControlPlane",
        "platform information and model metadata over HTTP",
        ControlPlaneSpec,
        _chart("control_plane", "ControlPlane"),
        wave=10,
        custom_kinds=("external-secrets.io/ExternalSecret", "monitoring.coreos.com/ServiceMonitor"),
    ),
    ComponentKind(
        "TrainingJob",
        "one run that trains one version of a model",
        TrainingJobSpec,
        _chart("training_job", "TrainingJob"),
        wave=50,  # last: a run that takes hours, or fails, must not hold back what serves
        own_kinds=("MLTrainingJob",),
    ),
    ComponentKind(
        "KyvernoPolicies",
        "Kyverno policies bound to namespaces, actions and values",
        KyvernoPoliciesSpec,
        _chart("kyverno_policies", "KyvernoPolicies"),
        wave=-10,
        custom_kinds=("policies.kyverno.io/GeneratingPolicy", "policies.kyverno.io/ValidatingPolicy"),
    ),
    ComponentKind(
        "TetragonPolicies",
        "Tetragon's tracing policies bound to namespaces, mode and values",
        TetragonPoliciesSpec,
        _chart("tetragon_policies", "TetragonPolicies"),
        wave=-10,
        custom_kinds=("cilium.io/TracingPolicyNamespaced",),
    ),
    ComponentKind(
        "Edge",
        "certificate authority, certificates, and the Gateway or NGINX settings",
        EdgeSpec,
        _chart("edge", "Edge"),
        wave=-10,
        custom_kinds=(
            "cert-manager.io/Certificate",
            "cert-manager.io/ClusterIssuer",
            "elbv2.k8s.aws/IngressClassParams",
            "gateway.networking.k8s.io/Gateway",
            "gateway.networking.k8s.io/GatewayClass",
            "gateway.networking.k8s.io/HTTPRoute",
        ),
    ),
    ComponentKind(
        "ModelServing",
        "a model served by stable and canary, with the traffic split between them",
        ModelServingSpec,
        _chart("model_serving", "ModelServing"),
        wave=30,
        custom_kinds=(
            "gateway.networking.k8s.io/HTTPRoute",
            "monitoring.coreos.com/PodMonitor",
        ),
        own_kinds=("MLDeployment",),
    ),
    ComponentKind(
        "WebService",
        "an HTTP service with scaling, storage, secrets and a route",
        WebServiceSpec,
        _chart("web_service", "WebService"),
        wave=10,
        custom_kinds=(
            "external-secrets.io/ExternalSecret",
            "gateway.networking.k8s.io/HTTPRoute",
            "monitoring.coreos.com/ServiceMonitor",
        ),
    ),
    ComponentKind(
        "Monitoring",
        "recording rules, alerts and the dashboard",
        MonitoringSpec,
        _chart("monitoring", "Monitoring"),
        wave=40,
        custom_kinds=("monitoring.coreos.com/PrometheusRule",),
    ),
)

BY_NAME = {kind.name: kind for kind in KINDS}


def packed_kinds() -> tuple[str, ...]:
    """Give the custom kinds that components emit and that others define, as `group/Kind`, sorted."""
    return tuple(sorted({name for kind in KINDS for name in kind.custom_kinds}))
