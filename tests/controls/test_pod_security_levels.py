"""Pod Security refuses what lacks a control at the level that the matrix names; below it, some way is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.checks.server import ServerCheck
from aurora.controls.table import CONTROLS, Control
from aurora.server_validation.session import LEVELS
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from controls.control_cases import POD_BREAKS, Body, broken, inventory, pod

COVERED = [control for control in CONTROLS if control.pod_security is not None]


def worlds() -> dict[str, Body]:
    """Give each broken pod by the namespace that it is in: one for every control, way and level."""
    found: dict[str, Body] = {}
    for control in COVERED:
        for level in LEVELS:
            for number, change in enumerate(POD_BREAKS[control.id]):
                body = broken(change, pod())
                body["metadata"]["namespace"] = f"{control.id}-{number}-{level}"
                found[body["metadata"]["namespace"]] = body
    return found


def _namespace(name: str) -> Body:
    labels = {"pod-security.kubernetes.io/enforce": name.rpartition("-")[2]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


@pytest.fixture(scope="module")
def refused(real_toolbox: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The namespaces that refuse their pod, by the API server's own code."""
    bodies = worlds()
    objects = inventory(*(_namespace(name) for name in bodies), *bodies.values())
    workspace: Path = tmp_path_factory.mktemp("levels")
    settings = Settings(cache=workspace / "cache", workspace=workspace)
    (result,) = ServerCheck(real_toolbox.locate, ("pod-security",)).results(objects, settings)
    return frozenset(
        entry.resource.namespace or ""
        for entry in result.findings
        if entry.rule == "pod-security/enforce" and entry.resource
    )


@pytest.mark.real_tools
@pytest.mark.parametrize("control", COVERED, ids=lambda control: control.id)
def test_the_level_refuses_what_lacks_the_control(control: Control, refused: frozenset[str]) -> None:
    assert control.pod_security is not None
    ways = range(len(POD_BREAKS[control.id]))
    needed = LEVELS.index(control.pod_security.level)
    assert needed > 0
    for level in LEVELS[needed:]:
        assert [f"{control.id}-{number}-{level}" in refused for number in ways] == [True for _ in ways], level
    for level in LEVELS[:needed]:
        assert not all(f"{control.id}-{number}-{level}" in refused for number in ways), level


@pytest.mark.real_tools
def test_a_pod_that_keeps_every_control_is_admitted_at_every_level(real_toolbox: Toolbox, tmp_path: Path) -> None:
    body = pod()
    body["metadata"]["namespace"] = "all-restricted"
    settings = Settings(cache=tmp_path / "cache", workspace=tmp_path)
    check = ServerCheck(real_toolbox.locate, ("pod-security",))
    (result,) = check.results(inventory(_namespace("all-restricted"), body), settings)
    assert result.findings == ()
