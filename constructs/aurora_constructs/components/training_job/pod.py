"""The pod that trains: the model store read-write, GPUs where asked for, no token, no Secret."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.training_job.spec import ClaimDataset, Gpu, TrainingJobSpec, UriDataset
from aurora_constructs.machines import NVIDIA
from aurora_constructs.platform import Platform
from aurora_constructs.pools import Pool
from aurora_constructs.values import quantity
from aurora_contract import store as layout
from aurora_contract import variables as names
from aurora_contract.programs import DATASET_PATH, TRAINER

GPU_PRODUCT = "nvidia.com/gpu.product"
GPU_PRESENT = "nvidia.com/gpu.present"
"""Labels that GPU feature discovery gives to nodes."""
DATASET = "dataset"
SHARED_MEMORY, SHARED_MEMORY_PATH = "shared-memory", "/dev/shm"  # noqa: S108 - in the container


def training_pod(spec: TrainingJobSpec, platform: Platform, *, name: str) -> pods.PodSpec:
    """Describe the pod of a run; a new one is made for every try, so it is never restarted in place.

    Raises:
        KeyError: the image or the model store does not exist.
    """
    gpu = spec.gpu
    store = platform.component(spec.storage, ModelStoreSpec)
    return pods.PodSpec(
        labels={
            **platform.names.common(platform.environment),
            **labels.selector(name, labels.TRAINING),
            platform.names.model: spec.model,
            platform.names.model_version: spec.version,
        },
        service_account=name,
        restart_policy="Never",
        tmp_size=spec.scratch,
        termination_grace_period_seconds=120,
        node_selector={} if spec.pool else _node_selector(gpu),
        tolerations=[k8s.Toleration(key=NVIDIA, operator="Exists", effect="NoSchedule")]
        if gpu and not spec.pool
        else [],
        pool=_pool(spec, platform),
        containers=[
            pods.ContainerSpec(
                name=TRAINER.container,
                image=platform.image(spec.image),
                resources=spec.resources,
                devices={NVIDIA: gpu.count} if gpu else {},
                args=spec.args,
                env=pods.environment(variables(spec)),
                mounts=[mounting.mount(read_only=False), *_dataset_mounts(spec), *_memory_mounts(gpu)],
            )
        ],
        volumes=[mounting.volume(store, read_only=False), *_dataset_volumes(spec), *_memory_volumes(gpu)],
    )


def variables(spec: TrainingJobSpec) -> dict[str, str]:
    """Give the trainer's environment: what people add, and over it what describes the run."""
    dataset = spec.dataset
    source = dataset.uri if isinstance(dataset, UriDataset) else f"{DATASET_PATH}/{dataset.path}"
    return {
        **spec.env,
        names.DATASET: source,
        names.MODEL: spec.model,
        names.MODEL_STORE: layout.ROOT,
        names.MODEL_VERSION: spec.version,
    }


def _pool(spec: TrainingJobSpec, platform: Platform) -> Pool | None:
    """Give the pool that is stated, narrowed to machines with the GPUs; labels of a discovery start no node there."""
    if spec.pool is None:
        return None
    pool = platform.pool(spec.pool)
    return pool.with_gpus(spec.gpu.count, product=spec.gpu.product) if spec.gpu else pool


def _node_selector(gpu: Gpu | None) -> dict[str, str]:
    """Without it a GPU pod may wait on nodes that have none; with a product only that model will do."""
    if gpu is None:
        return {}
    return {GPU_PRODUCT: gpu.product} if gpu.product else {GPU_PRESENT: "true"}


def _dataset_volumes(spec: TrainingJobSpec) -> list[k8s.Volume]:
    if not isinstance(spec.dataset, ClaimDataset):
        return []
    return [pods.claim_volume(DATASET, spec.dataset.claim, read_only=True)]


def _dataset_mounts(spec: TrainingJobSpec) -> list[k8s.VolumeMount]:
    if not isinstance(spec.dataset, ClaimDataset):
        return []
    return [pods.volume_mount(DATASET, DATASET_PATH, read_only=True)]


def _memory_volumes(gpu: Gpu | None) -> list[k8s.Volume]:
    if gpu is None:
        return []
    size = quantity(gpu.shared_memory)
    return [k8s.Volume(name=SHARED_MEMORY, empty_dir=k8s.EmptyDirVolumeSource(medium="Memory", size_limit=size))]


def _memory_mounts(gpu: Gpu | None) -> list[k8s.VolumeMount]:
    return [k8s.VolumeMount(name=SHARED_MEMORY, mount_path=SHARED_MEMORY_PATH)] if gpu else []
