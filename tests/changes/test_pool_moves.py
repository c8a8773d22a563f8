"""What a change adds to each node pool, and how a diff tells it."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import jsonschema

from aurora.changes.consequences import totals
from aurora.model.diff import PoolMovement
from aurora.reporters import diff_json, diff_markdown, diff_text, diff_words
from aurora.reporters.html import diff_page
from aurora_constructs.cluster import ClusterFacts
from changes.scenes import scene
from checks.test_scheduling import GPU, SYSTEM, pod
from environment.test_cluster_facts import AKS, cluster
from reporters import diff_cases

WEB = pod(resources="{requests: {cpu: 500m, memory: 1Gi}}")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ml}\ndata: {a: '%s'}\n"


def facts(**pools: Any) -> ClusterFacts:
    return cluster(AKS, pools=pools or {"system": SYSTEM, "gpu": GPU})


def moves(before: str, after: str, stated: ClusterFacts | None = None) -> list[str]:
    moved = totals.movement(scene(before, after), stated or facts())
    return [diff_words.pool_move(move) for move in moved.pools]


def test_more_replicas_are_more_requests_in_their_pool_and_in_no_other() -> None:
    grown = WEB.replace("spec:\n", "spec:\n  replicas: 3\n", 1)
    # At most there is also the surge of an update: a quarter of the pods, rounded up.
    assert moves(WEB, grown) == [
        "pool system: cpu 0.5 → 1.5, at most 1 → 2",
        "pool system: memory 1Gi → 3Gi, at most 2Gi → 4Gi",
    ]


def test_a_workload_that_goes_takes_its_requests_along() -> None:
    other = WEB.replace("name: web", "name: other")
    assert moves(f"{WEB}---\n{other}", WEB)[0] == "pool system: cpu 1 → 0.5, at most 2 → 1"


def test_an_autoscalers_maximum_changes_what_there_is_at_most() -> None:
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: ml}\n"
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 1, maxReplicas: %d}\n"
    )
    assert moves(f"{WEB}---\n{scaler % 4}", f"{WEB}---\n{scaler % 8}")[0] == "pool system: cpu at most 2.5 → 5"


def test_what_several_pools_take_is_told_apart() -> None:
    grown = WEB.replace("cpu: 500m", "cpu: '1'")
    found = moves(WEB, grown, facts(system=SYSTEM, more={**SYSTEM, "maximum": 9}))
    assert found == ["several pools: cpu 0.5 → 1, at most 1 → 2"]


def test_nothing_is_told_where_nothing_moves_or_no_pool_is_known() -> None:
    assert moves(f"{WEB}---\n{CONFIG % 1}", f"{WEB}---\n{CONFIG % 2}") == []
    grown = WEB.replace("500m", "900m")
    assert totals.movement(scene(WEB, grown)).pools == ()
    assert moves(WEB, grown, cluster({"provider": "bare-metal"})) == []


def test_every_format_tells_it() -> None:
    half = Fraction(1)
    move = PoolMovement(pool="<b>`a`", item="cpu", before=half, after=half * 2, most_before=half, most_after=half * 3)
    review = diff_cases.review()
    diff = replace(review, movements=(replace(review.movements[0], pools=(move,)),))
    assert "pool <b>`a`: cpu 1 → 2, at most 1 → 3" in diff_text.write(diff)
    assert "cpu 1 → 2, at most 1 → 3" in diff_markdown.write(diff)
    assert "<b>`a`" not in diff_page.write(diff)
    assert "cpu 1 → 2, at most 1 → 3" in diff_page.write(diff)
    written = json.loads(diff_json.write(diff))
    jsonschema.Draft202012Validator(json.loads(diff_json.SCHEMA_FILE.read_text())).validate(written)
    assert written["totals"][0]["pools"][0]["mostAfter"] == 3
