"""What a program that judges by policies is asked, what it may say, and what its answer must prove.

The Kyverno CLI and the policy engine take the same `Call` and give the same `Verdicts`. A run counts only if
every object came back from a policy that everything violates, and every policy answered for exactly the
objects that it matches. Must not run anything, nor know what a policy demands or what a verdict means.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject
from aurora.model.manifest import identify
from aurora.model.resource import ResourceId
from aurora.tools.runner import OUTPUT_LIMIT

SENTINEL = "aurora-sentinel"
"""The policy that every object violates; no other policy may have its name."""

SENTINEL_POLICY: JsonObject = {
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


class Result(StrEnum):
    """What a policy says of an object."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    SKIP = "skip"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Row:
    """One verdict: policy, object, result and Kyverno's words.

    `autogen` names the policy's repetition for controllers that judged, where the program says so; `rule` the rule
    of a ClusterPolicy, which has a verdict for each.
    """

    policy: str
    resource: ResourceId
    result: Result
    message: str
    autogen: str = ""
    rule: str = ""


def order(row: Row) -> tuple[str, str, str, str]:
    """Give what verdicts are sorted by: programs give them in no order of their own."""
    return row.policy, row.rule, str(row.resource), row.resource.api_version


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a policy was not loaded: the program's words, and the part that they blame, if they blame one."""

    message: str
    field: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """A kind that is not built in, and the resource that it is stored as."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One run: policies by name, objects, Namespaces, and which objects a policy must answer for, where that is known.

    Objects have explicit namespaces and no two one identity; none is a list. `kinds` are those of the objects
    that are not built in. `folder` is empty and belongs to this run.
    """

    program: Path
    folder: Path
    policies: Mapping[str, JsonObject]
    objects: Sequence[JsonObject]
    namespaces: Sequence[JsonObject]
    expected: Mapping[str, frozenset[ResourceId]]
    timeout: float
    kinds: Sequence[Kind] = ()
    output_limit: int = OUTPUT_LIMIT


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What each policy says of each object that it matches; `refused` tells why a policy was not loaded.

    A run with refused policies judges nothing: there are no rows then. `unjudged` tells why an object has no
    verdict of any policy.
    """

    rows: tuple[Row, ...]
    refused: Mapping[str, Refusal]
    unjudged: Mapping[ResourceId, str] = field(default_factory=dict)


def identities(call: Call) -> frozenset[ResourceId]:
    """Give the identities of a call's objects.

    Raises:
        ValueError: two objects have one identity, one is a list, or a policy has the reserved name.
    """
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


def proved(call: Call, rows: Sequence[Row], unjudged: Mapping[ResourceId, str] | None = None) -> Verdicts:
    """Give the verdicts of real policies, once a run proved that it looked at everything.

    Every object came back as a violation of the policy that all violate, and every policy answered for exactly the
    objects that it matches.

    Raises:
        ToolOutputError: a row speaks of something unknown or repeats another, an object got lost, or an answer is
            missing or one too many.
    """
    without = unjudged or {}
    objects = identities(call)
    _demand_known(call, rows, objects)
    _demand_all_seen(call, rows, objects - set(without))
    real = tuple(sorted((row for row in rows if row.policy != SENTINEL), key=order))
    _demand_complete(call, real, without)
    return Verdicts(real, {}, without)


def _demand_complete(call: Call, rows: Sequence[Row], unjudged: Collection[ResourceId]) -> None:
    found: dict[str, set[ResourceId]] = {name: set() for name in call.policies}
    for row in rows:
        if row.result is not Result.ERROR:
            found[row.policy].add(row.resource)
    failed = {(row.policy, row.resource) for row in rows if row.result is Result.ERROR}
    for name, expected in call.expected.items():
        missing = {
            resource
            for resource in expected - found[name]
            if (name, resource) not in failed and resource not in unjudged
        }
        if missing:
            raise ToolOutputError(f"{call.program.name} said nothing about {_names(missing)} under the policy `{name}`")
        unexpected = found[name] - expected
        if unexpected:
            raise ToolOutputError(
                f"{call.program.name} judged {_names(unexpected)}, which the policy `{name}` does not match"
            )


def _demand_known(call: Call, rows: Sequence[Row], objects: frozenset[ResourceId]) -> None:
    program, policies = call.program.name, {SENTINEL, *call.policies}
    seen: set[tuple[str, str, ResourceId]] = set()
    for row in rows:
        key = (row.policy, row.rule, row.resource)
        if row.policy not in policies:
            raise ToolOutputError(f"{program} speaks of the policy `{row.policy}`, which it was not given")
        if row.resource not in objects:
            raise ToolOutputError(f"{program} speaks of {row.resource}, which it was not given")
        if key in seen:
            raise ToolOutputError(f"{program} judged {row.resource} under `{row.policy}` twice")
        seen.add(key)


def _demand_all_seen(call: Call, rows: Sequence[Row], objects: frozenset[ResourceId]) -> None:
    """Demand that every object came back as a violation of the policy that everything violates."""
    sentinel = {row.resource: row.result for row in rows if row.policy == SENTINEL}
    lost = objects - sentinel.keys()
    if lost:
        raise ToolOutputError(f"{call.program.name} lost {_names(lost)} of {len(objects)} objects")
    passed = {resource for resource, result in sentinel.items() if result is not Result.FAIL}
    if passed:
        raise ToolOutputError(f"{call.program.name} did not report the planted violation of {_names(passed)}")


def _names(resources: Iterable[ResourceId], *, shown: int = 3) -> str:
    names = [f"`{resource}`" for resource in sorted(resources, key=str)]
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
