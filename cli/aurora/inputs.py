"""Reads what people name on the command line: manifests, policies, schemas and externals.

The only module that reads foreign files. Nothing named is passed over silently.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from aurora import manifests
from aurora.errors import UsageError
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import External
from aurora.model.json_value import dig, items, mapping, text
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora.yamlio import reading

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
STANDARD_INPUT = "-"

UNREADABLE = Rule(
    id="input/unreadable",
    severity=Severity.ERROR,
    summary="a file that cannot be read",
    why="A file that is passed over may hold the one object that is wrong.",
    bad="a file without read permission\n",
    good="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n",
)
EMPTY = Rule(
    id="input/empty",
    severity=Severity.ERROR,
    summary="nothing to judge",
    why="A run that looked at nothing proves nothing, so it must not be green.",
    bad="# no objects\n",
    good="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n",
)
RULES = (UNREADABLE, EMPTY)


def read(target: str) -> manifests.Read:
    """Read every object of a file, of all files under a folder, or of standard input.

    Raises:
        UsageError: the path does not exist.
    """
    if target == STANDARD_INPUT:
        return _or_empty(manifests.read(sys.stdin.buffer.read(), STANDARD_INPUT), target)
    path = Path(target)
    if not path.exists():
        raise UsageError(f"`{target}` is neither an environment nor a path", hint="check the spelling")
    files = sorted(_files(path)) if path.is_dir() else [path]
    return _or_empty(manifests.join(_file(file) for file in files), target)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the manifests under a folder; links to folders are followed once, so that nothing is passed over."""
    seen: set[str] = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        resolved = os.path.realpath(parent)
        if resolved in seen:
            folders.clear()
            continue
        seen.add(resolved)
        folders[:] = [name for name in folders if name != ".git"]
        yield from (Path(parent) / name for name in names if Path(name).suffix.lower() in SUFFIXES)


def _file(path: Path) -> manifests.Read:
    try:
        return manifests.read(path.read_bytes(), str(path))
    except OSError as error:
        return manifests.Read(
            (),
            (
                Finding(
                    rule=UNREADABLE.id,
                    severity=UNREADABLE.severity,
                    message=f"this file cannot be read: {error.strerror}",
                    place=Place(str(path)),
                    hint="check its permissions",
                ),
            ),
        )


def _or_empty(read: manifests.Read, target: str) -> manifests.Read:
    if read.manifests or read.findings:
        return read
    found = Finding(
        rule=EMPTY.id,
        severity=EMPTY.severity,
        message="there is no object here",
        place=Place(target),
        hint="name files or folders that hold manifests (.yaml, .yml or .json)",
    )
    return manifests.Read((), (found,))


def minor_version(version: str) -> str:
    """Check the form of `--kubernetes` and drop the patch number.

    Raises:
        UsageError: it is no version.
    """
    match = re.fullmatch(r"v?(1\.\d{1,2})(\.\d+)?", version)
    if match is None:
        raise UsageError(f"`--kubernetes {version}` is no Kubernetes version", hint="write it as 1.35")
    return match[1]


def folders(paths: Iterable[Path], *, option: str) -> tuple[Path, ...]:
    """Check that paths exist and make them absolute.

    Raises:
        UsageError: one does not exist.
    """
    found = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"`{option} {path}` does not exist", hint="check the spelling")
        found.append(path.absolute())
    return tuple(found)


def policy_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the Kyverno policies under folders: every `policy.yaml`, or every YAML file that is no test.

    Raises:
        UsageError: a path does not exist, or holds no policy.
    """
    found: list[Path] = []
    for path in folders(paths, option="--policies"):
        files = sorted(_files(path)) if path.is_dir() else [path]
        policies = [file for file in files if _holds_policy(file)]
        if not policies:
            raise UsageError(f"`--policies {path}` holds no Kyverno policy", hint="name a folder of policies")
        found.extend(policies)
    return tuple(found)


def _holds_policy(path: Path) -> bool:
    """Tell by its first object whether a file is a policy; test suites and their resources lie beside policies."""
    read = manifests.read(path.read_bytes(), str(path))
    return any(
        manifest.id.group in {"kyverno.io", "policies.kyverno.io"} and manifest.id.kind.endswith("Policy")
        for manifest in read.manifests
    )


def externals(path: Path | None) -> tuple[External, ...]:
    """Read `--externals FILE`: a YAML list of `{kind, group, namespace, name}`, or a mapping with `externals`.

    Raises:
        UsageError: the file cannot be read or has another form.
    """
    if path is None:
        return ()
    try:
        value = reading.parse(reading.decode(path.read_bytes())).value
    except (OSError, reading.YamlError) as error:
        raise UsageError(f"`--externals {path}` cannot be read: {error}") from error
    entries = items(value) or items(dig(value, "externals"))
    found = [
        External(*(text(mapping(entry).get(key)) for key in ("group", "kind", "namespace", "name")))
        for entry in entries
    ]
    if not found or not all(entry.kind and entry.name for entry in found):
        raise UsageError(
            f"`--externals {path}` is no list of objects",
            hint="write entries of the form `{kind: Secret, namespace: a, name: b}`",
        )
    return tuple(found)
