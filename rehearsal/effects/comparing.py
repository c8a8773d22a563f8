"""Holds what was seen against what was predicted: agreement, disagreement, or nothing that this cluster can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aurora.changes.effects import rows
from aurora.kinds.table import is_builtin_group
from aurora.model.change import Effect
from aurora.tables import opened
from effects.cases import Case
from effects.predicting import Prediction
from effects.trying import Seen

DIFFERENCES = Path(__file__).with_name("differences.yaml")
_BY_PODS = frozenset({Effect.RECREATE, Effect.ROLLING_RESTART, Effect.SCALE})
_EFFECTS = {str(effect): effect for effect in Effect}
_HIDDEN = {
    "object/hook": "Argo CD makes hooks anew, and none runs here",
    "object/replaced": "Argo CD replaces the object, and none runs here",
    "object/deleted-kept": "Argo CD leaves the object, and none runs here",
    "object/deleted-orphaned": "Argo CD leaves the object, and none runs here",
    "service/distribution": "the proxy of each node chooses, and no node is real",
    "service/clients": "the proxy of each node and the cloud open the way, and both are simulated",
    "service/topology-annotation": "endpoints get hints where pods of one Service are in several zones, and none are",
    "apiservice/service": "nothing real serves the group",
}
"""Rows whose effect somebody else brings about than the control plane, and who."""
_TRAFFIC = frozenset({"Service", "Endpoints", "EndpointSlice"})
_SCALERS = frozenset({"HorizontalPodAutoscaler"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One change: predicted, seen, and why both are not compared, or may differ."""

    name: str
    rule: str
    predicted: Effect
    seen: Effect | None
    words: str = ""
    hidden: str = ""
    explained: str = ""

    @property
    def compared(self) -> bool:
        """Whether the cluster could show it."""
        return not self.hidden

    @property
    def agrees(self) -> bool:
        """Whether what was seen is what was predicted."""
        return self.seen is self.predicted


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Why predicted and seen differ for some rows, in cases whose names say what they are about, and stay so."""

    id: str
    rules: tuple[str, ...]
    predicted: Effect
    seen: Effect
    reason: str
    about: str = ""

    def explains(self, result: Result) -> bool:
        """Tell whether it is about a result."""
        return (result.predicted, result.seen) == (self.predicted, self.seen) and (
            result.rule in self.rules and self.about in result.name
        )


def differences(path: Path = DIFFERENCES) -> tuple[Difference, ...]:
    """Read the differences that stay.

    Raises:
        TableError: the table is broken.
    """
    found = []
    with opened(path) as top:
        top.only("differences")
        for entry in top.entries("differences", required=False):
            entry.only("id", "rules", "about", "predicted", "seen", "reason")
            predicted, seen = (entry.choice(key, _EFFECTS) for key in ("predicted", "seen"))
            if predicted and seen:
                id_, reason = entry.text("id"), entry.text("reason")
                rules, about = entry.texts("rules", required=True), entry.text("about", "")
                found.append(
                    Difference(id=id_, rules=rules, predicted=predicted, seen=seen, reason=reason, about=about)
                )
    return tuple(found)


def compare(case: Case, prediction: Prediction, seen: Seen, known: Iterable[Difference]) -> Result:
    """Hold one case's prediction against what was seen."""
    verdict = prediction.verdict
    effect = _outside(prediction, seen.effect)
    found = Result(
        name=case.name,
        rule=verdict.rule,
        predicted=verdict.effect,
        seen=effect,
        words=seen.words,
        hidden=_hidden(prediction, seen),
    )
    explaining = next((each for each in known if found.compared and not found.agrees and each.explains(found)), None)
    return found if explaining is None else replace(found, explained=explaining.id)


def _outside(prediction: Prediction, seen: Effect | None) -> Effect | None:
    """Take for `in-place` what only changes metadata that a controller outside of the control plane reads."""
    row = next(row for row in rows.every() if row.id == prediction.verdict.rule)
    metadata = bool(row.fields) and all(field.startswith("metadata.") for field in row.fields)
    read = seen is Effect.METADATA_ONLY and prediction.verdict.effect is Effect.IN_PLACE
    return Effect.IN_PLACE if read and (metadata or _only_metadata(prediction)) else seen


def _only_metadata(prediction: Prediction) -> bool:
    return all(field.path.startswith("metadata") for field in prediction.pair.fields)


def _hidden(prediction: Prediction, seen: Seen) -> str:
    """Say why the cluster cannot show a change; nothing where it can."""
    verdict, resource = prediction.verdict, prediction.pair.resource
    if seen.effect is None:
        return f"the server does not take the object before the change: {seen.words}"
    if verdict.rule in _HIDDEN:
        return _HIDDEN[verdict.rule]
    if Effect.REFUSED in (verdict.effect, seen.effect):
        webhook = next(row for row in rows.every() if row.id == verdict.rule).by_webhook
        return "a webhook of its operator refuses the change, and none runs here" if webhook else ""
    if not is_builtin_group(resource.group):
        return "its operator does not run here"
    return _without_controller(verdict.effect, resource.kind, seen)


def _without_controller(effect: Effect, kind: str, seen: Seen) -> str:
    if effect in _BY_PODS and kind in _SCALERS:
        return "no metrics are measured here, so that nothing is scaled"
    if effect in _BY_PODS and not seen.pods_before and effect is not Effect.SCALE:
        return "no pod ran before the change"
    if effect is Effect.TRAFFIC_SHIFT and kind in _TRAFFIC and not seen.ways:
        return "no pod answers the Service"
    if effect is Effect.TRAFFIC_SHIFT and kind not in _TRAFFIC:
        return "no controller of the edge runs here"
    return ""


def unused(known: Iterable[Difference], results: Sequence[Result]) -> list[Difference]:
    """Give the differences that explain nothing."""
    used = {result.explained for result in results}
    return [each for each in known if each.id not in used]


def rows_seen(results: Iterable[Result]) -> set[str]:
    """Give the rows that the cluster showed at least once, each time as they say."""
    compared = [result for result in results if result.compared]
    return {result.rule for result in compared} - {result.rule for result in compared if not result.agrees}


def write_seen(ids: Iterable[str]) -> None:
    """Keep which rows were seen, for `docs/effects.md`."""
    head = "# Rows of effects that a control plane showed as they say: `rehearsal/cluster_effects.py --write`.\nrows:\n"
    rows.SEEN.write_text(head + "".join(f"- {id_}\n" for id_ in sorted(ids)), encoding="utf-8")


def counts(results: Iterable[Result]) -> dict[Effect, tuple[int, int, int]]:
    """Give for each effect how often it was predicted and compared, seen as predicted, and explained."""
    compared, agreed, explained = Counter[Effect](), Counter[Effect](), Counter[Effect]()
    for result in results:
        compared[result.predicted] += result.compared
        agreed[result.predicted] += result.compared and result.agrees
        explained[result.predicted] += bool(result.explained)
    return {effect: (compared[effect], agreed[effect], explained[effect]) for effect in Effect if compared[effect]}
