"""Rules about projects: they permit what their Applications do, and in production not more than they must."""

from collections.abc import Iterator

from aurora.checks.gitops.projects import Destination, Project, destination, projects
from aurora.cluster.applications import GROUP, Application, Deployments, deployments, generated
from aurora.cluster.custom_kinds import CustomKind, custom_kinds, scope
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, REFUSED, InventoryRule, Violation

CustomKinds = dict[tuple[str, str], CustomKind]
ANY = frozenset({"*", "**"})


def _with_projects(inventory: Inventory) -> Iterator[tuple[Application, Project]]:
    """An Application whose project is not here is `references/project`."""
    known = projects(inventory)
    for application in deployments(inventory).applications:
        project = known.get(application.project)
        if project is not None:
            yield application, project


def _sources(inventory: Inventory) -> Iterator[Violation]:
    for application, project in _with_projects(inventory):
        for source in application.sources:
            if source.repository and not project.permits_source(source):
                yield Violation(
                    manifest=application.manifest,
                    steps=(*source.steps, "repoURL"),
                    message=f"project `{application.project}` does not permit the repository `{source.repository}`",
                    hint="add the repository to the project's `sourceRepos`",
                )


def _of_sets(inventory: Inventory) -> Iterator[tuple[Application, Project]]:
    """Yield what the sets of an environment's own generate: every cluster of a fleet has to be permitted."""
    known = projects(inventory)
    for application in generated(inventory) if inventory.closed else ():
        if application.project in known:
            yield application, known[application.project]


def _destinations(inventory: Inventory) -> Iterator[Violation]:
    written = (each for each in _with_projects(inventory) if each[0].manifest.emitted)
    for application, project in (*written, *_of_sets(inventory)):
        target = destination(application)
        if (target.server or target.name) and not project.permits_destination(target):
            yield Violation(
                manifest=application.manifest,
                steps=("spec", "destination", "namespace") if target.namespace else ("spec", "destination"),
                message=f"project `{application.project}` does not permit {_shown(target)}",
                hint="add the cluster and namespace to the project's `destinations`",
            )


def _shown(target: Destination) -> str:
    cluster = f"the cluster `{target.name or target.server}`"
    return f"namespace `{target.namespace}` of {cluster}" if target.namespace else f"{cluster} without a namespace"


def _kinds(inventory: Inventory) -> Iterator[Violation]:
    """One finding per project and kind: the list of the project is what has to change."""
    kinds = custom_kinds(inventory)
    refused: dict[tuple[str, str, str], tuple[Project, list[Manifest]]] = {}
    for project, manifest, _ in _synced(inventory):
        if not project.permits_kind(manifest, namespaced=_namespaced(manifest, kinds)):
            key = (project.manifest.id.name, manifest.id.group, manifest.id.kind)
            refused.setdefault(key, (project, []))[1].append(manifest)
    for (_, group, kind), (project, objects) in refused.items():
        field = "namespaceResourceWhitelist" if _namespaced(objects[0], kinds) else "clusterResourceWhitelist"
        present = project.manifest.get("spec", field) is not None
        steps: tuple[Step, ...] = ("spec", field) if present else ("spec",)
        yield Violation(
            manifest=project.manifest,
            steps=steps,
            message=f"the project does not permit {kind} of the group `{group}`, "
            f"but its Applications sync {len(objects)}, first {objects[0].id}",
            hint=f"add the kind to `{field}`",
        )


def _namespaced(manifest: Manifest, kinds: CustomKinds) -> bool:
    known = scope(manifest, kinds)
    return known == "Namespaced" if known else bool(manifest.id.namespace)


def _synced(inventory: Inventory) -> Iterator[tuple[Project, Manifest, Application]]:
    found: Deployments = deployments(inventory)
    for application, project in _with_projects(inventory):
        for manifest in found.synced_by(application):
            yield project, manifest, application


def _namespaces(inventory: Inventory) -> Iterator[Violation]:
    """One finding per project and namespace, at the first object that it does not permit."""
    kinds = custom_kinds(inventory)
    judged: set[tuple[str, Destination]] = set()
    for project, manifest, application in _synced(inventory):
        if not _namespaced(manifest, kinds):
            continue
        target = destination(application, manifest.id.namespace)
        key = (application.project, target)
        if not manifest.id.namespace or key in judged:
            continue
        judged.add(key)
        if not project.permits_destination(target):
            yield Violation(
                manifest=manifest,
                steps=("metadata", "namespace"),
                message=f"project `{application.project}` does not permit {_shown(target)}, "
                f"which Application `{application.name}` writes to",
                hint="add the namespace to the project's `destinations`",
            )


def _wildcards(inventory: Inventory) -> Iterator[Violation]:
    found = deployments(inventory)
    production = {application.project for application in found.applications if found.serves_users(application)}
    for manifest in inventory.of_kind("AppProject", group=GROUP):
        if manifest.id.name not in production:
            continue
        for steps, what in _open_lists(manifest):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"the project of production permits every {what}",
                hint=f"list each {what} that the Applications need",
            )


def _open_lists(manifest: Manifest) -> Iterator[tuple[tuple[Step, ...], str]]:
    for index, entry in enumerate(items(manifest.get("spec", "sourceRepos"))):
        if text(entry) in ANY:
            yield ("spec", "sourceRepos", index), "repository"
    for index, entry in enumerate(items(manifest.get("spec", "destinations"))):
        if text(dig(entry, "namespace")) in ANY:
            yield ("spec", "destinations", index, "namespace"), "namespace"
    for index, entry in enumerate(items(manifest.get("spec", "clusterResourceWhitelist"))):
        if text(dig(entry, "kind")) in ANY:
            yield ("spec", "clusterResourceWhitelist", index, "kind"), "cluster-scoped kind"


RULES = (
    InventoryRule("gitops/project-source", REFUSED, _sources),
    InventoryRule("gitops/project-destination", REFUSED, _destinations),
    InventoryRule("gitops/project-kind", REFUSED, _kinds),
    InventoryRule("gitops/project-namespace", REFUSED, _namespaces),
    InventoryRule("gitops/open-project", ADVICE, _wildcards, own=True),
)
