"""What cannot work in a list of policies that are bound to an environment. Imports no cdk8s."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from aurora_constructs.spec import Problem
from aurora_constructs.spelling import nearest

B = TypeVar("B")
Body = Mapping[str, object]


def unbound(
    bindings: Mapping[str, B], known: Mapping[str, Body], bind: Callable[[str, Body, B], object], *, noun: str
) -> Iterator[Problem]:
    """Yield the policies that do not exist, and those that `bind` refuses with a ValueError."""
    for name, entry in sorted(bindings.items()):
        if name not in known:
            message = f"there is no {noun} `{name}`"
            yield Problem(("policies", name), message, nearest(name, known), needs="policies")
            continue
        try:
            bind(name, known[name], entry)
        except ValueError as error:
            yield Problem(("policies", name), str(error), needs="policies")
