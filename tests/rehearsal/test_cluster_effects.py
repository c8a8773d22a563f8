"""The comparison of predicted effects with a cluster: what is tried, and what is counted as which effect."""

from __future__ import annotations

import dataclasses

import pytest

from aurora import manifests
from aurora.changes.effects import Verdict, rows
from aurora.changes.pairs import Pair
from aurora.model.change import Effect
from aurora.model.json_value import JsonObject
from aurora.model.manifest import identify
from effects import cases, comparing, seeing
from effects.cases import Case
from effects.comparing import Difference
from effects.edits import edits
from effects.predicting import Prediction
from effects.seeing import Event, Look, Pod
from effects.trying import Seen

STORED: JsonObject = {"metadata": {"uid": "u", "resourceVersion": "1", "labels": {"team": "ml"}}, "spec": {"size": 1}}
OLD = {"1": Pod("web-a", "v1"), "2": Pod("web-b", "v1")}


def look(pods: dict[str, Pod], stored: JsonObject | None = STORED, ways: frozenset[str] = frozenset()) -> Look:
    return Look(stored=stored, pods=pods, ways=ways)


NEW = {"3": Pod("web-c", "v2"), "4": Pod("web-d", "v2")}
OVERLAP = [Event("ADDED", "3"), Event("DELETED", "1"), Event("DELETED", "2"), Event("ADDED", "4")]
GAP = [Event("DELETED", "1"), Event("DELETED", "2"), Event("ADDED", "3"), Event("ADDED", "4")]


@pytest.mark.parametrize(
    ("after", "events", "effect"),
    [
        (NEW, OVERLAP, Effect.ROLLING_RESTART),
        (NEW, GAP, Effect.RECREATE),
        ({**OLD, "3": NEW["3"]}, [Event("ADDED", "3")], Effect.ROLLING_RESTART),
        ({**OLD, "3": Pod("web-c", "v1")}, [Event("ADDED", "3")], Effect.SCALE),
        ({"1": OLD["1"]}, [Event("DELETED", "2")], Effect.SCALE),
        (
            {"1": OLD["1"], "5": Pod("web-b", "v1")},
            [Event("DELETED", "2"), Event("ADDED", "5")],
            Effect.ROLLING_RESTART,
        ),
        ({"1": OLD["1"], "5": Pod("web-e", "v1")}, [Event("ADDED", "5"), Event("DELETED", "2")], Effect.SCALE),
        (OLD, [], Effect.UNCHANGED),
    ],
)
def test_restarts_are_counted_by_pods_and_their_revisions(
    after: dict[str, Pod], events: list[Event], effect: Effect
) -> None:
    assert seeing.seen(look(OLD), look(after), events) is effect


def test_what_restarts_nothing_is_told_from_the_stored_object() -> None:
    labelled: JsonObject = {**STORED, "metadata": {"uid": "u", "resourceVersion": "2", "labels": {"team": "x"}}}
    guarded: JsonObject = {**STORED, "metadata": {"uid": "u", "labels": {"team": "ml"}, "finalizers": ["a/b"]}}
    written: JsonObject = {**STORED, "metadata": {"uid": "u", "resourceVersion": "9", "labels": {"team": "ml"}}}
    assert seeing.seen(look(OLD), look(OLD, labelled), []) is Effect.METADATA_ONLY
    assert seeing.seen(look(OLD), look(OLD, guarded), []) is Effect.IN_PLACE
    assert seeing.seen(look(OLD), look(OLD, {**STORED, "spec": {"size": 2}}), []) is Effect.IN_PLACE
    assert seeing.seen(look(OLD), look(OLD, {**written, "status": {"ready": True}}), []) is Effect.UNCHANGED


def test_an_object_that_comes_goes_or_is_another_one_is_seen_as_that() -> None:
    another: JsonObject = {**STORED, "metadata": {"uid": "w"}}
    assert seeing.seen(look({}, None), look({}), []) is Effect.CREATED
    assert seeing.seen(look({}), look({}, None), []) is Effect.DELETED
    assert seeing.seen(look({}), look({}, another), []) is Effect.RECREATE


def test_other_ways_to_the_same_pods_are_a_shift_of_traffic() -> None:
    entry: JsonObject = {
        "metadata": {"labels": {"kubernetes.io/service-name": "web"}},
        "ports": [{"port": 8080, "protocol": "TCP"}],
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}],
    }
    port: JsonObject = {"spec": {"ports": [{"port": 80, "nodePort": 30080}]}}
    found = [seeing.ways(slices, stored) for slices, stored in (([], None), ([entry], None), ([entry], port))]
    assert [len(each) for each in found] == [0, 1, 2]
    assert seeing.seen(look(OLD, ways=found[0]), look(OLD, ways=found[1]), []) is Effect.TRAFFIC_SHIFT


def test_pods_that_end_or_have_ended_do_not_run() -> None:
    running: JsonObject = {"metadata": {"uid": "1", "name": "a", "labels": {"pod-template-hash": "v1"}}}
    ending: JsonObject = {"metadata": {"uid": "2", "name": "b", "deletionTimestamp": "now"}}
    ended: JsonObject = {"metadata": {"uid": "3", "name": "c"}, "status": {"phase": "Succeeded"}}
    assert seeing.pods([running, ending, ended]) == {"1": Pod("a", "v1")}


def test_every_row_is_tried_and_no_two_cases_of_a_round_share_an_object() -> None:
    found = [cases.placed(case, number) for number, case in enumerate(cases.of_rows())]
    assert [case.name for case in found] == [row.id for row in rows.every()]
    for together in cases.rounds(found, 50):
        subjects = [identify(side) for case in together for side in case.sides[-1:]]
        assert len(subjects) == len(set(subjects)) <= 50
        # A webhook that nobody answers refuses the pods of every other case.
        assert len({each.group == "admissionregistration.k8s.io" for each in subjects}) == 1
    assert all(case.earlier for case in found if case.name in ("statefulset/partition", "daemonset/on-delete-ends"))


def test_each_field_is_edited_and_taken_away_and_the_object_stays_the_same_one() -> None:
    body: JsonObject = {
        "kind": "A",
        "metadata": {"name": "a"},
        "spec": {"n": 1, "on": True, "list": [{"image": "a:v1"}]},
    }
    found = list(edits(body))
    assert [(path, how) for path, how, _ in found] == [
        (path, how) for path in ("spec.n", "spec.on", "spec.list.*.image") for how in ("altered", "removed")
    ]
    assert [after["spec"] for _, _, after in found][:2] == [
        {"n": 2, "on": True, "list": [{"image": "a:v1"}]},
        {"on": True, "list": [{"image": "a:v1"}]},
    ]
    assert body["spec"] == {"n": 1, "on": True, "list": [{"image": "a:v1"}]}


def predicted(rule: str, effect: Effect) -> Prediction:
    row = next(row for row in rows.every() if row.id == rule)
    (subject,) = manifests.read((row.after or row.before).encode(), "a.yaml").manifests
    return Prediction(Pair(before=subject, after=subject), Verdict(effect=effect, rule=rule, reason=""))


CASE = Case(name="one", before=None, after=None)


def test_what_nobody_brings_about_here_is_not_compared_and_a_refusal_always_is() -> None:
    webhook = next(row.id for row in rows.every() if row.by_webhook)
    for rule, effect, seen, hidden in (
        ("object/hook", Effect.RECREATE, Effect.IN_PLACE, True),
        ("ingress/rules", Effect.TRAFFIC_SHIFT, Effect.IN_PLACE, True),
        ("custom/spec", Effect.IN_PLACE, Effect.IN_PLACE, True),
        ("custom/spec", Effect.IN_PLACE, Effect.REFUSED, False),
        (webhook, Effect.REFUSED, Effect.IN_PLACE, True),
        ("deployment/replicas", Effect.SCALE, Effect.IN_PLACE, False),
        ("deployment/pod-template", Effect.ROLLING_RESTART, Effect.IN_PLACE, True),
    ):
        result = comparing.compare(CASE, predicted(rule, effect), Seen(seen), ())
        assert (bool(result.hidden), result.agrees) == (hidden, seen is effect), rule


def test_an_explained_difference_stays_one_and_an_entry_that_explains_nothing_is_told() -> None:
    entry = Difference(
        id="a", rules=("deployment/replicas",), predicted=Effect.SCALE, seen=Effect.IN_PLACE, reason="because"
    )
    other = dataclasses.replace(entry, id="b", seen=Effect.REFUSED)
    prediction = predicted("deployment/replicas", Effect.SCALE)
    result = comparing.compare(CASE, prediction, Seen(Effect.IN_PLACE, pods_before=1), (other, entry))
    assert (result.explained, result.agrees) == ("a", False)
    assert comparing.unused((entry, other), [result]) == [other]
    assert comparing.counts([result]) == {Effect.SCALE: (1, 0, 1)}
    assert {rule for each in comparing.differences() for rule in each.rules} <= {row.id for row in rows.every()}
