"""Waivers cover exactly what they name, as long as they hold, and are findings when they are over or unused."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from aurora.environment.model import Environment
from aurora.environment.waivers import apply
from aurora.model.finding import Finding, Severity
from aurora.model.resource import ResourceId
from environment.toys import HEAD, STORE, load_toy, repository

DAY = datetime.date(2026, 6, 1)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment that waives one rule for one Deployment and one for a cluster-scoped object."""
    waivers = """\
waivers:
  - {rule: policy/labels, kind: Deployment, namespace: aurora, name: api, reason: old, expires: "2026-06-01"}
  - {rule: storage/class, kind: StorageClass, name: fast, reason: bought, expires: "2026-12-31"}
"""
    return load_toy(repository(tmp_path, {"prod.yaml": HEAD + STORE + waivers}))


def finding(**changes: str | None) -> Finding:
    values = {
        "rule": "policy/labels",
        "kind": "Deployment",
        "namespace": "aurora",
        "name": "api",
        "environment": "prod",
    }
    values.update({key: value for key, value in changes.items() if value is not None})
    return Finding(
        rule=str(values["rule"]),
        severity=Severity.ERROR,
        message="it has no labels",
        environment=values["environment"],
        resource=ResourceId("apps/v1", str(values["kind"]), values["namespace"] or None, str(values["name"])),
    )


CLUSTER = finding(rule="storage/class", kind="StorageClass", namespace="", name="fast")


def test_a_waiver_leaves_its_reason_and_the_finding_fails_nothing(environment: Environment) -> None:
    covered = apply((finding(), CLUSTER), environment, DAY)
    assert [found.waived for found in covered] == ["old", "bought"]
    assert not any(found.fails for found in covered)


def test_a_waiver_covers_every_finding_of_its_rule_on_its_object(environment: Environment) -> None:
    covered = apply((finding(), finding(), CLUSTER), environment, DAY)
    assert [found.waived for found in covered] == ["old", "old", "bought"]


@pytest.mark.parametrize(
    "other",
    [
        finding(rule="policy/other"),
        finding(kind="StatefulSet"),
        finding(namespace="other"),
        finding(name="other"),
        finding(environment="dev"),
        Finding(rule="policy/labels", severity=Severity.ERROR, message="no object"),
    ],
    ids=["rule", "kind", "namespace", "name", "environment", "no object"],
)
def test_a_waiver_covers_nothing_else(other: Finding, environment: Environment) -> None:
    covered = apply((other, finding(), CLUSTER), environment, DAY)
    assert covered[0] == other
    assert len(covered) == 3


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next(environment: Environment) -> None:
    assert apply((finding(), CLUSTER), environment, DAY)[0].waived == "old"
    judged, other, expired = apply((finding(), CLUSTER), environment, DAY + datetime.timedelta(days=1))
    assert judged.waived is None
    assert other.waived == "bought"
    assert (expired.rule, expired.severity, expired.environment) == (
        "environment/waiver-expired",
        Severity.ERROR,
        "prod",
    )
    assert str(expired.place) == "environments/prod.yaml:10:5"
    assert expired.message == "the waiver of `policy/labels` for `Deployment aurora/api` held until 2026-06-01"


def test_an_unused_waiver_is_an_error_at_its_place(environment: Environment) -> None:
    _, unused = apply((finding(),), environment, DAY)
    assert (unused.rule, str(unused.place)) == ("environment/waiver-unused", "environments/prod.yaml:11:5")
    assert unused.message == "nothing needs the waiver of `storage/class` for `StorageClass fast`"
    assert unused.fails


def test_an_expired_waiver_that_nothing_needs_is_one_finding(environment: Environment) -> None:
    rules = [found.rule for found in apply((), environment, DAY + datetime.timedelta(days=365))]
    assert rules == ["environment/waiver-expired"] * 2


def test_a_waiver_of_a_check_that_did_not_run_may_be_needed(environment: Environment) -> None:
    assert apply((), environment, DAY, checks=["references"]) == ()
    assert [found.rule for found in apply((), environment, DAY, checks=["storage"])] == ["environment/waiver-unused"]


def test_the_second_of_two_equal_waivers_is_unused(tmp_path: Path) -> None:
    line = '{rule: policy/labels, kind: Deployment, namespace: aurora, name: api, reason: old, expires: "2026-06-01"}'
    text = HEAD + STORE + f"waivers: [{line}, {line}]\n"
    twice = load_toy(repository(tmp_path, {"prod.yaml": text}))
    assert [(found.rule, found.waived) for found in apply((finding(),), twice, DAY)] == [
        ("policy/labels", "old"),
        ("environment/waiver-unused", None),
    ]


@pytest.mark.parametrize(
    ("fixed", "known", "message"),
    [
        (["storage"], ["policy/labels"], "`storage/class` cannot be waived: without it nothing is proved"),
        ([], ["storage/classes"], "`storage/class` is no rule"),
    ],
)
def test_a_waiver_that_no_finding_can_need_is_an_error_whatever_ran(
    fixed: list[str], known: list[str], message: str, environment: Environment
) -> None:
    judged = apply((finding(), CLUSTER), environment, DAY, checks=(), fixed=fixed, known=known)
    assert [found.waived for found in judged] == ["old", None if fixed else "bought", None]
    assert (str(judged[-1].place), judged[-1].message) == ("environments/prod.yaml:11:5", message)
    assert judged[-1].hint == ("remove the waiver" if fixed else "did you mean `storage/classes`?")
