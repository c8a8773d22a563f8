"""Changes are in order of their risk, and identical edits are one."""

from __future__ import annotations

import random

from aurora.changes import folding
from aurora.model.change import Change, Consequence, Effect, FieldChange, Impact
from aurora.model.resource import ResourceId


def change(name: str, effect: Effect, *impacts: Impact, after: int = 2, environment: str = "dev") -> Change:
    return Change(
        resource=ResourceId("v1", "ConfigMap", "x", name),
        effect=effect,
        rule=f"rule/{effect}",
        reason="because",
        environment=environment,
        fields=(FieldChange(pointer="/a", path="a", before=1, after=after),),
        consequences=(Consequence(rule="c/c", message="so", impacts=impacts),) if impacts else (),
    )


def test_the_riskiest_comes_first_whatever_the_order() -> None:
    ranked = [
        change("a", Effect.IN_PLACE, Impact.DATA_LOSS_RISK),
        change("b", Effect.CREATED, Impact.DOWNTIME_RISK, Impact.SECURITY_WEAKENED),
        change("c", Effect.REFUSED),
        change("d", Effect.METADATA_ONLY, Impact.SECURITY_WEAKENED),
        change("e", Effect.DELETED),
        change("f", Effect.RECREATE),
        change("g", Effect.ROLLING_RESTART, Impact.CAPACITY),
        change("h", Effect.ROLLING_RESTART),
        change("i", Effect.TRAFFIC_SHIFT),
        change("j", Effect.UNCHANGED),
    ]
    shuffled = random.Random(1).sample(ranked, len(ranked))  # noqa: S311 - an order, no secret
    assert [entry.resource.name for entry in folding.ordered(shuffled)] == [*"abcdefghij"]


def test_the_same_edit_of_many_objects_is_one_fold_and_every_change_is_in_one() -> None:
    changes = folding.ordered(
        [
            *(change(f"a{number}", Effect.SCALE, environment=name) for number in range(3) for name in ("dev", "prod")),
            change("b", Effect.SCALE, after=3),
            change("c", Effect.IN_PLACE),
        ]
    )
    folds = folding.folded(changes)
    assert [(len(fold.changes), fold.environments) for fold in folds] == [
        (6, ("dev", "prod")),
        (1, ("dev",)),
        (1, ("dev",)),
    ]
    assert sorted(id(entry) for fold in folds for entry in fold.changes) == sorted(map(id, changes))


def test_true_and_one_are_different_edits() -> None:
    assert len(folding.folded([change("a", Effect.SCALE, after=1), change("b", Effect.SCALE, after=True)])) == 2
