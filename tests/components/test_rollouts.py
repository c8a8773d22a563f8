"""A model that Argo Rollouts tries: what Git states, what it leaves to the controller, what an analysis concludes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from aurora import pipeline
from aurora.errors import InputError
from environment.trialled import CANARY, STRATEGY, changed, loaded

ROLLOUTS = (STRATEGY, "{type: rollouts, steps: [10, 50], analysis: {errors: 3}}")
TRIED = (CANARY, "{version: v20261101-090000}")
NGINX = ("kind: Edge, namespace", "kind: Edge, profile: nginx, namespace")
MONITORING = ("  monitoring: {kind: Monitoring, namespace: monitoring}\n", "")


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    environment = loaded(tmp_path_factory.mktemp("prod"), changed(ROLLOUTS, TRIED, NGINX))
    compiled = pipeline.compile_environment(environment, pipeline.Clock())
    return [dict(manifest.body) for manifest in compiled.manifests]


def of_kind(objects: list[dict[str, Any]], kind: str, name: str = "") -> list[dict[str, Any]]:
    return [each for each in objects if each["kind"] == kind and name in ("", each["metadata"]["name"])]


def test_one_rollout_serves_what_is_on_trial(objects: list[dict[str, Any]]) -> None:
    (rollout,) = of_kind(objects, "Rollout")
    assert of_kind(objects, "Deployment", "aurora-inference") == []
    labels = rollout["spec"]["template"]["metadata"]["labels"]
    assert labels["aurora.example.com/model-version"] == "v20261101-090000"
    assert rollout["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert "aurora.example.com/track" not in labels
    canary = rollout["spec"]["strategy"]["canary"]
    assert [canary[f"{track}Metadata"]["labels"]["aurora.example.com/track"] for track in ("stable", "canary")] == [
        "stable",
        "canary",
    ]


def test_each_share_ends_in_an_analysis(objects: list[dict[str, Any]]) -> None:
    (rollout,) = of_kind(objects, "Rollout")
    steps = rollout["spec"]["strategy"]["canary"]["steps"]
    assert [next(iter(step)) for step in steps] == ["setWeight", "pause", "analysis"] * 2
    assert [step["setWeight"] for step in steps if "setWeight" in step] == [10, 50]
    (template,) = of_kind(objects, "AnalysisTemplate")
    named = {entry["templateName"] for step in steps if "analysis" in step for entry in step["analysis"]["templates"]}
    assert named == {template["metadata"]["name"]}


def test_the_canarys_ingress_is_left_to_the_controller(objects: list[dict[str, Any]]) -> None:
    names = [
        entry["metadata"]["name"] for entry in of_kind(objects, "Ingress") if "inference" in str(entry["metadata"])
    ]
    assert names == ["aurora-inference"]
    assert len(of_kind(objects, "Service", "aurora-inference-canary")) == 1


def test_argo_cd_ignores_what_the_controller_writes(objects: list[dict[str, Any]]) -> None:
    (application,) = of_kind(objects, "Application", "prod-inference")
    ignored = {
        (entry["kind"], entry["name"]): entry["jsonPointers"] for entry in application["spec"]["ignoreDifferences"]
    }
    pointer = ["/spec/selector/rollouts-pod-template-hash"]
    assert ignored == {("Service", "aurora-inference"): pointer, ("Service", "aurora-inference-canary"): pointer}


@pytest.mark.parametrize(
    ("result", "succeeds", "fails"),
    [([], False, False), ([math.nan], False, False), ([2.5], True, False), ([3.0], True, False), ([3.5], False, True)],
)
def test_an_analysis_without_an_answer_concludes_nothing(
    objects: list[dict[str, Any]], result: list[float], succeeds: bool, fails: bool
) -> None:
    (template,) = of_kind(objects, "AnalysisTemplate")
    metric = next(entry for entry in template["spec"]["metrics"] if entry["name"] == "errors")

    def holds(condition: str) -> bool:
        python = condition.replace("&&", "and").replace("!isNaN", "not isNaN")
        return bool(eval(python, {"result": result, "isNaN": math.isnan, "len": len}))  # noqa: S307 - our own text

    assert (holds(metric["successCondition"]), holds(metric["failureCondition"])) == (succeeds, fails)


@pytest.mark.parametrize(
    ("swaps", "words"),
    [
        ([ROLLOUTS, TRIED], "divides requests of NGINX's Ingresses"),
        ([ROLLOUTS, TRIED, NGINX, MONITORING], "Monitoring's rules record"),
    ],
)
def test_what_argo_rollouts_lacks_is_an_error(swaps: list[tuple[str, str]], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, changed(*swaps))
    assert any(words in finding.message for finding in refused.value.findings)
