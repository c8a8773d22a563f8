"""What pydantic refuses, as problems at steps into the value that people wrote.

Pydantic names the way to an error by field names and, inside unions, by labels of their members, and reports
the errors of every member. Here labels are taken out, and a union's members are settled into one opinion.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aurora.environment.shape import Shape, shape_of
from aurora.environment.tree import Node, Steps
from aurora.model.place import Step

M = TypeVar("M", bound=BaseModel)

MISSING = "missing"
EXTRA = "extra_forbidden"
NO_TAG = "union_tag_not_found"
WRONG_TAG = "union_tag_invalid"
_OF_KEY = "[key]"
# A member of a union that comes this far fits the value's form, though the error stands at the union itself.
_OF_WHOLE = frozenset({"value_error", "assertion_error"})


@dataclass(frozen=True, slots=True)
class Branch:
    """A member of a union that pydantic tried, and where the union stands."""

    steps: Steps
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error: pydantic's type, context and words, and the steps to the value.

    `description` is the field's, `shape` what the specification says there. `of_key` says that the key is
    wrong, not its value. `others` are the errors of a union's other members, where none fits the value's form.
    """

    type: str
    context: dict[str, Any]
    words: str
    steps: Steps
    shape: Shape
    description: str | None = None
    of_key: bool = False
    branches: tuple[Branch, ...] = ()
    others: tuple[Problem, ...] = ()


def judge(spec: type[M], node: Node) -> tuple[M | None, tuple[Problem, ...]]:
    """Validate a value strictly, as JSON and by the names that people write; give the instance or its problems."""
    try:
        return spec.model_validate_json(json.dumps(node.plain()), by_alias=True, by_name=False), ()
    except ValidationError as error:
        return None, tuple(_judged(error, shape_of(spec), node))


def _judged(error: ValidationError, shape: Shape, node: Node) -> Iterator[Problem]:
    errors = error.errors(include_url=False, include_input=False)
    for problem in _settled([_Way(shape, node).problem(details) for details in errors]):
        yield problem
        if problem.type in (NO_TAG, WRONG_TAG):
            yield from _beside_tag(problem, node.nearest(problem.steps))


def _beside_tag(problem: Problem, node: Node) -> Iterator[Problem]:
    """Judge a value that does not say which member of its union it is as the one that it fits best."""
    tag, member = problem.shape.discriminator, problem.shape.chosen(node)
    words = member.child(tag) if tag and member.model else None
    if tag is None or member.model is None or words is None or not words.words:
        return
    try:
        member.model.model_validate_json(
            json.dumps({**_mapping(node), tag: words.words[0]}), by_alias=True, by_name=False
        )
    except ValidationError as error:
        for other in _judged(error, member, node):
            yield replace(other, steps=(*problem.steps, *other.steps))


def _mapping(node: Node) -> dict[str, Any]:
    value = node.plain()
    return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class _Way:
    """The way from a specification's root to an error: pydantic's location, read along the types."""

    shape: Shape
    root: Node
    steps: Steps = ()
    description: str | None = None
    of_key: bool = False
    branches: tuple[Branch, ...] = ()

    def problem(self, details: ErrorDetails) -> Problem:
        location = details["loc"]
        for index, part in enumerate(location):
            if not self._advance(part, location[index + 1 :]):
                break
        return Problem(
            type=details["type"],
            context=details.get("ctx", {}),
            words=details["msg"],
            steps=self.steps,
            shape=self.shape,
            description=self.description,
            of_key=self.of_key,
            branches=self.branches,
        )

    def _advance(self, part: Step, rest: Sequence[Step]) -> bool:
        """Take one part of the location; tell whether the next one can be read."""
        if part == _OF_KEY and self.root.find((*self.steps, part)) is None:
            self.of_key = True
            return False
        if self.shape.alternatives:
            return self._enter(str(part), rest)
        below = self.shape.child(part)
        if below is None:
            # A key that the model does not know ends the way; anything else is a label of pydantic's own.
            if self.shape.model is not None:
                self.steps = (*self.steps, part)
            return False
        self.steps = (*self.steps, part)
        self.shape = below
        self.description = below.description or self.description
        return True

    def _enter(self, label: str, rest: Sequence[Step]) -> bool:
        members = self.shape.alternatives
        if self.shape.discriminator:
            found = [member for member in members if member.has_tag(self.shape.discriminator, label)]
        else:
            self.branches = (*self.branches, Branch(self.steps, label))
            found = [member for member in members if member.model is not None and member.model.__name__ == label]
            if not found and rest:
                found = [member for member in members if _leads(member, rest[0])]
        if found:
            self.shape = found[0]
        return bool(found)


def _leads(member: Shape, part: Step) -> bool:
    return bool(member.alternatives) or member.child(part) is not None


def _settled(problems: Iterable[Problem]) -> list[Problem]:
    """Settle unions, the outermost first."""
    found: list[Problem] = []
    unions: dict[Steps, list[Problem]] = {}
    for problem in problems:
        if problem.branches:
            unions.setdefault(problem.branches[0].steps, []).append(problem)
        else:
            found.append(problem)
    for steps, members in unions.items():
        found.extend(_opinion(steps, members))
    return found


def _opinion(union: Steps, problems: list[Problem]) -> list[Problem]:
    """Take the errors of the member that the value was most likely meant for: the one that it fits best."""
    members: dict[str, list[Problem]] = {}
    for problem in problems:
        inner = replace(problem, branches=problem.branches[1:])
        members.setdefault(problem.branches[0].label, []).append(inner)
    opinions = [_settled(found) for found in members.values()]
    fitting = [found for found in opinions if any(_reaches(problem, union) for problem in found)]
    if fitting:
        return min(fitting, key=lambda found: (sum(problem.type == EXTRA for problem in found), len(found)))
    first, *others = [problem for found in opinions for problem in found]
    return [replace(first, others=tuple(others))]


def _reaches(problem: Problem, union: Steps) -> bool:
    return problem.steps != union or problem.type in _OF_WHOLE
