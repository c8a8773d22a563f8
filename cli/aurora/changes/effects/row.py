"""What the table of effects is made of: rows, and the conditions of some.

A row says what the cluster does when one of its fields changes, and proves it with an example that the tests
run. Must not know how a change is matched with rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aurora.changes.effects.leaves import Leaf
from aurora.changes.pairs import Pair
from aurora.model.change import Effect

GroupKind = tuple[str, str]
EVERY, BUILTIN, CUSTOM = ("*", "every"), ("*", "builtin"), ("*", "custom")
"""Stand for kinds in the rows that are asked last: all of them, those of Kubernetes itself, all others."""


@dataclass(frozen=True, slots=True)
class When:
    """A condition of a row, in words that continue "when …"; it sees both sides and the changed field."""

    words: str
    holds: Callable[[Pair, Leaf], bool]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One line of the table: fields of kinds, the effect of changing them, what the cluster does, who says so.

    `fields` are patterns: `*` stands for one step or a part of it, `**` for any number of steps, a step in
    brackets may hold dots, items of lists are not counted. `ordered` says that the order of a list counts,
    `by_webhook` that a refusal comes from a controller's webhook, which the API server's own code does not know.
    `before` and `after` are one object in YAML that this row decides; `before` is empty where the object is
    created, `after` where it is deleted.
    """

    id: str
    kinds: tuple[GroupKind, ...]
    fields: tuple[str, ...]
    effect: Effect
    words: str
    source: str
    before: str
    after: str
    when: When | None = None
    ordered: bool = False
    by_webhook: bool = False
