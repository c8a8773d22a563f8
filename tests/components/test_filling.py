"""Values that tables of components leave open."""

from __future__ import annotations

import pytest

from aurora import tables
from aurora.errors import StorageError
from aurora_constructs.filling import fill


def test_every_open_value_is_filled_in_at_any_depth_and_the_table_stays() -> None:
    table = {"rules": [{"expr": "up < <least> and on (job) x <= 3", "for": "5m", "n": 1, "on": True}]}
    assert fill(table, {"least": 2}) == {
        "rules": [{"expr": "up < 2 and on (job) x <= 3", "for": "5m", "n": 1, "on": True}]
    }
    assert table["rules"][0]["expr"] == "up < <least> and on (job) x <= 3"


def test_a_value_that_nobody_gives_is_an_error() -> None:
    with pytest.raises(KeyError, match="least"):
        fill("<least>", {"most": 1})


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(StorageError, match="monitoring/absent.yaml"):
        tables.of_component("monitoring/absent")
