"""Gives the objects of components that have a folder, as the constructs of others give theirs, and their lines.

What was read before is taken from memory, by the content of the folder.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from aurora.component_folders import manifests, overlays
from aurora.environment.load import refusal
from aurora.environment.model import Environment, LoadedComponent
from aurora.errors import AuroraError
from aurora.kinds import table
from aurora.memory import digests, programs
from aurora.memory.store import Forgetful, Memory
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, dig, mapping, text
from aurora.model.manifest import Origin, Source, identify
from aurora.model.place import steps
from aurora.paths import RepositoryPaths
from aurora.synth import SynthesisedObject
from aurora.yamlio import reading
from aurora_constructs.components.kustomization.spec import KustomizationSpec
from aurora_constructs.folder import FolderSpec

Identity = tuple[str, str, str, str]


def objects(environment: Environment, memory: Memory) -> tuple[SynthesisedObject, ...]:
    """Read the folders of an environment's components.

    Raises:
        InputError: a folder does not hold what its component needs; the findings are all that is wrong.
        ToolError: the program that builds overlays is missing, or gave no answer.
    """
    found: list[SynthesisedObject] = []
    findings: list[Finding] = []
    # An overlay may read the folders of all components: they are hashed once for all overlays.
    base = cache(lambda: _key(RepositoryPaths(environment.root).components, _program(memory)))
    for component in environment.components:
        made, wrong = _objects(environment, component, memory, base)
        found.extend(made)
        findings.extend(wrong)
    if findings:
        raise refusal(environment.name, findings)
    return tuple(found)


def _objects(
    environment: Environment, component: LoadedComponent, memory: Memory, base_of_overlays: Callable[[], str]
) -> tuple[list[SynthesisedObject], tuple[Finding, ...]]:
    spec = component.spec
    if not isinstance(spec, FolderSpec):
        return [], ()
    paths, shown = RepositoryPaths(environment.root), spec.place(component.name)
    if problem := manifests.misplaced(paths, component, shown):
        return [], (problem,)
    overlay = isinstance(spec, KustomizationSpec)
    base = base_of_overlays() if overlay else _key(paths.root / shown)
    key = digests.of(base, shown) if base else ""
    known = memory.recall([key]).get(key) if key else None
    if known is None:
        read = (overlays if overlay else manifests).read(paths, shown)
        if read.findings:
            return [], read.findings
        rows = [(each.body, each.source.path, each.source.line) for each in read.manifests]
        if key:
            memory.keep({key: json.dumps(rows).encode()})
    else:
        rows = [(body, path, line) for body, path, line in json.loads(known)]
    namespaced = _namespaced(body for body, _, _ in rows)
    labels = environment.spec.names.common(environment.name) if spec.labelled else {}
    made_from = digests.of(key, spec.namespace or "", json.dumps(labels)) if key else ""
    return [
        SynthesisedObject(
            _filled(body, spec.namespace if _kind(body) in namespaced else None, labels),
            component.name,
            f"{path}:{line}",
            made_from=f"{made_from}:{number}" if made_from else "",
            source=Source(path, line),
        )
        for number, (body, path, line) in enumerate(rows)
    ], ()


def _key(read: Path, *parts: str) -> str:
    """Hash what a folder's objects follow from; empty where that cannot be told."""
    code = digests.code()
    try:
        return digests.of("folder", code, *parts, digests.snapshot([read]).content) if code else ""
    except OSError:
        return ""


def _program(memory: Memory) -> str:
    return programs.digest(overlays.program(), memory)


def _kind(body: JsonObject) -> tuple[str, str]:
    resource = identify(body)
    return resource.group, resource.kind


def _namespaced(bodies: Iterable[JsonObject]) -> set[tuple[str, str]]:
    """Give the namespaced kinds among objects: those of the table, and those that the objects define themselves."""
    found = set()
    for body in bodies:
        group, kind = _kind(body)
        known = table.find(group, kind)
        if known is not None and known.namespaced:
            found.add((group, kind))
        if kind == "CustomResourceDefinition" and dig(body, "spec", "scope") == "Namespaced":
            found.add((text(dig(body, "spec", "group")), text(dig(body, "spec", "names", "kind"))))
    return found


def _filled(body: JsonObject, namespace: str | None, labels: Mapping[str, str]) -> JsonObject:
    """Give an object the namespace that it does not name, and the labels that it does not have."""
    metadata = mapping(body.get("metadata"))
    if namespace and not metadata.get("namespace"):
        metadata = {**metadata, "namespace": namespace}
    if labels:
        metadata = {**metadata, "labels": {**labels, **mapping(metadata.get("labels"))}}
    return {**body, "metadata": metadata}


def sources(environment: Environment) -> Mapping[Identity, Source]:
    """Give the lines that the objects of folders come from, by identity; none where a folder cannot be read."""
    try:
        found = objects(environment, Forgetful())
    except AuroraError:
        return {}
    return {entry.id.identity: entry.source for entry in found if entry.source is not None}


def traced(findings: Iterable[Finding], environment: Environment) -> list[Finding]:
    """Lead each finding about a part of an object to the line of that part in the object's own file."""
    folder = f"{RepositoryPaths(environment.root).components.name}/"
    documents: dict[str, list[reading.Document]] = {}
    found: list[Finding] = []
    for finding in findings:
        origin = finding.origin
        if origin is None or not finding.pointer or not origin.path.startswith(folder):
            found.append(finding)
            continue
        if origin.path not in documents:
            documents[origin.path] = _documents(environment.root / origin.path)
        before = [each for each in documents[origin.path] if each.line <= origin.line]
        found.append(_traced(finding, origin, before[-1]) if before else finding)
    return found


def _documents(file: Path) -> list[reading.Document]:
    try:
        return list(reading.split(reading.decode(file.read_bytes())))
    except (OSError, reading.YamlError):
        return []


def _traced(finding: Finding, origin: Origin, document: reading.Document) -> Finding:
    try:
        kind = dig(reading.parse(document.text).value, "kind")
    except reading.YamlError:
        return finding
    if finding.resource is None or kind != finding.resource.kind:
        return finding  # the item of a list, or what generates the object
    way = tuple(int(step) if step.isdigit() else step for step in steps(finding.pointer or ""))
    line, _ = reading.locate(document.text, way)
    return replace(finding, origin=replace(origin, line=document.line + line - 1))
