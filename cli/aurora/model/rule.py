"""Rules are values: what `aurora explain RULE` prints and what the tests run.

`bad` and `good` are YAML streams that tests feed to the rule's check: the bad one must be found, the
good one must not. A rule without such a pair cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aurora.model.finding import Severity
    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a check may find: stable id `<check>/<name>`, severity, and its reasons."""

    id: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One breach of a rule: the object, the steps into its body, what is wrong and what to do."""

    manifest: Manifest
    steps: tuple[Step, ...] = ()
    message: str
    hint: str | None = None


class Scope(StrEnum):
    """What a rule looks at to judge one object.

    `object`: that object alone, and no fact about the cluster or its other objects. `namespace`: also the objects
    of its namespace, the namespace itself and those without a namespace. `environment`: everything.
    """

    OBJECT = "object"
    NAMESPACE = "namespace"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRule:
    """A rule that looks at objects only: `find` yields every breach in an inventory.

    `softens` is True for rules that judge what is absent: in a part of a repository, absence proves
    nothing, so there they are warnings.
    """

    rule: Rule
    find: Callable[[Inventory], Iterator[Violation]]
    softens: bool = False
    scope: Scope = Scope.ENVIRONMENT
