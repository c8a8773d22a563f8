"""The repository that the tests of promotions and of images edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.paths import RepositoryPaths
from promotion.stages_in_git import two_stages


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    return two_stages(tmp_path / "repository")
