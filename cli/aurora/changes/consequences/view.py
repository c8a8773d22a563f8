"""What the rules of consequences see of a scene: its changed pairs, and both sides' surroundings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from aurora.changes import staying
from aurora.changes.consequences.row import Found
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.pairs import Pair, Scene
from aurora.cluster import workloads
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate, pod_templates
from aurora.model.rule import Violation


@dataclass(frozen=True, slots=True)
class PodVerdict:
    """What was said of a workload's pods: that they are refused, or why nobody could judge."""

    manifest: Manifest
    message: str
    refused: bool = True


Limits = Callable[[Inventory], Iterator[Violation]]
"""Judges pods and claims by the LimitRanges beside them."""
PodSecurity = Callable[[str, Mapping[str, str], tuple["Manifest", ...]], Iterable[PodVerdict]]
"""Judges workloads by a namespace's name and labels; gives those that are refused or could not be judged."""


class View:
    """A scene, ready for questions. Objects that are stored alike count as unchanged.

    What stays in the cluster although its manifest is gone counts as unchanged too, and stands in `staying`.
    A renamed object is one that is deleted and one that is created: a rename takes no consequence away.
    """

    def __init__(self, scene: Scene, judge: PodSecurity | None = None, limits: Limits | None = None) -> None:
        self._whole = [(half, pair) for pair in scene.pairs for half in pair.halves]
        apart = replace(scene, pairs=tuple(half for half, _ in self._whole))
        marks = tuple(zip(apart.pairs, staying.marked(apart), strict=True))
        self.staying = tuple((pair, mark.stays) for pair, mark in marks if mark.stays)
        self.pairs = tuple(pair for pair, mark in marks if not pair.same and not mark.stays)
        kept = [pair.before for pair, _ in self.staying if pair.before is not None]
        self.after = Surroundings(scene.after.beside(kept) if kept else scene.after)
        self.before = Surroundings(scene.before, self.after)
        self.judge = judge
        self.limits = limits
        self.names = scene.names
        self._changed = {
            manifest.id.identity: pair
            for pair in self.pairs
            for manifest in (pair.before, pair.after)
            if manifest is not None
        }

    def whole(self, found: Iterable[Found]) -> Iterator[Found]:
        """Say of the scene's own pairs what was found out about deleted and created halves."""
        pairs = {id(half): pair for half, pair in self._whole}
        for half, consequence in found:
            pair = pairs[id(half)]
            of_former = pair is not half and half.after is None and consequence.resource is None
            yield pair, replace(consequence, resource=half.resource) if of_former else consequence

    def of(self, group: str, *kinds: str) -> Iterator[Pair]:
        """Yield the changed pairs of an API group whose kind is one of the named."""
        for pair in self.pairs:
            if pair.resource.group == group and pair.resource.kind in kinds:
                yield pair

    def updated(self, group: str, *kinds: str) -> Iterator[tuple[Pair, Manifest, Manifest]]:
        """Yield the changed pairs of kinds whose object is updated in its place, with both sides."""
        for pair in self.of(group, *kinds):
            if pair.before is not None and pair.after is not None:
                yield pair, pair.before, pair.after

    def gone(self, group: str, *kinds: str) -> Iterator[tuple[Pair, Manifest]]:
        """Yield the changed pairs of kinds whose object no longer exists, with what it was."""
        for pair in self.of(group, *kinds):
            if pair.before is not None and pair.after is None:
                yield pair, pair.before

    def pair_of(self, manifest: Manifest) -> Pair | None:
        """Give the changed pair that an object belongs to, None for an unchanged one."""
        return self._changed.get(manifest.id.identity)

    def scalers(self) -> list[Pair]:
        """Give the changed autoscalers."""
        return [pair for pair in self.pairs if workloads.scaler_of(pair.subject) is not None]

    def workloads(self) -> Iterator[tuple[Pair, PodTemplate | None, PodTemplate | None]]:
        """Yield the changed workloads with their pods before and after."""
        for pair in self.pairs:
            before, after = _by_place(pair.before), _by_place(pair.after)
            for place in dict.fromkeys((*before, *after)):
                yield pair, before.get(place), after.get(place)

    def updated_workloads(self) -> Iterator[tuple[Pair, PodTemplate, PodTemplate]]:
        """Yield the changed workloads that have pods at one place before and after."""
        for pair, before, after in self.workloads():
            if before is not None and after is not None:
                yield pair, before, after


def _by_place(manifest: Manifest | None) -> dict[tuple[Step, ...], PodTemplate]:
    return {pod.steps: pod for pod in pod_templates(manifest)} if manifest is not None else {}


def template(manifest: Manifest | None) -> PodTemplate | None:
    """Give a workload's pod template, None where there is none."""
    return next(pod_templates(manifest), None) if manifest is not None else None


def namespace_of(pair: Pair) -> str:
    """Give the namespace that a pair's object lives in."""
    return workloads.namespace_of(pair.subject)


def left(pair: Pair) -> Manifest | None:
    """Give the manifest of an object that no longer exists."""
    return pair.before if pair.after is None else None


def entered(pair: Pair) -> Manifest | None:
    """Give the manifest of an object that did not exist before."""
    return pair.after if pair.before is None else None


def both(pair: Pair) -> tuple[Manifest, Manifest] | None:
    """Give both sides of an object that is updated in its place; None where it is created or deleted."""
    if pair.before is None or pair.after is None:
        return None
    return pair.before, pair.after
