"""One Helm release."""

from aurora_constructs.argocd.release import ReleasingComponent
from aurora_constructs.components.helm_chart.spec import HelmChartSpec


class HelmChart(ReleasingComponent[HelmChartSpec]):
    """Emits the Application of the release; the compiler puts the objects of a `rendered` one in its place."""

    def compose(self) -> None:
        """Add the Application, whose wave is that of the component's own."""
        self.release(
            self.name,
            self.spec,
            self.spec.all_values(self.platform),
            application=f"{self.name}-chart",  # the component's own Application has its name
            namespace=self.platform.argocd_namespace,
            target=self.namespace_name,
            wave=0,
        )
