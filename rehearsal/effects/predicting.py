"""What `aurora diff` predicts of each change: its own pairs, its comparison by the server's code, its decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aurora.changes import comparison, effects, pairing
from aurora.changes.effects import Verdict
from aurora.changes.pairs import Pair
from aurora.changes.sides import Side
from aurora.cluster.applications import Application
from aurora.manifests import read
from aurora.model.json_value import JsonObject
from aurora.tools.settings import Settings
from effects.cases import Case

KUBERNETES = "1.35"
_APPLICATION = b"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: effects, namespace: argocd}
spec: {syncPolicy: {syncOptions: [ServerSideApply=true]}}
"""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the diff says of a case's change, and the pair that it says it of."""

    pair: Pair
    verdict: Verdict


def predict(cases: Sequence[Case], settings: Settings, locate_tool: Callable[[str], Path]) -> list[Prediction]:
    """Give the prediction for each case; all objects are those of one cluster, which an Application syncs.

    Raises:
        ToolError: server validation is missing, failed, or proved nothing.
    """
    pairs = [_pair(case) for case in cases]
    beside = {json.dumps(body): body for case in cases for body in case.beside}
    after = _side([*(case.after for case in cases if case.after), *beside.values()])
    compared = comparison.compare(pairs, after, settings, locate_tool=locate_tool, kubernetes=KUBERNETES)
    return [Prediction(pair, effects.decide(pair)) for pair in compared.pairs]


def _pair(case: Case) -> Pair:
    sides = [_side([side] if side else []) for side in (case.before, case.after)]
    # What differs in nothing that a diff compares is in no pair.
    (found,) = pairing.pair(*sides).pairs or (_same(*sides),)
    (application,) = read(_APPLICATION, "application.yaml").manifests
    owner = Application(application, (), ("ServerSideApply=true",))
    return replace(found, owners=(owner,))


def _same(before: Side, after: Side) -> Pair:
    old, new = (side.read("0.yaml").manifests[0] for side in (before, after))
    return Pair(before=old, after=new, same=True)


def _side(bodies: Sequence[JsonObject]) -> Side:
    return Side(None, {f"{number}.yaml": json.dumps(body).encode() for number, body in enumerate(bodies)})
