"""What is applied by hand, once, before Argo CD applies the rest: Argo CD itself, its projects, the root Application.

Reads what is committed, and of production what the revision that it follows holds. Writes nothing.
"""

from collections.abc import Iterator

from aurora.charts.releases import Release, releases
from aurora.cluster.applications import GROUP
from aurora.environment.model import Environment
from aurora.environment.spec import newest
from aurora.errors import UsageError
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.render import ARGOCD_COMPONENT
from aurora.tools import git
from aurora.yamlio import reading

CHART = "argo-cd"
_FIRST = ("Namespace", "CustomResourceDefinition", "ServiceAccount")
"""Kinds that the others need when they are made."""


def roots(inventory: Inventory, environment: Environment) -> tuple[JsonObject, ...]:
    """Give the projects and the root Application, projects first: an Application of no project is refused.

    Raises:
        UsageError: there is no root Application.
    """
    own = [manifest for manifest in inventory.manifests if manifest.id.group == GROUP and manifest.emitted]
    root = [entry for entry in own if entry.id.kind == "Application" and entry.id.name == environment.name]
    if not root:
        raise UsageError(f"nothing committed is the root Application of `{environment.name}`", hint="`aurora synth`")
    return tuple(entry.body for entry in [*(each for each in own if each.id.kind == "AppProject"), *root])


def installation(inventory: Inventory, rendered: Inventory, environment: Environment) -> tuple[JsonObject, ...]:
    """Give the objects of Argo CD's own chart with its namespace; nothing where the environment has no such chart.

    Raises:
        UsageError: the chart has no archive.
    """
    release = next((entry for entry in releases(inventory) if entry.chart.rpartition("/")[2] == CHART), None)
    if release is None:
        return ()
    made = [entry for entry in rendered.manifests if _is_of(entry, release)]
    if not made:
        hint = "`aurora charts vendor` fetches it, or `--without-argocd` leaves Argo CD out"
        raise UsageError(f"the chart {release.label} has no archive", hint=hint)
    namespace = environment.spec.gitops.namespace
    written = [entry for entry in inventory.manifests if entry.id.kind == "Namespace" and entry.id.name == namespace]
    plain: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    bodies = [written[0].body if written else plain, *(_placed(entry.body, entry) for entry in made)]
    return tuple(sorted(bodies, key=_rank))


def refuse_unreleased(paths: RepositoryPaths, environment: Environment) -> None:
    """Refuse a revision of production whose own Applications follow another one: it would lead back there.

    The root Application syncs itself and the other Applications from what it follows: the revision, or with `releases`
    the newest of those tags.

    Raises:
        UsageError: Git has no such revision, what it holds follows another one, or a newer tag is followed.
        ToolError: Git is missing or failed.
    """
    gitops, name = environment.spec.gitops, environment.name
    stated = _stated(paths, environment)
    if name not in stated:
        message = f"`{gitops.revision}` has no root Application in `generated/{name}/argocd`"
        raise UsageError(message, hint="commit `generated/`, then tag that commit")
    hint = f"write `revision: {gitops.revision}`, compile and commit before the commit is tagged"
    root = gitops.releases or gitops.revision
    if stated.pop(name) != root:
        message = f"the root Application that `{gitops.revision}` holds does not follow `{root}`"
        raise UsageError(f"{message}: it would lead production elsewhere", hint=hint)
    for application, revision in sorted(stated.items()):
        if revision != gitops.revision:
            message = f"the Application `{application}` that `{gitops.revision}` holds follows `{revision}`"
            raise UsageError(f"{message}: it would lead production there", hint=hint)
    followed = newest(git.tags(paths.root), gitops.releases) if gitops.releases else None
    if followed not in (None, gitops.revision):
        message = f"of the tags `{gitops.releases}` Argo CD follows the newest, `{followed}`"
        raise UsageError(message, hint=f"check out `{followed}`, or release what is here under a higher version")


def _stated(paths: RepositoryPaths, environment: Environment) -> dict[str, str]:
    """Give what each Application follows of this repository, as the environment's own revision holds them."""
    gitops = environment.spec.gitops
    found = git.listed(paths.root, gitops.revision, [f"generated/{environment.name}/{ARGOCD_COMPONENT}/"])
    contents = git.contents(paths.root, [entry.id for entry in found.values()])
    bodies = [mapping(reading.parse(reading.decode(contents[entry.id])).value) for entry in found.values()]
    return {
        text(dig(body, "metadata", "name")): text(dig(body, "spec", "source", "targetRevision"))
        for body in bodies
        if body.get("kind") == "Application" and dig(body, "spec", "source", "repoURL") == gitops.repository
    }


def _is_of(manifest: Manifest, release: Release) -> bool:
    return manifest.source.path.startswith(f"{release.label}, ")


def _placed(body: JsonObject, manifest: Manifest) -> JsonObject:
    """Write the namespace into an object, as Argo CD adds it: who applies by hand names none."""
    if manifest.id.namespace is None:
        return body
    return {**body, "metadata": {**mapping(body.get("metadata")), "namespace": manifest.id.namespace}}


def _rank(body: JsonObject) -> int:
    kind = body.get("kind")
    return _FIRST.index(str(kind)) if kind in _FIRST else len(_FIRST)


def stream(bodies: tuple[JsonObject, ...]) -> Iterator[JsonObject]:
    """Yield each object once, by group, kind, namespace and name."""
    seen: set[tuple[object, ...]] = set()
    for body in bodies:
        metadata = mapping(body.get("metadata"))
        key = (body.get("apiVersion"), body.get("kind"), metadata.get("namespace"), metadata.get("name"))
        if key not in seen:
            seen.add(key)
            yield body
