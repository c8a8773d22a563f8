"""Where something stands: files, lines and columns, and JSON pointers into documents."""

from dataclasses import dataclass

Step = str | int
"""One step into a document: a mapping's key or a list's index."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, as editors do."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


def pointer(steps: tuple[Step, ...]) -> str:
    """Write steps as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def steps(json_pointer: str) -> tuple[str, ...]:
    """Split a JSON pointer (RFC 6901) into its unescaped steps; list indexes stay text."""
    if not json_pointer:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in json_pointer[1:].split("/"))
