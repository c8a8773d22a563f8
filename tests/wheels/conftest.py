"""The wheels, where somebody built them: `make wheels` does."""

from __future__ import annotations

import os
import venv
from pathlib import Path

import pytest

from wheels.elsewhere import Elsewhere

DIST = Path(__file__).resolve().parents[2] / "build" / "dist"


@pytest.fixture(scope="session")
def wheels() -> list[Path]:
    """The three wheels, and beside them what they need: missing ones fail under `make installed`, else skip."""
    found = sorted(DIST.glob("aurora*.whl"))
    if len(found) < 3 or not (DIST / "packages").is_dir():
        reason = "no wheels in `build/dist/`: `make wheels` builds them"
        if os.environ.get("AURORA_WHEELS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def elsewhere(tmp_path: Path, wheels: list[Path]) -> Elsewhere:
    """An environment with nothing but pip in it."""
    assert wheels
    venv.create(tmp_path / "venv", with_pip=True)
    return Elsewhere(tmp_path)
