"""What the arguments of `aurora test` name: policies of this repository, or folders of any library."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.environment.wording import meant
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths, find_repository
from aurora.suites import run


@dataclass(frozen=True, slots=True)
class Targets:
    """Policies by name, or folders; never both."""

    start: Path
    policies: tuple[str, ...]
    folders: tuple[Path, ...]

    def repository(self) -> RepositoryPaths:
        """Give the repository whose policies are meant.

        Raises:
            UsageError: the working folder belongs to none.
        """
        return find_repository(self.start)


def sort_out(targets: Sequence[str], start: Path) -> Targets:
    """Tell policies from paths; a policy's name wins, since `./name` can say that a folder is meant.

    Raises:
        UsageError: something is neither, or both kinds are named at once.
    """
    known = _known(start)
    names = tuple(dict.fromkeys(target for target in targets if target in known))
    paths = [target for target in dict.fromkeys(targets) if target not in known]
    for target in paths:
        if not target or not os.path.exists(start / target):  # noqa: PTH110 - Path.exists raises for long names
            hint = meant(target, known, otherwise="check the spelling")
            raise UsageError(f"`{target}` is neither a policy nor a path", hint=hint)
    if names and paths:
        raise UsageError(
            f"`{names[0]}` is a policy of this repository and `{paths[0]}` a path",
            hint="test one library at a time: what is demanded of one's own is more",
        )
    return Targets(start, names, tuple(Path(target) for target in paths))


def _known(start: Path) -> tuple[str, ...]:
    try:
        return run.names(find_repository(start))
    except UsageError:
        return ()
