"""Runs `kyverno apply` so that its verdicts are proved: `reference/validators.md`, section 2.7.

Owns the call's form, its files, and the reading of its output. A run counts only if every object came back
from a policy that everything violates, every policy answered for exactly the objects that it matches, and
nothing in the output is left unread. Must not know what a policy demands or what a verdict means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject
from aurora.model.manifest import identify
from aurora.model.resource import ResourceId
from aurora.tools.kyverno_output import Complaint, Result, Row, complaints, read_report, uncompiled
from aurora.tools.runner import OUTPUT_LIMIT, Command, run
from aurora.yamlio.writing import dump

SENTINEL = "aurora-sentinel"
"""The policy that every object violates; no other policy may have its name."""

_VIOLATIONS = 1
_NOTHING_PASSED = 3
"""Given as `--warn-exit-code`: tells "no object satisfied any policy" from a clean run, which is 0."""

# A run is short, and compiling expressions makes garbage: collecting it less often saves a quarter of the time.
_ENVIRONMENT = {"GOGC": "400"}

_SENTINEL_POLICY: JsonObject = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "ValidatingPolicy",
    "metadata": {"name": SENTINEL},
    "spec": {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}]
        },
        "validations": [{"expression": "false", "message": "every object violates this policy"}],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One run: policies by name, objects, Namespaces, and which objects each policy must answer for.

    Objects have explicit namespaces and no two one identity; none is a list. `folder` is empty and belongs
    to this run.
    """

    program: Path
    folder: Path
    policies: Mapping[str, JsonObject]
    objects: Sequence[JsonObject]
    namespaces: Sequence[JsonObject]
    expected: Mapping[str, frozenset[ResourceId]]
    timeout: float
    output_limit: int = OUTPUT_LIMIT


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What each policy says of each object that it matches; `refused` tells why a policy was not loaded.

    A run with refused policies judges nothing: there are no rows then.
    """

    rows: tuple[Row, ...]
    refused: Mapping[str, str]


def apply(call: Call) -> Verdicts:
    """Judge the objects.

    Raises:
        ToolMissingError: the program does not exist.
        ToolTimeoutError: it did not end in time.
        ToolCrashedError: it could not be started, or ended with a code that is none of its own.
        ToolOutputError: its output is unreadable or incomplete, or contradicts what it was given.
        ValueError: two objects have one identity, one is a list, or a policy has the reserved name.
    """
    objects = _identities(call)
    files = _write(call)
    finished = run(
        Command(
            args=_arguments(call, files),
            cwd=call.folder,
            timeout=call.timeout,
            environment=_ENVIRONMENT,
            accepted_codes=frozenset({0, _VIOLATIONS, _NOTHING_PASSED}),
            output_limit=call.output_limit,
        )
    )
    refused = {name: reason for name, reason in uncompiled(finished.stderr).items() if name in call.policies}
    if refused:
        return Verdicts((), refused)
    said = complaints(finished.stderr)
    rows = read_report(finished.stdout, errors=finished.stderr)
    if finished.code != _VIOLATIONS:
        raise ToolOutputError(f"kyverno ended with exit code {finished.code}, although violations were planted")
    _demand_known(rows, {SENTINEL, *call.policies}, objects)
    _demand_all_seen(rows, objects)
    judged = tuple(row for row in rows if row.policy != SENTINEL)
    refused = _silent(call, judged, files, said)
    if refused:
        return Verdicts((), refused)
    _demand_complete(call, judged)
    return Verdicts(judged, {})


def _identities(call: Call) -> frozenset[ResourceId]:
    if SENTINEL in call.policies:
        raise ValueError(f"no policy may be called `{SENTINEL}`")
    counts = Counter(identify(body) for body in call.objects)
    twice = sorted(str(identity) for identity, count in counts.items() if count > 1)
    if twice:
        raise ValueError(f"kyverno must not be given an object twice: {', '.join(twice)}")
    lists = sorted(str(identify(body)) for body in call.objects if isinstance(body.get("items"), list))
    if lists:
        raise ValueError(f"kyverno must not be given a list: {', '.join(lists)}")
    return frozenset(counts)


def _write(call: Call) -> dict[str, Path]:
    """Write one file per policy, one for all objects, and the values; give the policy files by policy."""
    files = {name: call.folder / f"policy-{index}.yaml" for index, name in enumerate(sorted(call.policies))}
    for name, path in files.items():
        path.write_text(dump(call.policies[name]), encoding="utf-8", newline="\n")
    (call.folder / "sentinel.yaml").write_text(dump(_SENTINEL_POLICY), encoding="utf-8", newline="\n")
    stream = "".join(f"---\n{dump(body)}" for body in call.objects)
    (call.folder / "objects.yaml").write_text(stream, encoding="utf-8", newline="\n")
    values: JsonObject = {
        "apiVersion": "cli.kyverno.io/v1alpha1",
        "kind": "Value",
        "metadata": {"name": "values"},
        "namespaces": list(call.namespaces),
    }
    (call.folder / "values.yaml").write_text(dump(values), encoding="utf-8", newline="\n")
    return files


def _arguments(call: Call, files: Mapping[str, Path]) -> tuple[str, ...]:
    """Name every file relative to the folder: values of these flags are split at commas."""
    return (
        *(str(call.program), "apply", *(path.name for path in files.values()), "sentinel.yaml"),
        *("--resource", "objects.yaml", "--values-file", "values.yaml"),
        *("--policy-report", "--output-format", "json", "--remove-color"),
        *("--warn-exit-code", str(_NOTHING_PASSED), "--warn-no-pass", "-v", "3"),
    )


def _demand_known(rows: Sequence[Row], policies: set[str], objects: frozenset[ResourceId]) -> None:
    seen: set[tuple[str, ResourceId]] = set()
    for row in rows:
        key = (row.policy, row.resource)
        if row.policy not in policies:
            raise ToolOutputError(f"kyverno speaks of the policy `{row.policy}`, which it was not given")
        if row.resource not in objects:
            raise ToolOutputError(f"kyverno speaks of {row.resource}, which it was not given")
        if key in seen:
            raise ToolOutputError(f"kyverno judged {row.resource} under `{row.policy}` twice")
        seen.add(key)


def _demand_all_seen(rows: Sequence[Row], objects: frozenset[ResourceId]) -> None:
    """Demand that every object came back as a violation of the policy that everything violates."""
    sentinel = {row.resource: row.result for row in rows if row.policy == SENTINEL}
    lost = objects - sentinel.keys()
    if lost:
        raise ToolOutputError(f"kyverno lost {_names(lost)} of {len(objects)} objects")
    passed = {resource for resource, result in sentinel.items() if result is not Result.FAIL}
    if passed:
        raise ToolOutputError(f"kyverno did not report the planted violation of {_names(passed)}")


def _silent(call: Call, rows: Sequence[Row], files: Mapping[str, Path], said: Sequence[Complaint]) -> dict[str, str]:
    """Find the policies that were dropped while loading: they said nothing, and Kyverno complained of them."""
    heard = {row.policy for row in rows}
    silent = {name for name in call.policies if name not in heard}
    refused: dict[str, str] = {}
    for complaint in said:
        blamed = {name for name in silent if complaint.names(name, files[name].name)}
        if not blamed and len(silent) == 1:
            blamed = silent
        if not blamed:
            raise ToolOutputError(f"kyverno could not read what it was given: {complaint.reason}")
        refused.update(dict.fromkeys(blamed, complaint.reason))
    return refused


def _demand_complete(call: Call, rows: Iterable[Row]) -> None:
    found: dict[str, set[ResourceId]] = {name: set() for name in call.policies}
    for row in rows:
        if row.result is not Result.ERROR:
            found[row.policy].add(row.resource)
    failed = {(row.policy, row.resource) for row in rows if row.result is Result.ERROR}
    for name, expected in call.expected.items():
        missing = {resource for resource in expected - found[name] if (name, resource) not in failed}
        if missing:
            raise ToolOutputError(f"kyverno said nothing about {_names(missing)} under the policy `{name}`")
        unexpected = found[name] - expected
        if unexpected:
            raise ToolOutputError(f"kyverno judged {_names(unexpected)}, which the policy `{name}` does not match")


def _names(resources: Iterable[ResourceId], *, shown: int = 3) -> str:
    names = [f"`{resource}`" for resource in sorted(resources, key=str)]
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
