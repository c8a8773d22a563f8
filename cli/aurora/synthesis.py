"""Synthesis, component by component: what was built from the same is taken from memory, the rest is built.

A component is known by its specification, the code, and its answers to what it asked of the platform when it
was built (`observation`). Node starts only when something is left to build.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from aurora.environment.model import Environment, LoadedComponent
from aurora.memory import digests
from aurora.memory.observation import ObservedPlatform, Question, answer
from aurora.memory.store import Memory
from aurora.model.json_value import JsonObject
from aurora.synth import SynthesisedObject, synthesise

Objects = tuple[SynthesisedObject, ...]
Answer = Callable[[Question], str]
"""Gives the hash of a platform's answer; components ask much the same, so that each question is answered once."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered of an environment's components: by name, the key of each and its objects."""

    keys: Mapping[str, str]
    objects: Mapping[str, Objects]


def components(environment: Environment, memory: Memory) -> Objects:
    """Give the objects of all components, in the order in which `synthesise` would.

    Raises:
        BuildError: a construct refused its specification, or its finished tree is invalid.
    """
    code = digests.code() if memory.remembers else None
    if code is None:
        return synthesise(environment)
    ask = cache(partial(answer, environment.platform))
    known = _known(environment, memory, code, ask)
    found: list[SynthesisedObject] = []
    fresh: dict[str, bytes] = {}
    for component in (entry for entry in environment.components if entry.kind.chart):
        objects = known.objects.get(component.name)
        if objects is None:
            platform = ObservedPlatform(environment.platform)
            objects = synthesise(replace(environment, platform=platform), only=frozenset({component.name}))
            if component.name in known.keys:
                entries, objects = _entries(known.keys[component.name], platform.questions, ask, objects)
                fresh |= entries
        found.extend(objects)
    memory.keep(fresh)
    return tuple(found)


def whole(name: str, spec: object, memory: Memory, build: Callable[[], Objects]) -> Objects:
    """Give the objects that are built from one value alone."""
    code = digests.code() if memory.remembers else None
    if code is None:
        return build()
    try:
        key = digests.of("objects", code, name, digests.of_value(spec))
    except digests.UnknownValueError:
        return build()
    known = memory.recall([key]).get(key)
    if known is not None:
        return _read(known, key)
    entries, objects = _written(key, build())
    memory.keep(entries)
    return objects


def _known(environment: Environment, memory: Memory, code: str, ask: Answer) -> _Known:
    """Look up what each component asked when it was built, and with today's answers, what came of it."""
    keys = {entry.name: key for entry in environment.components if (key := _key(environment, entry, code))}
    asked = memory.recall(keys.values())
    full = {
        name: complete
        for name, key in keys.items()
        if key in asked and (complete := _answered(key, _questions(asked[key]), ask))
    }
    built = memory.recall(full.values())
    return _Known(keys, {name: _read(built[key], key) for name, key in full.items() if key in built})


def _key(environment: Environment, component: LoadedComponent, code: str) -> str | None:
    """Hash what a component is made from beside the platform; None where that has no hash, as for a folder's files."""
    if not component.kind.chart:
        return None
    modules = (component.kind.chart, type(component.spec).__module__)
    packages = [digests.package(module.partition(":")[0].partition(".")[0]) for module in modules]
    try:
        spec = digests.of_value(component.spec)
    except digests.UnknownValueError:
        return None
    known = [entry for entry in packages if entry is not None]
    if len(known) < len(packages):
        return None
    return digests.of("component", code, *known, environment.name, component.name, component.kind.chart, spec)


def _answered(key: str, questions: Iterable[Question], ask: Answer) -> str | None:
    """Hash the answers of this environment's platform together with the questions."""
    try:
        answers = [(*question, ask(question)) for question in questions]
    except digests.UnknownValueError:
        return None
    return digests.of(key, json.dumps(answers))


def _entries(
    key: str, questions: Sequence[Question], ask: Answer, objects: Objects
) -> tuple[dict[str, bytes], Objects]:
    """Write down what a component asked and what came of it; give the objects with what they were made from."""
    complete = _answered(key, questions, ask)
    if complete is None:
        return {}, objects
    written, marked = _written(complete, objects)
    return ({key: json.dumps(questions).encode(), **written} if written else {}), marked


def _questions(entry: bytes) -> tuple[Question, ...]:
    return tuple(tuple(question) for question in json.loads(entry))


def _written(key: str, objects: Objects) -> tuple[dict[str, bytes], Objects]:
    """Write objects down, if they can be read back as they are."""
    entry = json.dumps([[each.body, each.component, each.construct, each.emitted] for each in objects]).encode()
    marked = _read(entry, key)
    return ({key: entry}, marked) if marked == objects else ({}, objects)


def _read(entry: bytes, key: str) -> Objects:
    rows: list[tuple[JsonObject, str, str, bool]] = json.loads(entry)
    return tuple(
        SynthesisedObject(body, component, construct, emitted, made_from=f"{key}:{number}")
        for number, (body, component, construct, emitted) in enumerate(rows)
    )
