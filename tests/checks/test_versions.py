"""What is no longer maintained is told by comparing two days that are written down."""

from __future__ import annotations

import datetime
import itertools

import pytest

from aurora import rule_texts
from aurora.checks.versions import CHECK, maintenance
from aurora.checks.versions.check import END_OF_LIFE
from aurora.model.inventory import Inventory
from aurora_constructs.cluster import BareMetal
from aurora_constructs.versions import CHARTS
from checks.inventory_cases import SETTINGS, read


def cluster(kubernetes: str = "1.35", as_of: datetime.date | None = None) -> BareMetal:
    return BareMetal(
        provider="bare-metal",
        kubernetes=kubernetes,
        domain="example.com",
        api_server_cidrs=["10.0.0.10/32"],
        as_of=as_of,
    )


def messages(stream: str, facts: BareMetal | None = None) -> list[str]:
    inventory = Inventory(read(stream), environment="example", cluster=facts)
    (result,) = CHECK.results(inventory, SETTINGS)
    assert {finding.rule for finding in result.findings} <= {END_OF_LIFE.id}
    return [finding.message for finding in result.findings]


def test_the_bad_example_is_found_and_the_good_one_is_not() -> None:
    text = rule_texts.text(END_OF_LIFE.id)
    assert messages(text.bad) == [
        "the chart argo-cd 7.9.0 installs argo-cd 2.14.11, whose maintenance ended on 2025-11-04"
    ]
    assert messages(text.good) == []


@pytest.mark.parametrize(
    ("day", "found"),
    [((2025, 11, 3), False), ((2025, 11, 4), True), ((2026, 1, 1), True)],
    ids=["before", "on", "after"],
)
def test_the_stated_day_decides(day: tuple[int, int, int], found: bool) -> None:
    told = messages(rule_texts.text(END_OF_LIFE.id).bad, cluster(as_of=datetime.date(*day)))
    assert bool(told) == found


@pytest.mark.parametrize(("kubernetes", "found"), [("1.33", True), ("1.34", True), ("1.35", False)])
def test_the_clusters_kubernetes_counts(kubernetes: str, found: bool) -> None:
    told = messages(rule_texts.text(END_OF_LIFE.id).good, cluster(kubernetes, datetime.date(2026, 11, 21)))
    words = f"a bare-metal cluster runs Kubernetes {kubernetes}, whose maintenance ended on {DAYS[kubernetes]}"
    assert told == ([words] if found else [])


DAYS = maintenance.KUBERNETES["bare-metal"]


def test_a_project_that_ended_as_a_whole_has_no_release_left() -> None:
    stream = rule_texts.text(END_OF_LIFE.id).good.replace("argo-cd", "ingress-nginx").replace("10.1.1", "4.15.1")
    assert messages(stream) == [
        "the chart ingress-nginx 4.15.1 installs ingress-nginx 1.15.1, whose maintenance ended on 2026-03-31"
    ]


def test_a_chart_version_that_nobody_knows_is_not_judged() -> None:
    assert messages(rule_texts.text(END_OF_LIFE.id).good.replace("10.1.1", "6.0.0")) == []


def test_every_day_is_one_and_every_project_is_installed_by_a_chart() -> None:
    for releases in itertools.chain(maintenance.ENDS.values(), maintenance.KUBERNETES.values()):
        assert [datetime.date.fromisoformat(day).isoformat() for day in releases.values()] == list(releases.values())
    assert maintenance.ENDS.keys() <= {chart.project for chart in CHARTS.values()}
