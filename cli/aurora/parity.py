"""In what two environments differ: their merged specifications with all defaults, and what was declared.

Reads no files. Mappings are compared key by key. A list is one value, as in layers, where it replaces as a whole.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from deepdiff import DeepDiff

from aurora.environment.defaults import filled
from aurora.environment.layers import EXTENDS
from aurora.environment.model import Environment
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import path_parts, path_text
from aurora.model.change import ABSENT
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.parity import Declaration, Difference, Parity, Side

INTENDED = "intended"
ANY = "*"
"""Stands in a declared path for every key."""
_NO_PROPERTY = ((EXTENDS,), (INTENDED,), ("metadata", "name"))
"""What an environment is called, how its files lie, and the declarations themselves."""
_KINDS = (
    "dictionary_item_added",
    "dictionary_item_removed",
    "iterable_item_added",
    "iterable_item_removed",
    "type_changes",
    "values_changed",
)


def compare(first: Environment, second: Environment) -> Parity:
    """Compare two environments; declarations of either count, the longest path that covers a difference first."""
    sides = (_Side(first), _Side(second))
    declarations = list(_declarations((first, second)))
    covering: set[str] = set()
    differences: list[Difference] = []
    for steps in _differing(sides[0].value, sides[1].value):
        declared = max(
            (each for each in declarations if _covers(each.path, steps)), key=lambda each: len(each.path), default=None
        )
        covering |= {each.path for each in declarations if _covers(each.path, steps)}
        differences.append(
            Difference(path=path_text(steps), first=sides[0].at(steps), second=sides[1].at(steps), declared=declared)
        )
    unneeded = tuple(each for each in declarations if each.path not in covering)
    return Parity(first.name, second.name, tuple(sorted(differences, key=lambda each: each.path)), unneeded)


class _Side:
    """One environment's specification as plain values, and where each of them was written."""

    def __init__(self, environment: Environment) -> None:
        self._tree = environment.tree
        kinds = {component.kind.name: component.kind for component in environment.components}
        self.value: JsonObject = filled(environment.tree, kinds) if environment.tree is not None else {}
        for *way, last in _NO_PROPERTY:
            parent: JsonValue = self.value
            for step in way:
                parent = parent.get(step) if isinstance(parent, dict) else None
            if isinstance(parent, dict):
                parent.pop(last, None)

    def at(self, steps: Steps) -> Side:
        """Give what the environment says at a path."""
        value: JsonValue = self.value
        for step in steps:
            if not isinstance(value, dict) or step not in value:
                return Side(value=ABSENT, place=None)
            value = value[str(step)]
        found: Node | None = self._tree.find(steps) if self._tree is not None else None
        return Side(value=value, place=found.at if found is not None else None)


def _differing(first: JsonObject, second: JsonObject) -> Iterator[Steps]:
    """Yield the path of each difference once; the path of a list stands for everything in it."""
    found = DeepDiff(first, second, view="tree", threshold_to_diff_deeper=0)
    seen: dict[Steps, None] = {}
    for kind in _KINDS:
        for level in found.get(kind, ()):
            way: Sequence[str | int] = level.path(output_format="list")
            seen[tuple(takewhile(lambda step: isinstance(step, str), way))] = None
    return iter(seen)


def _declarations(environments: Sequence[Environment]) -> Iterator[Declaration]:
    """Yield what the environments declare; what stands in a layer of both is one declaration."""
    seen: set[str] = set()
    for environment in environments:
        for path, reason in environment.spec.intended.items():
            if path not in seen:
                seen.add(path)
                written = environment.tree.find((INTENDED, path)) if environment.tree is not None else None
                place = written.key if written is not None else None
                yield Declaration(environment=environment.name, path=path, reason=reason, place=place)


def _covers(declared: str, steps: Steps) -> bool:
    """Tell whether a declared path is that of a value, or of something that the value is a part of."""
    parts = path_parts(declared)
    return len(parts) <= len(steps) and all(
        part in (ANY, step) for part, step in zip(parts, map(str, steps), strict=False)
    )
