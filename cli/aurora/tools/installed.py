"""Finds the pinned programs and proves their versions: by variable, on the PATH, in the wheel, or in the cache.

Builds nothing. What is on the PATH with another version is passed over with a note; what a variable names
must have the pinned version, since somebody meant it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aurora import distribution
from aurora.errors import ToolCrashedError, ToolError, ToolMissingError, ToolVersionError
from aurora.paths import cache_folder
from aurora.tools import packaged, pins
from aurora.tools.pins import ToolPin
from aurora.tools.runner import Command, run

VERSION_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Installed:
    """A program of the pinned version, and how it was found: `variable`, `PATH`, `wheel` or `cache`."""

    pin: ToolPin
    path: Path
    found_by: str


@dataclass(slots=True)
class Toolbox:
    """Finds each program once; `notes` says what was skipped. `wheel` is the folder of aurora-validators.

    `build` puts a lazy program that is nowhere into the cache; without it such a program is missing like any other.
    """

    cache: Path
    sources: Path
    wheel: Path | None = None
    build: Callable[[ToolPin], object] | None = None
    notes: list[str] = field(default_factory=list)
    _found: dict[str, Installed] = field(default_factory=dict)

    def locate(self, name: str) -> Path:
        """Give the path of a program by its pin's name.

        Raises:
            ToolMissingError: it is nowhere.
            ToolVersionError: the variable names another version, or no program.
        """
        return self.find(pins.BY_NAME[name]).path

    def find(self, pin: ToolPin) -> Installed:
        """Find a program of exactly the pinned version.

        Raises:
            ToolMissingError: it is nowhere.
            ToolVersionError: the variable names another version, or no program.
        """
        if pin.name not in self._found:
            found = self._by_variable(pin) or self._on_path(pin) or self._packaged(pin) or self._cached(pin)
            if found is None and pin.lazy and self.build is not None:
                self.build(pin)
                found = self._cached(pin)
            if found is None:
                raise ToolMissingError(f"`{pin.name}` {pin.version} is not installed", hint=f"run `{pin.install}`")
            self._found[pin.name] = found
        return self._found[pin.name]

    def binary(self, pin: ToolPin) -> Path:
        """Give the path at which a program lies in the cache: one folder per version, source pin and platform."""
        name = f"{pin.name}-{pin.version}-{packaged.this_platform()}-{source_key(self.sources, pin)}"
        return self.cache / "tools" / name / pin.name

    def _by_variable(self, pin: ToolPin) -> Installed | None:
        named = os.environ.get(pin.variable)
        if not named:
            return None
        path = Path(named).absolute()
        if not path.is_file():
            raise ToolVersionError(
                f"`{pin.variable}` names `{named}`, which is no file", hint=f"unset `{pin.variable}` or correct it"
            )
        version = self.version(pin, path)
        if version != pin.version:
            raise ToolVersionError(
                f"`{pin.variable}` names {pin.name} {version}, but {pin.version} is pinned",
                hint=f"unset `{pin.variable}`, or point it to {pin.version}",
            )
        return Installed(pin, path, "variable")

    def _on_path(self, pin: ToolPin) -> Installed | None:
        named = None if pin.own else shutil.which(pin.name)
        if named is None:
            return None
        path = Path(named).absolute()
        try:
            version = self.version(pin, path)
        except ToolError as error:
            self.notes.append(f"`{path}` is skipped: {error.message.splitlines()[0]}")
            return None
        if version != pin.version:
            self.notes.append(f"`{path}` is skipped: it is {version}, and {pin.version} is pinned")
            return None
        return Installed(pin, path, "PATH")

    def _packaged(self, pin: ToolPin) -> Installed | None:
        if self.wheel is None:
            return None
        listing = packaged.read(self.wheel)
        if pin.name not in listing.keys:
            return None
        path = listing.program(pin.name)
        if listing.keys[pin.name] != source_key(self.sources, pin):
            self.notes.append(f"`{path}` is skipped: it was built from other sources than this Aurora's")
            return None
        version = self.version(pin, path)
        if version != pin.version:
            raise ToolVersionError(
                f"`{path}` says that it is {version}, not {pin.version}",
                hint=f"install it again: `pip install --force-reinstall {packaged.DISTRIBUTION}`",
            )
        return Installed(pin, path, "wheel")

    def _cached(self, pin: ToolPin) -> Installed | None:
        path = self.binary(pin)
        if not path.is_file():
            return None
        version = self.version(pin, path)
        if version != pin.version:
            raise ToolVersionError(
                f"`{path}` says that it is {version}, not {pin.version}",
                hint=f"delete that file and run `{pin.install}`",
            )
        return Installed(pin, path, "cache")

    def version(self, pin: ToolPin, path: Path) -> str:
        """Ask a binary for its version, once for each content: the answer is kept beside the cached tools.

        Raises:
            ToolCrashedError: it did not answer in the form of this program.
        """
        status = path.stat()
        identity = f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
        answer = self.cache / "versions" / f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}.json"
        if (known := _answered(answer, identity)) is not None:
            return known
        version = _ask(pin, path)
        answer.parent.mkdir(parents=True, exist_ok=True)
        temporary = answer.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({"identity": identity, "version": version}))
        temporary.replace(answer)
        return version


@cache
def source_key(sources: Path, pin: ToolPin) -> str:
    """Hash what a program is built from, once in a process: whoever edits it meanwhile gets another one next time."""
    digest = hashlib.sha256(" ".join((pin.package, pin.ldflags, *pin.build_flags)).encode())
    module = sources / pin.module
    modfile = module / pin.modfile
    files = [modfile, modfile.with_suffix(".sum")]
    if pin.own:
        files += [file for folder in (module, sources / "protocol") for file in folder.rglob("*.go")]
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _answered(answer: Path, identity: str) -> str | None:
    """Read what a binary said before; what somebody damaged is asked again."""
    try:
        known = json.loads(answer.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    sound = isinstance(known, dict) and known.get("identity") == identity and isinstance(known.get("version"), str)
    return str(known["version"]) if sound else None


def _ask(pin: ToolPin, path: Path) -> str:
    answer = run(Command(args=(str(path), *pin.version_args), cwd=path.parent, timeout=VERSION_TIMEOUT))
    match = pin.version_pattern.search(answer.stdout)
    if match is None:
        raise ToolCrashedError(f"`{path}` does not say its version as {pin.name} does")
    return match[1]


def toolbox() -> Toolbox:
    """Give the finder of the programs in the wheel and the user's cache, as built from Aurora's own sources."""
    return Toolbox(cache=cache_folder(), sources=distribution.modules(), wheel=packaged.installed_folder())
