"""The guard sees that a test opens an environment that people edit, in whatever way it does so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from guarding import Guard


@pytest.mark.parametrize("way", [Path.read_text, Path.read_bytes, lambda path: os.close(os.open(path, os.O_RDONLY))])
@pytest.mark.parametrize("name", ["environments/dev.yaml", "environments/bases/all.yaml", "generated/dev/a/b.yaml"])
def test_an_opened_environment_is_seen(way: Callable[[Path], object], name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.touch()
    guard = Guard(tmp_path)
    way(file)
    assert guard.opened == {str(file)}


def test_schemas_for_editors_and_environments_of_tests_are_nothing_that_people_edit(tmp_path: Path) -> None:
    guard = Guard(tmp_path)
    for name in ("environments/environment.schema.json", "tests/environments/dev.yaml", "policies/a/policy.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        (tmp_path / name).read_text()
    assert guard.opened == set()
