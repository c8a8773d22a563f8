"""Finds the archive of a chart and proves that it is harmless and the right one. Unpacks nothing to disk."""

import gzip
import hashlib
import io
import os
import re
import tarfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from aurora.charts import lock
from aurora.errors import UsageError
from aurora.paths import CHARTS_VARIABLE

MOST_BYTES = 100 * 1024 * 1024
"""Of an archive and of its content, as in Helm (pkg/chart/loader/archive, `MaxDecompressedChartSize`)."""
MOST_FILES = 10_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
VENDOR = "run `aurora charts vendor`"


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive of a chart in a file, with the SHA-256 of its bytes."""

    path: Path
    digest: str


class UnusableArchiveError(Exception):
    """An archive is there and must not be used; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Archives:
    """Where archives lie: in the repository, held to its lock, and in the folder that a variable names."""

    own: Path | None

    @property
    def other(self) -> Path | None:
        """The folder that the variable names."""
        named = os.environ.get(CHARTS_VARIABLE)
        return Path(named).absolute() if named else None

    @cached_property
    def _locked(self) -> dict[tuple[str, str], lock.Locked]:
        return dict(lock.read(self.own / lock.FILE, f"{self.own.name}/{lock.FILE}")) if self.own else {}

    def check(self) -> None:
        """Read the lock, and look for the folder that the variable names, whatever charts there are.

        Raises:
            InputError: the lock cannot be used.
            UsageError: the variable names no folder.
        """
        _ = self._locked
        if self.other is not None and not self.other.is_dir():
            raise UsageError(
                f"`{CHARTS_VARIABLE}` names `{self.other}`, which is no folder",
                hint=f"unset `{CHARTS_VARIABLE}`, or name a folder of archives",
            )

    def find(self, chart: str, version: str) -> Archive | None:
        """Give the archive of exactly this version, if there is one.

        Raises:
            UnusableArchiveError: it is not the one that is locked, or no lock names it, or it cannot be read.
            InputError: the lock cannot be used.
        """
        name = chart.rpartition("/")[2]
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            return None
        file = lock.archive_file(name, version)
        if self.own is not None and (self.own / file).is_file():
            archive = _archive(self.own / file)
            locked = self._locked.get((name, version))
            if locked is None:
                raise UnusableArchiveError(f"`{file}` is not in `{lock.FILE}`", VENDOR)
            if locked.digest != f"sha256:{archive.digest}":
                raise UnusableArchiveError(
                    f"`{file}` has the digest sha256:{archive.digest}, and {locked.digest} is locked",
                    f"delete it and {VENDOR}; if that fetches the same again, find out why it was published anew",
                )
            return archive
        if self.other is not None and (self.other / file).is_file():
            return _archive(self.other / file)
        return None


def _archive(path: Path) -> Archive:
    return Archive(path, hashlib.sha256(content(path)).hexdigest())


def content(path: Path) -> bytes:
    """Read an archive.

    Raises:
        UnusableArchiveError: it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnusableArchiveError(f"`{path.name}` has more than {MOST_BYTES >> 20} MiB", VENDOR)
        return path.read_bytes()
    except OSError as error:
        message = f"`{path.name}` cannot be read: {error.strerror}"
        raise UnusableArchiveError(message, "check its permissions") from error


def prove(name: str, packed: bytes) -> None:
    """Prove that an archive holds files of one chart and nothing else.

    Raises:
        UnusableArchiveError: it is no archive, is too large when unpacked, or holds a link or a path outside.
    """
    try:
        reader = _Bounded(gzip.GzipFile(fileobj=io.BytesIO(packed)))
        with tarfile.open(fileobj=reader, mode="r|") as opened:
            problem = _problem(opened)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        problem = f"is no archive of a chart: {error}"
    if problem:
        raise UnusableArchiveError(f"`{name}` {problem}", VENDOR)


def _problem(opened: tarfile.TarFile) -> str | None:
    size, number = 0, -1
    for number, member in enumerate(opened):
        size += member.size
        path = PurePosixPath(member.name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1]:
            return f"holds the path `{member.name}`, which leaves the chart"
        if not (member.isreg() or member.isdir()):
            return f"holds `{member.name}`, which is a link or no file"
        if size > MOST_BYTES or number >= MOST_FILES:
            return f"has more than {MOST_BYTES >> 20} MiB or {MOST_FILES} files when it is unpacked"
    return "is no archive of a chart: it holds nothing" if number < 0 else None


class _Bounded(io.RawIOBase):
    """Reads no more than an archive may hold, whatever its headers say."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._left = MOST_BYTES + (MOST_BYTES >> 3)

    def read(self, size: int = -1, /) -> bytes:
        found = self._source.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(found)
        if self._left <= 0:
            raise ValueError(f"it has more than {MOST_BYTES >> 20} MiB when it is unpacked")
        return found
