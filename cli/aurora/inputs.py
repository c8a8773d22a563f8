"""Reads what people name on the command line: manifests, policies, schemas and externals.

The only module that reads foreign files. Nothing named is passed over silently.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aurora import manifests, sources
from aurora.cluster import kubernetes_versions
from aurora.errors import UsageError
from aurora.model.finding import Finding
from aurora.model.inventory import External
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.place import Place
from aurora.model.rule import BROKEN, Rule
from aurora.yamlio import reading
from aurora_constructs.spelling import closest

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
STANDARD_INPUT = "-"

UNREADABLE = Rule("input/unreadable", BROKEN)
EMPTY = Rule("input/empty", BROKEN)
RULES = (UNREADABLE, EMPTY, *sources.RULES)
LARGEST = 64 << 20
"""Bytes of one file; the definitions of the largest projects have 8 MiB."""
_TRIES = 3


def read(target: str, environments: Iterable[str] = ()) -> manifests.Read:
    """Read every object of a file, of all files under a folder, or of standard input.

    `environments` are names that may have been meant by one that is no path.

    Raises:
        UsageError: the path does not exist.
    """
    if target == STANDARD_INPUT:
        if sys.stdin is None:
            raise UsageError("standard input is closed", hint="pipe manifests into `aurora validate -`")
        return or_empty(manifests.read(sys.stdin.buffer.read(), STANDARD_INPUT), target)
    path = Path(target)
    if not target or not os.path.lexists(path):
        near = closest(target, environments)
        hint = f"did you mean `{near}`?" if near else "check the spelling"
        raise UsageError(f"`{target}` is neither an environment nor a path", hint=hint)
    if not path.is_dir():
        return or_empty(_file(path), target)
    found = listing(path)
    read = manifests.join(_listed(file) for file in found.files)
    return or_empty(replace(read, findings=(*read.findings, *found.findings)), target)


@dataclass(frozen=True, slots=True)
class Listing:
    """The manifests under a folder, with what there cannot be listed, in order; and what is said of the rest."""

    files: tuple[Path, ...]
    findings: tuple[Finding, ...]


def listing(folder: Path) -> Listing:
    """List the manifests under a folder; sources of manifests, and links that lead out of it, are findings."""
    findings: list[Finding] = []
    return Listing(tuple(sorted(_files(folder, findings))), tuple(findings))


def _files(folder: Path, findings: list[Finding]) -> Iterator[Path]:
    """Yield the manifests under a folder, and folders that cannot be listed.

    Links to folders are followed once, so that nothing is passed over; not those out of the repository, which Argo CD
    refuses (util/app/path, CheckOutOfBoundsSymlinks) and which may lead anywhere.
    """
    seen: set[str] = set()
    closed: list[str] = []
    root = _root(folder)
    for parent, folders, names in os.walk(
        folder, followlinks=True, onerror=lambda error: closed.append(error.filename)
    ):
        resolved = os.path.realpath(parent)
        if resolved in seen:
            folders.clear()
            continue
        seen.add(resolved)
        source = sources.of_folder(names)
        if source:
            folders.clear()
            findings.append(source.found(Place(parent), _count(Path(parent))))
            continue
        outside = {name for name in (*folders, *names) if _leads_astray(Path(parent, name), root)}
        findings.extend(_out(Path(parent, name)) for name in sorted(outside) if name in folders or _is_manifest(name))
        folders[:] = [name for name in folders if name != ".git" and name not in outside]
        yield from (Path(parent) / name for name in names if _is_manifest(name) and name not in outside)
    yield from map(Path, closed)


def _is_manifest(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _root(folder: Path) -> str:
    """Give the repository that a folder is in, or the working folder, or the folder itself."""
    resolved, working = Path(os.path.realpath(folder)), Path(os.path.realpath("."))
    repository = next((each for each in (resolved, *resolved.parents) if (each / ".git").exists()), None)
    return str(repository or (working if resolved.is_relative_to(working) else resolved))


def _leads_astray(path: Path, root: str) -> bool:
    """Tell whether a path is a link to nothing, or out of the repository."""
    return path.is_symlink() and (not path.exists() or os.path.commonpath([root, os.path.realpath(path)]) != root)


def _out(path: Path) -> Finding:
    if not path.exists():
        return _dangling(path)
    message = f"this link leads out of the repository, to `{path.readlink()}`: it is not read"
    return Finding.of(UNREADABLE, message, Place(str(path)), hint="copy what it leads to, or name that")


def _dangling(path: Path) -> Finding:
    what = f"this link leads to `{path.readlink()}`, which" if path.is_symlink() else "this file"
    hint = "remove the link, or restore what it leads to"
    return Finding.of(UNREADABLE, f"{what} does not exist", Place(str(path)), hint=hint)


def _count(folder: Path) -> int:
    """Count the files of a source."""
    return sum(_is_manifest(name) for _, _, names in os.walk(folder) for name in names)


def _listed(path: Path) -> manifests.Read:
    """Read what a folder holds; reading a pipe or a device there could wait forever."""
    if path.exists() and not path.is_file():
        return _unreadable(path, "this folder cannot be listed" if path.is_dir() else "this is no regular file")
    return _file(path)


def _file(path: Path) -> manifests.Read:
    try:
        for _ in range(_TRIES):
            before = path.stat()
            with path.open("rb") as stream:
                raw = stream.read(LARGEST + 1)
            if len(raw) > LARGEST:
                return _unreadable(path, f"this file has more than {LARGEST >> 20} MiB", "split it")
            after = path.stat()
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                return manifests.read(raw, str(path))
    except FileNotFoundError:
        return manifests.Read((), (_dangling(path),))
    except OSError as error:
        return _unreadable(path, f"this file cannot be read: {error.strerror}")
    return _unreadable(path, "this file changes while it is read", "run again when nothing writes to it")


def _unreadable(path: Path, message: str, hint: str = "check its permissions") -> manifests.Read:
    return manifests.Read((), (Finding.of(UNREADABLE, message, Place(str(path)), hint=hint),))


def or_empty(read: manifests.Read, target: str) -> manifests.Read:
    """Say so where nothing was read."""
    if read.manifests or any(finding.rule != sources.SOURCE.id for finding in read.findings):
        return read
    message = "there is no object here" + (", only what manifests are made of" if read.findings else "")
    hint = "name files or folders that hold manifests (.yaml, .yml or .json)"
    return manifests.Read((), (*read.findings, Finding.of(EMPTY, message, Place(target), hint=hint)), read.bare)


def minor_version(version: str) -> str:
    """Check the form of `--kubernetes` and drop the patch number.

    Raises:
        UsageError: it is no version, or one that no check knows.
    """
    match = re.fullmatch(r"v?(1\.\d{1,2})(\.\d+)?", version)
    if match is None:
        raise UsageError(f"`--kubernetes {version}` is no Kubernetes version", hint="write it as 1.35")
    unknown = kubernetes_versions.absent(match[1])
    if unknown:
        raise UsageError(f"`--kubernetes {version}`: {unknown[0]}", hint=unknown[1])
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
        if path.is_dir() and not _every(path):
            raise UsageError(f"`{option} {path}` holds no YAML or JSON file", hint="name the folder that does")
        found.append(path.absolute())
    return tuple(found)


def _every(folder: Path) -> list[Path]:
    """List the YAML and JSON of a folder, whatever it is a source of."""
    return sorted(Path(parent, name) for parent, _, names in os.walk(folder) for name in names if _is_manifest(name))


_ADMISSION = frozenset(
    ("admissionregistration.k8s.io", kind) for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
)


def policy_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """List the files under folders that hold policies or their bindings; hidden folders hold tests of them.

    Raises:
        UsageError: a path does not exist, or holds no policy, or a policy there cannot be read.
    """
    found: list[Path] = []
    for path in folders(paths, option="--policies"):
        files = _every(path) if path.is_dir() else [path]
        shown = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts[:-1])]
        policies = [file for file in shown if _holds_policy(_listed(file), file)]
        if not policies:
            raise UsageError(f"`--policies {path}` holds no policy", hint="name a folder of policies")
        found.extend(policies)
    return tuple(found)


def _holds_policy(read: manifests.Read, path: Path) -> bool:
    """Tell whether a file holds a policy; test suites and their resources lie beside policies."""
    harmless = (manifests.NOT_AN_OBJECT.id, manifests.ANOTHER_KEY.id, sources.SOURCE.id)
    broken = next((entry for entry in read.findings if entry.rule not in harmless), None)
    if broken is not None:
        raise UsageError(
            f"`{path}` cannot be read, and may hold a policy: {broken.place}: {broken.message}",
            hint="correct it, or name only the folders of policies",
        )
    return any(
        (manifest.id.group in {"kyverno.io", "policies.kyverno.io"} and manifest.id.kind.endswith("Policy"))
        or (manifest.id.group, manifest.id.kind) in _ADMISSION
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
