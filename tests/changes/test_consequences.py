from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from aurora.changes import consequences
from aurora.changes.consequences.row import Row
from aurora.changes.consequences.view import PodVerdict
from aurora.changes.pairs import Scene
from aurora.model.manifest import Manifest
from changes.scenes import scene

EXAMPLES = pytest.mark.parametrize("row", consequences.ROWS, ids=lambda row: row.id)


def rules(given: Scene) -> list[str]:
    return [consequence.rule for _, consequence in consequences.follow(given, refuse_where_restricted)]


def refuse_where_restricted(
    namespace: str, labels: Mapping[str, str], workloads: tuple[Manifest, ...]
) -> list[PodVerdict]:
    strict = labels.get("pod-security.kubernetes.io/enforce") == "restricted"
    return [PodVerdict(workload, f"refused in `{namespace}`") for workload in workloads if strict]


def prepared(row: Row, given: Scene) -> Scene:
    if row.id != "refused/held-back" or row.example.before != row.counter.before:
        return given
    return replace(given, pairs=tuple(replace(pair, refusals=("field is immutable",)) for pair in given.pairs))


@EXAMPLES
def test_a_row_follows_from_its_example(row: Row) -> None:
    given = prepared(row, scene(row.example.before, row.example.after))
    judge = refuse_where_restricted if row.id == "admission/pods-refused" else None
    found = [entry for _, entry in consequences.follow(given, judge) if entry.rule == row.id]
    assert found
    assert all(entry.message and entry.impacts == row.impacts for entry in found)


@EXAMPLES
def test_a_row_does_not_follow_from_its_counter_example(row: Row) -> None:
    assert row.counter.before != row.counter.after
    assert row.id not in rules(scene(row.counter.before, row.counter.after))


def test_ids_of_rows_are_unique_and_name_their_domain() -> None:
    ids = [row.id for row in consequences.ROWS]
    assert len(ids) == len(set(ids))
    assert all(name.count("/") == 1 for name in ids)
