"""Reads recorded events: which call, by which binary, with which arguments, and whether it must be reported.

Pure. An event that says too little is a problem, never an event that matches nothing.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aurora.model.json_value import JsonObject, JsonValue, items, mapping
from aurora.model.place import Step
from aurora.tracing.argument_types import FAMILIES, Family
from aurora.tracing.operators import Argument, Socket
from aurora.tracing.policy import Arguments, Hook

Steps = tuple[Step, ...]

MUST, MUST_NOT = "mustMatch", "mustNotMatch"
FIELDS = frozenset({"policy", MUST, MUST_NOT})
EVENT_FIELDS = frozenset({"args", "binary", "call", "each", "name"})
EACH = "$each"
SOCKET_FIELDS = frozenset({"source", "sourcePort", "destination", "destinationPort"})


class EventError(ValueError):
    """A recorded event, or the file of them, that cannot be judged."""

    def __init__(self, message: str, steps: Steps) -> None:
        super().__init__(message)
        self.message = message
        self.steps = steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One call that a process made, and whether the policy must report it."""

    name: str
    call: str
    binary: str
    arguments: tuple[JsonValue, ...]
    expected: bool
    steps: Steps


def read(body: JsonObject, policy: str) -> Iterator[Event | EventError]:
    """Yield the events of a file for a policy, in order, and what is wrong with others."""
    yield from (EventError(f"the field `{field}` is unknown", (field,)) for field in body if field not in FIELDS)
    if body.get("policy") != policy:
        yield EventError(f"`policy` must be `{policy}`, the policy beside this file", ("policy",))
    names: set[str] = set()
    for group in (MUST, MUST_NOT):
        if not isinstance(body.get(group, []), list):
            yield EventError(f"`{group}` must list events", (group,))
        for index, entry in enumerate(items(body.get(group))):
            try:
                found = _events(entry, (group, index), expected=group == MUST)
            except EventError as error:
                yield error
                continue
            for event in found:
                if event.name in names:
                    yield EventError(f"another event is named `{event.name}`", (*event.steps, "name"))
                names.add(event.name)
                yield event


def _events(entry: JsonValue, steps: Steps, *, expected: bool) -> tuple[Event, ...]:
    """Read one entry: one event, or with `each` one for every text that takes the place of `$each`."""
    body = mapping(entry)
    for field in body:
        if field not in EVENT_FIELDS:
            raise EventError(f"the field `{field}` is unknown", (*steps, field))
    texts = {field: _text(body, field, steps) for field in ("name", "call", "binary")}
    if not texts["binary"].startswith(("/", EACH)):
        raise EventError("`binary` must be the whole path of the calling program", (*steps, "binary"))
    if not isinstance(body.get("args"), list):
        raise EventError("`args` must list the call's arguments", steps)
    event = Event(**texts, arguments=tuple(items(body["args"])), expected=expected, steps=steps)
    if "each" not in body:
        return (event,)
    values = items(body["each"])
    if not values or EACH not in str((event.binary, event.arguments)):
        raise EventError(f"`each` must list texts that take the place of `{EACH}`", (*steps, "each"))
    return tuple(_filled(event, value) for value in values)


def _filled(event: Event, value: JsonValue) -> Event:
    if not isinstance(value, str) or not value:
        raise EventError(f"`each` must list texts that take the place of `{EACH}`", (*event.steps, "each"))
    filled = (entry.replace(EACH, value) if isinstance(entry, str) else entry for entry in event.arguments)
    return replace(
        event, name=f"{event.name}: {value}", binary=event.binary.replace(EACH, value), arguments=tuple(filled)
    )


def _text(body: JsonObject, field: str, steps: Steps) -> str:
    found = body.get(field)
    if not isinstance(found, str) or not found:
        raise EventError(f"`{field}` is missing or no text", steps)
    return found


def arguments(event: Event, hook: Hook) -> Arguments:
    """Give the arguments that a hook reads, by index.

    Raises:
        EventError: the event lacks one, or it has another type.
    """
    return {index: _argument(event, index, kind) for index, kind in hook.arguments.items()}


def _argument(event: Event, index: int, kind: str) -> Argument:
    steps = (*event.steps, "args")
    if not 0 <= index < len(event.arguments):
        raise EventError(f"the argument {index} of `{event.call}` is missing", steps)
    found, steps = event.arguments[index], (*steps, index)
    family = FAMILIES[kind]
    if family is Family.SOCKET:
        return _socket(found, steps)
    if family is Family.INTEGER and isinstance(found, int) and not isinstance(found, bool):
        return found
    if family is Family.PATH and found is None:
        return None
    if family in {Family.PATH, Family.TEXT} and isinstance(found, str):
        return found
    raise EventError(f"the argument {index} of `{event.call}` is no `{kind}`", steps)


def _socket(found: JsonValue, steps: Steps) -> Socket:
    if not isinstance(found, dict) or found.keys() != SOCKET_FIELDS:
        raise EventError(f"a socket has the fields {', '.join(f'`{field}`' for field in sorted(SOCKET_FIELDS))}", steps)
    try:
        source, destination = (ipaddress.ip_address(str(found[end])) for end in ("source", "destination"))
    except ValueError as error:
        raise EventError(str(error), steps) from error
    if source.version != destination.version:
        raise EventError("both ends of a socket have addresses of one family", steps)
    return Socket(source, _port(found, "sourcePort", steps), destination, _port(found, "destinationPort", steps))


def _port(body: Mapping[str, JsonValue], field: str, steps: Steps) -> int:
    found = body[field]
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= 65535:
        raise EventError(f"`{field}` is no port", (*steps, field))
    return found
