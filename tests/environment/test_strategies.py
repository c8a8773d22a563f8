"""What is wrong with a strategy is said before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.errors import InputError
from environment.trialled import CANARY, STABLE, STRATEGY, changed, loaded


def refused(folder: Path, *swaps: tuple[str, str]) -> list[str]:
    with pytest.raises(InputError) as error:
        loaded(folder, changed(*swaps))
    return [f"{finding.place}: {finding.message}" for finding in error.value.findings]


@pytest.mark.parametrize(
    ("strategy", "canary", "words"),
    [
        ("{type: canary, steps: [5, 25, 25]}", CANARY, "25 follows 25: the shares must rise from step to step"),
        ("{type: canary, steps: [50, 25]}", CANARY, "25 follows 50"),
        ("{type: canary, steps: []}", CANARY, "`components.inference.strategy.steps`"),
        ("{type: canary, steps: [0, 5]}", CANARY, "`components.inference.strategy.steps.0`"),
        ("{type: canary, steps: [5, 100]}", CANARY, "`components.inference.strategy.steps.1`"),
        ("{type: slow}", CANARY, "`components.inference.strategy.type`"),
        (STRATEGY, "{version: v20261101-090000, weight: 101}", "`components.inference.canary.weight`"),
        (STRATEGY, "{version: v20261101-090000, weight: -1}", "`components.inference.canary.weight`"),
        (STRATEGY, "{version: v20261101-090000}", "`canary.weight` is missing"),
        (STRATEGY, "{weight: 5}", "nothing is on trial"),
        ("{type: blue-green}", CANARY, "`canary.weight` is 0 or 100"),
        (
            "{type: blue-green}",
            "{version: v20261101-090000, weight: 0, replicas: 1}",
            "`canary.replicas` is 2 at least, as stable has",
        ),
        ("{type: rollouts}", CANARY, "Argo Rollouts decides the share"),
        ("{type: rollouts, minutes: 1}", "{version: v20261101-090000}", "`components.inference.strategy.minutes`"),
        ("{type: rollouts, analysis: null}", "{version: v20261101-090000}", "`components.inference.strategy.analysis`"),
    ],
)
def test_a_wrong_strategy_is_an_error_with_its_place(strategy: str, canary: str, words: str, tmp_path: Path) -> None:
    found = refused(tmp_path, (STRATEGY, strategy), (CANARY, canary))
    assert any(words in line and "environments/prod.yaml:" in line for line in found), found


@pytest.mark.parametrize(
    ("strategy", "canary"),
    [
        ("{type: canary, steps: [1, 99]}", CANARY),
        ("{type: canary, analysis: {errors: 3}}", CANARY),
        (STRATEGY, "{replicas: 3, header: {}}"),
        (STRATEGY, "null"),
        ("{type: blue-green}", "{version: v20261101-090000, weight: 100}"),
        ("{type: blue-green}", "{version: v20261101-090000, weight: 0, replicas: 3}"),
    ],
)
def test_a_right_one_is_none(strategy: str, canary: str, tmp_path: Path) -> None:
    text = changed((STRATEGY, strategy), (f"    canary: {CANARY}  # on trial\n", f"    canary: {canary}\n"))
    assert loaded(tmp_path, text.replace("    canary: null\n", "")).components


@pytest.mark.parametrize(
    ("strategy", "most", "refuses"),
    [
        ("{type: canary, steps: [5, 50]}", 25, True),
        ("{type: canary, steps: [30]}", 25, True),
        ("{type: canary, steps: [5, 50]}", 45, False),
        ("{type: canary, steps: [5, 25, 50]}", 25, False),
        ("{type: blue-green}", 25, True),
        ("{type: blue-green}", 100, False),
    ],
)
def test_a_step_that_the_definition_of_the_record_refuses_is_an_error(
    strategy: str, most: int, refuses: bool, tmp_path: Path
) -> None:
    own = "components:\n  model-store"
    api = (own, f"components:\n  api: {{kind: AuroraApi, weightStep: {most}}}\n  model-store")
    swaps = [api, (STRATEGY, strategy), (f"    canary: {CANARY}  # on trial\n", "")]
    if not refuses:
        assert loaded(tmp_path, changed(*swaps))
        return
    (line,) = refused(tmp_path, *swaps)
    assert f"refuses more than {most}" in line and line.startswith("environments/prod.yaml:24:")


def test_a_version_that_the_target_lacks_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, (STABLE, "{version: v20260101-000000, replicas: 2}"))
    assert "v20260101-000000" in line
