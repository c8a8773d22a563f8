"""Gives what charts render as objects to commit, for components that say `rendered: true`."""

from collections.abc import Collection, Sequence

from aurora.charts.rendering import Expanded
from aurora.cluster.applications import is_application
from aurora.environment.model import LoadedComponent
from aurora.errors import BuildError
from aurora.synth import SynthesisedObject
from aurora_constructs.components.helm_chart.spec import HelmChartSpec


def to_commit(components: Collection[LoadedComponent]) -> dict[str, LoadedComponent]:
    """Give the components whose charts' output is committed, by name."""
    return {entry.name: entry for entry in components if isinstance(entry.spec, HelmChartSpec) and entry.spec.rendered}


def replaced(
    objects: Sequence[SynthesisedObject], wanted: dict[str, LoadedComponent], expanded: Expanded
) -> tuple[SynthesisedObject, ...]:
    """Put the objects that the charts of components render in the place of their Applications.

    Raises:
        BuildError: a chart cannot be rendered.
    """
    inventory = expanded.inventories[0]
    found = [
        SynthesisedObject(
            manifest.body, manifest.component or "", f"{manifest.component}/{manifest.source.path.partition(', ')[2]}"
        )
        for manifest in inventory.manifests
        if manifest.rendered_by is not None and manifest.component in wanted
    ]
    given = {entry.component for entry in found}
    applications = {manifest.component: manifest.id for manifest in inventory.manifests if is_application(manifest)}
    for name, component in wanted.items():
        if name in given:
            continue
        result = expanded.result
        why = [each for each in result.findings if each.resource == applications.get(name)] if result else []
        reason, hint = (why[0].message, why[0].hint) if why else ("it has no archive", None)
        raise BuildError(
            f"{component.place}: the chart of component `{name}` cannot be rendered into files: {reason}",
            hint=hint or "run `aurora charts vendor`, or leave `rendered` out",
        )
    return (*(entry for entry in objects if entry.component not in wanted), *found)
