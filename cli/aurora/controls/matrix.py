"""Builds the control matrix of environments as they are committed. Compiles nothing; charts are rendered."""

from collections.abc import Iterable, Iterator, Sequence

from aurora import pipeline, validation
from aurora.controls.cells import Scope, cells
from aurora.controls.object_controls import POLICY_GROUP
from aurora.controls.proofs import Proofs
from aurora.controls.table import CONTROLS
from aurora.memory.store import Memory
from aurora.model.control_matrix import Cell, ControlMatrix, Objects, Row, Section
from aurora.model.inventory import Inventory
from aurora.paths import RepositoryPaths
from aurora.policies.handing import Surroundings
from aurora.tracing.hooks import GROUP as TRACING_GROUP

ASSIGNED = frozenset(
    [case.policy for control in CONTROLS for case in control.kyverno]
    + [event.policy for control in CONTROLS for event in control.tetragon]
)


def committed(paths: RepositoryPaths, names: Sequence[str] = (), memory: Memory | None = None) -> ControlMatrix:
    """Build the matrix of the named environments, or of all, with what their charts render.

    Raises:
        InputError: an environment's file or a committed manifest cannot be read.
        UsageError: there is no such environment, or it was never compiled.
        StorageError: a file cannot be read.
        ToolError: a chart has an archive, and the renderer is missing.
    """
    environments = pipeline.load_environments(paths, tuple(dict.fromkeys(names)) or paths.environment_names())
    found = [validation.readable(paths, environment) for environment in environments]
    return of(validation.with_charts(paths, found, memory), paths)


def of(inventories: Iterable[Inventory], paths: RepositoryPaths) -> ControlMatrix:
    """Build the matrix of inventories; proofs are looked up in a repository."""
    known = list(inventories)
    proofs = Proofs(paths)
    return ControlMatrix(
        environments=tuple(inventory.environment or "" for inventory in known),
        sections=tuple(section for inventory in known for section in _sections(inventory, proofs)),
        unassigned=tuple(entry for inventory in known for entry in _unassigned(inventory)),
        objects=tuple(map(objects, known)),
    )


def objects(inventory: Inventory) -> Objects:
    """Count the objects of an inventory by where they come from."""
    rendered = sum(manifest.rendered_by is not None for manifest in inventory.manifests)
    return Objects(len(inventory.manifests) - rendered, rendered)


def _sections(inventory: Inventory, proofs: Proofs) -> Iterator[Section]:
    """Yield the namespaces in their order, those that are protected alike together."""
    surroundings = Surroundings(inventory)
    alike: dict[tuple[tuple[Cell, ...], ...], tuple[list[str], tuple[Row, ...]]] = {}
    for namespace in inventory.namespaces():
        scope = Scope(inventory, namespace, proofs, surroundings)
        rows = tuple(Row(control.id, control.title, cells(control, scope)) for control in CONTROLS)
        key = tuple(tuple(row.cells.values()) for row in rows)
        alike.setdefault(key, ([], rows))[0].append(namespace)
    for namespaces, rows in alike.values():
        yield Section(inventory.environment or "", tuple(namespaces), rows)


def _unassigned(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield the policies that the environment binds and that no control names."""
    names = {
        manifest.id.name
        for manifest in inventory.manifests
        if manifest.id.group in {POLICY_GROUP, TRACING_GROUP} and manifest.id.kind != "PolicyException"
    }
    for name in sorted(names - ASSIGNED):
        yield inventory.environment or "", name
