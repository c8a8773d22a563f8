"""Facts about the patterns and spellings that Argo CD understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.checks.gitops.projects import normalised
from aurora.cluster.globs import glob


@pytest.mark.parametrize(
    ("pattern", "value", "separator", "expected"),
    [
        ("*", "anything/at/all", "", True),
        ("*", "a/b", "/", False),
        ("**", "a/b", "/", True),
        ("a/*/c", "a/b/c", "/", True),
        ("a/*/c", "a/b/b/c", "/", False),
        ("a/**/c", "a/b/b/c", "/", True),
        ("a*b*c", "aXXbYYc", "", True),
        ("a*b*c", "aXXbYY", "", False),
        ("a?c", "abc", "", True),
        ("a?c", "a/c", "/", False),
        ("{*.yaml,*.json}", "a.json", "", True),
        ("{*.yaml,*.json}", "a.txt", "", False),
        ("**a*b", "a/ab", "/", True),
        ("", "", "", True),
        ("", "a", "", False),
        ("{a,b}" * 7, "a" * 7, "", False),
    ],
)
def test_globs(pattern: str, value: str, separator: str, expected: bool) -> None:
    assert glob(pattern, value, separator) is expected


@given(st.text(alphabet="ab*?/{},", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_a_glob_without_wildcards_matches_itself_and_none_raises(pattern: str, value: str) -> None:
    glob(pattern, value, "/")
    assert glob(value, value, "/")


def test_a_glob_of_many_stars_ends() -> None:
    assert not glob("*a" * 200, "a" * 199 + "b" * 2000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Git.example.com/Shop", "https://git.example.com/shop.git"),
        ("git@git.example.com:shop.git", "ssh://git@git.example.com/shop"),
        (" https://git.example.com/shop ", "https://git.example.com/shop"),
    ],
)
def test_spellings_of_one_repository(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
