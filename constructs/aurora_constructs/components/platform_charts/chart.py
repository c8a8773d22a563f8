"""One Argo CD Application per Helm release."""

from typing import Any

from aurora_constructs import labels
from aurora_constructs.argocd.model import platform_project
from aurora_constructs.argocd.policy import COMPARE_ANNOTATIONS, sync_policy
from aurora_constructs.argocd.release import ReleasingComponent
from aurora_constructs.components.platform_charts.spec import ManifestSource, PlatformChart, PlatformChartsSpec

OWN_GROUP = "<api_group>"
"""How the table of health checks writes the platform's own API group."""


class PlatformCharts(ReleasingComponent[PlatformChartsSpec]):
    """Emits an Application with an exact chart version and inline values for each release."""

    def compose(self) -> None:
        """Add one Application per chart."""
        for name, chart in sorted(self.spec.charts.items()):
            self.release(
                name,
                chart,
                self._values(chart),
                application=name,
                namespace=self.namespace_name,
                target=chart.namespace,
                wave=chart.wave,
            )
        for name, source in sorted(self.spec.manifests.items()):
            self._folder(name, source)

    def _folder(self, name: str, source: ManifestSource) -> None:
        """Add the Application of a folder. It prunes nothing: with a definition all of its objects would go."""
        namespace = source.namespace or self.namespace_name
        provided = {self.platform.names.key("provides"): ",".join(sorted(source.provides))} if source.provides else {}
        folder = {
            "repoURL": source.repository,
            "targetRevision": source.revision,
            "path": source.path,
            "directory": {"recurse": True, **({"include": source.include} if source.include else {})},
        }
        self.custom(
            name,
            api_version="argoproj.io/v1alpha1",
            kind="Application",
            name=f"{self.platform.environment}-{name}",
            namespace=self.namespace_name,
            labels={labels.NAME: name},
            annotations={labels.SYNC_WAVE: str(source.wave), **COMPARE_ANNOTATIONS, **provided},
            body={
                "spec": {
                    "project": platform_project(self.platform.environment),
                    "source": folder,
                    "destination": self.platform.cluster.argocd.at(namespace),
                    "syncPolicy": sync_policy(self.platform.features, self.platform.retries, prune=False),
                }
            },
        )

    def _values(self, chart: PlatformChart) -> dict[str, Any]:
        values = chart.all_values(self.platform)
        if chart.health_checks:
            configs = values.setdefault("configs", {})
            configs["cm"] = {**configs.get("cm", {}), **self._health_checks()}
        return values

    def _health_checks(self) -> dict[str, str]:
        """Give the entries of `argocd-cm`, as the Argo CD chart takes them under `configs.cm`."""
        group = self.platform.names.api_group
        checks = self.platform.tables("platform_charts/health")
        return {f"resource.customizations.health.{kind.replace(OWN_GROUP, group)}": lua for kind, lua in checks.items()}
