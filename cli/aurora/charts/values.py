"""Judges the values that a chart is given: by the schemas of it and its subcharts, and by what they change."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aurora.charts import rules
from aurora.charts.archives import Archive
from aurora.charts.releases import Release
from aurora.charts.renderer import EFFECTS, INSPECT, Question
from aurora.environment.wording import path_text
from aurora.manifests import located
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue, dig, mapping
from aurora.model.rule import Rule
from aurora.tools.protocol import Reply
from aurora_constructs.spelling import closest

AT_ONCE = 8
"""Values whose effect one question asks for: a question has limited time, and several are answered at a time."""
_LONGEST = 300

Path = tuple[str, ...]


def questions(release: Release, archive: Archive) -> list[Question]:
    """Ask what the chart says of its values, and which of the given ones change what it renders."""
    given = leaves(release.values)
    request = release.request()
    parts = [given[start : start + AT_ONCE] for start in range(0, len(given), AT_ONCE)]
    return [
        Question(INSPECT, archive, request),
        *(Question(EFFECTS, archive, {**request, "leaves": [list(path) for path in part]}) for part in parts),
    ]


def leaves(values: JsonValue, path: Path = ()) -> list[Path]:
    """Give the paths of values that are no mapping with entries; a list is one value."""
    if isinstance(values, dict) and values:
        return [leaf for key, value in values.items() for leaf in leaves(value, (*path, key))]
    return [path] if path else []


class _Defaults:
    """The default values of a chart and its subcharts."""

    def __init__(self, parts: Sequence[Mapping[str, Any]]) -> None:
        self._parts = [(tuple(part["path"]), part["values"]) for part in parts]

    def names(self, path: Path) -> set[str]:
        """Give the names that a mapping has, in the defaults of a chart or as the name of a subchart."""
        below = {part[len(path)] for part, _ in self._parts if len(part) > len(path) and part[: len(path)] == path}
        return below.union(*(mapping(value) for value in self._values(path)))

    def value(self, path: Path) -> JsonValue | None:
        """Give the default that counts: that of the outermost chart."""
        return next((value for value in self._values(path) if value is not None), None)

    def stray(self, path: Path) -> Path | None:
        """Give the part of a path up to the first name that its mapping has not; a mapping without names takes any."""
        for length in range(1, len(path) + 1):
            names = self.names(path[: length - 1])
            if not names or path[0] == "global":
                return None
            if path[length - 1] not in names:
                return path[:length]
        return None

    def _values(self, path: Path) -> list[JsonValue | None]:
        found = [dig(value, *path[len(part) :]) for part, value in self._parts if path[: len(part)] == part]
        return [value for value in found if value is not None]


def findings(release: Release, answers: Sequence[Reply], *, closed: bool) -> Iterator[Finding]:
    """Yield what is wrong with the values; `closed` says that the release is of a whole environment."""
    inspected, *effects = answers
    refused = [] if inspected.reason or not release.checks_values else list(_refused(inspected.result))
    for path, message, severity in refused:
        hint = "correct the value; the chart's `values.schema.json` says what it takes"
        yield replace(found(release, rules.INVALID_VALUES, message, path, hint=hint), severity=severity)
    known = [effect for answer in effects for effect in answer.result.get("effects", ())]
    given = leaves(release.values)
    if len(known) != len(given) or inspected.reason:
        return
    void = [path for path, effect in zip(given, known, strict=True) if not effect]
    unrefused = [path for path in void if not any(path[: len(other)] == other for other, _, _ in refused if other)]
    for finding in _void(release, unrefused, _Defaults(inspected.result["parts"])):
        weak = not closed and finding.rule == rules.VALUE_WITHOUT_EFFECT.id
        yield replace(finding, severity=Severity.WARNING) if weak else finding


def found(release: Release, rule: Rule, message: str, path: Path | None = None, *, hint: str) -> Finding:
    """Make a finding about a release, at its source or at one of its values."""
    steps = release.steps if path is None else (*release.values_at, *path)
    finding = located(release.application, steps, rule=rule.id, message=message)
    return replace(finding, severity=rule.severity, hint=hint)


def _void(release: Release, paths: Iterable[Path], defaults: _Defaults) -> Iterator[Finding]:
    """Say of values without effect why: the chart has no such value, it is the default, or nothing reads it."""
    unknown: dict[Path, None] = {}
    for path in paths:
        stray = defaults.stray(path)
        if stray is not None:
            unknown[stray] = None
            continue
        same = defaults.value(path) == dig(release.values, *path)
        why = "is the chart's default" if same else "changes nothing that the chart renders"
        message = f"{release.label}: `{path_text(path)}` {why}"
        yield found(release, rules.VALUE_WITHOUT_EFFECT, message, path, hint="remove it")
    for path in unknown:
        near = closest(path[-1], defaults.names(path[:-1]))
        hint = f"did you mean `{path_text((*path[:-1], near))}`?" if near else "remove it, or look up its name"
        message = f"{release.label}: the chart has no value `{path_text(path)}`, and nothing changes without it"
        yield found(release, rules.UNKNOWN_VALUE, message, path, hint=hint)


def _refused(inspected: Mapping[str, Any]) -> Iterator[tuple[Path, str, Severity]]:
    """Yield the path, and what the schema of a chart or subchart that is in use says against the value there."""
    enabled = [tuple(path) for path in inspected.get("enabled", ())]
    for part in inspected["parts"]:
        path = tuple(part["path"])
        if part.get("schema") is not None and path in enabled:
            for below, message, severity in _errors(part["schema"], dig(inspected["coalesced"], *path) or {}):
                yield (*path, *below), f"{part['name']} {part['version']} {message}", severity


def _errors(schema: JsonObject, value: JsonValue) -> Iterator[tuple[Path, str, Severity]]:
    """Check a value by a schema whose references stay within it."""
    import jsonschema  # noqa: PLC0415 - few charts have a schema, and this import takes a tenth of a second
    import referencing.exceptions  # noqa: PLC0415 - as above

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    try:
        kind.check_schema(schema)
        for error in kind(schema, registry=referencing.Registry()).iter_errors(value):
            words = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]} …"
            steps = tuple(str(step) for step in error.absolute_path)
            yield steps, f"refuses it: {words}", rules.INVALID_VALUES.severity
    except (jsonschema.SchemaError, referencing.exceptions.Unresolvable, re.error, RecursionError) as error:
        words = str(error).partition("\n")[0]
        yield (), f"has a `values.schema.json` that cannot be used here: {words}", Severity.NOTE
