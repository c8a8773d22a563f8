"""What is encrypted on its way and where it lies: the tables of `aurora report`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step


class Encrypted(StrEnum):
    """Whether something is encrypted, as far as manifests and facts tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One connection between two parties: whether it uses TLS, where that ends, and what says so.

    `manifest` says so at `steps`. `accepted` is the reason of the exception that covers a plain one.
    """

    source: str
    target: str
    tls: Encrypted
    ends: str = ""
    says: str
    manifest: Manifest | None = field(default=None, compare=False)
    steps: tuple[Step, ...] = field(default=(), compare=False)
    accepted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One place where data lies: whether it is encrypted there, with which key, and what says so."""

    name: str
    encrypted: Encrypted
    key: str
    says: str
    manifest: Manifest | None = field(default=None, compare=False)
    steps: tuple[Step, ...] = field(default=(), compare=False)
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Encryption:
    """Every hop and every store of an environment; `judged` says that it wants all of them encrypted."""

    hops: tuple[Hop, ...] = ()
    stores: tuple[Store, ...] = ()
    judged: bool = False

    @property
    def open_hops(self) -> tuple[Hop, ...]:
        """The connections that are not known to use TLS, those first that nobody accepted."""
        found = [hop for hop in self.hops if hop.tls is not Encrypted.YES]
        return tuple(sorted(found, key=lambda hop: (hop.tls is Encrypted.UNKNOWN, bool(hop.accepted))))

    @property
    def safe_hops(self) -> tuple[Hop, ...]:
        """The connections that use TLS."""
        return tuple(hop for hop in self.hops if hop.tls is Encrypted.YES)
