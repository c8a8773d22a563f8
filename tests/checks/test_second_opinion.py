"""Two checks that speak of one field make one finding that names both."""

from __future__ import annotations

from aurora.checks.second_opinion import merge
from aurora.model.finding import Finding, Severity
from aurora.model.resource import ResourceId

POD = ResourceId("v1", "Pod", "x", "a")


def finding(rule: str, pointer: str, environment: str = "one") -> Finding:
    return Finding(
        rule=rule, severity=Severity.ERROR, message=rule, environment=environment, resource=POD, pointer=pointer
    )


def test_the_servers_words_stay_and_both_are_named() -> None:
    (found,) = merge([finding("schema/invalid", "/spec"), finding("server/unknown-field", "/spec")])
    assert (found.rule, found.sources) == ("server/unknown-field", ("server", "schema"))


def test_what_one_saw_stays_as_it_is() -> None:
    given = [
        finding("schema/invalid", "/spec"),
        finding("server/create-refused", "/metadata"),
        finding("server/create-refused", "/spec", environment="two"),
        finding("routing/canary-twice", "/spec"),
    ]
    assert list(merge(given)) == given
