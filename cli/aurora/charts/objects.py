"""Turns what a chart rendered into manifests: as Argo CD applies them, with the place of their template."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from aurora import manifests
from aurora.charts.releases import Release
from aurora.cluster.custom_kinds import CustomKind, scope
from aurora.cluster.sync_order import is_applied
from aurora.model.json_value import JsonObject, mapping
from aurora.model.manifest import Manifest, Source, identify
from aurora.yamlio import writing

CustomKinds = dict[tuple[str, str], CustomKind]


def read(release: Release, result: Mapping[str, Any]) -> manifests.Read:
    """Read what a release renders: the objects that a sync applies, hooks too, but no tests.

    The line of a source counts within all that its template gives.
    """
    parts = [] if release.skips_definitions else [*result["definitions"]]
    lines: dict[str, int] = defaultdict(lambda: 1)
    found: list[manifests.Read] = []
    for part in (*parts, *result["objects"], *result["hooks"]):
        template = str(part["template"]).partition("/")[2]
        source = Source(f"{release.label}, {template}", lines[template])
        lines[template] += str(part["text"]).count("\n") + 1
        found.append(manifests.of_value(part["object"], part["text"], source))
    joined = manifests.join(found)
    own = (_belonging(release, manifest) for manifest in joined.manifests if is_applied(manifest))
    application = release.application
    findings = (
        replace(finding, environment=application.environment, origin=application.origin) for finding in joined.findings
    )
    return manifests.Read(tuple(own), tuple(findings))


def _belonging(release: Release, manifest: Manifest) -> Manifest:
    application = release.application
    return replace(
        manifest,
        environment=application.environment,
        component=application.component,
        origin=application.origin,
        rendered_by=application.id,
    )


def placed(release: Release, found: Iterable[Manifest], kinds: CustomKinds) -> Iterator[Manifest]:
    """Yield objects in the namespaces in which Argo CD applies them.

    An object without one goes to that of the Application; a cluster-scoped one loses what a chart says
    (argo-cd 3.5.1, controller/state.go, `NormalizeTargetObjects`).
    """
    for manifest in found:
        own = manifest.id.namespace
        wanted = None if scope(manifest, kinds) == "Cluster" else own or release.target or None
        yield manifest if own == wanted else _moved(manifest, wanted)


def _moved(manifest: Manifest, namespace: str | None) -> Manifest:
    metadata = {key: value for key, value in mapping(manifest.body.get("metadata")).items() if key != "namespace"}
    body: JsonObject = {**manifest.body, "metadata": {**metadata, **({"namespace": namespace} if namespace else {})}}
    return replace(manifest, id=identify(body), body=body, text=writing.dump(body))
