"""Charts and folders of manifests of other projects, as Applications."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.charts import ChartRelease
from components.building import build, specification

CHART = {"repository": "https://charts.example.com", "chart": "web", "version": "1.2.3", "namespace": "web"}
FOLDER = {"repository": "https://git.example.com/api", "revision": "v1.6.1", "path": "config/crd"}


def platform(**changes: Any) -> dict[str, Any]:
    folders = {"definitions": {**FOLDER, **changes}}
    return {"kind": "PlatformCharts", "namespace": "argocd", "charts": {"web": CHART}, "manifests": folders}


def test_a_folder_of_another_project_is_synced_at_its_tag_and_never_pruned() -> None:
    spec = build("platform", {"platform": platform()}).one("Application", name="example-definitions")["spec"]
    assert (spec["source"]["targetRevision"], spec["source"]["path"]) == ("v1.6.1", "config/crd")
    assert spec["syncPolicy"]["automated"]["prune"] is False


@pytest.mark.parametrize("revision", ["v1.6.1", "1.6", "refs/tags/june", "a" * 40])
def test_a_revision_that_stands_still_is_taken(revision: str) -> None:
    specification(platform(revision=revision))


@pytest.mark.parametrize(
    "changes",
    [
        {"revision": "main"},
        {"revision": "HEAD"},
        {"revision": "release-1.6"},
        {"revision": "a" * 12},
        {"path": "../other"},
        {"path": "/config"},
        {"path": "config//crd"},
        {"repository": "http://git.example.com/api"},
        {"provides": ["Gateway"]},
    ],
)
def test_a_folder_that_moves_or_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        specification(platform(**changes))


def test_a_chart_and_a_folder_of_one_name_are_refused() -> None:
    entry = platform()
    with pytest.raises(ValidationError, match="`web` is in `charts` and in `manifests`"):
        specification({**entry, "manifests": {"web": FOLDER}})


@pytest.mark.parametrize("scheme", ["", "oci://"])
def test_a_chart_of_a_registry_is_named_to_argo_cd_without_a_scheme(scheme: str) -> None:
    release = {"repository": f"{scheme}registry.example.com/charts", "chart": "demo", "version": "1.0.0"}
    assert ChartRelease.model_validate(release).repository == "registry.example.com/charts"
