"""Derives an environment's Argo CD objects from what its components emit: nothing here is written by hand.

Which kinds and namespaces a project permits, which repositories charts come from, and which fields other
controllers own all follow from the objects. Touches no disk; starts Node through `synth`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from aurora import node
from aurora.environment.model import Environment, LoadedComponent
from aurora.kinds import table
from aurora.kinds.paths import Path
from aurora.model.json_value import dig, text
from aurora.model.place import pointer
from aurora.render import ARGOCD_COMPONENT
from aurora.synth import SynthesisedObject, objects_of
from aurora_constructs.argocd.destination import Destination
from aurora_constructs.argocd.model import ArgoCdSpec, ComponentApplication, IgnoredFields, KindName
from aurora_constructs.components.helm_chart.spec import HelmChartSpec
from aurora_constructs.components.model_serving.spec import is_served
from aurora_constructs.components.platform_charts.spec import PlatformChartsSpec
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.folder import FolderSpec
from aurora_constructs.platform import Platform
from aurora_constructs.sleeping import SCALES, scaled
from aurora_constructs.spec import ComponentSpec

APPLICATION_KIND = KindName("argoproj.io", "Application")
BEFORE_SERVING = 20
"""After the operator that runs trainings, before what serves: the wave of a run whose version is served."""


def derive(environment: Environment, objects: Sequence[SynthesisedObject]) -> ArgoCdSpec:
    """Describe the Argo CD objects that sync an environment's objects."""
    written = [entry for entry in objects if entry.emitted]
    cluster: set[KindName] = set()
    namespaced: set[KindName] = set()
    namespaces: set[str] = set()
    for entry in written:
        kind = KindName(entry.id.group, entry.id.kind)
        if entry.id.namespace is None:
            cluster.add(kind)
        elif kind != APPLICATION_KIND:
            namespaced.add(kind)
            namespaces.add(entry.id.namespace)
    installed = _installed(environment)
    gitops = environment.spec.gitops
    # Charts put leader-election Roles and metrics Services of the control plane into kube-system.
    return ArgoCdSpec(
        environment=environment.name,
        namespace=gitops.namespace,
        repository=gitops.repository,
        revision=gitops.revision,
        releases=gitops.releases,
        production=gitops.production,
        retries=gitops.retries,
        destination=environment.spec.cluster.argocd,
        fleet=tuple(Destination(entry.server, entry.name) for _, entry in sorted(gitops.fleet.items())),
        names=environment.spec.names,
        applications=tuple(_applications(environment, written, sorted(namespaces))),
        namespaces=tuple(sorted(namespaces)),
        cluster_kinds=tuple(sorted(cluster)),
        namespaced_kinds=tuple(sorted(namespaced)),
        features=environment.platform.features,
        chart_repositories=tuple(sorted({repository for repository, _ in installed})),
        chart_namespaces=tuple(sorted({"kube-system", *(namespace for _, namespace in installed)})),
    )


def _installed(environment: Environment) -> list[tuple[str, str]]:
    """Give the repository and the namespace of everything that Applications take from elsewhere."""
    specs = [component.spec for component in environment.components]
    platforms = [spec for spec in specs if isinstance(spec, PlatformChartsSpec)]
    charts = [(chart.repository, chart.namespace) for spec in platforms for chart in spec.charts.values()]
    folders = [
        (source.repository, source.namespace or spec.namespace)
        for spec in platforms
        for source in spec.manifests.values()
    ]
    return [*charts, *folders, *((spec.repository, spec.namespace) for spec in specs if is_release(spec))]


def is_release(spec: ComponentSpec) -> TypeGuard[HelmChartSpec]:
    """Tell whether a component is one chart that Argo CD renders."""
    return isinstance(spec, HelmChartSpec) and not spec.rendered


def _applications(
    environment: Environment, objects: Sequence[SynthesisedObject], namespaces: Sequence[str]
) -> Iterable[ComponentApplication]:
    by_component: dict[str, list[SynthesisedObject]] = defaultdict(list)
    for entry in objects:
        by_component[entry.component].append(entry)
    autoscaled = _autoscaled(objects) | _sleeping(objects, environment.spec.names.key(SCALES))
    written = _written(objects)
    for component in environment.components:
        owned = by_component.get(component.name, [])
        if owned:
            applications = any(entry.id.kind == APPLICATION_KIND.kind for entry in owned)
            own = sorted({entry.id.namespace or "" for entry in owned} - {""})
            yield ComponentApplication(
                component=component.name,
                wave=_wave(component, environment.platform),
                namespace=next(iter([*own, *namespaces]), environment.spec.gitops.namespace),
                creates_applications=applications,
                ignored=tuple(_ignored(owned, autoscaled, written)),
            )


def _wave(component: LoadedComponent, platform: Platform) -> int:
    """Give a component's place: what it says, or that of its kind; a run comes before what serves its version."""
    spec = component.spec
    if isinstance(spec, FolderSpec | HelmChartSpec):
        return spec.wave
    first = isinstance(spec, TrainingJobSpec) and is_served(spec.publishes, platform)
    return BEFORE_SERVING if first else component.kind.wave


def _autoscaled(objects: Iterable[SynthesisedObject]) -> set[tuple[str, str, str]]:
    """Give kind, namespace and name of every workload whose replicas an autoscaler owns."""
    found = set()
    for entry in objects:
        known = table.find(entry.id.group, entry.id.kind)
        if known and known.scaler:
            target = dig(entry.body, *known.scaler.target)
            # A ScaledObject's target is a Deployment unless it says otherwise (KEDA 2.20).
            found.add((text(dig(target, "kind")) or "Deployment", entry.id.namespace or "", text(dig(target, "name"))))
    return found


def _sleeping(objects: Iterable[SynthesisedObject], key: str) -> set[tuple[str, str, str]]:
    """Give kind, namespace and name of every workload that a CronJob takes to zero and back."""
    return {
        ("Deployment", entry.id.namespace or "", name)
        for entry in objects
        if entry.id.kind == "CronJob"
        for name, _ in scaled(text(dig(entry.body, "metadata", "annotations", key)))
    }


def _written(objects: Iterable[SynthesisedObject]) -> dict[tuple[str, str, str, str], list[Path]]:
    """Give the fields that the controllers of other objects write, by group, kind, namespace and name."""
    found: dict[tuple[str, str, str, str], list[Path]] = defaultdict(list)
    for entry in objects:
        known = table.find(entry.id.group, entry.id.kind)
        for written in known.writes if known else ():
            name = text(dig(entry.body, *written.at))
            found[*written.to, entry.id.namespace or "", name].extend(written.fields)
    return found


def _ignored(
    objects: Iterable[SynthesisedObject],
    autoscaled: set[tuple[str, str, str]],
    written: Mapping[tuple[str, str, str, str], list[Path]],
) -> Iterable[IgnoredFields]:
    for entry in objects:
        resource = entry.id
        known = table.find(resource.group, resource.kind)
        scaled = [count.at[0] for count in known.replicas if count.scale] if known else []
        if (resource.kind, resource.namespace or "", resource.name) not in autoscaled:
            scaled = []
        scaled += written.get((resource.group, resource.kind, resource.namespace or "", resource.name), [])
        if scaled:
            yield IgnoredFields(
                group=resource.group,
                kind=resource.kind,
                namespace=resource.namespace or "",
                name=resource.name,
                json_pointers=tuple(map(pointer, scaled)),
            )


def synthesise_argocd(spec: ArgoCdSpec) -> tuple[SynthesisedObject, ...]:
    """Build the Argo CD objects as the reserved component `argocd`."""
    node.prepare()
    import cdk8s  # noqa: PLC0415 - starts Node, which only compiling needs

    from aurora_constructs.argocd.chart import ArgoCd  # noqa: PLC0415 - as above

    return tuple(objects_of(ArgoCd(cdk8s.App(), ARGOCD_COMPONENT, spec=spec), ARGOCD_COMPONENT))
