"""Reads the folder of a component of kind `Manifests`. Whatever is said of a file there is an error."""

import os
from dataclasses import replace
from pathlib import Path

from aurora import inputs, sources
from aurora.environment import rules
from aurora.environment.model import LoadedComponent
from aurora.manifests import ENCRYPTED, NOT_AN_OBJECT, Read, duplicates
from aurora.model.finding import Finding, Severity
from aurora.model.manifest import Manifest, Source
from aurora.model.place import Place
from aurora.paths import RepositoryPaths
from aurora_constructs.spelling import closest

LARGEST = 8 << 20
"""Bytes of one file; the definitions of the largest projects have 8 MiB together."""


def misplaced(paths: RepositoryPaths, component: LoadedComponent, shown: str) -> Finding | None:
    """Say why a component's folder cannot be read, if it is not there or is not part of the repository."""
    folder = paths.root / shown
    if folder.is_dir() and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(paths.root)):
        return None
    if folder.is_dir():
        message, hint = f"the folder `{shown}` leads out of the repository", "copy what it leads to"
    elif os.path.lexists(folder):
        message, hint = f"`{shown}` is no folder", "name the folder that it is in"
    else:
        there = paths.components.iterdir() if paths.components.is_dir() else ()
        near = closest(shown, [paths.shown(entry) for entry in there if entry.is_dir()])
        message = f"the folder `{shown}` does not exist"
        hint = f"did you mean `{near}`?" if near else "create it, or name another one by `folder`"
    steps = ("components", component.name, "folder")
    return rules.found(
        rules.MISFIT, component.place, f"component `{component.name}`: {message}", steps=steps, hint=hint
    )


def read(paths: RepositoryPaths, shown: str) -> Read:
    """Read every object of a folder; findings are errors, and places are relative to the repository."""
    folder = paths.root / shown
    large = tuple(too_large(paths, file) for file in inputs.listing(folder).files if _size(file) > LARGEST)
    if large:
        return Read((), large)
    given = inputs.read(str(folder))
    placed = [replace(each, source=_written(paths, each)) for each in given.manifests]
    unique, twice = duplicates(tuple(each for each in placed if each.id.name))
    unnamed = [
        Finding.of(
            NOT_AN_OBJECT, "`metadata.name` is missing", each.source.place, hint="name it: Argo CD syncs by name"
        )
        for each in placed
        if not each.id.name
    ]
    said = [each for each in given.findings if each.rule != inputs.EMPTY.id or len(given.findings) == 1]
    findings = [_error(paths, each) for each in (*said, *unnamed, *twice)]
    return Read(unique, tuple(findings))


def _written(paths: RepositoryPaths, manifest: Manifest) -> Source:
    """Give the line of an object; a document's text may begin behind its marker, on the line before."""
    source = manifest.source
    return Source(paths.shown(Path(source.path)), source.line + manifest.text.startswith("\n"))


def too_large(paths: RepositoryPaths, file: Path) -> Finding:
    """Say that a file has more bytes than are read."""
    message = f"this file has {_size(file) >> 20} MiB, more than {LARGEST >> 20}"
    return Finding.of(
        inputs.UNREADABLE, message, Place(paths.shown(file)), hint="split it, or keep it out of the folder"
    )


def _size(file: Path) -> int:
    """Give the bytes of a file; what cannot be looked at is none here, and is reported when it is read."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0


def _error(paths: RepositoryPaths, finding: Finding) -> Finding:
    """Make a finding about a file that somebody named one about a file of the repository."""
    inside = f"{paths.root}{os.sep}"
    place = finding.place and replace(finding.place, path=paths.shown(Path(finding.place.path)))
    hint = (finding.hint or "correct it, or keep it out of the folder").replace(inside, "")
    if finding.rule == ENCRYPTED.id:
        hint = "Argo CD would sync it as it is: bring its values by a component of kind `Secrets`"
    if finding.rule in (sources.SOURCE.id, sources.NOT_ONLY_MANIFESTS.id):
        hint = "keep it out of the folder"
        if "Kustomize" in finding.message:
            hint = "give it a component of kind `Kustomization`, or keep it out of the folder"
    return replace(
        finding, severity=Severity.ERROR, message=finding.message.replace(inside, ""), place=place, hint=hint
    )
