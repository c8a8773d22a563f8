"""Writes edited files: all of them, or none, and only over what was read."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from aurora import writer
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths
from aurora.rollout.planning import Texts, read


def write(paths: RepositoryPaths, texts: Texts) -> tuple[str, ...]:
    """Replace the edited files, and give their names.

    Raises:
        StorageError: another run writes, a file changed since it was read, or the disk cannot be written.
    """
    with writer.exclusive(paths):
        for file, (before, _) in texts.items():
            if read(paths.root / file) != before:
                message = f"`{file}` changed while the edit was worked out: nothing was written"
                raise StorageError(message, hint="run the command again")
        ready: list[tuple[Path, Path]] = []
        try:
            for file, (_, content) in texts.items():
                target = (paths.root / file).resolve()
                ready.append((_beside(target, content), target))
            for source, target in ready:
                source.replace(target)
        except OSError as error:
            raise StorageError(f"the edit cannot be written: {error.strerror}") from error
        finally:
            for source, _ in ready:
                with suppress(OSError):
                    source.unlink(missing_ok=True)
    return tuple(texts)


def _beside(target: Path, content: bytes) -> Path:
    """Write what replaces a file beside it, with its permissions, so that the replacement is one rename."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(target, name)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
