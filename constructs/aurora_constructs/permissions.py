"""What an identity may do with a resource of the cloud, and how the cloud names that resource. Imports no cdk8s."""

from collections.abc import Mapping
from dataclasses import dataclass, field

UNKNOWN_GROUP = "RESOURCE-GROUP"
"""Stands in a scope where the facts name no resource group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a cluster's resources lie: a region and an account of AWS, or a subscription and a group of Azure."""

    partition: str = ""
    region: str = ""
    account: str = ""
    subscription: str = ""
    group: str = ""

    def arn(self, service: str, resource: str, *, regional: bool = True, owned: bool = True) -> str:
        """Give the ARN of a resource; some services' ARNs have no region, or no account either."""
        region, account = self.region if regional else "", self.account if owned else ""
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def scope(self, resource: str, group: str = "") -> str:
        """Give the scope of a resource of Azure, by provider, type and name."""
        return f"{self.resource_group(group)}/providers/{resource}"

    def resource_group(self, group: str = "") -> str:
        """Give the scope of a resource group of Azure; the cluster's where none is named."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{group or self.group or UNKNOWN_GROUP}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """On AWS actions and ARNs, with the condition of the statement; on Azure names of built-in roles and scopes."""

    allows: tuple[str, ...]
    on: tuple[str, ...]
    condition: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What is read of a place for secrets: names, or with `searched` whatever a search finds."""

    names: tuple[str, ...] = ()
    searched: bool = False


NO_KEYS = Keys()
