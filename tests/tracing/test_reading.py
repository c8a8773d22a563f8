"""Tracing policies are read like Kyverno's: all of them or a complaint about each that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.errors import InputError
from aurora.paths import RepositoryPaths
from aurora.policies import folders
from tracing.cases import HEAD


def written(root: Path, **texts: str) -> RepositoryPaths:
    paths = RepositoryPaths(root)
    for name, text in texts.items():
        folder = paths.tracing_policies / name
        folder.mkdir(parents=True)
        (folder / folders.FILE).write_text(text, encoding="utf-8")
    return paths


def test_policies_are_given_by_the_name_of_their_folder(tmp_path: Path) -> None:
    paths = written(tmp_path, watch=HEAD)
    (paths.tracing_policies / "README.md").write_text("# Tracing policies\n", encoding="utf-8")
    found = folders.read_tracing(paths)
    assert {name: body["kind"] for name, body in found.items()} == {"watch": "TracingPolicyNamespaced"}
    assert folders.read(paths) == {}


def test_a_repository_without_tracing_policies_has_none(tmp_path: Path) -> None:
    assert folders.read_tracing(RepositoryPaths(tmp_path)) == {}


def test_every_policy_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    paths = written(tmp_path, first=HEAD, second="a: [", third=f"{HEAD}---\n{HEAD}", watch=HEAD)
    with pytest.raises(InputError) as caught:
        folders.read_tracing(paths)
    assert [finding.place.path for finding in caught.value.findings if finding.place] == [
        f"tetragon/{name}/policy.yaml" for name in ("first", "second", "third")
    ]
