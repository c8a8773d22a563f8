"""The queries by which KEDA scales: the table `queries.yaml`, whose every entry has unit tests. Imports no cdk8s."""

from aurora_constructs.filling import fill
from aurora_constructs.platform import Platform


def query(platform: Platform, name: str, **values: str) -> str:
    """Give a query of the table with its open values filled in.

    Raises:
        KeyError: there is no such query, or it has an open value that is not given.
    """
    return str(fill(platform.tables("monitoring/queries")["queries"][name], values))
