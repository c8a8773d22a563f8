"""A platform that notes what is asked of it, so that what a component was built from is known, not assumed.

A component sees nothing but its own specification and this object. Every question is written down in a form
that can be asked again of another platform; the same answers to the same questions make the same objects.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from aurora.memory import digests
from aurora_constructs.platform import Platform
from aurora_constructs.pools import Pool
from aurora_constructs.spec import ComponentSpec, Subject

S = TypeVar("S", bound=ComponentSpec)
Question = tuple[str, ...]
"""`value FIELD`, `entry FIELD KEY`, `kind CLASS`, `claim WORDS`, `pools` or `subjects`."""

_WITH_THE_CODE = "tables"
"""Tables ship with the code, whose hash every component's key has: they are no question."""
_FIELDS = frozenset(field.name for field in fields(Platform) if field.init)
_ABSENT = "absent"


def answer(platform: Platform, question: Question) -> str:
    """Give the hash of a platform's answer.

    Raises:
        UnknownValueError: the answer holds something that has no hash.
    """
    match question:
        case ("value", name):
            return digests.of_value(getattr(platform, name))
        case ("entry", name, key):
            entries = getattr(platform, name)
            return digests.of_value(entries[key]) if key in entries else _ABSENT
        case ("kind", class_name):
            return digests.of_value(
                {name: spec for name, spec in platform.components.items() if class_name in _class_names(type(spec))}
            )
        case ("claim", words):
            return digests.of_value(platform.claimant(words))
        case ("pools",):
            return digests.of_value(platform.pools())
        case ("subjects",):
            return digests.of_value(platform.subjects())
        case _:
            raise digests.UnknownValueError(f"{question} is no question")


def _class_names(kind: type) -> tuple[str, ...]:
    return tuple(f"{each.__module__}:{each.__qualname__}" for each in kind.__mro__)


class ObservedPlatform(Platform):
    """A platform as a component sees it; `questions` are what was asked so far.

    Its methods note no more than they look at, a field is noted as a whole. It says that it is a `Platform`, so
    that a changed copy is one.
    """

    __slots__ = ("_questions", "_seen")

    def __init__(self, platform: Platform) -> None:
        object.__setattr__(self, "_seen", platform)
        object.__setattr__(self, "_questions", set())

    def __getattribute__(self, name: str) -> Any:
        """Note that a field is read; whatever reads one comes this way."""
        if name == "__class__":
            return Platform
        if name not in _FIELDS:
            return object.__getattribute__(self, name)
        if name != _WITH_THE_CODE:
            object.__getattribute__(self, "_questions").add(("value", name))
        return getattr(object.__getattribute__(self, "_seen"), name)

    def image(self, name: str) -> str:
        """Give the pinned reference of an image, and note that one.

        Raises:
            KeyError: the environment lists no such image.
        """
        self._questions.add(("entry", "images", name))
        seen: Platform = self._seen
        return seen.image(name)

    def component(self, name: str, spec: type[S]) -> S:
        """Give the specification of another component, and note that one.

        Raises:
            KeyError: there is no such component.
            TypeError: it is of another kind.
        """
        self._questions.add(("entry", "components", name))
        seen: Platform = self._seen
        return seen.component(name, spec)

    def find(self, name: str, spec: type[S]) -> S | None:
        """Give the specification of another component if there is one, and note that one."""
        self._questions.add(("entry", "components", name))
        seen: Platform = self._seen
        return seen.find(name, spec)

    def of_kind(self, spec: type[S]) -> Mapping[str, S]:
        """Give the components of a kind by name, in name order, and note those."""
        self._questions.add(("kind", _class_names(spec)[0]))
        seen: Platform = self._seen
        return seen.of_kind(spec)

    def claimant(self, claim: str) -> str | None:
        """Give the component that claims what only one may have, and note the claim."""
        self._questions.add(("claim", claim))
        seen: Platform = self._seen
        return seen.claimant(claim)

    def pools(self) -> dict[str, Pool]:
        """Give every node pool by name, and note that."""
        self._questions.add(("pools",))
        seen: Platform = self._seen
        return seen.pools()

    def subjects(self) -> tuple[Subject, ...]:
        """Give what alerts are about, and note that it was asked for."""
        self._questions.add(("subjects",))
        seen: Platform = self._seen
        return seen.subjects()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Everything that was asked, once each, sorted."""
        return tuple(sorted(self._questions))
