"""What a program is: the hash of its file, told again without reading it as long as nobody touched the file."""

import hashlib
import time
from pathlib import Path

from aurora.errors import ToolMissingError
from aurora.memory import digests
from aurora.memory.store import Memory

_SETTLED_NANOSECONDS = 3_000_000_000
"""A file that was changed so lately could be changed again within the same tick of its file system's clock."""


def digest(program: Path, memory: Memory) -> str:
    """Hash a program's file.

    Raises:
        ToolMissingError: it cannot be read.
    """
    try:
        status = program.stat()
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        key = digests.of("program", str(program), repr(state))
        known = memory.recall([key]).get(key)
        if known is not None:
            return known.decode()
        with program.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ToolMissingError(f"`{program}` cannot be read: {error.strerror}") from error
    if time.time_ns() - status.st_ctime_ns > _SETTLED_NANOSECONDS:
        memory.keep({key: found.encode()})
    return found
