"""The AppProjects, the root Application and one Application per component."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdk8s import ApiObject, ApiObjectMetadata, Chart, JsonPatch
from constructs import Construct

from aurora_constructs import labels
from aurora_constructs.argocd.destination import LOCAL, Destination
from aurora_constructs.argocd.model import (
    ArgoCdSpec,
    ComponentApplication,
    KindName,
    platform_project,
    project,
    root_project,
)
from aurora_constructs.argocd.policy import COMPARE_ANNOTATIONS, sync_policy

API_VERSION = "argoproj.io/v1alpha1"
PROJECT_WAVE = -50
SET_KIND = KindName("argoproj.io", "ApplicationSet")
APPLICATION_KINDS = (KindName("argoproj.io", "AppProject"), KindName("argoproj.io", "Application"))

# What the charts of a platform create cluster-wide; namespaced kinds are theirs to choose.
CHART_CLUSTER_KINDS = (
    KindName("", "Namespace"),
    KindName("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    KindName("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    KindName("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    KindName("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    KindName("apiextensions.k8s.io", "CustomResourceDefinition"),
    KindName("apiregistration.k8s.io", "APIService"),
    KindName("gateway.networking.k8s.io", "GatewayClass"),
    KindName("networking.k8s.io", "IngressClass"),
    KindName("rbac.authorization.k8s.io", "ClusterRole"),
    KindName("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    KindName("scheduling.k8s.io", "PriorityClass"),
    KindName("serving.kserve.io", "ClusterStorageContainer"),
    KindName("storage.k8s.io", "CSIDriver"),
)


class ArgoCd(Chart):
    """Emits everything that Argo CD needs to sync one environment.

    Three projects, because a project that may create Applications can reach every other project: only
    `<environment>-root` may, and nothing but Argo CD's own kinds passes through it.
    """

    def __init__(self, scope: Construct, id: str, *, spec: ArgoCdSpec) -> None:  # noqa: A002 - cdk8s' name
        super().__init__(scope, id, disable_resource_name_hashes=True, labels=spec.names.common(spec.environment))
        self.spec = spec
        self._projects()
        self._root()
        for application in spec.applications:
            self._application(application)

    def is_template(self, resource: ApiObject) -> bool:
        """Tell that every object is written."""
        return False

    def _object(self, name: str, kind: str, annotations: Mapping[str, str], spec: Mapping[str, Any]) -> None:
        resource = ApiObject(
            self,
            f"{kind}-{name}".lower(),
            api_version=API_VERSION,
            kind=kind,
            metadata=ApiObjectMetadata(name=name, namespace=self.spec.namespace, annotations=dict(annotations)),
        )
        resource.add_json_patch(JsonPatch.add("/spec", spec))

    def _projects(self) -> None:
        environment, own = self.spec.environment, [self.spec.repository]
        self._project(
            project(environment),
            f"Components of {environment}",
            sources=own,
            namespaces=self.spec.namespaces,
            cluster=self.spec.cluster_kinds,
            namespaced=self.spec.namespaced_kinds,
            targets=self.spec.fleet or (self.spec.destination,),
        )
        self._project(
            root_project(environment),
            f"Argo CD's own objects of {environment}",
            sources=own,
            namespaces=[self.spec.namespace],
            cluster=(),
            namespaced=(*APPLICATION_KINDS, *((SET_KIND,) if self.spec.fleet else ())),
        )
        if self.spec.chart_repositories:
            self._project(
                platform_project(environment),
                f"Helm charts of {environment}",
                sources=self.spec.chart_repositories,
                namespaces=self.spec.chart_namespaces,
                cluster=CHART_CLUSTER_KINDS,
                namespaced=None,
                targets=self.spec.fleet or (self.spec.destination,),
            )

    def _project(
        self,
        name: str,
        description: str,
        *,
        sources: Iterable[str],
        namespaces: Iterable[str],
        cluster: Iterable[KindName],
        namespaced: Iterable[KindName] | None,
        targets: Iterable[Destination] = (LOCAL,),
    ) -> None:
        """Add an AppProject that permits what is listed; without `namespaced`, every namespaced kind."""
        spec: dict[str, Any] = {
            "description": description,
            "sourceRepos": sorted(sources),
            "destinations": [target.at(each) for target in targets for each in sorted(namespaces)],
            "clusterResourceWhitelist": _kinds(cluster),
            "orphanedResources": {"warn": True},
        }
        if namespaced is not None:
            spec["namespaceResourceWhitelist"] = _kinds(namespaced)
        self._object(name, "AppProject", {labels.SYNC_WAVE: str(PROJECT_WAVE)}, spec)

    def _root(self) -> None:
        """Add the Application of Applications, without a finalizer: deleting it must not delete production."""
        name = self.spec.environment
        annotations = {
            **COMPARE_ANNOTATIONS,
            self.spec.names.key("production"): "true" if self.spec.production else "false",
        }
        spec = self._directory("argocd", root_project(name), LOCAL.at(self.spec.namespace))
        if self.spec.releases is not None:
            spec["source"]["targetRevision"] = self.spec.releases
        self._object(name, "Application", annotations, spec)

    def _application(self, application: ComponentApplication) -> None:
        # Applications are made where Argo CD runs, wherever they write to themselves.
        own = application.creates_applications
        owner, target = (root_project, LOCAL) if own else (project, self.spec.destination)
        spec = self._directory(application.component, owner(self.spec.environment), target.at(application.namespace))
        if application.ignored:
            spec["ignoreDifferences"] = [
                {
                    "group": entry.group,
                    "kind": entry.kind,
                    "namespace": entry.namespace,
                    "name": entry.name,
                    "jsonPointers": list(entry.json_pointers),
                }
                for entry in application.ignored
            ]
        annotations = {**COMPARE_ANNOTATIONS, labels.SYNC_WAVE: str(application.wave)}
        name = f"{self.spec.environment}-{application.component}"
        self._object(name, "Application", annotations, spec)

    def _directory(self, folder: str, owner: str, target: dict[str, str]) -> dict[str, Any]:
        return {
            "project": owner,
            "source": {
                "repoURL": self.spec.repository,
                "targetRevision": self.spec.revision,
                "path": f"generated/{self.spec.environment}/{folder}",
                "directory": {"recurse": True},
            },
            "destination": target,
            "syncPolicy": sync_policy(self.spec.features, self.spec.retries),
        }


def _kinds(kinds: Iterable[KindName]) -> list[dict[str, str]]:
    return [{"group": entry.group, "kind": entry.kind} for entry in sorted(kinds)]
