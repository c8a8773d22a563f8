"""Runs `kyverno apply` so that its verdicts are proved: `docs/facts/validators.md`.

Owns the command's form and its files; `verdicts` owns what the answer must prove. Nothing in the output is left
unread. Must not know what a policy demands or what a verdict means.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject
from aurora.tools.kyverno_output import Complaint, complaints, read_report, uncompiled
from aurora.tools.runner import Command, run
from aurora.tools.verdicts import SENTINEL_POLICY, Call, Refusal, Row, Verdicts, identities, proved
from aurora.yamlio.writing import dump

_VIOLATIONS = 1
_NOTHING_PASSED = 3
"""Given as `--warn-exit-code`: tells "no object satisfied any policy" from a clean run, which is 0."""

# A run is short, and compiling expressions makes garbage: collecting it less often saves a quarter of the time.
_ENVIRONMENT = {"GOGC": "400"}


def apply(call: Call) -> Verdicts:
    """Judge the objects.

    Raises:
        ToolError: the program is missing, did not end in time, crashed, or gave no proof.
        ValueError: two objects have one identity, one is a list, or a policy has the reserved name.
    """
    identities(call)
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
    refused = _silent(call, rows, files, said)
    return Verdicts((), refused) if refused else proved(call, rows)


def _write(call: Call) -> dict[str, Path]:
    """Write one file per policy, one for all objects, and the values; give the policy files by policy."""
    files = {name: call.folder / f"policy-{index}.yaml" for index, name in enumerate(sorted(call.policies))}
    for name, path in files.items():
        path.write_text(dump(call.policies[name]), encoding="utf-8", newline="\n")
    (call.folder / "sentinel.yaml").write_text(dump(SENTINEL_POLICY), encoding="utf-8", newline="\n")
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


def _silent(
    call: Call, rows: Sequence[Row], files: Mapping[str, Path], said: Sequence[Complaint]
) -> dict[str, Refusal]:
    """Find the policies that were dropped while loading: they said nothing, and Kyverno complained of them."""
    heard = {row.policy for row in rows}
    silent = {name for name in call.policies if name not in heard}
    refused: dict[str, Refusal] = {}
    for complaint in said:
        blamed = {name for name in silent if complaint.names(name, files[name].name)}
        if not blamed and len(silent) == 1:
            blamed = silent
        if not blamed:
            raise ToolOutputError(f"kyverno could not read what it was given: {complaint.reason}")
        refused.update(dict.fromkeys(blamed, Refusal(complaint.reason)))
    return refused
