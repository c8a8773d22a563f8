"""What people write for the deletion of what is old. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from aurora_constructs.components.data_ingestion.spec import DataIngestionSpec, PlainPath
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_store.spec import ModelStoreSpec, namespace_problems
from aurora_constructs.components.shared_folders.spec import folder_problems
from aurora_constructs.components.training_job.parts import ClaimDataset
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.cron import Cron
from aurora_constructs.http_service import HttpServiceSpec
from aurora_constructs.platform import Platform
from aurora_constructs.schedules import TimeZone
from aurora_constructs.spec import ComponentReference, ImageName, Name, NamespacedSpec, Problem, Resources, Spec
from aurora_contract import variables

Keep = Annotated[int, Field(ge=1, le=1000)]
"""How many of the newest stay, whatever their age; at least one."""
Age = Annotated[int, Field(ge=1, le=3650)]
"""After how many days something is old."""


class OldModels(Spec):
    """Versions of the models of a store."""

    type: Literal["models"]
    """What is deleted."""
    storage: Annotated[str, ComponentReference(("ModelStore",))] = "model-store"
    """The model store; it must be in the same namespace."""
    keep: Keep = 5
    """How many of the newest versions of each model stay, whatever their age."""
    older_than_days: Age
    """After how many days the others go."""


class OldData(Spec):
    """Folders of data in a shared folder."""

    type: Literal["data"]
    """What is deleted."""
    folders: Annotated[str, ComponentReference(("SharedFolders",))] = "shared-files"
    """The component with the shared folder; it must be in the same namespace."""
    claim: Name
    """The shared folder."""
    path: PlainPath | None = None
    """The folder in it whose subfolders are judged; its root by default."""
    keep: Keep = 1
    """How many of the newest subfolders stay, whatever their age."""
    older_than_days: Age
    """For how many days nothing in a subfolder has changed when it goes."""


class RetentionSpec(NamespacedSpec):
    """Deletes what is old on a schedule: versions of models, or data, never what something names."""

    kind: Literal["Retention"] = "Retention"
    of: Annotated[OldModels | OldData, Field(discriminator="type")]
    """What is deleted, and when it is old."""
    deletes: bool = False
    """Whether it deletes; without it, it only says what it would delete."""
    schedule: Cron
    """When it runs."""
    timezone: TimeZone = "Etc/UTC"
    """The time zone of its schedule."""
    deadline_seconds: Annotated[int, Field(ge=60, le=6 * 3600)] = 1800
    """The longest that a run may take."""
    image: ImageName = "trainer"
    """The image that runs it: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="50m", memory="128Mi")
    """What it asks for."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a store or a folder that cannot be used from the namespace."""
        if isinstance(self.of, OldModels):
            yield from namespace_problems(("of", "storage"), self.of.storage, self.namespace, platform)
        else:
            for found in folder_problems(self.of.folders, self.of.claim, self.namespace, platform):
                yield Problem(("of", *found.steps), found.message, found.hint, found.needs)

    def used(self, platform: Platform) -> list[str]:
        """Give what the environment names and no run may delete: `MODEL/VERSION`, or paths in the folder."""
        return sorted(
            self._versions(platform, self.of) if isinstance(self.of, OldModels) else self._paths(platform, self.of)
        )

    def _versions(self, platform: Platform, old: OldModels) -> set[str]:
        served = [each for spec in platform.of_kind(ModelServingSpec).values() for each in spec.served().values()]
        trained = [spec.publishes for spec in platform.of_kind(TrainingJobSpec).values()]
        here = self._run_by_services(platform, old.storage)
        here |= {each.name for each in (*served, *trained) if each.storage == old.storage}
        models = platform.component(old.storage, ModelStoreSpec).models
        return here | {name for name in platform.published or () if name.partition("/")[0] in models}

    def _run_by_services(self, platform: Platform, storage: str) -> set[str]:
        """Give the versions that HTTP services name in the variables of the inference runtime."""
        return {
            f"{spec.env[variables.MODEL_NAME]}/{spec.env[variables.MODEL_VERSION]}"
            for spec in platform.of_kind(HttpServiceSpec).values()
            if {variables.MODEL_NAME, variables.MODEL_VERSION} <= spec.env.keys()
            and any(mount.component == storage for mount in spec.storage.values())
        }

    def _paths(self, platform: Platform, old: OldData) -> set[str]:
        copied = {
            spec.target or spec.path
            for spec in platform.of_kind(DataIngestionSpec).values()
            if (spec.folders, spec.claim) == (old.folders, old.claim)
        }
        read = {
            spec.dataset.path
            for spec in platform.of_kind(TrainingJobSpec).values()
            if isinstance(spec.dataset, ClaimDataset)
            and (spec.namespace, spec.dataset.claim) == (self.namespace, old.claim)
        }
        return {found for path in copied | read if (found := _below(old.path, path))}


def _below(root: str | None, path: str) -> str:
    """Give a path as seen from a folder: `.` where it holds the whole folder, nothing where it is elsewhere."""
    if root is None or path.startswith(f"{root}/"):
        return path if root is None else path.removeprefix(f"{root}/")
    return "." if f"{root}/".startswith(f"{path}/") else ""
