"""Illegal steps of versions on trial are findings of a diff; steps that look alike are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes import trials
from aurora.environment.trial_steps import situation
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import BY_NAME
from environment.trialled import CANARY, DIGEST, ENVIRONMENT, STABLE, STRATEGY, changed, loaded

Swaps = list[tuple[str, str]]
TAG = "registry.example.com/inference, tag: v1"
AT_50, FINISHED = CANARY.replace("weight: 5", "weight: 50"), STABLE.replace("20260901-120000", "20261101-090000")
ROLLOUTS = [(STRATEGY, "{type: rollouts}"), (CANARY, "{version: v20261101-090000}")]
GONE = (f"    canary: {CANARY}  # on trial\n", "")
PROMOTED: Swaps = [(STABLE, FINISHED), GONE]


def found(folder: Path, before: Swaps, after: Swaps) -> list[Finding]:
    old, new = loaded(folder, changed(*before)), loaded(folder, changed(*after))
    return list(trials.find(old.tree, new.tree, new))


def weight(share: int) -> Swaps:
    return [(CANARY, CANARY.replace("weight: 5", f"weight: {share}"))]


@pytest.mark.parametrize(
    ("before", "after", "rule", "words"),
    [
        ([], weight(50), "step-skipped", "from 5 % to 50 %"),
        ([], weight(100), "step-skipped", "from 5 % to 100 %"),
        ([], PROMOTED, "step-skipped", "from 5 % of the requests to 100 %"),
        ([GONE], weight(25), "step-skipped", "at once to 25 %"),
        ([], [(STRATEGY, "{type: canary, steps: [5, 90]}"), *weight(90)], "step-skipped", "from 5 % to 90 %"),
        ([], [(CANARY, CANARY.replace("1101-09", "1115-14"))], "changed-on-trial", "in mid-trial"),
        ([], [(TAG, TAG.replace("v1", "v2"))], "changed-on-trial", "the image of both tracks changes"),
        (
            [],
            [
                (STRATEGY, "{type: rollouts}"),
                (CANARY, "{version: v20261101-090000}"),
                ("edge, acme", "edge, profile: nginx, acme"),
            ],
            "changed-on-trial",
            "the strategy changes from `canary` to `rollouts`",
        ),
        ([GONE], PROMOTED, "untried-version", "was not on trial"),
        (
            [(CANARY, AT_50)],
            [*PROMOTED, ("  monitoring: {kind: Monitoring, namespace: monitoring}\n", "")],
            "promoted-unjudged",
            "no analysis could have failed it",
        ),
    ],
)
def test_an_illegal_step_is_a_finding_at_its_line(  # noqa: PLR0917 - a row of the table
    before: Swaps, after: Swaps, rule: str, words: str, tmp_path: Path
) -> None:
    (finding,) = found(tmp_path, before, after)
    assert finding.rule == f"rollout/{rule}" and words in finding.message
    assert finding.fails and finding.hint and finding.environment == "prod"
    assert finding.place and finding.place.path == "environments/prod.yaml" and 24 <= finding.place.line <= 31


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], weight(25)),
        ([], weight(1)),
        ([], [GONE]),
        ([GONE], []),
        ([(CANARY, AT_50)], PROMOTED),
        (PROMOTED, [GONE]),  # back to an older version
        ([GONE], [GONE, (TAG, TAG.replace("v1", "v2"))]),  # no version is on trial
        ([], [GONE, (TAG, TAG.replace("v1", "v2"))]),
        (weight(0), [(CANARY, CANARY.replace("1101-09", "1115-14").replace("weight: 5", "weight: 0"))]),
        (weight(0), [*weight(0), (TAG, TAG.replace("v1", "v2"))]),
        ([], [("registry.example.com/trainer, tag: v1", "registry.example.com/trainer, tag: v2")]),
        ([], [(STRATEGY, "{type: canary, steps: [5, 90]}")]),
    ],
)
def test_a_step_that_looks_alike_is_none(before: Swaps, after: Swaps, tmp_path: Path) -> None:
    assert found(tmp_path, before, after) == []


def test_a_model_that_comes_or_goes_takes_no_step(tmp_path: Path) -> None:
    new = loaded(tmp_path, changed(*weight(100)))
    assert list(trials.find(None, new.tree, new)) == []
    assert list(trials.find(new.tree, None, new)) == []


def test_where_a_trial_stands_is_told_with_the_commands(tmp_path: Path) -> None:
    loaded(tmp_path, ENVIRONMENT)
    found = situation(RepositoryPaths(tmp_path), "prod", "inference", BY_NAME)
    assert found is not None
    assert found.words == "v20260901-120000 gets 95 % of the requests, v20261101-090000 is on trial with 5 %"
    assert found.steps == ("aurora rollout prod inference --weight 25",)
    assert found.back == "aurora rollout prod inference --abort" and found.waits_for is None
    assert situation(RepositoryPaths(tmp_path), "prod", "model-store", BY_NAME) is None


def test_in_an_environment_with_errors_only_the_way_back_is_open(tmp_path: Path) -> None:
    loaded(tmp_path, ENVIRONMENT)
    (tmp_path / "environments" / "prod.yaml").write_text(changed((DIGEST + '"}\n  trainer', 'x"}\n  trainer')))
    found = situation(RepositoryPaths(tmp_path), "prod", "inference", BY_NAME)
    assert found is not None and found.steps == () and found.back == "aurora rollout prod inference --abort"
    assert "has errors" in (found.waits_for or "")
