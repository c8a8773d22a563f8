"""What people write in an environment file, besides the components' own specifications."""

import datetime
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.cluster import Cluster
from aurora_constructs.cluster.facts import ArgoCdName, ArgoCdServer
from aurora_constructs.names import DEFAULT, Names
from aurora_constructs.spec import Image, Name, Spec

COMPONENTS = "components"
"""The key of the components: each is described by its kind, not by `EnvironmentSpec`."""

RESERVED_NAMES = frozenset({"argocd"})
"""Names that no component may have: `generated/<environment>/argocd/` holds what Aurora makes of all of them."""

MODEL_VERSION = "ModelVersion"
"""The kind, not one of Kubernetes, of externals that are versions in the model store."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\n]*$")]

SpecificationPath = Annotated[
    str, StringConstraints(pattern=r"^(/[^*\n/]|[A-Za-z0-9])[^\n]*$", min_length=1, max_length=500)
]
"""The path of a value as `aurora explain` takes it; `*` in the place of a key means every key."""


class Metadata(Spec):
    """What the environment is called."""

    name: Name
    """The environment's name; the file has the same name."""


class FleetCluster(Spec):
    """One of the equal clusters that an environment describes, as Argo CD knows it."""

    name: ArgoCdName | Literal[""] = ""
    """The name of its Secret in Argo CD."""
    server: ArgoCdServer | Literal[""] = ""
    """Its URL, instead of a name."""

    @model_validator(mode="after")
    def _known_once(self) -> "FleetCluster":
        if bool(self.name) == bool(self.server):
            raise ValueError("Argo CD knows a cluster by URL or by name: say either `name` or `server`")
        return self


class GitOps(Spec):
    """Where Argo CD finds what is committed."""

    repository: Annotated[str, StringConstraints(pattern=r"^(https://|ssh://|git@)[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$")]
    """URL of the Git repository."""
    revision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    """The tag or commit that is synced; a branch only outside production."""
    releases: Annotated[str, StringConstraints(pattern=r"^(v?(0|[1-9][0-9]*)\.((0|[1-9][0-9]*)\.)?)?\*$")] | None = None
    """The tags that the root Application follows, such as `v1.*`: the newest of them, as soon as it is pushed."""
    production: bool = False
    """Whether the environment serves users: production follows a tag or commit, never a branch."""
    namespace: Name = "argocd"
    """The namespace of Argo CD."""
    retries: Annotated[int, Field(ge=1, le=100)] | None = None
    """How often a sync that failed is tried again, later each time; without end by default.

    After the last one Argo CD leaves that revision alone: somebody has to sync, or to commit.
    """

    fleet: dict[Name, FleetCluster] = {}
    """Equal clusters that all get this environment, under names that end those of their Applications."""

    @model_validator(mode="after")
    def _is_a_fleet(self) -> "GitOps":
        known: dict[str, str] = {}
        for name, entry in self.fleet.items():
            other = known.setdefault(entry.name or entry.server.rstrip("/"), name)
            if other != name:
                raise ValueError(f"`fleet.{name}` and `fleet.{other}` are one cluster: leave out one of the two")
        if self.fleet and self.retries is not None:
            # Sets are healthy once they have generated their Applications, so that no wave waits for a sync.
            raise ValueError("in a `fleet` no Application waits for another one: without `retries` none gives up")
        return self

    @model_validator(mode="after")
    def _is_a_release(self) -> "GitOps":
        if self.releases is not None and not is_release(self.revision, self.releases):
            message = f"Argo CD finds no `{self.revision}` among the tags `{self.releases}`"
            raise ValueError(f"{message}: write a tag such as `v1.4.0`, without a pre-release, or leave out `releases`")
        return self


def is_release(tag: str, releases: str) -> bool:
    """Tell whether Argo CD counts a tag among those that `releases` names.

    Source: Argo CD 3.5, `MaxVersion` of util/versions, by Masterminds/semver: a leading `v` does not count, and no
    pre-release is in a range that names none.
    """
    found = _VERSION.fullmatch(tag)
    return found is not None and found[1].startswith(releases.removeprefix("v").removesuffix("*"))


def newest(tags: Iterable[str], releases: str) -> str | None:
    """Give the tag that Argo CD follows; None where there is none."""
    known = [tag for tag in tags if is_release(tag, releases)]
    return max(known, key=lambda tag: [int(part) for part in _VERSION.sub(r"\1", tag).split(".")], default=None)


_VERSION = re.compile(r"v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*))")


class External(Spec):
    """An object that another system owns, so that references to it are resolved; or a model version that exists."""

    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
    """The object's kind."""
    group: str = ""
    """Its API group; empty for the core group."""
    namespace: str = ""
    """Its namespace; empty for cluster-scoped kinds."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    """Its name; of a ModelVersion the model and the version with `/` between them."""
    reason: Line
    """Who owns it."""

    @model_validator(mode="after")
    def _is_a_version(self) -> "External":
        if self.kind == MODEL_VERSION and not all(self.name.partition("/")):
            raise ValueError(f"`{self.name}` names no version of a model: write `name: MODEL/VERSION`")
        return self


class Waiver(Spec):
    """One rule that one object may break until a day."""

    rule: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
    """The rule's id."""
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
    """The object's kind."""
    namespace: str = ""
    """The object's namespace; empty for cluster-scoped kinds."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    """The object's name."""
    reason: Line
    """Why the rule does not apply, for those who read the report."""
    expires: datetime.date
    """The last day on which the waiver holds."""


class EnvironmentSpec(Spec):
    """One environment: facts, pins and components."""

    api_version: Literal["aurora/v1"]
    """The version of this file's format."""
    kind: Literal["Environment"]
    """Always `Environment`."""
    metadata: Metadata
    """What the environment is called."""
    extends: list[str] = []
    """Layers under this file, lowest first, relative to it."""
    stage: Name | None = None
    """Where the environment stands on the way to production: one of the stages in the repository's settings."""
    cluster: Cluster
    """Facts about the cluster; `provider` decides which there are."""
    names: Names = DEFAULT
    """What the platform calls its own things, where Aurora's names do not suit."""
    gitops: GitOps
    """Where Argo CD finds what is committed."""
    images: dict[Name, Image] = {}
    """Container images by the name that components use."""
    externals: dict[Name, External] = {}
    """Objects that other systems own, under names of your choice, so that layers can add to them."""
    waivers: list[Waiver] = []
    """Rules that single objects may break until a day."""
    intended: dict[SpecificationPath, Line] = {}
    """Values, by their paths, that differ from those of other environments on purpose, each with the reason."""
    components: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)]
    """The components by name; each is validated against the specification of its kind."""
