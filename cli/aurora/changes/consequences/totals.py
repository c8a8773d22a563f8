"""What one side of a diff asks for as a whole: pods, CPU, memory, GPUs, storage.

Every workload and claim counts, changed or not, also what stays in the cluster although its manifest is gone; a
file that is equal on both sides is read once.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.changes.consequences import loads, pool_moves
from aurora.changes.consequences.surroundings import Surroundings
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Scene
from aurora.changes.sides import Side
from aurora.cluster import resources, workloads
from aurora.cluster.resources import Resources
from aurora.model.diff import Movement, Totals
from aurora.model.manifest import Manifest
from aurora_constructs.cluster import ClusterFacts


def totals(side: Side) -> Totals:
    """Sum up what every object of a side asks for."""
    return _sum(Sizes(Surroundings(side)), {})


def movement(scene: Scene, cluster: ClusterFacts | None = None) -> Movement:
    """Sum up both sides of an environment; with its facts, what changes in each node pool too."""
    view = View(scene)
    known: _Known = {}
    before = Sizes(view.before)
    after = Sizes(view.after, before)
    return Movement(
        environment=scene.environment,
        before=_sum(before, known),
        after=_sum(after, known),
        pools=pool_moves.moved(view, cluster),
    )


_Known = dict[int, tuple["Manifest", "Asked", Totals]]
"""What manifests that both sides share ask for, with what else that follows from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a load follows from beside the manifest: its autoscalers' minimum and its namespace's defaults."""

    least: int | None
    defaults: Resources | None


def _sum(sizes: Sizes, known: _Known) -> Totals:
    total = Totals()
    for manifest in sizes.surroundings.of_kinds(*loads.KINDS):
        asked = sizes.asked(manifest)
        found = known.get(id(manifest))
        if found is None or found[1] != asked:
            found = known[id(manifest)] = (manifest, asked, sizes.of(manifest))
        total = loads.plus(total, found[2])
    return total


class Sizes:
    """What objects of one side ask for, their autoscalers and their namespaces' LimitRanges included.

    `former` is the side before: where an autoscaler goes, the number of replicas stays that it set last.
    """

    def __init__(self, surroundings: Surroundings, former: Sizes | None = None) -> None:
        self.surroundings = surroundings
        self._former = former
        self._scalers = workloads.index(surroundings.inventory(*surroundings.scaler_kinds))
        self._defaults = resources.container_defaults(surroundings.inventory("LimitRange"))

    def of(self, manifest: Manifest | None) -> Totals:
        """Give what one object asks for; nothing where it does not exist."""
        if manifest is None:
            return Totals()
        asked = self.asked(manifest)
        return loads.load(manifest, least=asked.least, defaults=asked.defaults)

    def asked(self, manifest: Manifest) -> Asked:
        """Give what else an object's load follows from."""
        least = self._least(manifest)
        if least is None and self._former is not None and manifest.get("spec", "replicas") is None:
            least = self._former._least(manifest)
        return Asked(least, self._defaults.get(workloads.namespace_of(manifest)))

    def _least(self, manifest: Manifest) -> int | None:
        bounds = [bound for scaler in self._scalers.scalers_of(manifest) if (bound := workloads.scaler_bounds(scaler))]
        return min((bound.least for bound in bounds), default=None)
