"""Aliases of versions, `<model>/aliases/<alias> -> ../versions/<version>`, and the registry made of them."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from aurora_contract import store
from aurora_programs.store import files, versions
from aurora_programs.store.names import VERSION, AbsentError, StoreError, alias_name, model_name, version_name

CURRENT = "current-version"
"""The registry's file with a line `<model>/<version>` for each model that has a stable version."""
STABLE = "stable"

Pins = Mapping[str, Mapping[str, str]]
"""Per model, the version of each alias."""


def resolve(root: Path, model: str, reference: str) -> versions.Version:
    """Give the version that `reference` names, itself or by an alias.

    Raises:
        NameRefusedError: a name is none.
        AbsentError: there is no such version or alias.
        DamagedError: the alias leads elsewhere, or the version is not whole.
    """
    if VERSION.fullmatch(reference):
        return versions.find(root, model, reference)
    link = root / model_name(model) / store.ALIASES / alias_name(reference)
    try:
        target = str(link.readlink())
    except FileNotFoundError as error:
        raise AbsentError(f"{model} has neither a version nor an alias {reference} in {root}") from error
    except OSError as error:
        raise versions.DamagedError(f"{link} is no alias: {error.strerror}") from error
    prefix, _, version = target.rpartition("/")
    if prefix != f"../{store.VERSIONS}" or not VERSION.fullmatch(version):
        raise versions.DamagedError(f"{link} leads to {target!r}, which is no version of {model}")
    return versions.find(root, model, version)


def listed(root: Path, model: str) -> dict[str, str]:
    """Give the version of each alias of a model; an alias that leads to none is left out.

    Raises:
        NameRefusedError: the name is none.
    """
    found = {}
    folder = root / model_name(model) / store.ALIASES
    for link in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            found[link.name] = resolve(root, model, link.name).name
        except StoreError:
            continue
    return found


def publish(root: Path, pins: Pins) -> None:
    """Make the aliases of these models exactly those of `pins`, and write the registry.

    Every version is read and its checksum compared before anything changes. Each alias moves at once.

    Raises:
        StoreError: a name is none, a version is absent or damaged: nothing has changed.
        UnwritableError: the volume cannot be written.
    """
    for model, wanted in pins.items():
        for alias, version in wanted.items():
            alias_name(alias)
            versions.find(root, model, version_name(version)).check()
    try:
        for model, wanted in sorted(pins.items()):
            _point(root / model / store.ALIASES, wanted)
        _register(root, pins)
    except OSError as error:
        raise versions.UnwritableError(f"aliases in {root} are not all written: {error.strerror or error}") from error


def _point(folder: Path, wanted: Mapping[str, str]) -> None:
    folder.mkdir(mode=files.FOLDER_MODE, parents=True, exist_ok=True)
    for alias, version in sorted(wanted.items()):
        link = folder / f".{alias}-{secrets.token_hex(4)}"
        link.symlink_to(f"../{store.VERSIONS}/{version}")
        link.rename(folder / alias)
    for left in sorted(folder.iterdir()):
        if left.name not in wanted:
            left.unlink()
    files.sync_folder(folder)


def _register(root: Path, pins: Pins) -> None:
    folder = root / store.REGISTRY
    folder.mkdir(mode=files.FOLDER_MODE, exist_ok=True)
    written = None
    # Another publication may move aliases of its models meanwhile, and one of the two would write what it saw before.
    while (every := _every(root, pins)) != written:
        described = json.dumps({"models": every}, sort_keys=True).encode()
        files.replace(folder / store.METADATA, described)
        current = "".join(f"{model}/{held[STABLE]}\n" for model, held in every.items() if STABLE in held)
        files.replace(folder / CURRENT, current.encode())
        written = every


def _every(root: Path, pins: Pins) -> dict[str, dict[str, str]]:
    return {model: listed(root, model) for model in sorted({*versions.models(root), *pins})}
