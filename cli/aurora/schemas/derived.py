"""Files derived from others, kept in the cache under the hash of all that they are made from.

Two runs may write the same file at once: each writes its own and renames it. A file's name ends with the hash of
its content, and one that it does not fit counts as absent. Any file may be deleted at any time.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from aurora.errors import StorageError
from aurora.model import json_schema
from aurora.model.json_value import JsonValue


@cache
def code_digest() -> str:
    """Give the hash of the code that derives: another converter derives other files."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in (*sorted(folder.glob("*.py")), folder / "object-meta.yaml", Path(json_schema.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class DerivedFiles:
    """The cache of derived JSON files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, made_from: str, make: Callable[[], JsonValue]) -> tuple[Path, JsonValue]:
        """Give the file derived from something, and its value; derive it if it is not there.

        Raises:
            StorageError: the cache cannot be written.
        """
        key = hashlib.sha256(f"{code_digest()}\n{made_from}".encode()).hexdigest()
        folder, name = self._folder / key[:2], key[2:]
        for path in sorted(folder.glob(f"{name}-*.json")):
            content = _whole(path)
            if content is not None:
                return path, json.loads(content)
        value = make()
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        path = folder / f"{name}-{_digest(text.encode())}.json"
        _write(path, text)
        return path, value


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _whole(path: Path) -> bytes | None:
    """Read a file if it is what its name says."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"the cache file `{path}` cannot be read: {error.strerror}") from error
    return content if path.stem.rpartition("-")[2] == _digest(content) else None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_aside(path, text)
    except OSError as error:
        raise StorageError(
            f"the cache file `{path}` cannot be written: {error.strerror}",
            hint="free space, or set `AURORA_CACHE` to a folder that can be written",
        ) from error


def _write_aside(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
