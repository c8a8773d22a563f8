"""What a newer Aurora would write into a repository that an older one began, beside what its people made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import StorageError
from aurora.starting import record
from aurora.starting.record import Record

ADDED, CHANGED, EDITED, GONE = "new", "changes", "changes, and was edited here", "no longer comes with Aurora"


@dataclass(frozen=True, slots=True)
class Step:
    """One file that differs from what was begun with; one that was edited here is for people to merge."""

    path: str
    what: str
    content: bytes | None

    @property
    def is_safe(self) -> bool:
        """Tell whether writing it loses nothing that somebody wrote."""
        return self.what in (ADDED, CHANGED)


def steps(root: Path, begun: Record, newer: Mapping[str, bytes]) -> Iterator[Step]:
    """Yield what the newer files change, in the order of their paths; what was removed here stays removed.

    Raises:
        StorageError: a file cannot be read.
    """
    for path in sorted(begun.files.keys() | newer.keys()):
        content, here = newer.get(path), _content(root / path)
        old, new = begun.files.get(path), None if content is None else record.digest(content)
        now = None if here is None else record.digest(here)
        if new in (old, now) or (old is not None and now is None):
            continue
        if new is None:
            yield Step(path, GONE, None)
        elif old is None and now is None:
            yield Step(path, ADDED, content)
        else:
            yield Step(path, CHANGED if now == old else EDITED, content)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"`{file}` cannot be read: {error.strerror}") from error


def write(root: Path, begun: Record, newer: Mapping[str, bytes], found: list[Step]) -> None:
    """Write what loses nothing, and the new record last: after a failure the same upgrade can run again.

    A file that was edited here keeps its entry in the record, so that it is named again until it is merged.

    Raises:
        StorageError: a file cannot be written.
    """
    left = {step.path: begun.files[step.path] for step in found if not step.is_safe and step.path in begun.files}
    digests = {path: record.digest(content) for path, content in newer.items()}
    safe = {step.path: step.content for step in found if step.is_safe and step.content is not None}
    try:
        for path, content in {**safe, record.FILE: record.text(begun.answers, {**digests, **left})}.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_name(f".{file.name}.new")
            temporary.write_bytes(content)
            temporary.replace(file)
    except OSError as error:
        raise StorageError(f"`{error.filename}` cannot be written: {error.strerror}") from error
