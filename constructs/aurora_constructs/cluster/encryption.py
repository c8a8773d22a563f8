"""What may stay plain, and with which keys the cluster encrypts what it keeps. Imports no cdk8s."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, StringConstraints

from aurora_constructs.spec import Name, Spec

PartyPattern = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n\[\]]*$")]
"""A party as `aurora report` names it; `*` stands for any characters."""
Reason = Annotated[str, StringConstraints(min_length=10, max_length=500, pattern=r"^[^\n]*$")]
"""Why, for those who read the report."""


CLIENTS, LOAD_BALANCER = "clients", "load balancer"
"""Parties outside the cluster: who sends requests, and what takes them before any pod does."""


class PlainHop(Spec):
    """Connections without TLS that are accepted."""

    source: PartyPattern = "*"
    """Who connects."""
    target: PartyPattern = "*"
    """To whom."""
    reason: Reason
    """Why that is accepted."""

    def covers(self, source: str, target: str) -> bool:
        """Tell whether a connection is one of them."""
        return fnmatchcase(source, self.source) and fnmatchcase(target, self.target)


class PlainStore(Spec):
    """A place where data lies without encryption, which is accepted."""

    store: PartyPattern
    """Its name."""
    reason: Reason
    """Why that is accepted."""

    def covers(self, store: str) -> bool:
        """Tell whether a place is one of them."""
        return fnmatchcase(store, self.store)


class EncryptionFacts(Spec):
    """What is to be encrypted; where neither is stated, the report shows everything and nothing is judged."""

    plain_hops: Annotated[dict[Name, PlainHop], Field(max_length=100)] | None = None
    """Accepted connections without TLS: once it is stated, if only as `{}`, every other one is an error."""
    plain_stores: Annotated[dict[Name, PlainStore], Field(max_length=100)] | None = None
    """Accepted places without encryption: once it is stated, if only as `{}`, every other one is an error."""
    secrets_key: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S+$")] | None = None
    """The key of one's own with which the API server encrypts Secrets: an ARN of KMS, or the URL of a vault's key."""

    def accepts_plain(self, source: str, target: str) -> bool:
        """Tell whether a connection may be without TLS because the facts say so."""
        return any(hop.covers(source, target) for hop in (self.plain_hops or {}).values())

    @property
    def secrets_at_rest(self) -> tuple[str, str]:
        """Why what the API server keeps is always encrypted, and the usual key; empty where nobody knows."""
        return "", ""
