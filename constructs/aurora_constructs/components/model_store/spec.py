"""What people write for the model store. Imports no cdk8s."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from aurora_constructs.platform import Platform
from aurora_constructs.recovery import Recovery
from aurora_constructs.shared_storage import SharedStorageSpec
from aurora_constructs.spec import ImageName, Name, Problem, Quantity, Resources
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
    store = platform.find(storage, ModelStoreSpec)
    if store is None:
        return
    if model not in store.models:
        near = closest(model, store.models)
        hint = f"did you mean `{near}`? " if near else ""
        known = ", ".join(f"`{name}`" for name in sorted(store.models))
        hint += f"`{storage}` has the {'model' if len(store.models) == 1 else 'models'} {known}"
        yield Problem(("model",), f"model store `{storage}` has no model `{model}`", hint)
    yield from namespace_problems(("storage",), storage, namespace, platform)


def namespace_problems(steps: tuple[str, ...], storage: str, namespace: str, platform: Platform) -> Iterator[Problem]:
    """Find that a store's claim cannot be used from a namespace."""
    store = platform.find(storage, ModelStoreSpec)
    if store and store.namespace != namespace:
        message = f"`{storage}` is in namespace `{store.namespace}`, not `{namespace}`"
        yield Problem(steps, message, "a pod can only use claims of its own namespace: name a store there")


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
    image: ImageName = "trainer"
    """The image that lays out the folders: any with Python; it needs no shell."""
    resources: Resources = Resources(cpu="50m", memory="64Mi")
    """What the layout Job asks for."""
