"""The queries of the tables `queries.yaml`, by which KEDA scales, and `analyses.yaml`, which judge trials. Pure."""

from collections.abc import Mapping

from aurora_constructs.filling import fill
from aurora_constructs.platform import Platform


def query(platform: Platform, name: str, **values: str) -> str:
    """Give a query of the table with its open values filled in.

    Raises:
        KeyError: there is no such query, or it has an open value that is not given.
    """
    return str(fill(platform.tables("monitoring/queries")["queries"][name], values))


def analyses(platform: Platform, values: Mapping[str, object]) -> dict[str, str]:
    """Give what a version on trial is held to, by name, with the open values filled in.

    Raises:
        KeyError: an open value is not given.
    """
    found: dict[str, str] = fill(platform.tables("monitoring/analyses")["queries"], values)
    return found
