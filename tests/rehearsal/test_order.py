"""The order in which Applications came, and what a diff says beside what a cluster shows."""

from __future__ import annotations

from dataclasses import replace

from aurora.model.change import Change, Effect
from aurora.model.diff import Diff
from aurora.model.rehearsal import Act, Moment, Rehearsal, SimulatedKind, StandIn
from aurora.model.resource import ResourceId
from aurora.rehearsal.bring_up import out_of_order
from aurora.rehearsal.changing import disagreements


def moment(name: str, *waves: int, created: float | None = 0.0, healthy: float | None = 1.0) -> Moment:
    return Moment(application=name, waves=waves, created=created, healthy=healthy, objects=1)


def test_what_comes_before_an_earlier_wave_is_healthy_is_told() -> None:
    early = moment("early", -10, created=0.0, healthy=9.0)
    assert out_of_order((early, moment("late", 0, created=9.1))) == ()
    assert out_of_order((early, moment("beside", -10, created=0.0))) == ()
    (told,) = out_of_order((early, moment("late", 0, created=3.0)))
    assert told.startswith("late was created after 3.0 s, and early")


def test_an_application_does_not_wait_for_the_one_that_brings_it() -> None:
    parent = moment("parent", -20, created=0.0, healthy=50.0)
    assert out_of_order((parent, moment("child", -20, -5, created=2.0, healthy=10.0))) == ()
    (told,) = out_of_order((parent, moment("after", -10, created=2.0)))
    assert told.startswith("after")


def identity(name: str) -> ResourceId:
    return ResourceId(api_version="v1", kind="ConfigMap", namespace="a", name=name)


def change(name: str, effect: Effect) -> Change:
    return Change(resource=identity(name), effect=effect, rule="r", reason="")


def test_the_diff_and_the_cluster_are_compared_object_by_object() -> None:
    diff = Diff(base="a", head="b", changes=(change("moved", Effect.IN_PLACE), change("gone", Effect.DELETED)))
    before = {identity(name): "1" for name in ("moved", "gone", "same")}
    after = {identity("moved"): "2", identity("gone"): "", identity("same"): "1"}
    assert disagreements(diff, before, after) == []
    assert disagreements(diff, before, {**after, identity("same"): "2"}) == [
        f"{identity('same')}: the diff says unchanged, the cluster shows changed"
    ]
    assert disagreements(diff, before, before) == [
        f"{identity('gone')}: the diff says deleted, the cluster shows unchanged",
        f"{identity('moved')}: the diff says changed, the cluster shows unchanged",
    ]


REHEARSAL = Rehearsal(
    environment="prod",
    revision="v1",
    seconds=20.0,
    megabytes=900,
    timeline=(moment("root"), moment("one", -10)),
    out_of_order=(),
    acts=(Act(asked="a", expected="b", happened="b", holds=True, seconds=1.0),),
    stand_ins=(StandIn(application="one", source="chart x 1", definitions=("a.io",)),),
    simulated=(SimulatedKind(kind="Certificate", instead_of="cert-manager"),),
)


def test_a_rehearsal_holds_if_everything_is_as_it_should_be() -> None:
    assert REHEARSAL.holds
    assert not replace(REHEARSAL, timeline=()).holds
    assert not replace(REHEARSAL, timeline=(moment("root", healthy=None),)).holds
    assert not replace(REHEARSAL, out_of_order=("a",)).holds
    assert not replace(REHEARSAL, acts=(replace(REHEARSAL.acts[0], holds=False),)).holds


def test_what_cannot_be_shown_follows_from_what_was_simulated() -> None:
    told = "\n".join(REHEARSAL.not_shown)
    assert "what cert-manager would do: the status of Certificate is simulated" in told
    assert "what the sources of one hold" in told
    assert "cert-manager" not in "\n".join(replace(REHEARSAL, simulated=()).not_shown)
