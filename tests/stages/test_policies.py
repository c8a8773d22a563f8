"""A policy's folder holds exactly one policy of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.errors import InputError
from aurora.paths import RepositoryPaths
from aurora.policies import folders

POLICY = "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: example}\n"


def write(root: Path, text: str) -> RepositoryPaths:
    (root / "policies" / "example").mkdir(parents=True)
    (root / "policies" / "example" / "policy.yaml").write_text(text)
    return RepositoryPaths(root)


def test_policies_are_read_by_their_folder(tmp_path: Path) -> None:
    assert list(folders.read(write(tmp_path, POLICY))) == ["example"]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (POLICY.replace("example", "other"), "must have `example` as its metadata.name", 1),
        (f"{POLICY}---\n{POLICY}", "holds 2 documents", 1),
        ("# nothing\n", "holds 0 documents", 1),
        ("- a\n", "must have `example`", 1),
        ("a: [\n", "did not find", 2),
    ],
)
def test_anything_else_is_refused_at_its_place(tmp_path: Path, text: str, words: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        folders.read(write(tmp_path, text))
    (found,) = caught.value.findings
    assert found.rule == "policy/unusable"
    assert words in found.message
    assert found.place is not None
    assert (found.place.path, found.place.line) == ("policies/example/policy.yaml", line)
