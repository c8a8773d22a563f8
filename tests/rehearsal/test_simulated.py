"""The status that is simulated: read as data, filled in from each object, and given once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora import distribution
from aurora.errors import TableError
from aurora.kinds.table import group
from aurora.rehearsal.simulated import Simulated, has, kubelets, simulated, wanted


def kind(**status: object) -> Simulated:
    made = json.loads(json.dumps(status))
    return Simulated(group="a.io", version="v1", kind="A", instead_of="a", status=made, where={})


def test_every_simulated_kind_is_in_the_table_and_says_in_whose_stead() -> None:
    for each in simulated():
        assert each.kind in group(each.group).kinds, each
        assert each.instead_of and each.status


def test_every_custom_kind_that_is_simulated_is_in_the_schema_pack() -> None:
    packed = {path.name for path in distribution.shipped().schemas.glob("*.json")}
    for each in simulated():
        if "." in each.group and not group(each.group).builtin and not each.group.startswith("ml.aurora"):
            assert any(name.endswith(f".{each.group}.json") for name in packed), each


def test_a_broken_file_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "a.io"
    folder.mkdir()
    (folder / "status.yaml").write_text("A:\n  version: v1\n  insteadof: a\n  status: {}\n")
    with pytest.raises(TableError, match="insteadOf"):
        simulated(tmp_path)


def test_the_status_of_an_object_has_its_generation_and_what_it_names() -> None:
    found = wanted(
        kind(observedGeneration=1, parents=[{"name": "$.spec.refs.0.name"}]),
        {"metadata": {"generation": 7}, "spec": {"refs": [{"name": "edge"}]}},
    )
    assert found == {"observedGeneration": 7, "parents": [{"name": "edge"}]}


@pytest.mark.parametrize(
    ("there", "asked", "answer"),
    [
        (None, {"ready": True}, False),
        ({"ready": True, "more": 1}, {"ready": True}, True),
        ({"ready": False}, {"ready": True}, False),
        ({"conditions": [{"type": "A"}, {"type": "B", "status": "True"}]}, {"conditions": [{"type": "B"}]}, True),
        ({"conditions": [{"type": "A"}]}, {"conditions": [{"type": "B"}]}, False),
        ({"conditions": "none"}, {"conditions": [{"type": "B"}]}, False),
        ({}, {}, True),
    ],
)
def test_an_object_has_a_status_if_it_has_all_of_it(there: object, asked: object, answer: bool) -> None:
    assert has(json.loads(json.dumps(there)), json.loads(json.dumps(asked))) is answer


def test_kubelets_are_played_for_nodes_and_pods_alone() -> None:
    assert {json.dumps(stage["spec"]["resourceRef"]["kind"]) for stage in kubelets()} == {'"Node"', '"Pod"'}  # type: ignore[index, call-overload]
