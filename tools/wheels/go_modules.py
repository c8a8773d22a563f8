"""Reads what Go wrote into a program: the modules that are linked, and their licences in Go's module cache."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolOutputError
from aurora.tools.go import surroundings
from aurora.tools.runner import Command, run

LOCAL = "(devel)"
STATED_ELSEWHERE = {
    "github.com/alibabacloud-go/cr-20160607": "README.md",
    "github.com/openreports/reports-api": "apis/openreports.io/v1alpha1/clusterreport_types.go",
}
"""Modules without a file of their terms, and the file in each that states them."""
_LICENCE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT|PATENTS)([.-].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A module of other people; `sum` is what go.sum says of it."""

    path: str
    version: str
    sum: str


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """What is linked into a program, and with which settings it was built."""

    go: str
    modules: tuple[Module, ...]
    settings: dict[str, str]


def build_info(go: Path, program: Path) -> BuildInfo:
    """Ask Go what a program was built from.

    Raises:
        ToolOutputError: Go says something else.
    """
    command = Command(args=(str(go), "version", "-m", str(program)), cwd=program.parent, timeout=60)
    first, *lines = run(command).stdout.splitlines()
    modules: list[Module] = []
    settings: dict[str, str] = {}
    for line in lines:
        word, *rest = line.strip().split("\t")
        if word == "dep":
            modules.append(Module(rest[0], rest[1], rest[2] if len(rest) > 2 else ""))
        elif word == "=>":
            modules[-1] = Module(rest[0], rest[1], rest[2] if len(rest) > 2 else "")
        elif word == "build":
            name, _, value = rest[0].partition("=")
            settings[name] = value
    if not first.startswith(f"{program}: go1.") or not modules or "GOOS" not in settings:
        raise ToolOutputError(f"`go version -m {program}` does not say what was linked")
    foreign = (module for module in modules if module.version != LOCAL)
    return BuildInfo(first.rpartition(" ")[2].removeprefix("go"), tuple(sorted(set(foreign))), settings)


def folders(go: Path) -> tuple[Path, Path]:
    """Give Go's own folder and that of its module cache."""
    command = Command(
        args=(str(go), "env", "GOROOT", "GOMODCACHE"), cwd=go.parent, timeout=60, environment=surroundings()
    )
    root, modules = run(command).stdout.split("\n")[:2]
    return Path(root), Path(modules)


def licences(cache: Path, module: Module) -> Iterator[Path]:
    """Yield the files with the terms of a module; Go takes those of the repository into every module of it."""
    folder = cache / f"{_escaped(module.path)}@{_escaped(module.version)}"
    if folder.is_dir():
        named = [folder / STATED_ELSEWHERE[module.path]] if module.path in STATED_ELSEWHERE else []
        found = (each for each in sorted(folder.iterdir()) if _LICENCE.fullmatch(each.name))
        yield from (each for each in (*found, *named) if each.is_file())


def _escaped(name: str) -> str:
    """Write a name as the module cache does: upper case is `!` and lower case."""
    return re.sub(r"[A-Z]", lambda letter: f"!{letter[0].lower()}", name)
