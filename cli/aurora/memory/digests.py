"""Hashes of what results depend on: values, files, folders, installed packages, and the code that runs.

Reads, never writes. A value whose parts it does not know has no hash: what depends on it cannot be remembered.
"""

import datetime
import enum
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aurora import STARTED

_STARTED = STARTED
_LOOKED_AT: dict[str, tuple[int, ...]] = {}
"""The state of each file of code before it was hashed."""
PACKAGES = ("aurora", "aurora_constructs", "aurora_contract")
_SCALARS = (str, int, float, type(None))
_VARIABLES = ("JSII_", "NODE_")
"""Prefixes of environment variables that steer the Node beneath the constructs."""


class UnknownValueError(TypeError):
    """A value has a part whose content cannot be told."""


def of(*parts: str | bytes) -> str:
    """Hash parts so that no other parts have the same hash."""
    return hashlib.sha256(b"".join(map(_framed, parts))).hexdigest()


def _framed(part: str | bytes) -> bytes:
    data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
    return b"%d:%b" % (len(data), data)


def of_value(value: object) -> str:
    """Hash a value of specifications, dataclasses, mappings, lists and scalars.

    Raises:
        UnknownValueError: a part is of another type.
    """
    return of(json.dumps(_plain(value), ensure_ascii=True, allow_nan=True))


def _plain(value: object) -> Any:
    """Write a value down with the types and the order of its parts: a reader can tell both apart."""
    if type(value) in _SCALARS or type(value) is bool:
        return value
    if isinstance(value, enum.Enum | datetime.date):
        return [_name(value), str(value.value) if isinstance(value, enum.Enum) else value.isoformat()]
    if isinstance(value, Mapping):
        return {"map": [[_plain(key), _plain(entry)] for key, entry in value.items()]}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(_plain(entry) for entry in value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {_name(value): [[field.name, _plain(getattr(value, field.name))] for field in fields(value)]}
    return _specification(value)


def _specification(value: object) -> Any:
    """Write down a pydantic model, with which of its fields were written by hand."""
    model = type(value)
    names = getattr(model, "model_fields", None)
    if names is None or getattr(value, "__pydantic_private__", None) or getattr(value, "__pydantic_extra__", None):
        raise UnknownValueError(f"a {model.__qualname__} has no hash")
    written = sorted(getattr(value, "model_fields_set", ()))
    return {_name(value): [[name, _plain(getattr(value, name))] for name in names], "written": written}


def _name(value: object) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The content of files, and when and where they were last changed: the second tells that nobody wrote meanwhile."""

    content: str
    written: Mapping[str, tuple[int, ...]]
    """Where and when each file was last written, by its path."""
    newest: int

    @property
    def state(self) -> str:
        """A hash over where and when every file was last written."""
        return of(*(f"{path} {identity}" for path, identity in self.written.items()))


def snapshot(places: Iterable[Path], *, ignored: Callable[[str], bool] = lambda _: False) -> Snapshot:
    """Hash files and folders with everything below; links count as what they lead to, and where.

    A folder without files counts too: that it is there can decide which one is read.

    Args:
        places: files and folders, which need not exist.
        ignored: tells of a file's or folder's name whether it is left out.

    Raises:
        OSError: something exists and cannot be read.
    """
    content, written, newest = hashlib.sha256(), dict[str, tuple[int, ...]](), 0
    for place in places:
        for path, shown in _files(os.fspath(place), ignored):
            status, link = _status(path)
            if not stat.S_ISDIR(status.st_mode):
                newest = max(newest, status.st_ctime_ns)
                written[path] = _identity(status)
            for part in (shown, link, _content(path, status)):
                content.update(_framed(part))
        content.update(_framed(";"))
    return Snapshot(content.hexdigest(), written, newest)


def _status(path: str) -> tuple[os.stat_result, str]:
    """Give the state of what a path leads to, and where it leads if it is a link; of a broken one, its own."""
    own = os.lstat(path)
    if not stat.S_ISLNK(own.st_mode):
        return own, ""
    led_to = os.stat(path) if os.path.exists(path) else own  # noqa: PTH116, PTH110 - see `_files`
    return led_to, os.readlink(path)  # noqa: PTH115 - as above


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def of_files(files: Mapping[str, bytes]) -> str:
    """Hash the bytes of files by their path, in whatever order."""
    return of(*(part for path, content in sorted(files.items()) for part in (path, content)))


def _files(place: str, ignored: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield every folder and file with its path below a place; folders that lead back into themselves end there.

    Paths are texts here: this looks at a thousand files before any other work begins.
    """
    if not os.path.isdir(place):  # noqa: PTH112 - see above
        if os.path.lexists(place):
            yield place, os.path.basename(place)  # noqa: PTH119 - see above
        return
    seen: set[str] = set()
    for folder, folders, names in os.walk(place, followlinks=True, onerror=_fail):
        real = os.path.realpath(folder)
        folders[:] = sorted(name for name in folders if not ignored(name)) if real not in seen else []
        seen.add(real)
        shown = folder.removeprefix(place)
        yield folder, shown
        for name in sorted(names):
            if not ignored(name):
                yield f"{folder}/{name}", f"{shown}/{name}"


def _is_compiled(name: str) -> bool:
    return name == "__pycache__" or name.endswith(".pyc")


def _fail(error: OSError) -> None:
    raise error


def _content(path: str, status: os.stat_result) -> bytes:
    if stat.S_ISDIR(status.st_mode):
        return b"a folder"
    if not stat.S_ISREG(status.st_mode):
        return b"no regular file"
    with open(path, "rb") as file:  # noqa: PTH123 - see `_files`
        return file.read()


@cache
def code() -> str | None:
    """Hash the code that runs: Aurora's, its packages as installed, Python; None if it changed after the start.

    Then nobody knows which of the two is running.
    """
    own = [_package(name) for name in PACKAGES]
    known = [entry for entry in own if entry is not None]
    if len(known) < len(own):
        return None
    steering = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_VARIABLES))
    return of(*known, installed(), sys.version, repr(sys.flags), sys.platform, *steering)


def is_current() -> bool:
    """Tell whether all code that was hashed is still the same: most of it is imported later, where it is needed."""
    return all(_written(path) == state for path, state in _LOOKED_AT.items())


def _written(path: str) -> tuple[int, ...]:
    """Tell where and when a file was last written; nothing of one that is gone."""
    try:
        return _identity(_status(path)[0])
    except OSError:
        return ()


@cache
def installed() -> str:
    """Hash the records of all installed packages, which list the hash of each of their files."""
    digest = hashlib.sha256()
    for folder in sys.path:
        for record in sorted(Path(folder or ".").glob("*.dist-info/RECORD")):
            digest.update(of(record.parent.name, record.read_bytes()).encode())
    return digest.hexdigest()


def plugins(group: str) -> str | None:
    """Hash the packages that installed distributions name in a group of entry points; None if one is not known."""
    modules = sorted({point.module.partition(".")[0] for point in importlib.metadata.entry_points(group=group)})
    found = [package(module) for module in modules]
    known = [entry for entry in found if entry is not None]
    return of(*modules, *known) if len(known) == len(found) else None


@cache
def package(name: str) -> str | None:
    """Hash the files of an importable top-level package or module; None if there is none or it just changed."""
    return _package(name)


def _package(name: str) -> str | None:
    place = package_folder(name)
    if place is None:
        return None
    found = snapshot([place], ignored=_is_compiled)
    _LOOKED_AT.update(found.written)
    return found.content if found.newest <= _STARTED else None


def package_folder(name: str) -> Path | None:
    """Find where a top-level package or module lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin
