"""Rehearses environments: starts clusters, lets Argo CD sync them, asks for changes, and ends everything again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aurora import signals
from aurora.changes.judging import Means
from aurora.environment.model import Environment
from aurora.errors import StorageError
from aurora.model.rehearsal import Rehearsal, SimulatedKind
from aurora.paths import RepositoryPaths
from aurora.rehearsal import (
    acts,
    argo_cd,
    bring_up,
    changing,
    control_plane,
    machines,
    repository,
    second_cluster,
    simulated,
)
from aurora.rehearsal.acts import Scene
from aurora.rehearsal.bring_up import Cluster
from aurora.rehearsal.prepared import Prepared, elsewhere, prepare
from aurora.tools import pins
from aurora.tools.background import Programs
from aurora.tools.installed import Toolbox

_AT_A_TIME = 2
Say = Callable[[str], None]


@contextmanager
def programs() -> Iterator[Programs]:
    """Give a folder for programs, and end all of them afterwards, whatever ends the body: Ctrl-C as well."""
    with tempfile.TemporaryDirectory(prefix="aurora-rehearsal-") as own:
        running = Programs(Path(own))

        def stop(number: int, frame: object) -> None:
            del frame
            raise KeyboardInterrupt(number)

        try:
            with signals.handled(stop):
                yield running
        finally:
            running.stop()


@contextmanager
def cluster(tools: Toolbox, running: Programs, prepared: Prepared) -> Iterator[Cluster]:
    """Start what an environment is synced into; nothing is in it.

    Raises:
        ToolError: a program is missing, ended, or did not become ready.
    """
    plane = control_plane.start(tools, running, simulated.kubelets())
    machines.add(plane.server, machines.nodes(prepared.inventory))
    with machines.Volumes(plane.server), simulated.Statuses(plane.server, simulated.of(prepared.inventory)):
        yield Cluster(plane, repository.serve(running))


def rehearse(
    paths: RepositoryPaths, environments: Sequence[Environment], tools: Toolbox, means: Means, *, say: Say
) -> tuple[Rehearsal, ...]:
    """Rehearse environments, each on an empty cluster of its own, two at a time.

    The last one is also synced into a second cluster by the Argo CD of the first one.

    Raises:
        AuroraError: what is committed cannot be read, or a cluster does not work.
        StorageError: the disk is full.
    """
    try:
        # The programs end first, so that whoever waits for them ends too.
        with ThreadPoolExecutor(_AT_A_TIME) as pool, programs() as running:
            turns = (_turn(paths, environments, number, means) for number in range(len(environments)))
            found = [pool.submit(_rehearsed, tools, running.part(turn.prepared.name), turn, say) for turn in turns]
            return tuple(each.result() for each in found)
    except OSError as error:
        raise StorageError(f"the rehearsal cannot go on: {error.strerror}", hint="look for a full disk") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """An environment, the next step of its version on trial, and the one that a second cluster gets."""

    prepared: Prepared
    step: changing.Edited | None
    second: Prepared | None


def _turn(paths: RepositoryPaths, environments: Sequence[Environment], number: int, means: Means) -> _Turn:
    last = environments[-1] if number == 0 and len(environments) > 1 else None
    return _Turn(
        prepared=prepare(paths, environments[number]),
        step=changing.next_step(paths, environments[number].name, means),
        second=elsewhere(paths, last, second_cluster.NAME) if last else None,
    )


def _rehearsed(tools: Toolbox, running: Programs, turn: _Turn, say: Say) -> Rehearsal:
    try:
        with cluster(tools, running, turn.prepared) as own:
            return _asked(tools, Scene(turn.prepared, own, running, turn.step, say), turn.second)
    finally:
        running.stop()


def _asked(tools: Toolbox, scene: Scene, second: Prepared | None) -> Rehearsal:
    prepared, running = scene.prepared, scene.programs
    bring_up.define(scene.server, prepared.definitions)
    argo_cd.start(tools, scene.cluster.plane, prepared.settings)
    scene.say(f"{prepared.name}: the cluster runs, Argo CD syncs {len(prepared.order)} Applications")
    watch = bring_up.Watch(scene.server, running)
    good = bring_up.synced(prepared, scene.cluster.repository, watch)
    seconds, moments = time.monotonic() - watch.began, bring_up.timeline(prepared, watch)
    scene.say(f"{prepared.name}: {'healthy' if good else 'not healthy'} after {seconds:.0f} s")
    megabytes = round(sum(each.megabytes for each in running.running))
    found = list(acts.all_acts(scene)) if good else []
    if good and second is not None:
        with cluster(tools, running.part("second"), second) as other:
            found.append(acts.told(scene, second_cluster.act(scene, second, other)))
    return Rehearsal(
        environment=prepared.name,
        revision=prepared.revision,
        seconds=round(seconds, 1),
        megabytes=megabytes,
        timeline=moments,
        out_of_order=bring_up.out_of_order(moments),
        acts=tuple(found),
        stand_ins=prepared.stand_ins,
        simulated=tuple(
            SimulatedKind(kind=each.kind, instead_of=each.instead_of) for each in simulated.of(prepared.inventory)
        ),
    )


def require(tools: Toolbox, programs: Sequence[pins.ToolPin] = pins.REHEARSAL) -> None:
    """Find every program before anything starts; those that are not there are built.

    Raises:
        ToolError: one is missing and cannot be built.
        StorageError: the disk has too little room to build one.
    """
    for pin in programs:
        tools.find(pin)


def versions() -> dict[str, str]:
    """Give the versions of the programs that a rehearsal runs."""
    return {pin.name: pin.version for pin in pins.REHEARSAL}
