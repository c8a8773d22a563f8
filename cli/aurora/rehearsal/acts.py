"""What is asked of a healthy environment, and whether the cluster does what should follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aurora.cluster import workloads
from aurora.model.json_value import dig
from aurora.model.manifest import Manifest
from aurora.model.rehearsal import Act
from aurora.rehearsal import argo_cd, bring_up, changing
from aurora.rehearsal.argo_cd import Seen
from aurora.rehearsal.bring_up import Cluster
from aurora.rehearsal.changing import Edited
from aurora.rehearsal.prepared import Prepared, belongs
from aurora.rehearsal.server import NOT_FOUND, Server
from aurora.tools.background import Programs

_HEALED, _SYNCED, _PAUSE = 90.0, 180.0, 0.3
_STAYS = "Prune=false"
_OPTIONS = "argocd.argoproj.io/sync-options"


@dataclass(frozen=True, slots=True)
class Scene:
    """The environment that is healthy, everything to ask of it, and its next step where a version is on trial."""

    prepared: Prepared
    cluster: Cluster
    programs: Programs
    step: Edited | None
    say: Callable[[str], None]

    @property
    def server(self) -> Server:
        """The API server of its cluster."""
        return self.cluster.plane.server


def all_acts(scene: Scene) -> Iterator[Act]:
    """Ask everything, one after the other; each act begins when the environment is healthy again."""
    for ask in (_drift, _replicas, _deletion, _weight, _removal, _rollback):
        act = ask(scene)
        if act is not None:
            yield told(scene, act)


def told(scene: Scene, act: Act) -> Act:
    """Say how an act went, and give it."""
    scene.say(f"{scene.prepared.name}: {'ok' if act.holds else 'NOT AS EXPECTED'}: {act.asked}: {act.happened}")
    return act


def _drift(scene: Scene) -> Act:
    # The first comparison after a sync may still take it up: what counts begins after one.
    began, before = time.monotonic(), _compared(scene)
    for _ in range(2):
        after = _compared(scene)
    again = sorted(
        f"{name} ({'synced again' if each.good else '; '.join(each.reasons)})"
        for name, each in after.items()
        if each.finished != before[name].finished or not each.good
    )
    return Act(
        asked="compare everything with Git again, twice",
        expected="no difference, and no further sync",
        happened=f"differences in {', '.join(again)}" if again else "no difference, no further sync",
        holds=not again,
        seconds=_since(began),
    )


def _compared(scene: Scene) -> dict[str, Seen]:
    """Wait until Argo CD has compared every Application again; being asked would be a difference for their parents."""
    before = argo_cd.seen(scene.server)

    def again(last: dict[str, Seen]) -> bool:
        return all(each.compared > before[name].compared for name, each in last.items() if name in before)

    _until(scene, again, _HEALED)
    _until(scene, bring_up.all_good(scene.prepared), _SYNCED)
    return argo_cd.seen(scene.server)


def _replicas(scene: Scene) -> Act | None:
    scaled = (each for each in _objects(scene, "Deployment") if isinstance(each.get("spec", "replicas"), int))
    found = next(scaled, None)
    if found is None:
        return None
    began, path, wanted = time.monotonic(), scene.server.path_of(found.body), found.get("spec", "replicas")
    other = 7
    scene.server.merge(path, {"spec": {"replicas": other}})
    healed = _wait(lambda: dig(scene.server.get(path).body, "spec", "replicas") == wanted, _HEALED)
    _until(scene, bring_up.all_good(scene.prepared), _SYNCED)
    return Act(
        asked=f"set the replicas of {found.id} to {other} by hand",
        expected=f"Argo CD sets them to {wanted} again",
        happened="they are as in Git again" if healed else "they stayed as they were set",
        holds=healed,
        seconds=_since(began),
    )


def _deletion(scene: Scene) -> Act | None:
    found = next(_objects(scene, "Service"), None)
    if found is None:
        return None
    began, path = time.monotonic(), scene.server.path_of(found.body)
    scene.server.call("DELETE", path)
    healed = _wait(lambda: scene.server.get(path).done, _HEALED)
    _until(scene, bring_up.all_good(scene.prepared), _SYNCED)
    return Act(
        asked=f"delete {found.id} by hand",
        expected="Argo CD creates it again",
        happened="it is there again" if healed else "it stayed away",
        holds=healed,
        seconds=_since(began),
    )


def _weight(scene: Scene) -> Act | None:
    if scene.step is None:
        return None
    began, objects = time.monotonic(), scene.prepared.inventory.manifests
    before = changing.snapshot(scene.server, objects)
    synced = _commit(scene, scene.step.files, scene.step.words)
    different = changing.disagreements(scene.step.diff, before, changing.snapshot(scene.server, objects))
    return Act(
        asked=f"{scene.step.words}, committed and tagged",
        expected=f"exactly the {len(scene.step.diff.changes)} changes that the diff shows",
        happened="; ".join(different) or ("exactly these changes" if synced else "it was not synced"),
        holds=synced and not different,
        seconds=_since(began),
    )


def _removal(scene: Scene) -> Act | None:
    """Take two files away: one whose object may go, and one whose object is protected."""
    files = dict(scene.prepared.files)
    gone = next((each for each in _objects(scene, "ConfigMap", "PodDisruptionBudget") if not _protected(each)), None)
    kept = next((each for each in _objects(scene, "PersistentVolumeClaim") if _protected(each)), None)
    if gone is None:
        return None
    began = time.monotonic()
    for each in filter(None, (gone, kept)):
        files.pop(each.source.path, None)
    _commit(scene, files, "two objects are removed", healthy=kept is None)
    pruned = _wait(lambda: scene.server.get(scene.server.path_of(gone.body)).status == NOT_FOUND, _HEALED)
    stays = kept is None or scene.server.get(scene.server.path_of(kept.body)).done
    second = (f" and {kept.id}, which is protected", ", the second stays") if kept else ("", "")
    first = "the first is pruned" if pruned else "the first stayed"
    return Act(
        asked=f"remove {gone.id}{second[0]} from Git",
        expected=f"the first is pruned{second[1]}",
        happened=f"{first}{second[1] if stays else ', the second is gone'}",
        holds=pruned and stays,
        seconds=_since(began),
    )


def _rollback(scene: Scene) -> Act:
    began = time.monotonic()
    synced = _commit(scene, scene.prepared.files, "back to the first revision")
    absent = [str(each.id) for each in scene.prepared.inventory.manifests if belongs(each) and not _there(scene, each)]
    return Act(
        asked="go back to the first revision",
        expected="everything is synced and healthy, and every object is there",
        happened=f"missing: {', '.join(absent)}"
        if absent
        else ("everything is there" if synced else "it was not synced"),
        holds=synced and not absent,
        seconds=_since(began),
    )


def _there(scene: Scene, manifest: Manifest) -> bool:
    return scene.server.get(scene.server.path_of(manifest.body)).done


def _commit(scene: Scene, files: Mapping[str, bytes], message: str, *, healthy: bool = True) -> bool:
    """Commit files under the revision that the environment follows, and wait until they are synced."""
    number = scene.cluster.repository.commits()
    local = scene.prepared.at(scene.cluster.repository.address, files, number=number)
    commit = scene.cluster.repository.commit(local, message, name=scene.prepared.tag(number))
    for name in argo_cd.seen(scene.server):
        argo_cd.refresh(scene.server, name)
    if not healthy:
        return True
    return _until(scene, bring_up.all_good(scene.prepared, commit), _SYNCED)


def _until(scene: Scene, wanted: Callable[[dict[str, Seen]], bool], seconds: float) -> bool:
    return bring_up.Watch(scene.server, scene.programs).until(wanted, seconds)


def _objects(scene: Scene, *kinds: str) -> Iterator[Manifest]:
    for kind in kinds:
        for each in scene.prepared.inventory.manifests:
            if each.id.kind == kind and belongs(each) and workloads.namespace_of(each):
                yield each


def _protected(manifest: Manifest) -> bool:
    return _STAYS in manifest.annotations.get(_OPTIONS, "")


def _wait(holds: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(_PAUSE)
    return True


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)
