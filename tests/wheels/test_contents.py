"""The wheel of the compiler holds everything that it reads, as it stands in the repository."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from aurora.tools.go import surroundings
from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[2]
GIT = shutil.which("git") or "git"
PACKED = ("components", "environments", "policies", "requirements-go.lock", "schemas", "tetragon", "tools")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    args = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    run(Command(args=args, cwd=ROOT, timeout=120, environment=surroundings()))
    [made] = folder.glob("aurora-*.whl")
    return zipfile.ZipFile(made)


def committed(*paths: str) -> dict[str, bytes]:
    """Read what Git knows of; a folder's caches are no part of it."""
    listed = run(Command(args=(GIT, "ls-files", "-z", "--", *paths), cwd=ROOT, timeout=60)).stdout
    return {name: (ROOT / name).read_bytes() for name in listed.split("\0") if name and (ROOT / name).is_file()}


def test_it_holds_every_file_of_the_packed_folders_byte_for_byte(wheel: zipfile.ZipFile) -> None:
    prefix = "aurora/_packed/"
    packed = {name.removeprefix(prefix): wheel.read(name) for name in wheel.namelist() if name.startswith(prefix)}
    expected = committed(*PACKED)
    assert len(expected) > 300
    assert packed.keys() == expected.keys()
    assert packed == expected


def test_it_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("cli", "constructs"):
        expected = {name.removeprefix(f"{folder}/") for name in committed(f"{folder}/aurora*")}
        assert expected - names == set()
