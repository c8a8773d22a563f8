"""Reads the repository's policies, Kyverno's and Tetragon's, one folder each, for the components that bind them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aurora.errors import InputError
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, dig
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora.paths import RepositoryPaths
from aurora.yamlio import reading

FILE = "policy.yaml"

UNUSABLE = Rule(
    id="policy/unusable",
    severity=Severity.ERROR,
    summary="a policy's folder that holds no policy of its name",
    why="Environments bind policies by the folder's name, and tools drop a file with a second document.",
    bad="apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: another-name}\n",
    good="apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: example}\n",
)


def read(paths: RepositoryPaths) -> Mapping[str, JsonObject]:
    """Give the body of every Kyverno policy by its folder's name.

    Raises:
        InputError: a policy cannot be read, is not alone in its file, or has another name than its folder.
    """
    return _read(paths, paths.policies)


def read_tracing(paths: RepositoryPaths) -> Mapping[str, JsonObject]:
    """Give the body of every tracing policy by its folder's name.

    Raises:
        InputError: a policy cannot be read, is not alone in its file, or has another name than its folder.
    """
    return _read(paths, paths.tracing_policies)


def _read(paths: RepositoryPaths, folder: Path) -> Mapping[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    findings: list[Finding] = []
    for file in sorted(folder.glob(f"*/{FILE}")):
        body, problem = parse(file.read_bytes(), file.parent.name, paths.shown(file))
        if problem:
            findings.append(problem)
        elif body is not None:
            found[file.parent.name] = body
    if findings:
        raise InputError("the policies cannot be used", findings=findings)
    return found


def parse(raw: bytes, name: str, path: str) -> tuple[JsonObject | None, Finding | None]:
    """Read one policy; give its body, or what is wrong with it."""
    try:
        documents = list(reading.split(reading.decode(raw)))
        value = reading.parse(documents[0].text).value if len(documents) == 1 else None
    except reading.YamlError as error:
        return None, _unusable(error.message, Place(path, error.line, error.column))
    if len(documents) != 1:
        return None, _unusable(f"this file holds {len(documents)} documents instead of one", Place(path))
    if not isinstance(value, dict) or dig(value, "metadata", "name") != name:
        return None, _unusable(f"the policy in folder `{name}` must have `{name}` as its metadata.name", Place(path))
    return value, None


def _unusable(message: str, place: Place) -> Finding:
    return Finding(
        rule=UNUSABLE.id,
        severity=UNUSABLE.severity,
        message=message,
        place=place,
        hint=f"a folder holds exactly one policy, of its own name, in `{Path(place.path).name}`",
    )
