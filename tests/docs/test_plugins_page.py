"""The package of the page on plugins is built, installed and compiled as the page shows it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from aurora.tools.runner import Command, run
from commands.command_line import ENVIRONMENT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Build the package's wheel and install it into a folder of its own."""
    project, _ = blocks("toml")
    spec, chart = blocks("python")
    package, target = tmp_path / "aurora-banner", tmp_path / "site"
    (package / "aurora_banner").mkdir(parents=True)
    files = {"pyproject.toml": project, "aurora_banner/__init__.py": "", "aurora_banner/spec.py": spec}
    for name, text in {**files, "aurora_banner/chart.py": chart}.items():
        (package / name).write_text(text, encoding="utf-8")
    pip = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    run(Command(args=(sys.executable, *pip, "--target", str(target), str(package)), cwd=tmp_path, timeout=120))
    return target


def test_the_kind_of_the_page_compiles(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / "environments").mkdir(parents=True)
    _, setting = blocks("toml")
    (root / "pyproject.toml").write_text(setting, encoding="utf-8")
    (entry,) = blocks("yaml")
    text = ENVIRONMENT + entry.removeprefix("components:\n")
    (root / "environments" / "example.yaml").write_text(text, encoding="utf-8")
    surroundings = {"PYTHONPATH": str(installed), "AURORA_CACHE": str(tmp_path / "cache")}

    def aurora(*words: str) -> str:
        args = (sys.executable, "-c", "from aurora.app import run; run()", *words)
        return run(Command(args=args, cwd=root, timeout=120, environment=surroundings)).stdout

    assert "Banner" in aurora("list", "components")
    skipped = [
        word for check in ("schema", "server", "pod-security", "policy", "scaling") for word in ("--skip", check)
    ]
    aurora("synth", *skipped)
    written = root / "generated/example/banner/team/configmap.aurora-banner.yaml"
    assert "text: Maintenance on Sunday" in written.read_text(encoding="utf-8")
