"""Rehearses one environment: starts a cluster, lets Argo CD sync it, asks for changes, and ends everything again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aurora import signals
from aurora.changes.judging import Means
from aurora.environment.model import Environment
from aurora.model.rehearsal import Rehearsal, SimulatedKind
from aurora.paths import RepositoryPaths
from aurora.rehearsal import acts, argo_cd, bring_up, changing, control_plane, machines, repository, simulated
from aurora.rehearsal.prepared import Prepared, prepare
from aurora.tools import pins
from aurora.tools.background import Programs
from aurora.tools.installed import Toolbox

HEALTHY = 300.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that runs for one environment, with the repository that its Argo CD reads."""

    plane: control_plane.ControlPlane
    repository: repository.Repository


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
    """Start everything that an environment is synced with; the definitions of Argo CD are there, and nothing else.

    Raises:
        ToolError: a program is missing, ended, or did not become ready.
    """
    plane = control_plane.start(tools, running, simulated.kubelets())
    volumes = machines.Volumes(plane.server)
    statuses = simulated.Statuses(plane.server, simulated.simulated())
    try:
        machines.add(plane.server, machines.nodes(prepared.inventory))
        volumes.start()
        statuses.start()
        bring_up.define(plane.server, prepared.definitions)
        served = repository.serve(running)
        argo_cd.start(tools, plane, prepared.settings)
        yield Cluster(plane, served)
    finally:
        for thread in (volumes, statuses):
            if thread.is_alive():
                thread.stop()


def rehearse(paths: RepositoryPaths, environment: Environment, tools: Toolbox, means: Means, *, say: Say) -> Rehearsal:
    """Rehearse one environment on an empty cluster of its own.

    Raises:
        AuroraError: what is committed cannot be read, or the cluster does not work.
    """
    prepared = prepare(paths, environment)
    step = changing.next_step(paths, environment.name, means)
    with programs() as running, cluster(tools, running, prepared) as own:
        say(f"{prepared.name}: the cluster runs, Argo CD syncs {len(prepared.order)} Applications")
        files = prepared.at(own.repository.address)
        commit = own.repository.commit(files, "what is committed", name=prepared.tag(0))
        watch = bring_up.Watch(own.plane.server, running)
        bring_up.by_hand(own.plane.server, prepared.by_hand(files))
        good = watch.until(bring_up.all_good(prepared, commit), HEALTHY)
        seconds = time.monotonic() - watch.began
        moments = bring_up.timeline(prepared, watch)
        say(f"{prepared.name}: {'healthy' if good else 'not healthy'} after {seconds:.0f} s")
        found = (
            tuple(acts.all_acts(acts.Scene(prepared, own.plane.server, own.repository, running, step, say)))
            if good
            else ()
        )
        there = {(each.id.group, each.id.kind) for each in prepared.inventory.manifests}
        return Rehearsal(
            environment=prepared.name,
            revision=prepared.revision,
            seconds=round(seconds, 1),
            megabytes=round(sum(each.megabytes for each in running.running)),
            timeline=moments,
            out_of_order=bring_up.out_of_order(moments),
            acts=found,
            stand_ins=prepared.stand_ins,
            simulated=tuple(
                SimulatedKind(kind=each.kind, instead_of=each.instead_of)
                for each in simulated.simulated()
                if (each.group, each.kind) in there
            ),
        )


def require(tools: Toolbox) -> None:
    """Find every program before anything starts; those that are not there are built.

    Raises:
        ToolError: one is missing and cannot be built.
        StorageError: the disk has too little room to build one.
    """
    for pin in pins.REHEARSAL:
        tools.find(pin)


def versions() -> dict[str, str]:
    """Give the versions of the programs that a rehearsal runs."""
    return {pin.name: pin.version for pin in pins.REHEARSAL}
