"""What people write for the model store. Imports no cdk8s."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from aurora_constructs.platform import Platform
from aurora_constructs.recovery import Recovery
from aurora_constructs.shared_storage import SharedStorageSpec
from aurora_constructs.spec import Egress, ImageName, ModelVersion, Name, Problem, Quantity, Resources, Spec
from aurora_constructs.spelling import closest
from aurora_contract.store import REGISTRY


def _no_model_is_the_registry(models: list[str]) -> list[str]:
    if REGISTRY in models:
        raise ValueError(f"`{REGISTRY}` is the registry's own folder: a model needs another name")
    twice = sorted({model for model in models if models.count(model) > 1})
    if twice:
        raise ValueError(f"{', '.join(f'`{model}`' for model in twice)} is listed twice")
    return models


@dataclass(frozen=True, slots=True)
class Publication:
    """A version of a model in a model store."""

    storage: str
    model: str
    version: str

    @property
    def name(self) -> str:
        """How an external names it."""
        return f"{self.model}/{self.version}"


def store_problems(storage: str, model: str, namespace: str, platform: Platform) -> Iterator[Problem]:
    """Find that a component's model store has no such model, or that its claim cannot be used from a namespace."""
    yield from model_problems(storage, model, platform, "model")
    yield from namespace_problems(("storage",), storage, namespace, platform)


def model_problems(storage: str, model: str, platform: Platform, *steps: str) -> Iterator[Problem]:
    """Find that a model store has no such model."""
    store = platform.find(storage, ModelStoreSpec)
    if store and model not in store.models:
        near = closest(model, store.models)
        hint = f"did you mean `{near}`? " if near else ""
        known = ", ".join(f"`{name}`" for name in sorted(store.models))
        hint += f"`{storage}` has the {'model' if len(store.models) == 1 else 'models'} {known}"
        yield Problem(steps, f"model store `{storage}` has no model `{model}`", hint)


def namespace_problems(steps: tuple[str, ...], storage: str, namespace: str, platform: Platform) -> Iterator[Problem]:
    """Find that a store's claim cannot be used from a namespace."""
    store = platform.find(storage, ModelStoreSpec)
    if store and store.namespace != namespace:
        message = f"`{storage}` is in namespace `{store.namespace}`, not `{namespace}`"
        yield Problem(steps, message, "a pod can only use claims of its own namespace: name a store there")


class Trained(Spec):
    """A version that a TrainingJob of the environment publishes."""

    origin: Literal["trained"]
    """Where it comes from."""


class Fetched(Spec):
    """A version that is fetched into a store that lacks it: from elsewhere, or from a registry."""

    origin: Literal["imported", "registry"]
    """Where it comes from: another platform, or a registry of models."""
    uri: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=2048)]
    """The address of the artifact."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """What the artifact must be: the hash of its bytes."""


Origin = Annotated[Trained | Fetched, Field(discriminator="origin")]
"""Where a version comes from."""


class ModelStoreSpec(SharedStorageSpec):
    """One volume for all models of a namespace, written by the trainer, read by everything else."""

    kind: Literal["ModelStore"] = "ModelStore"
    claim: Name = "aurora-model-pvc"
    """Name of the PersistentVolumeClaim."""
    storage_class: Name = "aurora-models"
    """Name of the StorageClass."""
    size: Quantity
    """Size of the volume; it may grow, never shrink."""
    models: Annotated[list[Name], Field(min_length=1, max_length=200), AfterValidator(_no_model_is_the_registry)]
    """The models that have a folder."""
    recovery: Recovery | None = None
    """What is promised for the day on which the models are lost; nothing when left out."""
    versions: Annotated[dict[Name, dict[ModelVersion, Origin]], Field(max_length=200)] = {}
    """The versions by model and name, with their origin; stable and canary name one of them where a model has some."""
    egress: list[Egress] = []
    """Where versions are fetched from, beside name resolution."""
    image: ImageName = "trainer"
    """The image that lays out the folders: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="50m", memory="64Mi")
    """What the layout Job asks for."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find versions of a model that the store does not have, and no way to where versions are fetched from."""
        yield from super().problems(name, platform)
        for model in sorted(self.versions.keys() - set(self.models)):
            hint = f"it has {', '.join(f'`{known}`' for known in sorted(self.models))}"
            yield Problem(("versions", model), f"the store has no model `{model}`", hint)
        if not self.egress and any(isinstance(origin, Fetched) for _, _, origin in self.declared()):
            message = "versions are fetched, and nothing says where its pods may go for them"
            yield Problem(("versions",), message, "list the networks under `egress`", needs="cluster")

    def declared(self) -> Iterator[tuple[Name, str, Trained | Fetched]]:
        """Yield model, version and origin of each declared version, in order."""
        for model, versions in sorted(self.versions.items()):
            for version, origin in sorted(versions.items()):
                yield model, version, origin
