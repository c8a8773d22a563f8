"""A component that emits Helm releases as Applications of Argo CD."""

from collections.abc import Mapping
from typing import Any, TypeVar

from aurora_constructs import labels
from aurora_constructs.argocd.model import platform_project
from aurora_constructs.argocd.policy import COMPARE_ANNOTATIONS, sync_policy
from aurora_constructs.charts import ChartRelease
from aurora_constructs.component import Component
from aurora_constructs.spec import ComponentSpec

S = TypeVar("S", bound=ComponentSpec)


class ReleasingComponent(Component[S]):
    """A component with releases; values stay inline: what is reviewed and committed is then all that Helm gets."""

    def release(
        self,
        name: str,
        chart: ChartRelease,
        values: Mapping[str, Any],
        *,
        application: str,
        namespace: str,
        target: str,
        wave: int,
    ) -> None:
        """Add the Application of a release, in the namespace of Argo CD, that installs into `target`."""
        lookups = {self.platform.names.key("lookups"): chart.lookups} if chart.lookups else {}
        source = {
            "repoURL": chart.repository,
            "chart": chart.chart,
            "targetRevision": chart.version,
            "helm": {"releaseName": name, "valuesObject": values},
        }
        self.custom(
            name,
            api_version="argoproj.io/v1alpha1",
            kind="Application",
            name=f"{self.platform.environment}-{application}",
            namespace=namespace,
            labels={labels.NAME: name, **({labels.VERSION: chart.app_version} if chart.app_version else {})},
            annotations={labels.SYNC_WAVE: str(wave), **lookups, **COMPARE_ANNOTATIONS},
            body={
                "spec": {
                    "project": platform_project(self.platform.environment),
                    "sources": [source],
                    "destination": self.platform.cluster.argocd.at(target),
                    "syncPolicy": sync_policy(self.platform.features, self.platform.retries),
                }
            },
        )
