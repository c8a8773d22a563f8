"""Rules about runs that delete what is old: they know all that is used, and keep something.

The arguments are those of `aurora_constructs.components.retention.script`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from aurora.cluster.claims import Consumer, by_claim
from aurora.model.inventory import Inventory
from aurora.model.json_value import items, text
from aurora.model.rule import BROKEN, InventoryRule, Violation
from aurora_constructs import recovery
from aurora_contract import variables
from aurora_contract.programs import DATASET_PATH

_WHAT, _ROOT, _KEEP, _USED = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A run that deletes from a claim, by the arguments of its container."""

    user: Consumer
    args: tuple[str, ...]

    @property
    def models(self) -> bool:
        """Whether it deletes versions of models."""
        return self.args[_WHAT] == "models"

    @property
    def used(self) -> tuple[str, ...]:
        """What it is told to keep."""
        return self.args[_USED:]

    @property
    def root(self) -> PurePosixPath:
        """The folder that it looks at, seen from the root of the claim."""
        found = PurePosixPath(self.args[_ROOT])
        return found.relative_to(DATASET_PATH) if found.is_relative_to(DATASET_PATH) else found


def _cleanups(inventory: Inventory) -> Iterator[tuple[Cleanup, list[Consumer]]]:
    """Yield the runs that state their claim, with the other pods that use it."""
    key = inventory.names.key(recovery.CLEANS)
    for (_, claim), users in by_claim(inventory).items():
        for user in users:
            if user.pod.manifest.annotations.get(key) != claim:
                continue
            for mount in user.mounts:
                args = tuple(text(each) for each in items(mount.container.body.get("args")))
                if len(args) >= _USED and args[_WHAT] in ("models", "data"):
                    yield Cleanup(user, args), [each for each in users if each is not user]


def _deletes_used(inventory: Inventory) -> Iterator[Violation]:
    for cleanup, others in _cleanups(inventory):
        for what, who in sorted(_missing(inventory, cleanup, others)):
            yield Violation(
                manifest=cleanup.user.pod.manifest,
                steps=cleanup.user.pod.at(),
                message=f"it may delete `{what}`, which {who} uses",
                hint=f"name it among the arguments: `{what}`",
            )


def _missing(inventory: Inventory, cleanup: Cleanup, others: list[Consumer]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for user in others:
        who = str(user.pod.manifest.id)
        if cleanup.models:
            found |= {(name, who) for name in _served(inventory, user) if name not in cleanup.used}
        else:
            found |= {(path, who) for path in _read(user) if not _kept(cleanup, path)}
    return found


def _served(inventory: Inventory, user: Consumer) -> Iterator[str]:
    """Yield the versions that a pod uses, by its labels and by the variables of the inference runtime."""
    stated = [[user.pod.labels.get(key, "") for key in (inventory.names.model, inventory.names.model_version)]]
    for mount in user.mounts:
        values = {text(entry.get("name")): text(entry.get("value")) for _, entry in mount.container.variables}
        stated.append([values.get(name, "") for name in (variables.MODEL_NAME, variables.MODEL_VERSION)])
    return ("/".join(each) for each in stated if all(each))


def _read(user: Consumer) -> Iterator[str]:
    """Yield the paths of a claim that a trainer's variable names."""
    for mount in user.mounts:
        for _, entry in mount.container.variables:
            value = text(entry.get("value"))
            if entry.get("name") == variables.DATASET and value.startswith(f"{DATASET_PATH}/"):
                yield value.removeprefix(f"{DATASET_PATH}/")


def _kept(cleanup: Cleanup, path: str) -> bool:
    """Tell whether a path is outside of what the run looks at, or below something that it is told to keep."""
    used = PurePosixPath(path)
    if not used.is_relative_to(cleanup.root) and not cleanup.root.is_relative_to(used):
        return True
    return any(used.is_relative_to(cleanup.root / each) or each == "." for each in cleanup.used)


def _keeps_nothing(inventory: Inventory) -> Iterator[Violation]:
    for cleanup, _ in _cleanups(inventory):
        keep = cleanup.args[_KEEP]
        if not keep.isdecimal() or not int(keep):
            yield Violation(
                manifest=cleanup.user.pod.manifest,
                steps=cleanup.user.pod.at(),
                message=f"it keeps {keep} of the newest",
                hint="keep at least one",
            )


RULES = (
    InventoryRule("recovery/deletes-used", BROKEN, _deletes_used),
    InventoryRule("recovery/keeps-nothing", BROKEN, _keeps_nothing),
)
