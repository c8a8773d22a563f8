"""Compares what is committed with what was compiled, file by file. Reads `generated/`, changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aurora import writer
from aurora.model.finding import Finding
from aurora.model.manifest import OPENING
from aurora.model.place import Place
from aurora.model.rule import BROKEN, Rule
from aurora.paths import RepositoryPaths

DRIFT = Rule("generated/drift", BROKEN)

WORDS = {
    "added": "is missing: the environment compiles to it",
    "changed": "is not what the environment compiles to",
    "removed": "belongs to no component any more",
    "foreign": "belongs to no component, and Aurora did not write it",
}
_HINTS = {"foreign": "move it to another folder: `aurora synth` removes it"}


@dataclass(frozen=True, slots=True, order=True)
class FileChange:
    """One file that differs: `added`, `changed` or `removed` by a synthesis; `foreign` is removed, and not its own."""

    path: str
    environment: str
    change: str
    line: int = 1


def against_committed(
    paths: RepositoryPaths, rendered: Mapping[str, Mapping[str, bytes]], *, complete: bool
) -> Iterator[FileChange]:
    """Yield every difference between the committed and the compiled files, in path order.

    Args:
        paths: the repository.
        rendered: the compiled files of each environment.
        complete: whether `rendered` holds all environments, so that other folders are left over.
    """
    names = set(rendered)
    if complete and paths.generated.is_dir():
        names |= {entry.name for entry in paths.generated.iterdir() if not entry.name.startswith(".")}
    for name in sorted(names):
        before, after = writer.committed(paths, name), rendered.get(name, {})
        for path in sorted(before.keys() | after.keys()):
            if path not in before:
                yield FileChange(path, name, "added")
            elif path not in after:
                own = before[path].startswith(OPENING.encode())
                yield FileChange(path, name, "removed" if own else "foreign")
            elif before[path] != after[path]:
                yield FileChange(path, name, "changed", _first_difference(before[path], after[path]))


def _first_difference(before: bytes, after: bytes) -> int:
    for number, (old, new) in enumerate(zip(before.split(b"\n"), after.split(b"\n"), strict=False), start=1):
        if old != new:
            return number
    return 1


def finding(change: FileChange) -> Finding:
    """Make an error finding of a difference, for `--check`."""
    hint = _HINTS.get(change.change, "run `aurora synth` and commit what it writes")
    made = Finding.of(DRIFT, f"this file {WORDS[change.change]}", Place(change.path, change.line), hint=hint)
    return replace(made, environment=change.environment)
