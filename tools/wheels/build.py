"""Builds the wheels: `aurora`, `aurora-contract`, and `aurora-validators` for a platform.

Example: python tools/wheels/build.py --platform linux-aarch64 --only validators
"""

import argparse
import json
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora import distribution
from aurora.console import Console
from aurora.errors import AuroraError, ToolMissingError, ToolOutputError
from aurora.paths import cache_folder
from aurora.tools import go, packaged
from aurora.tools.installed import Toolbox, source_key
from aurora.tools.pins import PINS, ToolPin
from aurora.tools.runner import Command, run
from bill_of_materials import bill
from go_modules import BuildInfo, build_info, folders, licences

ROOT = Path(__file__).resolve().parents[2]
VALIDATORS = Path(__file__).resolve().parent / "validators"
TIMEOUT = 1800.0
REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "1580601600", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as Go names it, and the tag that pip compares; the programs are static and need no C library."""

    system: str
    processor: str
    tag: str


PLATFORMS = {
    "linux-x86_64": Platform("linux", "amd64", "manylinux_2_17_x86_64.musllinux_1_1_x86_64"),
    "linux-aarch64": Platform("linux", "arm64", "manylinux_2_17_aarch64.musllinux_1_1_aarch64"),
    # What this Go supports at least: https://go.dev/wiki/MinimumRequirements
    "darwin-arm64": Platform("darwin", "arm64", "macosx_12_0_arm64"),
}


def main() -> int:
    """Read the options and build."""
    options = argparse.ArgumentParser(description="Build the wheels.")
    options.add_argument("--output", type=Path, default=ROOT / "build" / "dist")
    options.add_argument("--platform", choices=sorted(PLATFORMS), default=packaged.this_platform())
    options.add_argument("--only", choices=("compiler", "validators"))
    chosen = options.parse_args()
    output: Path = chosen.output.resolve()
    console = Console()
    try:
        output.mkdir(parents=True, exist_ok=True)
        if chosen.only != "validators":
            for project in (ROOT, ROOT / "programs" / "contract"):
                _wheel(project, output)
        if chosen.only != "compiler":
            with tempfile.TemporaryDirectory() as folder:
                _validators(chosen.platform, Path(folder) / "validators", output, console)
    except AuroraError as error:
        console.error(error)
        return error.exit_code
    for wheel in sorted(output.glob("*.whl")):
        console.result(f"{wheel.stat().st_size / 1e6:7.1f} MB  {wheel.name}")
    return 0


def _wheel(project: Path, output: Path) -> None:
    args = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(output))
    run(Command(args=args, cwd=project, timeout=TIMEOUT, environment={**go.surroundings(), **REPRODUCIBLE}))


def _validators(platform: str, folder: Path, output: Path, console: Console) -> None:
    """Put the programs, the licences and the bill of materials into a copy of the project, and build it."""
    if platform not in PLATFORMS:
        raise ToolMissingError(f"no wheel is built for {platform}", hint=f"there are {', '.join(sorted(PLATFORMS))}")
    shutil.copytree(VALIDATORS, folder)
    package = folder / packaged.PACKAGE
    (package / "bin").mkdir()
    tools = Toolbox(cache=cache_folder(), sources=distribution.modules())
    keys: dict[str, str] = {}
    for pin in PINS:
        with console.progress() as progress:
            shutil.copy2(_program(pin, platform, tools, progress), package / "bin" / pin.name)
        keys[pin.name] = source_key(tools.sources, pin)
    listing = {"platform": platform, "tag": PLATFORMS[platform].tag, "programs": keys}
    (package / packaged.LISTING).write_text(json.dumps(listing, indent=1) + "\n", encoding="utf-8")
    found = _linked(package / "bin", platform, tools)
    _licences(found, folder / "licenses", tools)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    made = bill(project["name"], project["version"], found, {pin.name: pin.version for pin in PINS})
    text = json.dumps(made, indent=1) + "\n"
    (folder / "aurora-validators.cdx.json").write_text(text, encoding="utf-8")
    _wheel(folder, output)


def _program(pin: ToolPin, platform: str, tools: Toolbox, progress: go.Progress) -> Path:
    """Give a program for a platform: of this machine's the proved one of the cache, of another a cross build."""
    if platform == packaged.this_platform():
        go.build(pin, tools, progress)
        return tools.binary(pin)
    target = ROOT / "build" / "programs" / platform / f"{source_key(tools.sources, pin)}" / pin.name
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        wanted = PLATFORMS[platform]
        go.compile_to(target, pin, tools.sources, progress, system={"GOOS": wanted.system, "GOARCH": wanted.processor})
    return target


def _linked(programs: Path, platform: str, tools: Toolbox) -> dict[Path, BuildInfo]:
    """Ask Go about each program; one for another platform than the wheel's must not get into it."""
    toolchain = go.toolchain(tools.sources, lambda *_: None)
    found = {program: build_info(toolchain, program) for program in sorted(programs.iterdir())}
    wanted = PLATFORMS[platform]
    for program, info in found.items():
        if (info.settings["GOOS"], info.settings["GOARCH"]) != (wanted.system, wanted.processor):
            raise ToolOutputError(f"`{program.name}` is for {info.settings['GOOS']}, not for {platform}")
    return found


def _licences(programs: Mapping[Path, BuildInfo], target: Path, tools: Toolbox) -> None:
    """Copy the terms of Aurora, of Go and of everything that is linked; a module without any is an error."""
    toolchain = go.toolchain(tools.sources, lambda *_: None)
    root, cache = folders(toolchain)
    target.mkdir()
    shutil.copy(ROOT / "LICENSE", target / "aurora-LICENSE")
    shutil.copy(root / "LICENSE", target / "go-LICENSE")
    missing: list[str] = []
    for module in sorted({module for info in programs.values() for module in info.modules}):
        terms = list(licences(cache, module))
        for file in terms:
            shutil.copy(file, target / f"{module.path.replace('/', '_')}@{module.version}-{file.name}")
        missing += [] if terms else [f"{module.path}@{module.version}"]
    if missing:
        raise ToolMissingError(
            f"Go's module cache has no licence of {', '.join(missing)}",
            hint="run `go mod download` in the module that needs it",
        )


if __name__ == "__main__":
    sys.exit(main())
