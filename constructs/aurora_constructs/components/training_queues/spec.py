"""What people write for the queues of training runs. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec, Name, Namespace, Problem, Quantity, Spec, Text

Gpus = Annotated[int, Field(ge=0, le=10000)]


class Share(Spec):
    """What a queue may use of a pool."""

    cpu: Quantity
    """CPU requests."""
    memory: Quantity
    """Memory requests."""
    gpus: Gpus = 0
    """GPUs."""
    borrowed_gpus: Gpus | None = None
    """The most GPUs beyond its own that it may use, of what its cohort leaves; all that the others lend by default."""
    lent_gpus: Gpus | None = None
    """The most of its own GPUs that the others may use; all by default."""

    @model_validator(mode="after")
    def _own(self) -> Share:
        if self.lent_gpus is not None and self.lent_gpus > self.gpus:
            raise ValueError(f"`lentGpus` is {self.lent_gpus}, and the queue has {self.gpus} GPUs")
        return self


class Queue(Spec):
    """One queue: a ClusterQueue, and a LocalQueue of its name in each of its namespaces."""

    namespaces: Annotated[list[Namespace], Field(min_length=1, max_length=64)]
    """The namespaces whose runs it admits."""
    pools: Annotated[dict[Name, Share], Field(min_length=1, max_length=16)]
    """What it may use, by node pool; of several that take a run, the first is tried first."""
    cohort: Name | None = None
    """Queues of one cohort lend each other what they do not use; by default it neither lends nor borrows."""
    preempts: bool = False
    """Whether a run may end others of lower priority, and take back what the queue has lent; they begin again."""

    @model_validator(mode="after")
    def _lends_to_somebody(self) -> Queue:
        for name, share in self.pools.items():
            if self.cohort is None and (share.borrowed_gpus is not None or share.lent_gpus is not None):
                raise ValueError(f"pool `{name}` borrows or lends, and without `cohort` there is nobody to do it with")
        return self


class Priority(Spec):
    """One priority of runs in a queue; it orders no pods."""

    value: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
    """Its rank; the higher one comes first."""
    description: Text = ""
    """What it is for."""


class TrainingQueuesSpec(ComponentSpec):
    """Queues of Kueue in which runs wait until their pool has room for all of their pods."""

    kind: Literal["TrainingQueues"] = "TrainingQueues"
    queues: Annotated[dict[Name, Queue], Field(min_length=1, max_length=64)]
    """The queues by name."""
    priorities: Annotated[dict[Name, Priority], Field(max_length=32)] = {}
    """The priorities by name."""

    @property
    def pools(self) -> list[str]:
        """The pools that its queues share out, sorted."""
        return sorted({pool for queue in self.queues.values() for pool in queue.pools})

    def claims(self, platform: Platform) -> Iterator[str]:
        """Claim the names of what has no namespace."""
        for kind, names in (("flavor", self.pools), ("queue", self.queues), ("priority", self.priorities)):
            for name in names:
                yield _claim(kind, name)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find pools that are not there, GPUs that they lack, and names that another component has."""
        for queue, entry in sorted(self.queues.items()):
            for pool, share in sorted(entry.pools.items()):
                yield from platform.pool_problems(pool, "queues", queue, "pools", pool)
                known = platform.pools().get(pool)
                if share.gpus and known and not known.gpus:
                    message = f"pool `{pool}` has no GPUs, and `{queue}` is to have {share.gpus} of them"
                    yield Problem(("queues", queue, "pools", pool), message, "leave out `gpus`", needs="pools")
        for kind, key, names in (("queue", "queues", self.queues), ("priority", "priorities", self.priorities)):
            for each in sorted(names):
                yield from self._twice(kind, each, name, platform, key, each)
        for pool in self.pools:
            yield from self._twice("flavor", pool, name, platform, "queues")

    def _twice(self, kind: str, each: str, name: str, platform: Platform, *steps: str) -> Iterator[Problem]:
        other = platform.claimant(_claim(kind, each))
        if other != name:
            message = f"`{other}` has the {kind} `{each}` too, which has no namespace"
            yield Problem(steps, message, "state both in one component", needs="components")


def _claim(kind: str, name: str) -> str:
    return f"{kind} {name} of Kueue"
