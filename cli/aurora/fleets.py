"""Fleets: one environment for many equal clusters, each of its Applications generated for every cluster by Argo CD.

Only what the environment's clusters get is generated; the root and the Applications of Applications stay one. Touches
no disk. Source: Argo CD 3.5, the list generator and Go templates of ApplicationSets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from aurora.cluster.application_sets import expand
from aurora.cluster.applications import GROUP
from aurora.cluster.templates import NotRenderedError
from aurora.environment.model import Environment
from aurora.environment.spec import EnvironmentSpec
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.synth import SynthesisedObject
from aurora.yamlio.writing import dump
from aurora_constructs import labels
from aurora_constructs.argocd.model import root_project
from aurora_constructs.cluster import Cluster

SET = "ApplicationSet"
_OPENING = '{{ "{{" }}'


def applied(environment: Environment, objects: Iterable[SynthesisedObject]) -> Iterator[SynthesisedObject]:
    """Put an ApplicationSet in the place of each Application that writes to the clusters of a fleet."""
    fleet = environment.spec.gitops.fleet
    elements: list[JsonValue] = [
        {"cluster": name, "name": entry.name, "server": entry.server} for name, entry in sorted(fleet.items())
    ]
    for entry in objects:
        own = dig(entry.body, "spec", "project") == root_project(environment.name)
        if not fleet or own or (entry.id.group, entry.id.kind) != (GROUP, "Application"):
            yield entry
        else:
            yield replace(entry, body=_set_of(entry.body, elements), made_from="")


def _set_of(application: JsonObject, elements: list[JsonValue]) -> JsonObject:
    metadata, spec = mapping(application.get("metadata")), mapping(application.get("spec"))
    annotations = mapping(metadata.get("annotations"))
    wave = {key: value for key, value in annotations.items() if key == labels.SYNC_WAVE}
    namespace = dig(spec, "destination", "namespace")
    told: JsonObject = {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    named: JsonObject = {"name": f"{text(metadata.get('name'))}-{{{{.cluster}}}}", **mapping(_escaped(told))}
    target: JsonObject = {"name": "{{.name}}", "server": "{{.server}}", "namespace": namespace}
    return {
        "apiVersion": application["apiVersion"],
        "kind": SET,
        "metadata": {**metadata, "annotations": wave},
        "spec": {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"list": {"elements": elements}}],
            # As with Applications, which have no finalizer: deleting one must not delete production.
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": {"metadata": named, "spec": {**mapping(_escaped(spec)), "destination": target}},
        },
    }


def _escaped(value: JsonValue) -> JsonValue:
    """Keep braces as they are: Argo CD fills in every text of a template, also what charts and alerts fill in."""
    if isinstance(value, str):
        return value.replace("{{", _OPENING)
    if isinstance(value, dict):
        return {text(_escaped(key)): _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else value


def judged(spec: EnvironmentSpec) -> Cluster:
    """Give the facts of the cluster that is judged: of a fleet the first one, as Argo CD knows it."""
    first = next((entry for _, entry in sorted(spec.gitops.fleet.items())), None)
    if first is None:
        return spec.cluster
    known = {"argocd_name": first.name} if first.name else {"argocd_server": first.server, "argocd_name": None}
    return spec.cluster.model_copy(update=known)


def generated(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yield the Application that each set of an environment's own makes for its first cluster: all are equal."""
    for entry in manifests:
        if (entry.id.group, entry.id.kind) == (GROUP, SET) and entry.emitted and entry.rendered_by is None:
            draft = next(iter(expand(entry, ()).drafts.values()), None)
            try:
                body = draft.body() if draft else {}
            except NotRenderedError:
                continue
            if body:
                yield _made(entry, body)


def _made(made_by: Manifest, body: JsonObject) -> Manifest:
    metadata: JsonObject = {**mapping(body.get("metadata")), "namespace": made_by.id.namespace}
    whole: JsonObject = {**body, "apiVersion": made_by.id.api_version, "kind": "Application", "metadata": metadata}
    identity = replace(made_by.id, kind="Application", name=text(metadata.get("name")))
    source = replace(made_by.source, path=f"{made_by.source.path} (template)")
    return replace(made_by, id=identity, body=whole, text=dump(whole), source=source, emitted=False)
