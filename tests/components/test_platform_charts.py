"""Charts and folders of manifests of other projects, as Applications."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.charts import ChartRelease
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Image
from components.building import build, specification
from environment.test_cluster_facts import EKS, cluster

CHART = {"repository": "https://charts.example.com", "chart": "web", "version": "1.2.3", "namespace": "web"}
CHART_ONLY = {key: value for key, value in CHART.items() if key != "namespace"}
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


IMAGE = {"repository": "registry.example.com/web", "tag": "v2", "digest": f"sha256:{'a' * 64}"}
QUEUE = {"type": "sqs-queue", "url": "https://sqs.eu-central-1.amazonaws.com/210987654321/shop-events"}


def on_eks(**resources: Any) -> Platform:
    images = {"web": Image.model_validate(IMAGE)}
    return Platform(environment="prod", cluster=cluster(EKS, resources=resources), images=images)


def test_a_chart_takes_images_of_the_environment_whole_or_in_two_parts() -> None:
    images = {"server.image": {"name": "web", "tag": "server.tag"}, "proxyImage": {"name": "web"}}
    chart = ChartRelease.model_validate({**CHART_ONLY, "values": {"server": {"replicas": 2}}, "images": images})
    assert chart.all_values(on_eks()) == {
        "server": {"replicas": 2, "image": "registry.example.com/web", "tag": f"v2@{IMAGE['digest']}"},
        "proxyImage": f"registry.example.com/web:v2@{IMAGE['digest']}",
    }


def test_a_chart_takes_a_queue_by_its_name() -> None:
    chart = ChartRelease.model_validate({**CHART_ONLY, "queues": {"settings.queue": "events"}})
    assert chart.all_values(on_eks(events=QUEUE)) == {"settings": {"queue": "shop-events"}}


@pytest.mark.parametrize("resources", [{}, {"events": {"type": "bucket", "bucket": "shop-events"}}])
def test_a_queue_that_the_cluster_does_not_have_is_a_problem_at_its_place(resources: dict[str, Any]) -> None:
    chart = ChartRelease.model_validate({**CHART_ONLY, "queues": {"settings.queue": "events"}})
    [problem] = chart.problems_of(on_eks(**resources), "charts", "web")
    assert problem.steps == ("charts", "web", "queues", "settings.queue")
    assert "`cluster.resources" in problem.message or "no resource" in problem.message


@pytest.mark.parametrize("added", [{"images": {"a.b": {"name": "web"}}}, {"queues": {"a.b": "events"}}])
def test_a_value_cannot_be_put_below_one_that_is_no_map(added: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"`values\.a` is no map"):
        ChartRelease.model_validate({**CHART_ONLY, "values": {"a": 1}, **added})
