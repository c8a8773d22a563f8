"""In which order a fresh cluster gets the Applications of an environment, and what each of them waits for.

Read from the manifests: waves of Applications, and what objects need of each other. Decides nothing; the rule
`gitops/wave-order` does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aurora.cluster.applications import Application, deployments
from aurora.cluster.needs import needs
from aurora.cluster.sync_order import sync_order
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest

HEAD = ("waves", "Application", "brings", "needs")


@dataclass(frozen=True, slots=True)
class Step:
    """One Application: the waves of it and of those that sync it, what it brings, and which others it needs."""

    waves: tuple[int, ...]
    application: str
    brings: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What a table shows of it, by the columns of `HEAD`."""
        waves = " / ".join(map(str, self.waves)) or "root"
        return waves, self.application, ", ".join(self.brings), ", ".join(self.needs)


def steps(inventory: Inventory) -> tuple[Step, ...]:
    """Give the Applications in the order of a first sync; of one wave, by name. The root Application comes first."""
    found, order = deployments(inventory), sync_order(inventory)
    needed = _needed(inventory)
    result = [
        Step(
            waves=tuple(wave for _, _, wave in order.position(each.manifest)[1:]),
            application=each.name,
            brings=tuple(_brings(each, found.synced_by(each))),
            needs=tuple(sorted(needed[each.name])),
        )
        for each in found.applications
    ]
    return tuple(sorted(result, key=lambda step: (step.waves, step.application)))


def _needed(inventory: Inventory) -> dict[str, set[str]]:
    """Give the Applications whose objects the objects of each Application need."""
    order = sync_order(inventory)
    found: dict[str, set[str]] = defaultdict(set)
    for need in needs(inventory):
        user, provider = order.owner(need.manifest), order.owner(need.needed)
        if user is not None and provider is not None and user is not provider:
            found[user.id.name].add(provider.id.name)
    return found


def _brings(application: Application, synced: list[Manifest]) -> Iterator[str]:
    """Name the charts of an Application, and count its objects by kind."""
    for source in application.sources:
        if source.is_chart:
            yield f"chart {source.chart} {source.revision}"
    kinds = Counter(entry.id.kind for entry in synced if entry.emitted and entry is not application.manifest)
    yield from (f"{count} {kind}" for kind, count in sorted(kinds.items()))
