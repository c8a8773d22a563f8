"""Turns the body of a tracing policy into hooks that can be asked about events, or says what is not modelled.

Pure. Fields are allowed by name: a field that is new to this module is refused, since it may change what matches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.place import Step
from aurora.tracing import operators
from aurora.tracing.argument_types import FAMILIES, INTEGERS, Family
from aurora.tracing.operators import Argument

Steps = tuple[Step, ...]
Arguments = dict[int, Argument]

SPEC_FIELDS = frozenset({"kprobes", "options"})
HOOK_FIELDS = frozenset({"args", "call", "message", "return", "returnArg", "selectors", "syscall", "tags"})
ARGUMENT_FIELDS = frozenset({"index", "label", "type"})
SELECTOR_FIELDS = frozenset({"matchActions", "matchArgs", "matchBinaries"})
FILTER_FIELDS = frozenset({"index", "operator", "values"})
BINARY_FIELDS = frozenset({"operator", "values"})
ACTION_FIELDS = frozenset({"action", "imaHash", "kernelStackTrace", "rateLimit", "rateLimitScope", "userStackTrace"})
TYPES = frozenset({"file", "linux_binprm", "path", "sock", "string", *INTEGERS})


class UnmodelledError(ValueError):
    """A part of a policy that the evaluator does not model; it must not be mistaken for one that matches nothing."""

    def __init__(self, message: str, steps: Steps) -> None:
        super().__init__(message)
        self.message = message
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Selector:
    """Filters that must all hold."""

    steps: Steps
    binaries: tuple[Callable[[str], bool], ...]
    arguments: tuple[tuple[int, operators.Predicate], ...]

    def matches(self, binary: str, arguments: Arguments) -> bool:
        """Tell whether a call by this binary with these arguments passes."""
        return all(passes(binary) for passes in self.binaries) and all(
            passes(arguments[index]) for index, passes in self.arguments
        )


@dataclass(frozen=True, slots=True)
class Hook:
    """A function of the kernel, the arguments that are read from it by index, and what is reported."""

    call: str
    steps: Steps
    arguments: dict[int, str]
    selectors: tuple[Selector, ...]

    def first_match(self, binary: str, arguments: Arguments) -> Selector | None:
        """Give the selector that reports a call: the first that matches."""
        return next((entry for entry in self.selectors if entry.matches(binary, arguments)), None)


def hooks(body: JsonObject) -> tuple[Hook, ...]:
    """Read the hooks of a policy.

    Raises:
        UnmodelledError: a part of the policy is not modelled.
    """
    spec = mapping(body.get("spec"))
    _only(spec, SPEC_FIELDS, ("spec",))
    found: dict[str, Hook] = {}
    for index, entry in enumerate(items(spec.get("kprobes"))):
        hook = _hook(mapping(entry), ("spec", "kprobes", index))
        if hook.call in found:
            raise UnmodelledError(f"`{hook.call}` is hooked twice", (*hook.steps, "call"))
        found[hook.call] = hook
    if not found:
        raise UnmodelledError("the policy hooks nothing", ("spec",))
    return tuple(found.values())


def _hook(body: JsonObject, steps: Steps) -> Hook:
    _only(body, HOOK_FIELDS, steps)
    call = text(body.get("call"))
    if not call:
        raise UnmodelledError("the hook names no call", steps)
    types = dict(_types(body, steps))
    selectors = tuple(
        _selector(mapping(entry), types, (*steps, "selectors", index))
        for index, entry in enumerate(items(body.get("selectors")))
    )
    if not selectors:
        raise UnmodelledError("a hook without selectors reports every call", steps)
    return Hook(call, steps, types, selectors)


def _types(body: JsonObject, steps: Steps) -> Iterator[tuple[int, str]]:
    for position, entry in enumerate(items(body.get("args"))):
        argument, place = mapping(entry), (*steps, "args", position)
        _only(argument, ARGUMENT_FIELDS, place)
        index, kind = argument.get("index"), text(argument.get("type"))
        if not isinstance(index, int):
            raise UnmodelledError("the argument has no index", place)
        if kind not in TYPES:
            raise UnmodelledError(f"the type `{kind}` is not modelled", place)
        yield index, kind


def _selector(body: JsonObject, types: dict[int, str], steps: Steps) -> Selector:
    _only(body, SELECTOR_FIELDS, steps)
    for index, action in enumerate(items(body.get("matchActions"))):
        _action(mapping(action), (*steps, "matchActions", index))
    callers = items(body.get("matchBinaries"))
    if len(callers) > 1:
        raise UnmodelledError("a selector has at most one `matchBinaries`", (*steps, "matchBinaries"))
    binaries = tuple(_binary(mapping(entry), (*steps, "matchBinaries", index)) for index, entry in enumerate(callers))
    arguments = tuple(
        _argument(mapping(entry), types, (*steps, "matchArgs", index))
        for index, entry in enumerate(items(body.get("matchArgs")))
    )
    return Selector(steps, binaries, arguments)


def _action(body: JsonObject, steps: Steps) -> None:
    """Only reporting is modelled: other actions may report nothing, or change what later calls do."""
    _only(body, ACTION_FIELDS, steps)
    if body.get("action") != "Post":
        raise UnmodelledError(f"the action `{text(body.get('action'))}` is not modelled", steps)


def _binary(body: JsonObject, steps: Steps) -> Callable[[str], bool]:
    _only(body, BINARY_FIELDS, steps)
    operator = _operator(body, operators.BINARY_OPERATORS, steps)
    return operators.binary_filter(operator, _values(body, steps))


def _argument(body: JsonObject, types: dict[int, str], steps: Steps) -> tuple[int, operators.Predicate]:
    _only(body, FILTER_FIELDS, steps)
    index = body.get("index")
    if not isinstance(index, int) or index not in types:
        raise UnmodelledError("the filter looks at an argument that the hook does not read", steps)
    family = FAMILIES[types[index]]
    operator = _operator(body, operators.MODELLED[family], steps)
    values = _values(body, steps)
    try:
        return index, _predicate(operator, values, types[index], family)
    except ValueError as error:
        raise UnmodelledError(str(error), (*steps, "values")) from error


def _predicate(operator: str, values: list[str], kind: str, family: Family) -> operators.Predicate:
    if family is Family.INTEGER:
        return operators.integer_filter(operator, values, kind)
    if family is Family.SOCKET:
        return operators.socket_filter(operator, values)
    return operators.text_filter(operator, values, family)


def _operator(body: JsonObject, known: frozenset[str], steps: Steps) -> str:
    operator = text(body.get("operator"))
    if operator not in known:
        raise UnmodelledError(f"the operator `{operator}` is not modelled here", steps)
    return operator


def _values(body: JsonObject, steps: Steps) -> list[str]:
    values: list[JsonValue] = items(body.get("values"))
    if not values or not all(isinstance(value, str) and value for value in values):
        raise UnmodelledError("the filter has no values, or values that are no texts", steps)
    return [text(value) for value in values]


def _only(body: JsonObject, known: frozenset[str], steps: Steps) -> None:
    for field in body:
        if field not in known:
            raise UnmodelledError(f"the field `{field}` is not modelled", (*steps, field))
