"""What people write for one Helm chart. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.charts import ChartRelease
from aurora_constructs.platform import Platform
from aurora_constructs.spec import NamespacedSpec, Problem, Subject


class HelmChartSpec(NamespacedSpec, ChartRelease):
    """One Helm release, which has the component's name; `namespace` is the one that it is installed into."""

    kind: Literal["HelmChart"] = "HelmChart"
    wave: Annotated[int, Field(ge=-100, le=100)] = 0
    """Its place among the components, lower first."""
    rendered: bool = False
    """Whether what the chart renders is committed, so that Argo CD syncs plain files."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find identities and facts that the cluster does not have."""
        return self.problems_of(platform)

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the chart, by its name."""
        yield Subject(self.chart, self.namespace, name)
