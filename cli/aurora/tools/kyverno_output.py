"""Reads what `kyverno apply --policy-report --output-format json -v 3` prints, and leaves nothing unread.

Standard output is a stream of JSON reports; whatever else stands there is an error. Standard error is
searched for the sentences with which Kyverno drops what it was given. Facts:
`docs/facts/validators.md`, and Kyverno 1.19.1 itself.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.resource import ResourceId
from aurora.tools.verdicts import Refusal, Result, Row, order


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of standard error that says that something was dropped, and the reason in it."""

    line: str
    reason: str

    def names(self, policy: str, file: str) -> bool:
        """Tell whether the line speaks of a policy or of its file."""
        return f'"{policy}"' in self.reason or re.search(rf"\b{re.escape(file)}\b", self.line) is not None


_API_VERSION = "openreports.io/v1alpha1"
_BY_RULES = "kyverno"
"""The source of verdicts of ClusterPolicies, which have one for each rule."""
_KINDS = frozenset({"ClusterReport", "PolicyReport"})

# What Kyverno 1.19.1 says when it drops a policy and goes on.
_DROPPED = ("skipping invalid YAML file", "Non-fatal parsing error")
# What it says when verdicts are worth nothing, whatever they are.
_TRIPWIRES = (
    "failed to load resources",
    "disabled loading of",
    "policy validation error",
    "failed to apply MAP",
    "failed to apply generate policy",
    "ignored variable",
)
# What it prints before the reports of each ClusterPolicy, though nothing is wrong with its verdicts.
_DEPRECATED = re.compile(r"^Warning: \S+: kyverno\.io/v1 ClusterPolicy is deprecated [^\n]*\n", re.MULTILINE)
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_QUOTED_ERROR = re.compile(r'error="((?:[^"\\]|\\.)*)"')
_UNCOMPILED = re.compile(r"failed to compile policy (\S+) \((.*)", re.DOTALL)
_BLAMED = re.compile(r"(spec[\w.\[\]]*): Invalid value: \"(?:[^\"\\]|\\.)*\": (.*?)(?:\]\)\))?\s*$", re.DOTALL)


def uncompiled(errors: str) -> dict[str, Refusal]:
    """Give the policy whose expressions do not compile, which ends a run, with the compiler's words."""
    match = _UNCOMPILED.search(_COLOUR.sub("", errors))
    if match is None:
        return {}
    blamed = _BLAMED.search(match[2])
    return {match[1]: Refusal(blamed[2], blamed[1]) if blamed else Refusal(match[2].strip())}


def complaints(errors: str) -> tuple[Complaint, ...]:
    """Give every statement that a policy was dropped.

    Raises:
        ToolOutputError: Kyverno says that verdicts of this run are incomplete.
    """
    found = []
    for line in _COLOUR.sub("", errors).splitlines():
        if any(sentence in line for sentence in _TRIPWIRES):
            raise ToolOutputError(f"kyverno says that it did not evaluate everything: {line.strip()[:500]}")
        if any(sentence in line for sentence in _DROPPED):
            quoted = _QUOTED_ERROR.search(line)
            reason = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else line.strip()
            found.append(Complaint(line, reason))
    return tuple(found)


def read_report(output: str, *, errors: str) -> tuple[Row, ...]:
    """Read every verdict of a run, in an order of their own: Kyverno's varies.

    Raises:
        ToolOutputError: the output is empty, no stream of reports, holds anything else, an unknown result,
            or counts that contradict its rows.
    """
    rows: list[Row] = []
    for report in _documents(output):
        if report.get("apiVersion") != _API_VERSION or report.get("kind") not in _KINDS:
            raise ToolOutputError(
                f"kyverno printed a `{report.get('apiVersion')}` `{report.get('kind')}` instead of a report"
            )
        found = [_row(entry) for entry in items(report.get("results"))]
        _demand_counts(mapping(report.get("summary")), found)
        rows.extend(found)
    if not rows:
        last = _COLOUR.sub("", errors).strip().splitlines()[-1:]
        raise ToolOutputError("kyverno reported nothing" + "".join(f": {line[:500]}" for line in last))
    return tuple(sorted(rows, key=order))


def reports(output: str) -> str:
    """Give the reports of a run without what Kyverno prints before them of each ClusterPolicy."""
    return _DEPRECATED.sub("", output)


def _documents(output: str) -> Iterator[JsonObject]:
    """Split a stream at its separator lines; each part is one JSON object and nothing else."""
    for part in re.split(r"^---$", reports(output), flags=re.MULTILINE):
        if not part.strip():
            continue
        try:
            document = json.loads(part, object_pairs_hook=_unique)
        except ValueError as error:
            raise ToolOutputError(f"kyverno printed something that is no report: {_excerpt(part)}") from error
        if not isinstance(document, dict):
            raise ToolOutputError(f"kyverno printed something that is no report: {_excerpt(part)}")
        yield document


def _unique(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document


def _row(entry: JsonValue) -> Row:
    row = mapping(entry)
    resources = [mapping(resource) for resource in items(row.get("resources"))]
    policy = text(row.get("policy"))
    if not policy or len(resources) != 1:
        raise ToolOutputError(f"kyverno printed a verdict without policy or object: {_excerpt(json.dumps(entry))}")
    try:
        result = Result(text(row.get("result")))
    except ValueError as error:
        raise ToolOutputError(f"kyverno gave the unknown result `{row.get('result')}` for `{policy}`") from error
    resource = ResourceId(
        api_version=text(resources[0].get("apiVersion")),
        kind=text(resources[0].get("kind")),
        namespace=text(resources[0].get("namespace")) or None,
        name=text(resources[0].get("name")),
    )
    # Of other policies the rule only says what decided: an evaluation or an exception.
    rule = text(row.get("rule")) if row.get("source") == _BY_RULES else ""
    return Row(policy, resource, result, text(row.get("message")), rule=rule)


def _demand_counts(summary: JsonObject, rows: list[Row]) -> None:
    counted = Counter(row.result for row in rows)
    stated = {result: summary.get(result.value, 0) for result in Result}
    if any(stated[result] != counted[result] for result in Result):
        raise ToolOutputError("kyverno's own counts do not agree with the verdicts that it printed")


def _excerpt(part: str) -> str:
    return f"`{part.strip()[:200]}`"
