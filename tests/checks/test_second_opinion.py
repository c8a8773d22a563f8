"""Two checks that speak of one field make one finding that names both."""

from __future__ import annotations

from aurora.checks.second_opinion import merge
from aurora.model.finding import Finding, Severity
from aurora.model.place import Place
from aurora.model.resource import ResourceId

POD = ResourceId("v1", "Pod", "x", "a")


def finding(rule: str, pointer: str, environment: str = "one", *, resource: ResourceId = POD) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=rule,
        environment=environment,
        resource=resource,
        pointer=pointer,
        place=Place(f"{resource.name}.yaml", 3),
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


def test_a_kind_without_a_definition_is_one_finding_of_both() -> None:
    things = [ResourceId("example.com/v1", kind, "x", name) for kind, name in (("A", "b"), ("A", "a"), ("B", "a"))]
    rules = ("schema/unknown-kind", "server/unjudged")
    found = merge(finding(rule, "/apiVersion", resource=thing) for thing in things for rule in rules)
    assert [(each.rule, each.message, each.resource, each.sources) for each in found] == [
        (rules[0], "schema/unknown-kind; 1 more object is of this kind", things[1], ("server", "schema")),
        (rules[0], "schema/unknown-kind", things[2], ("server", "schema")),
    ]


def test_without_the_check_of_schemas_the_server_says_it_once() -> None:
    things = [ResourceId("example.com/v1", "A", "x", name) for name in "ab"]
    (found,) = merge(finding("server/unjudged", "/apiVersion", resource=thing) for thing in things)
    assert (found.rule, found.resource) == ("server/unjudged", things[0])


def test_what_the_server_could_not_judge_for_another_reason_is_said_of_each() -> None:
    given = [finding("server/unjudged", "", resource=ResourceId("v1", "Pod", "x", name)) for name in "ab"]
    assert list(merge(given)) == given
