"""Which facts of a cluster each component asks for by name. Starts no Node."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

from aurora.environment.model import Environment
from aurora_constructs.cloud import CloudResource
from aurora_constructs.cluster import Identity
from aurora_constructs.platform import Platform

R = TypeVar("R", bound=CloudResource)
Asked = Mapping[str, frozenset[tuple[str, str]]]
"""By component: the keys under `cluster` and the names below them."""


def asked(environment: Environment) -> Asked:
    """Give the identities and resources that each component asks for while it looks for problems of its own."""
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for component in environment.components:
        platform = _Asking(environment.platform)
        for _ in component.spec.problems(component.name, platform):
            pass
        found[component.name] = frozenset(platform.noted)
    return found


class _Asking(Platform):
    """A platform that notes the names it is asked for."""

    __slots__ = ("noted",)
    noted: set[tuple[str, str]]

    def __init__(self, platform: Platform) -> None:
        for field in fields(platform):  # with what was found before: each of a thousand components has one of these
            object.__setattr__(self, field.name, getattr(platform, field.name))
        object.__setattr__(self, "noted", set())

    def identity(self, name: str | None) -> Identity:
        """Give an identity, and note its name."""
        if name:
            self.noted.add(("identities", name))
        return super().identity(name)

    def resource(self, name: str, kind: type[R]) -> R:
        """Give a resource, and note its name."""
        self.noted.add(("resources", name))
        return super().resource(name, kind)
