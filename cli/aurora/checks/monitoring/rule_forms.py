"""Rules about the form of PrometheusRules: names, labels, times, and what tells people about an alert."""

import re
from collections.abc import Iterator

from aurora.checks.monitoring.alerting import PrometheusEntry, entries, groups
from aurora.cluster import promql
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule, Violation

SEVERITIES = ("critical", "warning", "info")
SILENT = "none"
"""The severity of alerts that are meant to notify nobody: dead man's switches, and inhibitors (kube-prometheus)."""
_ACTION = re.compile(r"\{\{((?>\"(?:\\.|[^\"\\])*\"|`[^`]*`|/\*.*?\*/|(?!\}\}).)*+)\}\}", re.DOTALL)
_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|`[^`]*`|'(?:\\.|[^'\\])*'")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_DECLARED = re.compile(r"(\$\w+(?:\s*,\s*\$\w+)?)\s*:=")
_GIVEN = {"labels", "externalLabels", "externalURL", "value"}
"""The variables that Prometheus declares before a template (rulefmt, `testTemplateParsing`)."""
_RECORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z_][a-zA-Z0-9_]*")


def _group_twice(inventory: Inventory) -> Iterator[Violation]:
    seen: set[tuple[tuple[str, str, str, str], str]] = set()
    for manifest, number, group in groups(inventory):
        key = (manifest.id.identity, text(group.get("name")))
        if key in seen:
            yield _again(manifest, ("spec", "groups", number, "name"), f"two groups are named `{key[1]}`")
        seen.add(key)


def _twice(inventory: Inventory) -> Iterator[Violation]:
    """Find rules that are written twice; of one name and labels, two may still give series with other labels."""
    seen: dict[tuple[str, str, str, frozenset[tuple[str, str]]], PrometheusEntry] = {}
    for entry in entries(inventory):
        identity = (entry.alert, entry.record, entry.expression, frozenset(entry.labels.items()))
        earlier = seen.setdefault(identity, entry)
        if earlier is not entry:
            name = entry.alert or entry.record
            yield _again(
                entry.manifest,
                (*entry.steps, "alert" if entry.alert else "record"),
                f"`{name}` with the same labels and expression is already in the group `{earlier.group}` of "
                f"{earlier.manifest.id}",
            )


def _again(manifest: Manifest, steps: tuple[Step, ...], message: str) -> Violation:
    return Violation(manifest=manifest, steps=steps, message=message, hint="give each group and each rule its own name")


def _incomplete(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        if entry.alert:
            for key, message in _missing(entry):
                yield Violation(
                    manifest=entry.manifest,
                    steps=(*entry.steps, *key),
                    message=f"the alert `{entry.alert}` {message}",
                    hint=f"state `for`, a `severity` of {', '.join(SEVERITIES)}, and the annotation `summary`",
                )


def _missing(entry: PrometheusEntry) -> Iterator[tuple[tuple[Step, ...], str]]:
    if entry.labels.get("severity") == SILENT:
        return
    if entry.body.get("for") is None:
        yield ("for",), "has no `for`, so that one bad sample pages somebody"
    if entry.labels.get("severity") not in SEVERITIES:
        yield ("labels", "severity"), "has no known `severity`, so that nobody is notified of it"
    if not text(mapping(entry.body.get("annotations")).get("summary")):
        yield ("annotations", "summary"), "has no `summary`, so that whoever it wakes must guess"


def _durations(inventory: Inventory) -> Iterator[Violation]:
    for manifest, number, group in groups(inventory):
        for key in ("interval", "query_offset"):
            yield from _bad_duration(manifest, ("spec", "groups", number, key), group.get(key))
    for entry in entries(inventory):
        for key in ("for", "keep_firing_for"):
            yield from _bad_duration(entry.manifest, (*entry.steps, key), entry.body.get(key))


def _bad_duration(manifest: Manifest, steps: tuple[Step, ...], value: object) -> Iterator[Violation]:
    if value is not None and (not isinstance(value, str) or promql.seconds(value) is None):
        yield Violation(
            manifest=manifest,
            steps=steps,
            message=f"`{value}` is no duration",
            hint="write a quoted number and unit, largest unit first, such as `5m` or `1h30m`",
        )


def _record_names(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        if entry.record and not _RECORD.fullmatch(entry.record):
            yield Violation(
                manifest=entry.manifest,
                steps=(*entry.steps, "record"),
                message="the name of the recorded metric does not say level, metric and operation",
                hint="name it `level:metric:operation`, such as `track:aurora_inference_requests:rate5m`",
            )


def _fields(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        for key, message in _misplaced(entry):
            yield Violation(
                manifest=entry.manifest,
                steps=(*entry.steps, *key),
                message=message,
                hint="a rule has either `alert`, or `record` without the fields of an alert",
            )


def _misplaced(entry: PrometheusEntry) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Find what `Rule.Validate` refuses; a time of zero counts as none."""
    if bool(entry.alert) == bool(entry.record):
        yield (), "a rule has both `alert` and `record`" if entry.alert else "a rule has neither `alert` nor `record`"
    times = [key for key in ("for", "keep_firing_for") if promql.seconds(text(entry.body.get(key)))]
    for key in (*times, *(["annotations"] if mapping(entry.body.get("annotations")) else [])):
        if entry.record:
            yield (key,), f"the recording rule `{entry.record}` has `{key}`, which only an alert may have"
    if "{" in entry.record or "}" in entry.record:
        yield ("record",), f"the name `{entry.record}` has braces: an expression belongs into `expr`"
    if "__name__" in entry.labels:
        yield ("labels", "__name__"), "a rule may not set the label `__name__`"


def _templates(inventory: Inventory) -> Iterator[Violation]:
    for entry in entries(inventory):
        for field in ("labels", "annotations") if entry.alert else ():
            for key, template in mapping(entry.body.get(field)).items():
                if isinstance(template, str) and (message := _unreadable(template)):
                    yield Violation(
                        manifest=entry.manifest,
                        steps=(*entry.steps, field, key),
                        message=message,
                        hint="write `{{ $labels.NAME }}` or `{{ $value }}`, closed by `}}`",
                    )


def _unreadable(template: str) -> str | None:
    """Say what Go's text/template cannot read: an action that does not end, or a variable that nobody declares."""
    code, start = list[str](), template.find("{{")
    while start >= 0:
        action = _ACTION.match(template, start)
        if action is None:
            return "this is no template: after `{{` there is no `}}`"
        code.append("" if action[1].lstrip("- \t\n").startswith("/*") else _TEXT.sub("", action[1]))
        start = template.find("{{", action.end())
    declared = {name for part in code for names in _DECLARED.findall(part) for name in _VARIABLE.findall(names)}
    unknown = sorted({name for part in code for name in _VARIABLE.findall(part)} - declared - _GIVEN)
    return f"this is no template: `${unknown[0]}` is no variable of an alert" if unknown else None


RULES = (
    InventoryRule("monitoring/group-twice", REFUSED, _group_twice, scope=OBJECT),
    InventoryRule("monitoring/rule-twice", BROKEN, _twice),
    InventoryRule("monitoring/incomplete-alert", ADVICE, _incomplete, scope=OBJECT),
    InventoryRule("monitoring/rule-fields", REFUSED, _fields, scope=OBJECT),
    InventoryRule("monitoring/template", REFUSED, _templates, scope=OBJECT),
    InventoryRule("monitoring/duration", REFUSED, _durations, scope=OBJECT),
    InventoryRule("monitoring/record-name", ADVICE, _record_names, severity=Severity.WARNING, scope=OBJECT),
)
