"""What a CronJob says of the Deployments that it takes to zero pods and back. Imports no cdk8s."""

from collections.abc import Iterator, Mapping

SCALES = "scales"
"""Annotation of such a CronJob, behind the platform's prefix: the Deployments, as `NAME=PODS,…`."""


def entries(deployments: Mapping[str, int]) -> list[str]:
    """Write each Deployment with the number of pods that it wakes with."""
    return [f"{name}={count}" for name, count in sorted(deployments.items())]


def scaled(annotation: str) -> Iterator[tuple[str, int]]:
    """Yield what the annotation names; 0 stands for a number that is none."""
    for entry in filter(None, annotation.split(",")):
        name, _, count = entry.partition("=")
        yield name.strip(), int(count) if count.isdecimal() else 0
