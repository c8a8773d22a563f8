"""Rules are values: an id, what the rule rests on, how severe a breach is, and where it looks.

What people read about a rule (reasons and examples) stands in YAML beside the check: `aurora.rule_texts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from aurora.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aurora.model.inventory import Inventory
    from aurora.model.manifest import Manifest
    from aurora.model.place import Step


class Basis(StrEnum):
    """What a rule rests on.

    `refused`: a server, webhook, kubelet or controller refuses or ignores it. `broken`: it is accepted, and cannot
    work as written. `advice`: it works, and is held to be unwise; on foreign manifests it is at most a warning.
    """

    REFUSED = "refused"
    BROKEN = "broken"
    ADVICE = "advice"


REFUSED, BROKEN, ADVICE = Basis.REFUSED, Basis.BROKEN, Basis.ADVICE


class Scope(StrEnum):
    """What a rule looks at to judge one object.

    `object`: that object alone, and no fact about the cluster or its other objects. `namespace`: also the objects
    of its namespace, the namespace itself and those without a namespace. `environment`: everything.
    """

    OBJECT = "object"
    NAMESPACE = "namespace"
    ENVIRONMENT = "environment"


OBJECT = Scope.OBJECT


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be found: stable id `<check>/<name>`, what it rests on, and its severity."""

    id: str
    basis: Basis
    severity: Severity = field(default=Severity.ERROR, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One breach of a rule: the object, the steps into its body, what is wrong and what to do.

    One that is `unsure`, since it depends on what nobody says, is at most a warning.
    """

    manifest: Manifest
    steps: tuple[Step, ...] = ()
    message: str
    hint: str | None = None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class InventoryRule(Rule):
    """A rule that looks at objects only: `find` yields every breach in an inventory.

    `softens` is True for rules that judge what is absent: in a part of a repository, absence proves nothing, so
    there they are warnings. `own` is True for rules about the parts that Aurora's components make: they say nothing
    about foreign manifests.
    """

    find: Callable[[Inventory], Iterator[Violation]]
    softens: bool = field(default=False, kw_only=True)
    scope: Scope = field(default=Scope.ENVIRONMENT, kw_only=True)
    own: bool = field(default=False, kw_only=True)

    def severity_on(self, manifest: Manifest, *, closed: bool) -> Severity | None:
        """Give the severity of a breach by an object; None where the rule says nothing about it.

        `closed` says that the objects are a whole environment. An object of no environment is a foreign one. What
        a chart renders was written by others, whose habits are no fault of the environment.
        """
        if manifest.rendered_by is not None and (self.own or self.basis is Basis.ADVICE):
            return None if self.own else Severity.NOTE
        if closed:
            return self.severity
        if manifest.environment is None and self.own:
            return None
        weak = self.softens or (manifest.environment is None and self.basis is Basis.ADVICE)
        return Severity.WARNING if weak and self.severity is Severity.ERROR else self.severity
