"""What runs a training run, what each of these kinds can do, and why it cannot do the rest. Imports no cdk8s.

Sources: docs/facts/training.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aurora_constructs import ray_images
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Problem

if TYPE_CHECKING:
    from aurora_constructs.components.training_job.spec import TrainingJobSpec

Backend = Literal["MLTrainingJob", "Job", "JobSet", "MPIJob", "RayJob", "TrainJob"]
"""The kind of object that runs it: `MLTrainingJob` is Aurora's own, whose operator makes a Job of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What a backend can do; the texts say why it cannot, and are empty where it can."""

    group: str = ""
    """The group of its kind where others define it."""
    one_node: str = ""
    fixed: str = ""
    """Why the number of nodes stays as it is."""
    starts: str = ""
    """What starts the command, so that it must be stated."""
    label: bool = True
    """Whether names of hosts are made of its name, so that it must be a label that begins with a letter."""


_ALONE = "a Job starts its pods again one by one, and a distributed run must start again as a whole"
_STAYS = "the number of pods of a JobSet stays as it is while it runs"
ABILITIES: Mapping[Backend, Ability] = {
    "MLTrainingJob": Ability(one_node=f"its operator makes one Job, and {_ALONE}", fixed="it has one pod", label=False),
    "Job": Ability(one_node=_ALONE, fixed="it has one pod", label=False),
    "JobSet": Ability(group="jobset.x-k8s.io", fixed=_STAYS),
    "MPIJob": Ability(group="kubeflow.org", starts="`mpirun` or `horovodrun` starts it on every node"),
    "RayJob": Ability(group="ray.io", starts="Ray starts it on the head"),
    "TrainJob": Ability(group="trainer.kubeflow.org", fixed=f"Trainer makes a JobSet of it, and {_STAYS}"),
}
MULTI_NODE = tuple(sorted(name for name, ability in ABILITIES.items() if not ability.one_node))
ELASTIC = tuple(sorted(name for name, ability in ABILITIES.items() if not ability.fixed))
_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def problems(spec: TrainingJobSpec, platform: Platform) -> Iterator[Problem]:
    """Find what the backend of a run cannot do."""
    ability, backend = ABILITIES[spec.backend], spec.backend
    if spec.nodes > 1 and ability.one_node:
        message = f"`{backend}` runs on one node, not on {spec.nodes}: {ability.one_node}"
        yield Problem(("nodes",), message, f"take one of the backends {_listed(MULTI_NODE)}")
    if spec.elastic and ability.fixed:
        message = f"`{backend}` is not elastic: {ability.fixed}"
        yield Problem(("elastic",), message, f"take one of the backends {_listed(ELASTIC)}")
    if ability.starts and not spec.command:
        yield Problem(("backend",), f"`{backend}` needs `command`: {ability.starts}", "state it, with its `args`")
    if ability.label and not _LABEL.fullmatch(spec.run_name):
        message = (
            f"`{spec.run_name}` names hosts of a `{backend}`: lower-case letters, digits and `-`, from a letter on"
        )
        yield Problem(("model",), message, "rename the model, or take the backend `Job`")
    if ability.group and not platform.has_kind(f"{ability.group}/{backend}"):
        message = f"the definitions of the profile `{platform.cluster.profile}` have no `{backend}`"
        yield Problem(("backend",), message, "take another backend, or another profile", needs="cluster")
    if backend == "RayJob":
        yield from _of_ray(spec, platform)


def ray_version(spec: TrainingJobSpec, platform: Platform) -> str | None:
    """Give the version of Ray in the image: as stated, or as its tag has it; None where neither tells."""
    image = platform.images.get(spec.image)
    return spec.ray.version or (ray_images.version(image.repository, image.tag) if image else None)


def _of_ray(spec: TrainingJobSpec, platform: Platform) -> Iterator[Problem]:
    if ray_version(spec, platform) is None:
        message = f"the image `{spec.image}` does not tell the version of Ray in it, which a RayJob must name"
        yield Problem(("ray", "version"), message, "state it")
    if spec.queue and spec.elastic:
        message = "Kueue admits no RayJob whose number of nodes Ray changes"
        yield Problem(("elastic",), message, "leave out `elastic`, or `queue`")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
