"""The profiles of versions: the default one has the schema pack of a repository, each other one a folder in it."""

from collections.abc import Mapping
from pathlib import Path

from aurora.schemas import lock, pack
from aurora_constructs.versions import DEFAULT, Definitions


def folder(packs: Path, profile: str) -> Path:
    """Give the pack of a profile; that of the default one where the repository has no other."""
    own = packs / profile
    return own if profile != DEFAULT and pack.is_pack(own) else packs


def read(packs: Path) -> Mapping[str, Definitions]:
    """Say of each profile of a repository what its pack defines; nothing where the repository has no pack.

    Raises:
        StorageError: a lock is missing or broken.
    """
    found = {DEFAULT: packs, **{path.parent.name: path.parent for path in sorted(packs.glob(f"*/{lock.FILE}"))}}
    return {name: _of(path) for name, path in found.items() if pack.is_pack(path)}


def _of(path: Path) -> Definitions:
    made = pack.read_lock(path)
    return Definitions(made.lacking, {entry.name: entry.version for entry in made.components})
