"""The names of a repository's folders, written once."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from aurora.errors import UsageError

CACHE_VARIABLE = "AURORA_CACHE"
CHARTS_VARIABLE = "AURORA_CHARTS"
"""Names a folder of archives of charts from elsewhere, which no lock holds."""


@dataclass(frozen=True, slots=True)
class RepositoryPaths:
    """The folders of one repository."""

    root: Path

    @property
    def environments(self) -> Path:
        """One file an environment; layers lie in `bases`."""
        return self.root / "environments"

    @property
    def generated(self) -> Path:
        """What Aurora writes and Argo CD reads."""
        return self.root / "generated"

    @property
    def policies(self) -> Path:
        """Kyverno policies, one folder each."""
        return self.root / "policies"

    @property
    def tracing_policies(self) -> Path:
        """Tetragon's tracing policies, one folder each."""
        return self.root / "tetragon"

    @property
    def components(self) -> Path:
        """Folders of manifests and overlays that components bring."""
        return self.root / "components"

    @property
    def charts(self) -> Path:
        """Archives of Helm charts, held to the digests of `charts.lock` in it."""
        return self.root / "charts"

    @property
    def schemas(self) -> Path:
        """The schema pack: the CRDs behind every custom kind that is emitted, trimmed."""
        return self.root / "schemas"

    def environment(self, name: str) -> Path:
        """The file of an environment."""
        return self.environments / f"{name}.yaml"

    def environment_names(self) -> tuple[str, ...]:
        """Give the names of all environments, sorted; `bases` holds layers, not environments."""
        return tuple(sorted(path.stem for path in self.environments.glob("*.yaml") if path.is_file()))

    def shown(self, path: Path) -> str:
        """Write a path as people of this repository do: relative to its root where it lies inside."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find_repository(start: Path) -> RepositoryPaths:
    """Find the repository that a folder belongs to: the nearest parent that holds `environments/`.

    Raises:
        UsageError: no parent holds one.
    """
    for folder in (start, *start.parents):
        if (folder / "environments").is_dir():
            return RepositoryPaths(folder)
    raise UsageError(
        f"`{start}` is not inside an Aurora repository: no parent folder has `environments/`",
        hint="change into the repository, or name files and folders to validate",
    )


def cache_folder() -> Path:
    """Give the user's cache folder for Aurora; `AURORA_CACHE` overrides where it lies."""
    override = os.environ.get(CACHE_VARIABLE)
    return Path(override) if override else Path(platformdirs.user_cache_dir("aurora", appauthor=False))
