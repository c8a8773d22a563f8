"""Reads what people name on the command line: manifests, policies, schemas and externals.

The only module that reads foreign files. Nothing named is passed over silently.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from aurora import manifests
from aurora.errors import UsageError
from aurora.model.finding import Finding
from aurora.model.inventory import External
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.place import Place
from aurora.model.rule import BROKEN, Rule
from aurora.yamlio import reading

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
STANDARD_INPUT = "-"

UNREADABLE = Rule("input/unreadable", BROKEN)
EMPTY = Rule("input/empty", BROKEN)
RULES = (UNREADABLE, EMPTY)


def read(target: str) -> manifests.Read:
    """Read every object of a file, of all files under a folder, or of standard input.

    Raises:
        UsageError: the path does not exist.
    """
    if target == STANDARD_INPUT:
        if sys.stdin is None:
            raise UsageError("standard input is closed", hint="pipe manifests into `aurora validate -`")
        return or_empty(manifests.read(sys.stdin.buffer.read(), STANDARD_INPUT), target)
    path = Path(target)
    if not target or not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name that is too long
        raise UsageError(f"`{target}` is neither an environment nor a path", hint="check the spelling")
    if not path.is_dir():
        return or_empty(_file(path), target)
    return or_empty(manifests.join(_listed(file) for file in sorted(_files(path))), target)


def manifest_files(folder: Path) -> tuple[Path, ...]:
    """List the manifests under a folder, and what there cannot be listed, in order."""
    return tuple(sorted(_files(folder)))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the manifests under a folder, and folders that cannot be listed.

    Links to folders are followed once, so that nothing is passed over.
    """
    seen: set[str] = set()
    closed: list[str] = []
    for parent, folders, names in os.walk(
        folder, followlinks=True, onerror=lambda error: closed.append(error.filename)
    ):
        resolved = os.path.realpath(parent)
        if resolved in seen:
            folders.clear()
            continue
        seen.add(resolved)
        folders[:] = [name for name in folders if name != ".git"]
        yield from (Path(parent) / name for name in names if Path(name).suffix.lower() in SUFFIXES)
    yield from map(Path, closed)


def _listed(path: Path) -> manifests.Read:
    """Read what a folder holds; reading a pipe or a device there could wait forever."""
    if path.exists() and not path.is_file():
        return _unreadable(path, "this folder cannot be listed" if path.is_dir() else "this is no regular file")
    return _file(path)


def _file(path: Path) -> manifests.Read:
    try:
        return manifests.read(path.read_bytes(), str(path))
    except OSError as error:
        return _unreadable(path, f"this file cannot be read: {error.strerror}")


def _unreadable(path: Path, message: str) -> manifests.Read:
    return manifests.Read((), (Finding.of(UNREADABLE, message, Place(str(path)), hint="check its permissions"),))


def or_empty(read: manifests.Read, target: str) -> manifests.Read:
    """Say so where nothing was read."""
    if read.manifests or read.findings:
        return read
    hint = "name files or folders that hold manifests (.yaml, .yml or .json)"
    return manifests.Read((), (Finding.of(EMPTY, "there is no object here", Place(target), hint=hint),), read.bare)


def minor_version(version: str) -> str:
    """Check the form of `--kubernetes` and drop the patch number.

    Raises:
        UsageError: it is no version.
    """
    match = re.fullmatch(r"v?(1\.\d{1,2})(\.\d+)?", version)
    if match is None:
        raise UsageError(f"`--kubernetes {version}` is no Kubernetes version", hint="write it as 1.35")
    return match[1]


POD_SECURITY_LEVELS = ("privileged", "baseline", "restricted")


def pod_security_level(level: str | None) -> str | None:
    """Check the value of `--pod-security`.

    Raises:
        UsageError: it is no level.
    """
    if level is not None and level not in POD_SECURITY_LEVELS:
        raise UsageError(f"`--pod-security {level}` is no level", hint=f"one of: {', '.join(POD_SECURITY_LEVELS)}")
    return level


def folders(paths: Iterable[Path], *, option: str) -> tuple[Path, ...]:
    """Check that paths exist and make them absolute.

    Raises:
        UsageError: one does not exist, or is a folder without YAML and JSON.
    """
    found = []
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name that is too long
            raise UsageError(f"`{option} {path}` does not exist", hint="check the spelling")
        if path.is_dir() and not any(_files(path)):
            raise UsageError(f"`{option} {path}` holds no YAML or JSON file", hint="name the folder that does")
        found.append(path.absolute())
    return tuple(found)


def policy_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the Kyverno policies under folders: every `policy.yaml`, or every YAML file that is no test.

    Raises:
        UsageError: a path does not exist, or holds no policy, or a policy there cannot be read.
    """
    found: list[Path] = []
    for path in folders(paths, option="--policies"):
        files = sorted(_files(path)) if path.is_dir() else [path]
        policies = [file for file in files if _holds_policy(_listed(file), file)]
        if not policies:
            raise UsageError(f"`--policies {path}` holds no Kyverno policy", hint="name a folder of policies")
        found.extend(policies)
    return tuple(found)


def _holds_policy(read: manifests.Read, path: Path) -> bool:
    """Tell whether a file holds a policy; test suites and their resources lie beside policies."""
    harmless = (manifests.NOT_AN_OBJECT.id, manifests.ANOTHER_KEY.id)
    broken = next((entry for entry in read.findings if entry.rule not in harmless), None)
    if broken is not None:
        raise UsageError(
            f"`{path}` cannot be read, and may hold a policy: {broken.place}: {broken.message}",
            hint="correct it, or name only the folders of policies",
        )
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
    if not entries or not all(_is_external(mapping(entry)) for entry in entries):
        raise UsageError(
            f"`--externals {path}` is no list of objects",
            hint="write entries of the form `{kind: Secret, namespace: a, name: b}`; `group` and `reason` may be added",
        )
    return tuple(
        External(*(text(mapping(entry).get(key)) for key in ("group", "kind", "namespace", "name")))
        for entry in entries
    )


def _is_external(entry: JsonObject) -> bool:
    known = {"group", "kind", "namespace", "name", "reason"}
    return (
        entry.keys() <= known
        and all(isinstance(value, str) for value in entry.values())
        and bool(entry.get("kind") and entry.get("name"))
    )
