"""Which tags Argo CD follows by `gitops.releases`; the table was run with the code of Argo CD 3.5.7."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from aurora.environment.spec import GitOps, newest

TAGS = ("v1.4.0", "v1.5.0", "v1.10.2", "v2.0.0", "v1.11.0-rc.1", "nightly", "1.3.0")


@pytest.mark.parametrize(
    ("releases", "tag"),
    [
        ("v1.*", "v1.10.2"),
        ("1.*", "v1.10.2"),
        ("v1.5.*", "v1.5.0"),
        ("v1.10.*", "v1.10.2"),
        ("1.3.*", "1.3.0"),
        ("*", "v2.0.0"),
        ("v3.*", None),
    ],
)
def test_the_newest_tag_of_a_range_is_followed(releases: str, tag: str | None) -> None:
    assert newest(TAGS, releases) == tag


@pytest.mark.parametrize(
    ("revision", "releases"),
    [("v2.0.0", "v1.*"), ("v1.5.0-rc.1", "v1.*"), ("main", "*"), ("v10.0.0", "v1.*"), ("v1.4", "v1.*")],
)
def test_a_revision_that_argo_cd_would_not_find_is_refused(revision: str, releases: str) -> None:
    body = {"repository": "https://git.example.com/a.git", "revision": revision, "releases": releases}
    with pytest.raises(ValidationError, match="Argo CD finds no"):
        GitOps.model_validate(body)


@pytest.mark.parametrize("releases", ["main", "v1", "v1.4.0", ">=1.0.0 <2.0.0", "v1.x", "v01.*", "v1.*.*", ""])
def test_releases_name_one_major_or_minor_version(releases: str) -> None:
    body = {"repository": "https://git.example.com/a.git", "revision": "v1.4.0", "releases": releases}
    with pytest.raises(ValidationError, match="releases"):
        GitOps.model_validate(body)
