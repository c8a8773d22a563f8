"""The one gate to remembered results: a key-value file in the user's cache folder.

Whoever remembers something hashes all that it depends on into the key; nothing is kept once the code that was
hashed is another one, since nobody knows what was imported of it. An entry carries a digest of its key
and content; one that does not fit it is forgotten. The file may be deleted, damaged or used by several runs
at any time: then less is remembered, and nothing else happens.
"""

import hashlib
import sqlite3
import threading
import time
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from aurora.memory import digests

FILE = "remembered-v1.sqlite3"
LIMIT = 512 * 1024 * 1024
"""Bytes of entries above which the least recently used ones are forgotten."""

_KEPT_SHARE = 0.75
_BATCH = 500
_FORGOTTEN_AT_ONCE = 100
_BUSY_SECONDS = 2.0
_USE_SECONDS = 3600
"""How exactly the last use of an entry is known: finer would turn every reading into writing."""

_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH})
_TABLE = """
CREATE TABLE IF NOT EXISTS entries (
  key TEXT PRIMARY KEY, used INTEGER NOT NULL, digest BLOB NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_use ON entries (used);
"""


class Memory(Protocol):
    """Something that remembers values by key."""

    @property
    def remembers(self) -> bool:
        """Whether there is any use in working out keys."""

    @property
    def notes(self) -> Sequence[str]:
        """What people should know about it, such as a folder that cannot be written."""

    def recall(self, keys: Collection[str]) -> dict[str, bytes]:
        """Give what is remembered of these keys."""

    def keep(self, entries: Mapping[str, bytes]) -> None:
        """Remember values, if that is possible."""


class Forgetful:
    """Remembers nothing: every run computes everything."""

    remembers = False
    notes: Sequence[str] = ()

    def recall(self, keys: Collection[str]) -> dict[str, bytes]:
        """Give nothing."""
        del keys
        return {}

    def keep(self, entries: Mapping[str, bytes]) -> None:
        """Do nothing."""


class FileMemory:
    """Remembers in one SQLite file, which many threads and processes may use at once."""

    remembers = True

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self.notes: list[str] = []
        self._file = folder / FILE
        self._limit = limit
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def recall(self, keys: Collection[str]) -> dict[str, bytes]:
        """Give what is remembered of these keys; damaged entries are not."""
        found: dict[str, bytes] = {}
        with self._lock, self._guarded():
            connection = self._open()
            if connection is not None:
                now = int(time.time()) // _USE_SECONDS
                for batch in _batches(sorted(set(keys))):
                    marks = ",".join("?" * len(batch))
                    rows = connection.execute(
                        f"SELECT key, used, digest, value FROM entries WHERE key IN ({marks})",  # noqa: S608 - marks only
                        batch,
                    ).fetchall()
                    stale = [(now, key) for key, used, _, _ in rows if used < now]
                    found.update({key: value for key, _, digest, value in rows if _is_whole(key, digest, value)})
                    if stale:
                        connection.executemany("UPDATE entries SET used = ? WHERE key = ?", stale)
        return found

    def keep(self, entries: Mapping[str, bytes]) -> None:
        """Remember values; forget those that were not used for longest when there are too many bytes."""
        if not entries or not digests.is_current():
            return
        now = int(time.time()) // _USE_SECONDS
        rows = [(key, now, _digest(key, value), value) for key, value in entries.items()]
        with self._lock, self._guarded():
            connection = self._open()
            if connection is not None:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
                self._evict(connection)
                connection.execute("COMMIT")

    def _evict(self, connection: sqlite3.Connection) -> None:
        if _bytes_used(connection) <= self._limit:
            return
        while _bytes_used(connection) > self._limit * _KEPT_SHARE:
            forgotten = connection.execute(
                "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY used, rowid LIMIT ?)",
                (_FORGOTTEN_AT_ONCE,),
            )
            if not forgotten.rowcount:
                return

    def _open(self) -> sqlite3.Connection | None:
        """Give the connection; None where there is no file to be had, which is noted once."""
        if self._connection is None and not self.notes:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # No entry is trusted, so that one may be lost when the machine stops; nothing waits for the disk.
            connection = sqlite3.connect(
                self._file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection = connection
            weakref.finalize(self, connection.close)  # or a log of half a megabyte stays beside the file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_TABLE)
        return self._connection

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into forgetting: a damaged one is deleted, another one left alone."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) in _BROKEN:
                self._discard()
            elif getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                self._close()
            else:
                self._give_up(str(error))
        except OSError as error:
            self._give_up(error.strerror or str(error))

    def _give_up(self, why: str) -> None:
        self._close()
        self.notes.append(f"nothing is remembered, since `{self._file}` cannot be used: {why}")

    def _discard(self) -> None:
        self._close()
        try:
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            self._give_up(f"it is damaged and cannot be deleted: {error.strerror}")

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _is_whole(key: str, digest: object, value: object) -> bool:
    return isinstance(value, bytes) and digest == _digest(key, value)


def _digest(key: str, value: bytes) -> bytes:
    return hashlib.sha256(b"%s\0%s" % (key.encode(), value)).digest()


def _bytes_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
