"""Which schema pack belongs to a repository and to a cluster."""

from dataclasses import replace
from pathlib import Path

from aurora import distribution
from aurora.paths import RepositoryPaths
from aurora.schemas import profiles
from aurora.tools.settings import Settings
from aurora_constructs.cluster import ClusterFacts

PACK = distribution.shipped().schemas
"""Aurora's own schema pack, for repositories without one."""


def pack_of(paths: RepositoryPaths | None) -> Path:
    """Give the schema pack of a repository, or Aurora's own where it has none."""
    return paths.schemas if paths is not None and paths.schemas.is_dir() else PACK


def settings_of(cluster: ClusterFacts | None, settings: Settings) -> Settings:
    """Give the settings for a cluster: with the definitions of its profile in the place of the default one's."""
    if cluster is None:
        return settings
    return replace(settings, schemas=tuple(profiles.folder(each, cluster.profile) for each in settings.schemas))
