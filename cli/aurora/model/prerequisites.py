"""What has to be there outside of a cluster before an environment can be synced to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that somebody provides, what is known of it, and who needs it."""

    kind: str
    name: str
    facts: Mapping[str, object] = field(default_factory=dict)
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudIdentity:
    """An identity of the cloud: who acts as it, and the documents that let them, in the cloud's own form.

    `id` is an ARN or a client id. `published` are documents of other projects, for what their controllers need.
    `unknown` are the accounts of charts of which nobody states what they need.
    """

    name: str
    id: str
    accounts: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, object] = field(default_factory=dict)
    published: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisites:
    """Everything that an environment needs of its surroundings."""

    environment: str
    provider: str
    items: tuple[Item, ...]
    identities: tuple[CloudIdentity, ...]
