"""What people write of one Helm chart, wherever they write it. Imports no cdk8s."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints, model_validator

from aurora_constructs import cost_tags, versions
from aurora_constructs.cloud import Needs, Queue
from aurora_constructs.cluster import ClusterFacts, Fact, UnavailableError
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Image, ImageName, Name, Pin, Problem, Spec

ChartVersion = Annotated[
    str, StringConstraints(pattern=r"^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")
]
"""One exact version: ranges and wildcards would let the chart's publisher change what runs."""


ValuesPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", max_length=253)]
"""The place of a value: keys with dots between them."""


ChartFact = Fact | Literal["publicAddressTags", "tags"]
"""A fact that a chart's values take: also the tags of what it makes, as a map, or as an annotation of its Service."""


class ChartIdentity(Spec):
    """The identity of the cloud that a chart's pods act as."""

    name: Name
    """The entry of `cluster.identities`."""
    annotations: ValuesPath = "serviceAccount.annotations"
    """Where the chart's values take the annotations of the ServiceAccount."""
    pod_labels: ValuesPath = "podLabels"
    """Where they take the labels of the pods."""
    needs: Needs = {}
    """The entries of `cluster.resources` that the pods use, and how; what else they may is the chart's own matter."""


class ChartImage(Spec):
    """An image of the environment that a chart's pods run."""

    name: ImageName
    """The entry of `images`."""
    tag: ValuesPath | None = None
    """Where the values take tag and digest, of a chart that takes them apart from the repository."""

    def at(self, path: str, image: Image) -> Iterator[tuple[str, str]]:
        """Yield the values that name the image, by their places."""
        if self.tag:
            yield from ((path, image.repository), (self.tag, f"{image.tag}@{image.digest}"))
        else:
            yield path, image.reference


class ChartRelease(Spec):
    """One Helm release: a chart at an exact version, and its values."""

    repository: Annotated[
        str,
        StringConstraints(pattern=r"^(https://|oci://)?[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._-]+)*/?$"),
        AfterValidator(lambda url: url.removeprefix("oci://")),
    ]
    """The chart repository: an HTTPS URL, or host and path of an OCI registry.

    It is kept without `oci://`: with it Argo CD looks for an image of that name and ignores `chart` (3.4,
    reposerver/repository/repository.go, `runRepoOperation`).
    """
    chart: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    """The chart's name."""
    version: Annotated[ChartVersion, Pin()]
    """The chart's exact version."""
    app_version: Annotated[str, Pin()] = ""
    """The version of the software that this chart version installs, for people."""
    values: dict[str, Any] = {}
    """The chart's values."""
    facts: dict[ValuesPath, ChartFact] = {}
    """Values that are facts of the cluster, by their place; `publicAddressTags` are annotations of a Service on AKS."""
    images: dict[ValuesPath, ChartImage] = {}
    """Images of the environment, by the place of the value that names one."""
    queues: dict[ValuesPath, Name] = {}
    """Queues of `cluster.resources`, by the place of the value that takes the name of one."""
    identities: dict[Name, ChartIdentity] = {}
    """Identities of the cloud, by the name of the chart's ServiceAccount."""
    lookups: Literal["", "empty"] = ""
    """With `empty`, the chart may look for objects of the cluster and finds none, as where Argo CD renders it."""

    def problems_of(self, platform: Platform, *steps: str) -> Iterator[Problem]:
        """Find identities and facts that the cluster does not have, and versions that do not belong together.

        `steps` is the place of the release.
        """
        for account, identity in sorted(self.identities.items()):
            yield from platform.identity_problems(identity.name, *steps, "identities", account, "name")
            yield from platform.need_problems(identity.needs, identity.name, *steps, "identities", account, "needs")
        for path, queue in sorted(self.queues.items()):
            yield from platform.resource_problems(queue, Queue, *steps, "queues", path)
        for path, fact in sorted(self.facts.items()):
            try:
                _value(platform.cluster, fact)
            except UnavailableError as error:
                yield Problem((*steps, "facts", path), str(error), "give the value itself", needs="cluster")
        yield from self._version_problems(platform, *steps)

    def _version_problems(self, platform: Platform, *steps: str) -> Iterator[Problem]:
        project, version = versions.installed(self.chart, self.version, self.app_version)
        if self.app_version and self.app_version.removeprefix("v") != version:
            message = f"{self.chart} {self.version} installs {project} {version}, not {self.app_version}"
            yield Problem((*steps, "appVersion"), message, f"write `appVersion: {version}`, or correct the version")
        own = platform.cluster.profile
        other = versions.profile_of(project, version, platform.definitions)
        if other is not None and other != own and own in platform.definitions:
            yield Problem(
                (*steps, "version"),
                f"it installs {project} {version}, of the profile `{other}`; the cluster's profile is `{own}`, whose "
                f"definitions are those of {platform.definitions[own].versions.get(project, 'other versions')}",
                "take `cluster.profile` and all versions from one layer",
                needs="cluster",
            )

    def all_values(self, platform: Platform) -> dict[str, Any]:
        """Give the values with what the environment adds: facts, queues, images, and what gives the pods identities."""
        values = copy.deepcopy(self.values)
        for path, value in self._placed(platform):
            *steps, last = path.split(".")
            _at(values, steps)[last] = value
        for entry in self.identities.values():
            identity = platform.identity(entry.name)
            for place, added in ((entry.annotations, identity.annotations), (entry.pod_labels, identity.pod_labels)):
                if added:
                    _at(values, place.split(".")).update(added)
        return values

    def _placed(self, platform: Platform) -> Iterator[tuple[str, str | list[str] | dict[str, str]]]:
        for path, fact in sorted(self.facts.items()):
            yield path, _value(platform.cluster, fact)
        for path, queue in sorted(self.queues.items()):
            yield path, platform.resource(queue, Queue).called
        for path, image in sorted(self.images.items()):
            yield from image.at(path, platform.images[image.name])

    @model_validator(mode="after")
    def _have_room(self) -> ChartRelease:
        tags = [image.tag for image in self.images.values() if image.tag]
        places = [path.rpartition(".")[0] for path in (*self.facts, *self.queues, *self.images, *tags)]
        places += [place for entry in self.identities.values() for place in (entry.annotations, entry.pod_labels)]
        for place in filter(None, places):
            value = next((path for path in self.facts if f"{place}.".startswith(f"{path}.")), None)
            if value is not None:
                raise ValueError(f"the fact at `{value}` is one value, so nothing can be added to a map at `{place}`")
            try:
                _at(copy.deepcopy(self.values), place.split("."))
            except TypeError:
                raise ValueError(f"`values.{place}` is no map, so nothing can be added to it") from None
        return self


def _value(cluster: ClusterFacts, fact: ChartFact) -> str | list[str] | dict[str, str]:
    """Give a fact in the form that values take.

    Raises:
        UnavailableError: the cluster has no such fact, or does not state it.
    """
    tags = dict(sorted(cluster.cost_tags.items()))
    match fact:
        case "tags" | "publicAddressTags" if not tags:
            raise UnavailableError(f"{cluster.TITLE} states no `cluster.tags`")
        case "tags":
            return tags
        case "publicAddressTags":
            return {cost_tags.PUBLIC_ADDRESS: cost_tags.joined(tags)}
        case _:
            return cluster.fact(fact)


def _at(values: dict[str, Any], steps: Iterable[str]) -> dict[str, Any]:
    """Give the map at a place, made where it is missing.

    Raises:
        TypeError: there is something else on the way.
    """
    for step in steps:
        values = values.setdefault(step, {})
        if not isinstance(values, dict):
            raise TypeError(step)
    return values
