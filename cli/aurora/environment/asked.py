"""Which facts of a cluster each component asks for by name. Starts no Node."""

from collections.abc import Mapping
from dataclasses import replace

from aurora.environment.model import Environment

Asked = Mapping[str, frozenset[tuple[str, str]]]
"""By component: the keys under `cluster` and the names below them."""


def asked(environment: Environment) -> Asked:
    """Give the identities and resources that each component asks for while it looks for problems of its own."""
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for component in environment.components:
        platform = replace(environment.platform)
        for _ in component.spec.problems(component.name, platform):
            pass
        found[component.name] = platform.asked
    return found
