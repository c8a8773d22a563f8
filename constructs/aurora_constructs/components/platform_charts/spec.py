"""What people write for the platform's charts. Imports no cdk8s."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.charts import ChartRelease
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Name, Namespace, NamespacedSpec, Pin, Problem, Spec, Subject


class PlatformChart(ChartRelease):
    """One Helm release of the platform."""

    namespace: Namespace
    """The namespace that the release is installed into."""
    wave: Annotated[int, Field(ge=-100, le=100)] = 0
    """Its place among the charts, lower first."""
    health_checks: bool = False
    """Whether this is the Argo CD chart, whose values carry the health checks of Aurora's kinds."""


ApiGroup = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$")
]


class ManifestSource(Spec):
    """A folder of plain manifests in another project's Git repository, for what no chart brings."""

    repository: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._-]+)+$")]
    """The Git repository."""
    revision: Annotated[
        str,
        Pin(),
        StringConstraints(
            pattern=r"^(v?[0-9]+(\.[0-9]+)+([-+][0-9A-Za-z.+-]+)?|refs/tags/[A-Za-z0-9._/-]+|[0-9a-f]{40})$"
        ),
    ]
    """A tag that is a version, or a commit: a branch would let its project change what runs."""
    path: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")]
    """The folder; the folders in it are read too."""
    include: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*?._{},-]+$", max_length=253)] | None = None
    """Which of its files are meant, as a pattern of Argo CD; all that are manifests by default."""
    namespace: Namespace | None = None
    """The namespace of objects that name none; the component's own by default."""
    provides: list[ApiGroup] = []
    """The API groups whose definitions it brings: what is in the repository is not seen here."""
    wave: Annotated[int, Field(ge=-100, le=100)] = 0
    """Its place among the charts, lower first."""


class PlatformChartsSpec(NamespacedSpec):
    """The platform's Helm charts; `namespace` is that of Argo CD, which the Applications live in."""

    kind: Literal["PlatformCharts"] = "PlatformCharts"
    charts: Annotated[dict[Name, PlatformChart], Field(min_length=1)]
    """The charts by release name."""
    manifests: dict[Name, ManifestSource] = {}
    """Folders of plain manifests of other projects, by a name of one's own."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find identities and facts that the cluster does not have."""
        for release, chart in sorted(self.charts.items()):
            yield from chart.problems_of(platform, "charts", release)

    @model_validator(mode="after")
    def _names_differ(self) -> "PlatformChartsSpec":
        twice = sorted(self.charts.keys() & self.manifests)
        if twice:
            raise ValueError(f"`{twice[0]}` is in `charts` and in `manifests`: both would be one Application")
        return self

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give every chart, by its name."""
        for release, chart in self.charts.items():
            yield Subject(chart.chart, chart.namespace, release)
