"""Compares what generating policies make with what a suite expects, empty maps included.

Kyverno's own comparison leaves them out, and an empty map can mean the opposite of none. Must not judge
verdicts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aurora import suite_rules
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.manifest import Manifest, identify
from aurora.model.place import Place, Step, pointer
from aurora.model.resource import ResourceId
from aurora.suites.expectations import Case
from aurora.suites.reading import Suite
from aurora.suites.subjects import Subjects
from aurora.yamlio.reading import locate

_MADE_BY = "generate.kyverno.io/"
_MANAGED_BY = ("app.kubernetes.io/managed-by", "kyverno")


def compare(
    suite: Suite, subjects: Subjects, cases: Sequence[Case], made: Sequence[JsonObject], *, strict: bool
) -> Iterator[Finding]:
    """Find expected objects that were made otherwise or not at all, and with `strict` also unexpected ones."""
    actual = {_key(body): _written(body) for body in made}
    wanted = {path for case in cases if case.generates for path in case.expectation.generated}
    expected = [entry for path in sorted(wanted) for entry in subjects.generated[path]]
    if suite.has_surroundings and not strict:
        yield from (_uncompared(entry, "this test pretends a cluster around its objects") for entry in expected)
        return
    for entry in expected:
        yield from _difference(entry, actual.get(_key(entry.body)), strict=strict)
    if strict:
        known = {_key(entry.body) for entry in expected}
        for key in sorted(actual.keys() - known):
            identity = ResourceId(*key)
            yield suite.problem(
                suite_rules.GENERATED, f"the policies of this test also generate {identity}, which it does not expect"
            )


def _difference(entry: Manifest, actual: JsonObject | None, *, strict: bool) -> Iterator[Finding]:
    if actual is None:
        why = "Kyverno was not seen to generate this object"
        yield _finding(entry, (), why) if strict else _uncompared(entry, why)
        return
    steps = first_difference(_written(entry.body), actual)
    if steps is not None:
        yield _finding(entry, steps, f"the generated object differs from this one at `{pointer(steps) or '/'}`")


def _uncompared(entry: Manifest, why: str) -> Finding:
    message = f"only Kyverno compared this object, which leaves out empty maps: {why}"
    return replace(_finding(entry, (), message), severity=Severity.WARNING)


def first_difference(expected: JsonValue, actual: JsonValue) -> tuple[Step, ...] | None:
    """Give the steps to the first part in which two values differ; None if they are equal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            if key not in expected or key not in actual:
                return (key,)
            found = first_difference(expected[key], actual[key])
            if found is not None:
                return (key, *found)
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
            found = first_difference(left, right)
            if found is not None:
                return (index, *found)
        return None
    same = isinstance(expected, bool) == isinstance(actual, bool) and expected == actual
    return None if same else ()


def _written(body: JsonObject) -> JsonObject:
    """Leave out the labels by which Kyverno remembers what it made."""
    metadata = dict(mapping(body.get("metadata")))
    labels = {
        key: value
        for key, value in mapping(metadata.pop("labels", None)).items()
        if not key.startswith(_MADE_BY) and (key, value) != _MANAGED_BY
    }
    return {**body, "metadata": {**metadata, **({"labels": labels} if labels else {})}}


def _key(body: JsonObject) -> tuple[str, str, str | None, str]:
    identity = identify(body)
    return (identity.api_version, identity.kind, identity.namespace, identity.name)


def _finding(entry: Manifest, steps: tuple[Step, ...], message: str) -> Finding:
    line, column = locate(entry.text, steps)
    return Finding.of(
        suite_rules.GENERATED,
        message,
        Place(entry.source.path, entry.source.line + line - 1, column),
        resource=entry.id,
        pointer=pointer(steps),
        hint="Kyverno leaves out empty maps when it compares: write the whole object as it is generated",
    )
