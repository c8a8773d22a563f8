"""Versions of models: publishing one at once and whole, and reading those that are whole."""

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from aurora_contract import store
from aurora_programs.store import files
from aurora_programs.store.names import AbsentError, StoreError, model_name, version_name

PARTIAL = ".publish-"
"""How folders begin that are not published yet; no name of a version does."""
STALE_SECONDS = 7 * 24 * 3600
"""From this age on a folder that was not published belongs to a writer that died: no run takes a week."""
METADATA_BYTES = 1 << 20


class DamagedError(StoreError):
    """A version is there and is not what its metadata says."""


class TakenError(StoreError):
    """The version is published already: versions never change."""


class UnwritableError(StoreError):
    """The volume took no write; nothing is published."""


@dataclass(frozen=True, slots=True)
class Version:
    """One published version, as its metadata describes it."""

    model: str
    name: str
    folder: Path
    metadata: Mapping[str, Any]

    @property
    def artifact(self) -> Path:
        """Where the model lies."""
        return self.folder / store.ARTIFACT

    @property
    def sha256(self) -> str:
        """The checksum that the metadata states, in lower case."""
        return str(self.metadata["sha256"]).lower()

    def read(self) -> bytes:
        """Give the artifact, whose checksum was compared.

        Raises:
            DamagedError: it cannot be read, or is another one.
        """
        return checked_artifact(self.folder, self.sha256)

    def check(self) -> None:
        """Compare the artifact's checksum, without holding the artifact.

        Raises:
            DamagedError: it cannot be read, or is another one.
        """
        try:
            with _opened(self.artifact) as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DamagedError(f"{self.artifact} cannot be read: {error.strerror}") from error
        _compare(self.artifact, actual, self.sha256)


def publish(root: Path, model: str, version: str, artifact: bytes, *, metadata: Mapping[str, Any]) -> Version:
    """Publish a version: readers see all of it or nothing, whatever happens meanwhile.

    The checksum, the size and the names are added to the metadata.

    Raises:
        NameRefusedError: a name is none.
        TakenError: the version is published already, or another writer was faster.
        UnwritableError: the volume cannot be written.
    """
    versions = Path(store.versions_path(str(root), model_name(model)))
    target = versions / version_name(version)
    digest = hashlib.sha256(artifact).hexdigest()
    own = {"model": model, "version": version, "sha256": digest, "bytes": len(artifact)}
    described = {**metadata, **own}
    partial = versions / f"{PARTIAL}{version}-{secrets.token_hex(8)}"
    try:
        versions.mkdir(parents=True, exist_ok=True)
        _sweep(versions)
        partial.mkdir(files.FOLDER_MODE)
        files.write_new(partial / store.ARTIFACT, artifact)
        files.write_new(partial / store.METADATA, json.dumps(described, sort_keys=True, allow_nan=False).encode())
        files.sync_folder(partial)
        _place(partial, target)
        files.sync_folder(versions)
    except OSError as error:
        raise UnwritableError(
            f"{target} is not published: {error.strerror or error}; look at the volume of {root}"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Version(model, version, target, described)


def _place(partial: Path, target: Path) -> None:
    """Rename the folder; the system refuses to replace one that is not empty."""
    try:
        partial.rename(target)
    except OSError as error:
        if target.exists():
            raise TakenError(f"{target} is published already and never changes: take another version") from error
        raise


def _sweep(versions: Path) -> None:
    for left in versions.glob(f"{PARTIAL}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def find(root: Path, model: str, version: str) -> Version:
    """Give a published version. The artifact is not read: `Version.read` does.

    Raises:
        NameRefusedError: a name is none.
        AbsentError: there is no such version.
        DamagedError: it leaves the store, or its metadata is missing or wrong.
    """
    folder = Path(store.version_path(str(root), model_name(model), version_name(version)))
    if not os.path.lexists(folder):
        raise AbsentError(f"{model} has no version {version} in {root}")
    if folder.resolve() != root.resolve() / folder.relative_to(root):
        raise DamagedError(f"{folder} leads out of its place in the store: links are no versions")
    return Version(model, version, folder, read_metadata(folder, version))


def published(root: Path, model: str) -> Iterator[Version]:
    """Give the versions of a model, oldest first; what is not whole is left out.

    Raises:
        NameRefusedError: the name is none.
        AbsentError: there is no such model.
    """
    versions = Path(store.versions_path(str(root), model_name(model)))
    if not versions.is_dir():
        raise AbsentError(f"{root} has no model {model}")
    for folder in sorted(versions.iterdir()):
        try:
            yield find(root, model, folder.name)
        except StoreError:
            continue


def models(root: Path) -> list[str]:
    """Give the names of the models.

    Raises:
        AbsentError: the store is not there.
    """
    if not root.is_dir():
        raise AbsentError(f"there is no model store at {root}: is its volume mounted?")
    return sorted(folder.name for folder in root.iterdir() if (folder / store.VERSIONS).is_dir())


def read_metadata(folder: Path, version: str) -> dict[str, Any]:
    """Give the metadata in a folder, which must describe `version`.

    Raises:
        DamagedError: it is missing, or is not what the contract says.
    """
    path = folder / store.METADATA
    try:
        with _opened(path) as file:
            content = file.read(METADATA_BYTES + 1)
        found = json.loads(content) if len(content) <= METADATA_BYTES else None
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DamagedError(f"{path} holds no JSON: {error}") from error
    if not isinstance(found, dict):
        raise DamagedError(f"{path} holds no JSON object of at most {METADATA_BYTES} bytes")
    if found.get("version") != version:
        raise DamagedError(f"{path} describes version {found.get('version')!r}, not {version!r}")
    checksum = found.get("sha256")
    if not isinstance(checksum, str) or len(checksum) != 64:
        raise DamagedError(f"{path} states no sha256")
    return found


def checked_artifact(folder: Path, sha256: str) -> bytes:
    """Give the artifact in a folder. What is given is what was checked: it is read once.

    Raises:
        DamagedError: it cannot be read, or has another checksum.
    """
    path = folder / store.ARTIFACT
    try:
        with _opened(path) as file:
            content = file.read()
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    _compare(path, hashlib.sha256(content).hexdigest(), sha256)
    return content


def _compare(path: Path, actual: str, wanted: str) -> None:
    if actual != wanted.lower():
        raise DamagedError(f"{path} has SHA-256 {actual}, its metadata says {wanted}")


def _opened(path: Path) -> BufferedReader:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
