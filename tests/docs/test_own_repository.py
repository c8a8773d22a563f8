"""The walk-through of a repository of one's own: its commands, run one after the other, print what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.console_pages import follow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your-own-repository.md"


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_the_walk_through_holds(tmp_path: Path) -> None:
    assert follow(PAGE, tmp_path) > 10
