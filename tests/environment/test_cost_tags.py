"""Tags of a cluster: which are refused, and in which form charts take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aurora_constructs.charts import ChartRelease
from aurora_constructs.platform import Platform
from environment.test_cluster_facts import AKS, EKS, cluster, problems

TAGS = {"team": "shop", "cost-center": "4711"}
CHART = {"repository": "https://charts.example.com", "chart": "driver", "version": "1.2.3"}


def release(**facts: str) -> ChartRelease:
    return ChartRelease.model_validate({**CHART, "values": {"controller": {"replicas": 2}}, "facts": facts})


def on(facts: dict[str, Any], **more: Any) -> Platform:
    return Platform(environment="prod", cluster=cluster(facts, **more))


def test_a_chart_takes_tags_as_a_map_or_as_an_annotation() -> None:
    chart = release(**{"controller.extraVolumeTags": "tags", "service.annotations": "publicAddressTags"})
    assert chart.all_values(on(AKS, tags=TAGS)) == {
        "controller": {"replicas": 2, "extraVolumeTags": {"cost-center": "4711", "team": "shop"}},
        "service": {"annotations": {"service.beta.kubernetes.io/azure-pip-tags": "cost-center=4711,team=shop"}},
    }


@pytest.mark.parametrize("fact", ["tags", "publicAddressTags"])
@pytest.mark.parametrize("facts", [EKS, {"provider": "bare-metal"}])
def test_a_chart_cannot_take_tags_that_nobody_states(fact: str, facts: dict[str, Any]) -> None:
    [problem] = release(tags=fact).problems_of(on(facts))
    assert problem.message.endswith("states no `cluster.tags`")
    assert problem.steps == ("facts", "tags")


@pytest.mark.parametrize("facts", [AKS, EKS])
@pytest.mark.parametrize(
    "tags",
    [
        {"aws:team": "shop"},
        {"Azure-team": "shop"},
        {"team": "a,b=c"},
        {"team": ""},
        {"team": "x" * 256},
        {"kubernetes.io/cluster": "x"},
        {f"t{number}": "x" for number in range(21)},
    ],
)
def test_tags_that_a_cloud_or_a_text_cannot_hold_are_refused(
    tmp_path: Path, facts: dict[str, Any], tags: dict[str, str]
) -> None:
    assert any("cluster.tags" in line for line in problems(tmp_path, **facts, tags=tags))


def test_own_machines_have_no_tags(tmp_path: Path) -> None:
    [line] = problems(tmp_path, provider="bare-metal", tags=TAGS)
    assert "`tags` is no key of `cluster`" in line
