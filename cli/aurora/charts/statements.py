"""Holds what environments say of charts to what their lock knows: the version of what a chart installs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aurora.charts import lock
from aurora.charts.rules import APP_VERSION
from aurora.environment.model import Environment, LoadedComponent
from aurora.model.finding import Finding
from aurora.model.place import Place, Step
from aurora.paths import RepositoryPaths
from aurora_constructs.charts import ChartRelease
from aurora_constructs.components.helm_chart.spec import HelmChartSpec
from aurora_constructs.components.platform_charts.spec import PlatformChartsSpec


def findings(environments: Sequence[Environment]) -> Iterator[Finding]:
    """Yield the statements that the lock contradicts, at their lines; what is not locked, nobody knows here.

    Raises:
        InputError: `charts.lock` cannot be used.
    """
    for environment in environments:
        folder = RepositoryPaths(environment.root).charts
        locked = lock.read(folder / lock.FILE, f"{folder.name}/{lock.FILE}")
        for component in environment.components if locked else ():
            for steps, release in _releases(component):
                entry = locked.get((release.chart, release.version))
                if entry is not None and _differ(release.app_version, entry.app_version):
                    yield _finding(environment, (*steps, "appVersion"), release, entry)


def _releases(component: LoadedComponent) -> Iterator[tuple[tuple[Step, ...], ChartRelease]]:
    below = ("components", component.name)
    if isinstance(component.spec, HelmChartSpec):
        yield below, component.spec
    elif isinstance(component.spec, PlatformChartsSpec):
        yield from (((*below, "charts", name), release) for name, release in component.spec.charts.items())


def _differ(stated: str, known: str) -> bool:
    """Tell whether two versions are stated and are not the same; a `v` before a number says nothing."""
    return bool(stated and known) and stated.removeprefix("v") != known.removeprefix("v")


def _finding(environment: Environment, steps: tuple[Step, ...], release: ChartRelease, entry: lock.Locked) -> Finding:
    found = environment.tree.nearest(steps).at if environment.tree else None
    return replace(
        Finding.of(
            APP_VERSION,
            f"{entry.name} {entry.version} installs {entry.app_version}, and not {release.app_version}",
            Place(found.path, found.line, found.column) if found else Place(environment.path),
            hint=f"write `appVersion: {entry.app_version}`, or take the chart's version that you meant",
        ),
        environment=environment.name,
    )
